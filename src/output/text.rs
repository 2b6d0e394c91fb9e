//! Texts of users on a screen: made harmless, measured, cut.

use std::borrow::Cow;
use std::fmt::Write as _;

/// A user's text on one line, without anything that could move the cursor, colour the screen or turn the reading
/// direction: line breaks become `↵`, tabs blanks, other controls their picture or their number.
pub fn clean(text: &str) -> Cow<'_, str> {
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

fn is_unsafe(one: char) -> bool {
    one.is_control()
        || matches!(one,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// How many columns a cleaned text takes on a terminal; East Asian letters and pictures take two.
pub fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

fn width(one: char) -> usize {
    match u32::from(one) {
        0x300..=0x36f | 0x200c | 0x200d | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x1f900..=0x1f9ff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Letters that take no column are cut off at last too: no text of a user may be endless.
const LETTERS_A_COLUMN: usize = 4;

/// Whether a cleaned text takes at most so many columns.
pub fn fits(text: &str, limit: usize) -> bool {
    head(text, limit).len() == text.len()
}

/// A cleaned text in at most so many columns; what is cut ends in `…`.
pub fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    if fits(text, limit) {
        return Cow::Borrowed(text);
    }
    let head = head(text, limit.saturating_sub(1)).trim_end();
    Cow::Owned(format!("{head}…"))
}

/// The longest beginning of a text that takes at most so many columns.
pub fn head(text: &str, limit: usize) -> &str {
    let mut full = fills(limit);
    let end = text.char_indices().find(|(_, one)| full(*one));
    end.map_or(text, |(index, _)| &text[..index])
}

/// The longest end of a text that takes at most so many columns.
pub fn tail(text: &str, limit: usize) -> &str {
    let mut full = fills(limit);
    let start = text.char_indices().rev().find(|(_, one)| full(*one));
    start.map_or(text, |(index, one)| &text[index + one.len_utf8()..])
}

/// Takes letters until there is no room for one.
fn fills(limit: usize) -> impl FnMut(char) -> bool {
    let (mut used, mut letters) = (0, 0);
    move |one| {
        used += width(one);
        letters += 1;
        used > limit || letters > limit.saturating_mul(LETTERS_A_COLUMN)
    }
}

/// Blanks that fill a text up to so many columns.
pub fn fill(text: &str, limit: usize) -> String {
    " ".repeat(limit.saturating_sub(columns(text)))
}

/// Seconds as people say them: `0:54`, `1:02:03`; never nothing for something.
#[expect(clippy::cast_sign_loss, reason = "what is cast is 1 at least")]
pub fn clock(seconds: f64) -> String {
    let whole = if seconds > 0.0 { seconds.round().max(1.0) as u64 } else { 0 };
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// Credits as people say them: `6.3 credits`.
pub fn credits(credits: f64) -> String {
    if credits > 0.0 && credits < 0.05 { "under 0.1 credits".to_owned() } else { format!("{credits:.1} credits") }
}

/// A time as people read it: `2026-11-22 11:00:00 UTC`.
pub fn moment(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A count and its noun: `1 video`, `2 videos`.
pub fn count(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_text_cannot_reach_the_terminal() {
        let hostile = "a\u{1b}[31mred\u{7}\u{9b}2J\u{202e}txt\u{2066}\r\nnext\ttab\0";
        assert_eq!(clean(hostile), "a␛[31mred␇\\u{9b}2J\\u{202e}txt\\u{2066}↵next tab␀");
        let all: String = (0..=0x0010_ffff_u32).filter_map(char::from_u32).collect();
        assert!(!clean(&all).chars().any(is_unsafe), "nothing unsafe is left of any character");
    }

    #[test]
    fn an_honest_text_is_left_alone() {
        for text in ["Grüße, 東京 👋", "שלום", "क्\u{200d}ष"] {
            assert!(matches!(clean(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn a_cut_text_fits_and_says_so() {
        assert_eq!(cut("hello", 5), "hello");
        assert_eq!(cut("hello there", 7), "hello…");
        assert_eq!(cut("東京タワー", 5), "東京…");
        assert_eq!(cut("x", 0), "…");
        let endless = format!("e{}", "\u{301}".repeat(10_000));
        assert_eq!(cut(&endless, 10).chars().count(), 37);
        assert_eq!((head("東京", 3), tail("東京", 3)), ("東", "京"));
    }

    #[test]
    fn times_and_counts_read_aloud() {
        assert_eq!([0.0, 0.2, 54.4, 3723.0].map(clock), ["0:00", "0:01", "0:54", "1:02:03"]);
        assert_eq!([0.0, 0.01, 6.26].map(credits), ["0.0 credits", "under 0.1 credits", "6.3 credits"]);
        assert_eq!(moment("2026-11-22T11:00:00.123Z".parse().unwrap()), "2026-11-22 11:00:00 UTC");
        assert_eq!((count(1, "video"), count(0, "video")), ("1 video".into(), "0 videos".into()));
    }
}
