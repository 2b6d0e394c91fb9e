//! Keeps the key and the signatures of URLs out of all text that leaves the process, and terminals safe from the vendor.

use std::fmt;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};

/// What stands where a secret stood.
const REDACTED: &str = "[redacted]";

/// A shorter key is no secret, and to take it out would tear ordinary words apart.
const SHORTEST_SECRET: usize = 4;

/// The longest message of the vendor that is shown, in characters.
pub(super) const MESSAGE_LIMIT: usize = 300;

/// Parameters whose values let anyone fetch or sign; long names are found anywhere, short ones only as whole words.
const SECRET_PARAMETERS: &[&str] =
    &["X-Amz-Signature", "X-Amz-Security-Token", "X-Amz-Credential", "X-Goog-Signature", "Signature", "Policy", "sig"];

/// Knows the secrets by value and takes them out of any text.
#[derive(Clone, Default)]
pub struct Redactor {
    forms: Vec<SecretString>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Redactor({} forms)", self.forms.len())
    }
}

impl Redactor {
    /// Of these secrets, as they are, percent-encoded, in base64 and as JSON writes them.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a SecretString>) -> Self {
        let mut forms: Vec<String> = Vec::new();
        for secret in secrets {
            let secret = secret.expose_secret().trim();
            if secret.len() < SHORTEST_SECRET {
                continue;
            }
            forms.push(secret.to_owned());
            forms.push(url::form_urlencoded::byte_serialize(secret.as_bytes()).collect());
            forms.push(STANDARD_NO_PAD.encode(secret));
            forms.push(URL_SAFE_NO_PAD.encode(secret));
            // PHP writes `/` in JSON as `\/`.
            forms.push(secret.replace('/', "\\/"));
        }
        // The longest first, so that no form is torn by another that it contains.
        forms.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        forms.dedup();
        Self { forms: forms.into_iter().map(SecretString::from).collect() }
    }

    /// The text without the secrets.
    pub fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for form in &self.forms {
            if text.contains(form.expose_secret()) {
                text = text.replace(form.expose_secret(), REDACTED);
            }
        }
        text
    }

    /// A message from outside, fit to be shown: no secrets, no signatures, no control characters, 300 characters at most.
    pub fn message(&self, text: &str) -> String {
        // Cleaning can join what was apart, so secrets are looked for again after it.
        let text = self.redact(&redact_signatures(&clean(&self.redact(text))));
        let text = text.trim();
        if text.chars().count() <= MESSAGE_LIMIT {
            return text.to_owned();
        }
        let head: String = text.chars().take(MESSAGE_LIMIT - 1).collect();
        format!("{}…", head.trim_end())
    }
}

/// The text with the values of signature parameters taken out, wherever a URL stands in it.
pub fn redact_signatures(text: &str) -> String {
    let mut done = String::with_capacity(text.len());
    let mut end = 0;
    for value in signatures(text) {
        done.push_str(&text[end..value.start]);
        done.push_str(REDACTED);
        end = value.end;
    }
    done.push_str(&text[end..]);
    done
}

/// Where the values of signature parameters stand, in order; none is empty.
pub fn signatures(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = next_secret_parameter(&text[at..], text[..at].chars().next_back()) {
        let start = at + offset;
        let value = &text[start..];
        at = start + value.find(ends_value).unwrap_or(value.len());
        if at > start {
            found.push(start..at);
        }
    }
    found
}

fn ends_value(one: char) -> bool {
    matches!(one, '&' | '#' | '"' | '\'' | '<' | '>' | '`' | ')' | ']' | '}' | '\\' | ',' | ';') || one.is_whitespace()
}

/// Where the value of the first secret parameter starts.
fn next_secret_parameter(text: &str, before: Option<char>) -> Option<usize> {
    text.char_indices().find_map(|(at, _)| {
        let left = text[..at].chars().next_back().or(before);
        SECRET_PARAMETERS.iter().find_map(|name| {
            let head = text.get(at..at + name.len())?;
            let whole_word = name.contains('-') || !left.is_some_and(|one| one.is_alphanumeric() || one == '-');
            if !whole_word || !head.eq_ignore_ascii_case(name) {
                return None;
            }
            let end = at + name.len();
            let after = &text[end..];
            // A URL inside a parameter of another URL has its `=` percent-encoded.
            let sign = ["=", "%3D", "%3d"].into_iter().find(|sign| after.starts_with(sign))?;
            Some(end + sign.len())
        })
    })
}

/// The text made fit for a terminal: escape sequences and all that could move the cursor or turn the writing round.
///
/// Line breaks and tabs become blanks, everything else becomes `U+FFFD`.
pub fn clean(text: &str) -> String {
    let mut done = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(one) = rest.next() {
        match one {
            '\n' | '\r' | '\t' => done.push(' '),
            '\u{1b}' => {
                skip_escape(&mut rest);
                done.push('\u{fffd}');
            }
            _ if one.is_control() || is_direction(one) => done.push('\u{fffd}'),
            _ => done.push(one),
        }
    }
    done
}

