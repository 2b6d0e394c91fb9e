//! Formats counts, lengths and names for screens and addresses.

use std::fmt::{Display, Write as _};

/// Formats a count with its noun: `1 video`, `2 videos`.
pub fn pluralize(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Formats seconds: `0:54`, `1:02:03`. Less than a second is one second, unless it is zero.
pub fn format_length(seconds: f64) -> String {
    let whole = if seconds > 0.0 { seconds.round().max(1.0) as u64 } else { 0 };
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// Lists names in backticks, with commas.
pub fn quoted(names: impl IntoIterator<Item = impl Display>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Percent-encodes everything except ASCII letters, digits, `-`, `.`, `_` and the bytes of `kept`.
pub fn percent_encoded(text: &str, kept: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) || kept.as_bytes().contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _infallible = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_lengths_read_aloud() {
        assert_eq!([0.0, 0.2, 54.4, 3723.0].map(format_length), ["0:00", "0:01", "0:54", "1:02:03"]);
        assert_eq!((pluralize(1, "video"), pluralize(0, "video")), ("1 video".into(), "0 videos".into()));
        assert_eq!(percent_encoded("é/a b~", "/"), "%C3%A9/a%20b%7E");
    }
}
