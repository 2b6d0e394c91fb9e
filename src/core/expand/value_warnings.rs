//! Warns of values that the vendor accepts and bills, but that authors rarely mean.

use std::sync::Arc;

use super::axes::is_in_axis;
use super::files::Script;
use super::spec_builder::SpecBuilder;
use super::suspicious::{SuspiciousText, dollar_before_template, in_speech, is_invisible, placeholder, suspicious_id};
use super::template_source::TemplateSource;
use crate::diagnostic::{Code, Diagnostic};
use crate::fields::{RowId, Type, Value};
use crate::manifest::Field;
use crate::source::Origin;
use crate::spec::key;
use crate::yaml;

/// Extensions of text files. Media files are left out, because authors rarely put their names into a `script` by
/// mistake.
const TEXT_FILES: &[&str] = &["txt", "text", "md", "markdown", "srt", "vtt", "rtf", "doc", "docx", "odt"];
/// The smallest scale that was probably meant as a percentage. At this scale, the avatar's chin fills the picture.
const SUSPICIOUS_SCALE: f64 = 10.0;
/// The smallest offset, in pixels of 1080p, that moves the avatar's center outside every aspect: the longer side.
const MAX_VISIBLE_OFFSET: i64 = 1920;

impl<'m> SpecBuilder<'_, 'm, '_> {
    /// Warns of a suspicious value, or of one that expires soon. Returns `None` if it is an error.
    pub(super) fn warn_about_value(&mut self, row: RowId, field: &'m Field, value: &Value) -> Option<()> {
        let table = self.context.table;
        let ty = table.ty(row);
        let row = Some(row);
        match value {
            Value::Text(text) if row == table.row_of(key::SPEECH) => self.check_speech(text, field, None)?,
            Value::Text(text) => {
                // The text of a preset is the same in each video.
                let address = std::ptr::from_ref(field).addr();
                if field.template().is_none() && !self.context.checked.insert(address) {
                    return Some(());
                }
                match ty {
                    Some(Type::Url) => {
                        self.warn_label(text, field);
                        self.warn_of_expiry(field, text);
                    }
                    Some(Type::Id) => {
                        self.warn_label(text, field);
                        self.warn_id(text, field);
                    }
                    Some(Type::Label) => self.warn_label(text, field),
                    _ => {}
                }
            }
            Value::Number(scale) if row == table.row_of(key::SCALE) => self.warn_large_scale(*scale, field),
            Value::Integer(pixels) if row == table.row_of(key::OFFSET_X) => {
                self.warn_offset_outside("x", *pixels, field);
            }
            Value::Integer(pixels) if row == table.row_of(key::OFFSET_Y) => {
                self.warn_offset_outside("y", *pixels, field);
            }
            _ => {}
        }
        Some(())
    }

    /// Checks a spoken text from a manifest or a script file. Returns `None` if none of it can be spoken.
    pub(super) fn check_speech(&mut self, text: &Arc<str>, field: &Field, script: Option<&Script>) -> Option<()> {
        if text.chars().all(is_invisible) {
            let message = "the text holds only invisible characters";
            let origin = script.map_or(field.origin, |script| Origin::new(script.file, 0, script.text.len() as u32));
            let error = Diagnostic::new(Code::InvisibleText, message, origin).error();
            self.context.report_value_error(field, self.at, error.help("write the words to be spoken"));
            return None;
        }
        let fixed = script.map_or(field.template().is_none(), |script| !script.template);
        // The text of a preset or of a script file is the same in each video.
        if fixed && !self.context.checked.insert(Arc::as_ptr(text).cast::<u8>() as usize) {
            return Some(());
        }
        if script.is_none() {
            self.warn_file_name_as_script(text, field);
            self.warn_template_id(field);
        }
        if let Some(script) = script.filter(|script| script.template)
            && let Some(finding) = dollar_before_template(&script.text)
        {
            let origin = Origin::new(script.file, finding.range.start as u32, finding.range.end as u32);
            self.context.errors.warn(finding.at(origin));
        }
        for finding in in_speech(text) {
            self.warn_of(finding, text, field, script);
        }
        Some(())
    }

    /// Checks a text that is not spoken: a label, an id, a URL.
    fn warn_label(&mut self, text: &str, field: &Field) {
        self.warn_template_id(field);
        if let Some(finding) = placeholder(text) {
            self.warn_of(finding, text, field, None);
        }
    }

