//! Signs that a text is not what its author means: placeholders of other tools, markup, errors of spreadsheets,
//! invisible characters, and malformed ids.
//!
//! Nothing here changes a text. Every finding is a warning, because the vendor accepts all of these texts.

mod markup;
mod placeholder;
mod spreadsheet;

use std::ops::Range;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Origin;

pub(super) use placeholder::{dollar_before_template, placeholder};

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
    let found = [placeholder(text), markup::find(text), spreadsheet::find(text), invisible(text)];
    found.into_iter().flatten().collect()
}

/// Returns the first invisible character of a text that its script does not need.
fn invisible(text: &str) -> Option<SuspiciousText> {
    let (at, character) = invisible_character(text)?;
    let message = format!("the text holds U+{:04X}, an invisible character", u32::from(character));
    let help = "remove it: copied texts often hold such characters, and each counts as content".to_owned();
    Some(SuspiciousText { code: Code::InvisibleText, range: at..at + character.len_utf8(), message, help })
}

/// Returns the position of the first invisible character that its neighbors do not need.
fn invisible_character(text: &str) -> Option<(usize, char)> {
    if text.is_ascii() {
        return None;
    }
    text.char_indices().find(|(at, one)| {
        let before = text[..*at].chars().next_back();
        let after = text[at + one.len_utf8()..].chars().next();
        // Thai, Persian, the scripts of India and emoji need joiners and breaks between their letters.
        let needed = || {
            let foreign = |one: Option<char>| one.is_some_and(|one| !one.is_ascii() && !is_invisible(one));
            foreign(before) && foreign(after)
        };
        match one {
            '\u{ad}'
            | '\u{180e}'
            | '\u{202d}'
            | '\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' => true,
            '\u{200b}'..='\u{200d}' => !needed(),
            _ => false,
        }
    })
}

/// Returns `true` if a character is invisible, including whitespace.
pub(super) fn is_invisible(one: char) -> bool {
    one.is_whitespace()
        || one.is_control()
        || matches!(one,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
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
