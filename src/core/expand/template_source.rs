//! Maps bytes of a template to an origin in a file.

use crate::source::{FileId, Origin, Sources};
use crate::yaml::{self, Text};
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
    use std::sync::Arc;

    use super::*;
    use crate::manifest::normalize_speech;

    #[test]
    fn a_byte_of_the_normalised_text_is_found_in_the_original() {
        let original = "\u{feff}a\r\nb {{ x }}\r\n";
        let text: Arc<str> = original.into();
        let normal = normalize_speech(&text);
        let (here, there) = (normal.find('x').unwrap(), original.find('x').unwrap());
        assert_eq!(original_offset(original, here), there);
        assert_eq!(original_offset(original, 0), 3);
    }
}