    fn warn_template_id(&mut self, field: &Field) {
        let Some(text) = field.template() else { return };
        if let Some(finding) = dollar_before_template(&text.text) {
            let site = TemplateSource::Scalar { text, origin: field.origin, normalized: false };
            let origin = site.locate(Some(&finding.range), self.context.sources);
            self.context.errors.warn(finding.at(origin));
        }
    }

    fn warn_id(&mut self, id: &str, field: &Field) {
        let Some((predicate, meant)) = suspicious_id(id) else { return };
        let help = match meant {
            Some(meant) => format!("if the id is meant, write `{meant}`"),
            None => "copy the id from your Vidnoz account, or from `callsheet catalog`".to_owned(),
        };
        self.warn(Code::SuspiciousId, format!("the id `{id}` {predicate}"), &help, field);
    }

    /// Warns of a part of a text: at the part if the author wrote it, at the complete value if a template rendered it.
    fn warn_of(&mut self, finding: SuspiciousText, text: &str, field: &Field, script: Option<&Script>) {
        let part = &text[finding.range.clone()];
        let sources = &*self.context.sources;
        let (origin, written) = match (script, field.template()) {
            (Some(script), _) => match script.text.find(part) {
                Some(at) => (Origin::new(script.file, at as u32, (at + part.len()) as u32), true),
                None => (Origin::new(script.file, 0, script.text.len() as u32), false),
            },
            (None, Some(template)) => match template.text.find(part) {
                Some(at) => {
                    let site = TemplateSource::Scalar { text: template, origin: field.origin, normalized: false };
                    (site.locate(Some(&(at..at + part.len())), sources), true)
                }
                None => (field.origin, false),
            },
            (None, None) => (
                yaml::origin_in_literal(sources.get(field.origin.file), field.origin, text, finding.range.clone()),
                true,
            ),
        };
        if !written && is_in_axis(part, self.at.scope()) {
            return;
        }
        self.warn_instance(finding.at(origin), !written);
    }

    /// Adds a warning, once per instance if the instance's values cause it.
    fn warn_instance(&mut self, warning: Diagnostic, of_instance: bool) {
        if of_instance {
            self.context.errors.warn_in_instance(warning, self.at);
        } else {
            self.context.errors.warn(warning);
        }
    }

    /// Warns of a script that looks like the name of a text file.
    fn warn_file_name_as_script(&mut self, text: &str, field: &Field) {
        if let Some(file) = file_name(text) {
            let message = format!("the script is `{file}`: the avatar would speak this file name");
            let help = format!("if the file is meant, write `script: {{ path: {file} }}`");
            self.warn(Code::SuspiciousValue, message, &help, field);
        }
    }

    /// Warns of a scale that was probably meant as a percentage.
    fn warn_large_scale(&mut self, scale: f64, field: &Field) {
        if scale >= SUSPICIOUS_SCALE {
            let message =
                format!("`avatar.scale` is `{scale}`, which is a factor: the avatar is `{scale}` times as large");
            let help = format!("if {scale} % is meant, write `{}`", scale / 100.0);
            self.warn(Code::OutsidePicture, message, &help, field);
        }
    }

    /// Warns of an offset that moves the avatar out of the picture.
    fn warn_offset_outside(&mut self, name: &str, pixels: i64, field: &Field) {
        if !(-MAX_VISIBLE_OFFSET..=MAX_VISIBLE_OFFSET).contains(&pixels) {
            let message = format!("`avatar.offset.{name}` is `{pixels}`, which is outside the picture");
            self.warn(Code::OutsidePicture, message, "an offset counts in pixels of 1080p", field);
        }
    }

    /// Warns of the value of a field.
    pub(super) fn warn(&mut self, code: Code, message: String, help: &str, field: &Field) {
        let warning = Diagnostic::new(code, message, field.origin).help(help);
        self.warn_instance(warning, field.template().is_some());
    }
}

/// Returns the text if it is one word with the extension of a text file.
fn file_name(text: &str) -> Option<&str> {
    let text = text.trim();
    let (stem, extension) = text.rsplit_once('.')?;
    let named = TEXT_FILES.iter().any(|known| known.eq_ignore_ascii_case(extension));
    (named && !stem.is_empty() && !text.contains(char::is_whitespace)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn only_one_word_that_ends_like_a_text_file_is_a_file_name() {
        for name in ["hello.txt", " scripts/tour.en.MD\n", "../a.docx", "c:\\tour.txt"] {
            assert_eq!(file_name(name), Some(name.trim()), "{name}");
        }
        for text in ["Hello.", "Read the file hello.txt", ".txt", "example.com", "Version 1.2", "txt", "Bye.Txto", ""] {
            assert_eq!(file_name(text), None, "{text}");
        }
    }
}
