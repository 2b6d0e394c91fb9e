//! Invisible characters.

use super::SuspiciousText;
use crate::diagnostic::Code;

/// Returns the first invisible character of a text that its script does not need.
pub(super) fn find(text: &str) -> Option<SuspiciousText> {
    let (at, character) = invisible_character(text)?;
    let message = format!("the text holds U+{:04X}, an invisible character", u32::from(character));
    let help = "remove it: copied texts often hold such characters, and each counts as content".to_owned();
    Some(SuspiciousText { code: Code::InvisibleText, range: at..at + character.len_utf8(), message, help })
}

/// Returns the position of the first invisible character that its neighbors do not need.
pub(in crate::expand) fn invisible_character(text: &str) -> Option<(usize, char)> {
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
pub(in crate::expand) fn is_invisible(one: char) -> bool {
    one.is_whitespace()
        || one.is_control()
        || matches!(one,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}
