//! Maps bytes of a template to an origin in a file.

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Origin, Sources};
use crate::yaml::{self, ScalarStyle, Text};
use std::ops::Range;

/// The source of a template.
#[derive(Clone, Copy, Debug)]
pub(super) enum TemplateSource<'a> {
    /// A scalar of a manifest.
    Scalar {
        /// As parsed from YAML.
        text: &'a Text,
        origin: Origin,
        /// Whether the text was normalized before it was compiled.
        normalized: bool,
    },
    /// A registered script file, with the offset of the rendered text.
    File(FileId, usize),
}

impl TemplateSource<'_> {
    /// Returns the origin of the complete template.
    pub(super) fn origin(self) -> Origin {
        match self {
            TemplateSource::Scalar { origin, .. } => origin,
            TemplateSource::File(file, length) => Origin::new(file, 0, length as u32),
        }
    }

    /// Returns the origin of the alias that repeats the template.
    pub(super) fn alias(self) -> Option<Origin> {
        match self {
            TemplateSource::Scalar { text, origin, .. } => text.alias_origin(origin),
            TemplateSource::File(..) => None,
        }
    }

    /// Returns a diagnostic whose suggestions are valid between the quotes of the template.
    pub(super) fn pasteable(self, mut diagnostic: Diagnostic) -> Diagnostic {
        if let TemplateSource::Scalar { text, .. } = self {
            let label = diagnostic.primary.iter_mut().map(|label| &mut label.text);
            for text_of_help in diagnostic.help.iter_mut().chain(label) {
                *text_of_help = in_style(text_of_help, text.style);
            }
        }
        diagnostic
    }

    /// Returns the origin of a range of the template, or of the complete template if no range is known.
    pub(super) fn locate(self, range: Option<&Range<usize>>, sources: &Sources) -> Origin {
        let Some(range) = range else { return self.origin() };
        match self {
            TemplateSource::Scalar { text, origin, normalized } => {
                let offset = |at| if normalized { original_offset(&text.text, at) } else { at };
                let range = offset(range.start)..offset(range.end);
                yaml::origin_in_scalar(sources.get(origin.file), origin, text, range)
            }
            TemplateSource::File(file, _) => Origin::new(file, range.start as u32, range.end as u32),
        }
    }
}

/// Returns a help with the code between its backticks as the scalar of a template takes it.
fn in_style(help: &str, style: ScalarStyle) -> String {
    let code = |part: &str| {
        let (single, double) = (part.matches('\'').count(), part.matches('"').count());
        match style {
            _ if single < 2 && double < 2 => part.to_owned(),
            ScalarStyle::DoubleQuoted if double > 1 && single == 0 && !part.contains('\\') => part.replace('"', "'"),
            ScalarStyle::DoubleQuoted if double > 0 => part.replace('\\', "\\\\").replace('"', "\\\""),
            ScalarStyle::SingleQuoted if single > 1 && double == 0 => part.replace('\'', "\""),
            ScalarStyle::SingleQuoted if single > 0 => part.replace('\'', "''"),
            _ => part.to_owned(),
        }
    };
    let parts = help.split('`').enumerate();
    parts
        .map(|(place, part)| if place % 2 == 1 && part.len() > 1 { code(part) } else { part.to_owned() })
        .collect::<Vec<_>>()
        .join("`")
}

/// Returns the byte of the original text that became byte `wanted` of the normalized text.
fn original_offset(original: &str, wanted: usize) -> usize {
    let start = if original.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let bytes = original.as_bytes();
    let (mut byte, mut seen) = (start, 0);
    while seen < wanted && byte < bytes.len() {
        byte += if bytes[byte..].starts_with(b"\r\n") { 2 } else { 1 };
        seen += 1;
    }
    byte
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::normalize_speech;

    #[test]
    fn code_in_a_help_fits_the_quotes_around_the_template() {
        for (help, style, pasted) in [
            ("write `{{ x | f(\"a\") }}`", ScalarStyle::DoubleQuoted, "write `{{ x | f('a') }}`"),
            ("write `{{ x | f('a') }}`", ScalarStyle::SingleQuoted, "write `{{ x | f(\"a\") }}`"),
            ("it's `row[\"it's\"]`", ScalarStyle::DoubleQuoted, "it's `row[\\\"it's\\\"]`"),
            ("it's `row[\"it's\"]`", ScalarStyle::SingleQuoted, "it's `row[\"it''s\"]`"),
            ("it's `row[\"it's\"]`", ScalarStyle::Literal, "it's `row[\"it's\"]`"),
            ("quotes, `\"` or `'`", ScalarStyle::DoubleQuoted, "quotes, `\"` or `'`"),
            ("the columns are `it's`", ScalarStyle::SingleQuoted, "the columns are `it's`"),
        ] {
            assert_eq!(in_style(help, style), pasted, "{style:?}");
        }
    }

    #[test]
    fn a_byte_of_the_normalised_text_is_found_in_the_original() {
        let original = "\u{feff}a\r\nb {{ x }}\r\n";
        let normal = normalize_speech(original);
        let (here, there) = (normal.find('x').unwrap(), original.find('x').unwrap());
        assert_eq!(original_offset(original, here), there);
        assert_eq!(original_offset(original, 0), 3);
    }
}
