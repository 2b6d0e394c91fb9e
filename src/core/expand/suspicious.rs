//! Signs that a text is not what its author means: placeholders of other tools, markup, errors of spreadsheets,
//! invisible characters, and malformed ids.
//!
//! Nothing here changes a text. Every finding is a warning, because the vendor accepts all of these texts.

mod invisible;
mod markup;
mod placeholder;
mod spreadsheet;

use std::ops::Range;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Origin;

pub(super) use invisible::{invisible_character, is_invisible};

/// Quotation marks that authors and word processors put around a word.
const QUOTES: &[char] =
    &['"', '\'', '`', '“', '”', '„', '‟', '‘', '’', '‚', '‛', '«', '»', '‹', '›', '「', '」', '＂', '＇'];

/// A suspicious part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SuspiciousText {
    pub code: Code,
    /// The bytes of the part.
    pub range: Range<usize>,
    pub message: String,
    pub help: String,
}

impl SuspiciousText {
    /// Returns the warning at an origin.
    pub(super) fn at(self, origin: Origin) -> Diagnostic {
        Diagnostic::new(self.code, self.message, origin).help(self.help)
    }
}

/// Returns the first finding of each kind in a spoken text.
pub(super) fn in_speech(text: &str) -> Vec<SuspiciousText> {
    // Most texts contain none of these characters, and each text is searched once per instance.
    if !text.bytes().any(|byte| matches!(byte, b'{' | b'[' | b'<' | b'%' | b'#' | b'&' | b'*' | b':') || byte > 0xC1) {
        return Vec::new();
    }
    let found = [placeholder::find(text), markup::find(text), spreadsheet::find(text), invisible::find(text)];
    found.into_iter().flatten().collect()
}

/// Returns the first placeholder of another tool in a text that is not spoken.
pub(super) fn in_label(text: &str) -> Option<SuspiciousText> {
    placeholder::find(text)
}

/// Returns a `$` before a template, as in GitHub workflows.
pub(super) fn in_template(text: &str) -> Option<SuspiciousText> {
    placeholder::dollar(text)
}

/// Returns what is suspicious about an id, as the end of a message, and the id that was probably meant.
pub(super) fn suspicious_id(id: &str) -> Option<(&'static str, Option<String>)> {
    if id.contains("://") || id.starts_with("www.") {
        return Some(("is a URL, not an id", None));
    }
    let bare = id.trim().trim_matches(QUOTES).trim();
    let meant = Some(bare.to_owned()).filter(|bare| !bare.is_empty() && !bare.contains(QUOTES));
    if id.contains(QUOTES) {
        return Some(("has quotes that belong to the id", meant));
    }
    if id.trim() != id {
        return Some(("begins or ends with a space", meant));
    }
    invisible_character(id).map(|_| ("holds an invisible character", None))
}

/// Returns the end of an identifier that starts at a byte. Returns `None` if there is none.
fn identifier(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    let first = rest.chars().next()?;
    if !first.is_alphabetic() && first != '_' {
        return None;
    }
    let length =
        rest.find(|one: char| !(one.is_alphanumeric() || matches!(one, '_' | '-' | '.'))).unwrap_or(rest.len());
    Some(at + length)
}

#[cfg(test)]
mod tests;
