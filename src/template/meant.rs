//! Values that the vendor takes and charges for, though hardly anybody means them: told before they are paid for.

use super::spec_builder::SpecBuilder;
use crate::diagnostic::{Code, Diagnostic};
use crate::fields::{RowId, Type, Value};
use crate::manifest::Field;
use crate::source::Origin;

/// What text files are called; media names are read aloud by nobody either, but stand in a `script` by no common slip.
const TEXT_FILES: &[&str] = &["txt", "text", "md", "markdown", "srt", "vtt", "rtf", "doc", "docx", "odt"];
/// A scale from which on a percentage was meant: an avatar ten times as large fills the picture with its chin.
const SCALE: f64 = 10.0;
/// Pixels of 1080p from which on the middle of an avatar lies outside every aspect (the longer side of the picture).
const OFFSET: i64 = 1920;

impl SpecBuilder<'_, '_, '_> {
    /// Warns of a value that was hardly meant, or that will not hold for long.
    pub(super) fn check_meaning(&mut self, row: RowId, field: &Field, value: &Value) {
        let rows = self.session.rows;
        let row = Some(row);
        match value {
            Value::Text(text) if row == rows.speech => self.doubt_script(text, field.origin),
            Value::Text(url) if row.is_some_and(|row| matches!(self.session.table.ty(row), Some(Type::Url))) => {
                self.warn_of_expiry(field, url);
            }
            Value::Number(scale) if row == rows.scale => self.doubt_scale(*scale, field.origin),
            Value::Integer(pixels) if row == rows.offset_x => self.doubt_offset("x", *pixels, field.origin),
            Value::Integer(pixels) if row == rows.offset_y => self.doubt_offset("y", *pixels, field.origin),
            _ => {}
        }
    }

    /// A script that reads like the name of a file of text.
    fn doubt_script(&mut self, text: &str, origin: Origin) {
        if let Some(file) = file_name(text) {
            let message = format!("the script is `{file}`: these very words are spoken");
            let help = format!("if the file is meant, write `script: {{ path: {file} }}`");
            self.doubt(message, &help, origin);
        }
    }

    /// A scale that was meant as a percentage.
    fn doubt_scale(&mut self, scale: f64, origin: Origin) {
        if scale >= SCALE {
            let message = format!("`avatar.scale` is {scale}, which is a factor: the avatar is {scale} times as large");
            self.doubt(message, &format!("if {scale} % is meant, write `{}`", scale / 100.0), origin);
        }
    }

    /// An offset that leaves nothing of the avatar to be seen.
    fn doubt_offset(&mut self, name: &str, pixels: i64, origin: Origin) {
        if !(-OFFSET..=OFFSET).contains(&pixels) {
            let message = format!("`avatar.offset.{name}` is {pixels}, which is outside the picture");
            self.doubt(message, "an offset counts in pixels of 1080p", origin);
        }
    }

    fn doubt(&mut self, message: String, help: &str, origin: Origin) {
        self.session.faults.warn(Diagnostic::new(Code::HardlyMeant, message, origin).help(help));
    }
}

/// The text, if it is one word that ends as names of text files do.
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
