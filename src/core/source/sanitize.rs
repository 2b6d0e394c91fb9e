//! Makes untrusted text safe to show: it cannot control a terminal or change the reading direction.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns a text on one line that cannot move the cursor, color the screen or change the reading direction. Line
/// breaks become `↵`, tabs become spaces, and other control characters become their picture or their number.
pub fn sanitize(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 8);
    let mut rest = text.chars().peekable();
    while let Some(one) = rest.next() {
        match one {
            '\r' if rest.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => clean.push('↵'),
            '\t' => clean.push(' '),
            '\u{7f}' => clean.push('␡'),
            '\0'..='\u{1f}' => clean.extend(char::from_u32(0x2400 + u32::from(one))),
            one if is_unsafe(one) => {
                let _infallible = write!(clean, "\\u{{{:x}}}", u32::from(one));
            }
            one => clean.push(one),
        }
    }
    Cow::Owned(clean)
}

/// Returns the first `limit` characters of a text, with `…` for the rest.
pub fn truncate(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// Cleans each line of a text.
pub fn sanitize_lines(text: &str) -> String {
    text.split('\n').map(sanitize).collect::<Vec<_>>().join("\n")
}

/// Escapes characters in the strings of a JSON text that JSON allows, but that control a terminal or a runner:
/// `\u009b`.
pub fn sanitize_json(json: String) -> String {
    // A runner of GitHub Actions treats `##[` as a command. Only strings can contain it.
    let json = if json.contains("##[") { json.replace("##[", "#\\u0023[") } else { json };
    // JSON already escapes control characters below the space. Its own line breaks are kept.
    let steers = |one: char| is_unsafe(one) && one > '\u{1f}';
    if !json.contains(steers) {
        return json;
    }
    let mut made = String::with_capacity(json.len() + 64);
    for one in json.chars() {
        if steers(one) {
            let mut units = [0; 2];
            for unit in one.encode_utf16(&mut units) {
                let _infallible = write!(made, "\\u{unit:04x}");
            }
        } else {
            made.push(one);
        }
    }
    made
}

fn is_unsafe(one: char) -> bool {
    one.is_control()
        || matches!(one,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Returns a replacement for one character of a drawn source line. Columns stay, because it is a single character.
pub fn visible_char(one: char) -> char {
    match one {
        '\t' => '\t',
        '\u{7f}' => '␡',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(one)).unwrap_or('\u{fffd}'),
        one if is_unsafe(one) => '\u{fffd}',
        one => one,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_text_cannot_reach_the_terminal() {
        let hostile = "a\u{1b}[31mred\u{7}\u{9b}2J\u{202e}txt\u{2066}\r\nnext\ttab\0";
        assert_eq!(sanitize(hostile), "a␛[31mred␇\\u{9b}2J\\u{202e}txt\\u{2066}↵next tab␀");
        let all: String = (0..=0x0010_ffff_u32).filter_map(char::from_u32).collect();
        assert!(!sanitize(&all).chars().any(is_unsafe), "nothing unsafe is left of any character");
    }

    #[test]
    fn json_says_the_same_without_steering() {
        let hostile = "a\u{1b}\u{9b}2J\u{202e}\u{e0041}\n\u{7f}ü東";
        let json = sanitize_json(serde_json::to_string_pretty(&[hostile]).unwrap());
        assert!(!json.replace('\n', "").chars().any(is_unsafe), "{json}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&json).unwrap(), [hostile]);
        assert_eq!(sanitize_json("[\"###[error]\"]".to_owned()), "[\"##\\u0023[error]\"]");
        assert_eq!(sanitize_lines("a\u{1b}\nb"), "a␛\nb");
    }

    #[test]
    fn a_text_is_truncated_between_characters() {
        assert_eq!((&*truncate("äöü", 3), &*truncate("äöüß", 3), &*truncate("x", 0)), ("äöü", "äöü…", "…"));
    }

    #[test]
    fn an_honest_text_is_left_alone() {
        for text in ["Grüße, 東京 👋", "שלום", "क्\u{200d}ष"] {
            assert!(matches!(sanitize(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn a_source_line_keeps_its_columns() {
        let line = "a\u{0}\u{1b}\u{7f}\u{9b}\u{202e}\t";
        let shown: String = line.chars().map(visible_char).collect();
        assert_eq!(shown, "a␀␛␡\u{fffd}\u{fffd}\t");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cleaned_once_and_for_all(text in ".*") {
            let cleaned = sanitize(&text).into_owned();
            proptest::prop_assert!(!cleaned.chars().any(is_unsafe));
            proptest::prop_assert_eq!(sanitize(&cleaned).into_owned(), cleaned);
        }
    }
}