/// Bidirectional controls, separators and marks that are not seen but change what is.
fn is_direction(one: char) -> bool {
    matches!(one, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{feff}')
}

/// Skips the rest of an escape sequence: CSI to its final letter, OSC and other strings to their end.
fn skip_escape(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match rest.peek() {
        Some('[') => {
            rest.next();
            while rest.next_if(|one| matches!(one, ' '..='?')).is_some() {}
            rest.next_if(|one| matches!(one, '@'..='~'));
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            // A string without its end is not skipped: it would swallow the message.
            let ahead: Vec<char> = rest.clone().collect();
            let end = ahead.iter().position(|&one| one == '\u{7}' || one == '\u{9c}' || one == '\u{1b}');
            if let Some(end) = end {
                let more = usize::from(ahead[end] == '\u{1b}' && ahead.get(end + 1) == Some(&'\\'));
                let stop = if ahead[end] == '\u{1b}' && more == 0 { end } else { end + 1 + more };
                for _ in 0..stop {
                    rest.next();
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk/live+0123456789?abc";

    fn redactor() -> Redactor {
        Redactor::new(&[SecretString::from(KEY.to_owned())])
    }

    #[test]
    fn the_key_goes_in_every_dress() {
        let percent: String = url::form_urlencoded::byte_serialize(KEY.as_bytes()).collect();
        let dresses = [
            KEY.to_owned(),
            percent,
            base64::engine::general_purpose::STANDARD.encode(KEY),
            base64::engine::general_purpose::URL_SAFE.encode(KEY),
            KEY.replace('/', "\\/"),
        ];
        for dress in dresses {
            let text = redactor().redact(&format!("invalid key {dress} given"));
            assert!(!text.contains(&dress[..dress.len() - 2]), "{text}");
            assert!(text.starts_with("invalid key [redacted]") && text.ends_with(" given"), "{text}");
        }
    }

    #[test]
    fn neither_an_empty_nor_a_tiny_key_tears_words_apart() {
        let tiny = Redactor::new(&[SecretString::from(String::new()), SecretString::from("a".to_owned())]);
        assert_eq!(tiny.redact("a banana"), "a banana");
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", redactor());
        assert!(shown.starts_with("Redactor(") && !shown.contains("sk/live"), "{shown}");
    }

    #[test]
    fn a_key_cut_by_escapes_is_found_after_cleaning() {
        let (head, tail) = KEY.split_at(5);
        let text = redactor().message(&format!("bad {KEY}\u{7}\nand {head}{tail}"));
        assert_eq!(text, "bad [redacted]\u{fffd} and [redacted]");
    }

    #[test]
    fn signatures_go_and_the_rest_of_the_url_stays() {
        let cases = [
            (
                "cannot fetch https://b.example/a.jpg?X-Amz-Date=1&X-Amz-Signature=abc123&x=1 now",
                "cannot fetch https://b.example/a.jpg?X-Amz-Date=1&X-Amz-Signature=[redacted]&x=1 now",
            ),
            ("\"u?x-amz-signature=ab\"", "\"u?x-amz-signature=[redacted]\""),
            ("u?X-Goog-Signature%3Dab%26c", "u?X-Goog-Signature%3D[redacted]"),
            ("u?sv=1&sig=a%2Fb%3D&se=2", "u?sv=1&sig=[redacted]&se=2"),
            ("u?Expires=1&Signature=ab~&Key-Pair-Id=K", "u?Expires=1&Signature=[redacted]&Key-Pair-Id=K"),
            ("u?sig=one&sig=two", "u?sig=[redacted]&sig=[redacted]"),
            ("the design=plain, assigned=2", "the design=plain, assigned=2"),
            ("sig=", "sig="),
            ("ä?sig=ö", "ä?sig=[redacted]"),
        ];
        for (text, meant) in cases {
            assert_eq!(redact_signatures(text), meant);
        }
    }

    #[test]
    fn a_message_is_cut_at_three_hundred_characters() {
        let text = Redactor::default().message(&"ü".repeat(1000));
        assert_eq!(text.chars().count(), MESSAGE_LIMIT);
        assert!(text.ends_with("ü…"));
        assert_eq!(Redactor::default().message(&"ü".repeat(300)), "ü".repeat(300));
    }

    #[test]
    fn nothing_that_moves_a_terminal_gets_through() {
        let cases = [
            ("plain ünïcode 👩‍🚀", "plain ünïcode 👩‍🚀"),
            ("a\nb\tc\r\n", "a b c  "),
            ("\u{1b}[31mred\u{1b}[0m", "\u{fffd}red\u{fffd}"),
            ("\u{1b}]0;title\u{7}x", "\u{fffd}x"),
            ("\u{1b}]8;;http://evil\u{1b}\\link", "\u{fffd}link"),
            ("\u{1b}]0;never ended", "\u{fffd}]0;never ended"),
            ("\u{9b}31m\u{7f}\0", "\u{fffd}31m\u{fffd}\u{fffd}"),
            ("a\u{202e}b\u{2066}c\u{2069}\u{2028}", "a\u{fffd}b\u{fffd}c\u{fffd}\u{fffd}"),
        ];
        for (text, meant) in cases {
            assert_eq!(clean(text), meant, "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cleaned(text in ".*") {
            let cleaned = clean(&text);
            proptest::prop_assert!(!cleaned.chars().any(|one| one.is_control() || is_direction(one)));
            let _ = redact_signatures(&text);
        }
    }
}
