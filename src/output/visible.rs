//! The user's text made safe for a terminal: no control or direction character reaches it raw.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Characters that steer a terminal or the direction of text; a tab does no harm.
fn steers(character: char) -> bool {
    match character {
        '\t' => false,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => true,
        other => other.is_control(),
    }
}

/// Words with such characters written as escapes: `\u{1b}`; a line break becomes `\n`.
pub(super) fn words(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            other if steers(other) => {
                // Writing to a string cannot fail.
                let _ = write!(safe, "\\u{{{:x}}}", u32::from(other));
            }
            other => safe.push(other),
        }
    }
    Cow::Owned(safe)
}

/// One character of a source line as it is drawn: a picture of the same width in characters.
pub(super) fn drawn(character: char) -> char {
    match character {
        '\u{7f}' => '\u{2421}',
        '\0'..='\u{1f}' if character != '\t' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        other if steers(other) => '\u{fffd}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{drawn, words};

    #[test]
    fn what_steers_a_terminal_is_written_out() {
        assert_eq!(words("a\u{1b}[31mb\u{9b}c\nd\te\u{202e}"), "a\\u{1b}[31mb\\u{9b}c\\nd\te\\u{202e}");
        assert_eq!(words("plain ü"), "plain ü");
    }

    #[test]
    fn a_source_line_keeps_its_columns() {
        let line = "a\u{0}\u{1b}\u{7f}\u{9b}\u{202e}\t";
        let shown: String = line.chars().map(drawn).collect();
        assert_eq!(shown, "a␀␛␡��\t");
    }
}
