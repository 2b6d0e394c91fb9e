//! Where the secrets of presigned URLs stand in any text: a URL, a message, a line of a manifest.

use std::ops::Range;

/// Parameters whose values let anyone fetch or sign; long names are found anywhere, short ones only as whole words.
const SECRET_PARAMETERS: &[&str] =
    &["X-Amz-Signature", "X-Amz-Security-Token", "X-Amz-Credential", "X-Goog-Signature", "Signature", "Policy", "sig"];

/// The values of signature parameters, as bytes of the text, in order.
pub fn signatures(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    // Nearly every text has no parameter at all.
    if !text.contains(['=', '%']) {
        return found;
    }
    let mut from = 0;
    while let Some(start) = next_value(text, from) {
        let end = text[start..].find(ends_value).map_or(text.len(), |length| start + length);
        if end > start {
            found.push(start..end);
        }
        from = end;
    }
    found
}

fn ends_value(one: char) -> bool {
    matches!(one, '&' | '#' | '"' | '\'' | '<' | '>' | '`' | ')' | ']' | '}' | '\\' | ',' | ';') || one.is_whitespace()
}

/// Where the value of the first secret parameter at or after `from` starts.
fn next_value(text: &str, from: usize) -> Option<usize> {
    let mut left = text[..from].chars().next_back();
    for (at, one) in text[from..].char_indices().map(|(at, one)| (from + at, one)) {
        // Nearly every character begins no name.
        if matches!(one, 'x' | 'X' | 's' | 'S' | 'p' | 'P')
            && let Some(start) = SECRET_PARAMETERS.iter().find_map(|name| value_of(text, at, left, name))
        {
            return Some(start);
        }
        left = Some(one);
    }
    None
}

fn value_of(text: &str, at: usize, left: Option<char>, name: &str) -> Option<usize> {
    let end = at + name.len();
    let head = text.get(at..end)?;
    let whole_word = name.contains('-') || !left.is_some_and(|one| one.is_alphanumeric() || one == '-');
    if !whole_word || !head.eq_ignore_ascii_case(name) {
        return None;
    }
    // A URL inside a parameter of another URL has its `=` percent-encoded.
    let sign = ["=", "%3D", "%3d"].into_iter().find(|sign| text[end..].starts_with(sign))?;
    Some(end + sign.len())
}
