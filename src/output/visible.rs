//! The user's text made safe for a terminal and a log: no control or direction character reaches it raw, and no
//! signature of a presigned URL at all.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use crate::vendor::{redact_signatures, signatures};

/// A signature that begins further before what is drawn of a line is not looked for.
const LONGEST_SIGNATURE: usize = 8 * 1024;

/// Characters that steer a terminal or the direction of text; a tab does no harm.
fn steers(character: char) -> bool {
    match character {
        '\t' => false,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => true,
        other => other.is_control(),
    }
}

/// Words with such characters written as escapes: `\u{1b}`; a line break becomes `\n`. Signatures are taken out.
pub(super) fn words(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        // Every parameter has its sign, plain or percent-encoded.
        let plain = !text.contains(['=', '%']);
        return if plain { Cow::Borrowed(text) } else { Cow::Owned(redact_signatures(text)) };
    }
    let text = &redact_signatures(text);
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

/// The part of a line within `window` as it is drawn, each character with its byte in the line; signatures are dots.
pub(super) fn drawn_line(line: &str, window: Range<usize>) -> impl Iterator<Item = (usize, char)> {
    let mut start = window.start.saturating_sub(LONGEST_SIGNATURE);
    while !line.is_char_boundary(start) {
        start -= 1;
    }
    let secrets = signatures(&line[start..window.end]);
    let secret = move |at: usize| secrets.iter().any(|value| value.contains(&(at - start)));
    let characters = line[window.clone()].char_indices();
    characters.map(move |(at, character)| {
        let at = window.start + at;
        (at, if secret(at) { '•' } else { drawn(character) })
    })
}

/// One character of a source line as it is drawn: a picture of the same width in characters.
fn drawn(character: char) -> char {
    match character {
        '\u{7f}' => '\u{2421}',
        '\0'..='\u{1f}' if character != '\t' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        other if steers(other) => '\u{fffd}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{drawn, drawn_line, words};

    #[test]
    fn what_steers_a_terminal_is_written_out() {
        assert_eq!(words("a\u{1b}[31mb\u{9b}c\nd\te\u{202e}"), "a\\u{1b}[31mb\\u{9b}c\\nd\te\\u{202e}");
        assert_eq!(words("plain ü"), "plain ü");
    }

    #[test]
    fn signatures_are_drawn_as_dots_of_the_same_width() {
        let line = "  url: \"https://b/ü.jpg?X-Amz-Date=1&X-Amz-Signature=äbc&x=1\" # sig=d";
        let shown: String = drawn_line(line, 0..line.len()).map(|(_, character)| character).collect();
        assert_eq!(shown, "  url: \"https://b/ü.jpg?X-Amz-Date=1&X-Amz-Signature=•••&x=1\" # sig=•");
        // A window that begins within a signature shows none of it.
        let inside = line.find("bc&").unwrap();
        let shown: String = drawn_line(line, inside..inside + 5).map(|(_, character)| character).collect();
        assert_eq!(shown, "••&x=");
    }

    #[test]
    fn words_hold_no_signature() {
        let shown = words("`url` is `ftp://b/a?X-Amz-Signature=abc`, not https\u{1b}");
        assert_eq!(shown, "`url` is `ftp://b/a?X-Amz-Signature=[redacted]`, not https\\u{1b}");
        assert_eq!(words("u?sv=1&sig=abc"), "u?sv=1&sig=[redacted]");
    }

    #[test]
    fn a_source_line_keeps_its_columns() {
        let line = "a\u{0}\u{1b}\u{7f}\u{9b}\u{202e}\t";
        let shown: String = line.chars().map(drawn).collect();
        assert_eq!(shown, "a␀␛␡��\t");
    }
}
