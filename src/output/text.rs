//! Measures, truncates, counts, quotes and aligns cleaned text.

use std::borrow::Cow;
use std::fmt::Display;

use anstyle::Style;
use unicode_width::UnicodeWidthChar;

use super::theme::Theme;
pub use crate::source::{format_length, pluralize};
use crate::spec::{Credits, Estimate};

/// Returns the width of a cleaned text in terminal columns. East Asian characters and emoji have two.
pub fn display_width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

fn char_width(one: char) -> usize {
    one.width().unwrap_or(0)
}

/// Maximum number of characters per column. Without it, a text of zero-width characters would have no limit.
const CHARS_PER_COLUMN: usize = 4;

/// Returns `true` if a cleaned text has at most `limit` columns.
pub fn fits(text: &str, limit: usize) -> bool {
    head(text, limit).len() == text.len()
}

/// Returns a cleaned text in at most `limit` columns. A truncated text ends in `…`.
pub fn truncate(text: &str, limit: usize) -> Cow<'_, str> {
    if fits(text, limit) {
        return Cow::Borrowed(text);
    }
    let head = head(text, limit.saturating_sub(1)).trim_end();
    Cow::Owned(format!("{head}…"))
}

/// Returns a text in at most `limit` columns, with its beginning and its end.
pub fn truncate_middle(text: &str, limit: usize) -> String {
    if fits(text, limit) {
        return text.to_owned();
    }
    let room = limit.saturating_sub(1);
    let end = room / 3;
    format!("{}…{}", head(text, room - end).trim_end(), tail(text, end).trim_start())
}

/// Returns the longest prefix of a text with at most `limit` columns.
pub fn head(text: &str, limit: usize) -> &str {
    let mut full = fills(limit);
    let end = text.char_indices().find(|(_, one)| full(*one));
    end.map_or(text, |(index, _)| &text[..index])
}

/// Returns the longest suffix of a text with at most `limit` columns.
pub fn tail(text: &str, limit: usize) -> &str {
    let mut full = fills(limit);
    let start = text.char_indices().rev().find(|(_, one)| full(*one));
    start.map_or(text, |(index, one)| &text[index + one.len_utf8()..])
}

/// Returns a function that adds up characters and returns `true` for the first one that exceeds the limit.
fn fills(limit: usize) -> impl FnMut(char) -> bool {
    let (mut used, mut letters) = (0, 0);
    move |one| {
        used += char_width(one);
        letters += 1;
        used > limit || letters > limit.saturating_mul(CHARS_PER_COLUMN)
    }
}

/// Returns the spaces that pad a text to `limit` columns.
pub fn padding(text: &str, limit: usize) -> String {
    " ".repeat(limit.saturating_sub(display_width(text)))
}

/// Formats the length and price of one video: `0:54, about 6.3 credits (at most 12.1)`.
pub fn cost(estimate: &Estimate) -> String {
    let length = estimate.seconds.map_or_else(|| "unknown length".to_owned(), format_length);
    format!("{length}, {}", estimate.price())
}

/// Formats the length and price of several videos: `about 0:54 of video, about 6.3 credits (at most 12.1)`.
///
/// `unknown` of the `count` videos have an unknown length.
pub fn total_cost(count: u64, unknown: u64, seconds: f64, price: Credits) -> String {
    let length = match unknown {
        0 => format!("about {} of video", format_length(seconds)),
        _ if unknown == count => format!("{unknown} of unknown length"),
        _ => format!("about {} of video + {unknown} of unknown length", format_length(seconds)),
    };
    format!("{length}, {price}")
}

/// Formats an instant: `2026-11-22 11:00:00 UTC`.
pub fn format_timestamp(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Formats the counts that are not zero: `3 submitted, 1 in doubt`.
pub fn counts<'a, N>(parts: impl IntoIterator<Item = &'a (N, &'a str)>) -> String
where
    N: Copy + Default + PartialEq + Display + 'a,
{
    let parts = parts.into_iter().filter(|(count, _)| *count != N::default());
    parts.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

/// Formats a size: `912 bytes`, `3.4 kB`, `12.0 MB`.
pub fn format_bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => pluralize(bytes, "byte"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// Formats a duration in its two largest units: `2 d 4 h`, `4 h 12 min`, `12 min`, `under a minute`.
pub fn format_span(seconds: i64) -> String {
    let minutes = seconds.max(0) / 60;
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => "under a minute".to_owned(),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, 0, _) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// Returns a word as the shell reads it: unquoted if it has no special characters, otherwise in single quotes.
pub fn quote(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

/// Returns a text in single quotes.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn is_plain(text: &str) -> bool {
    let plain = |one: char| one.is_ascii_alphanumeric() || "._-/:@%+,".contains(one);
    !text.is_empty() && text.chars().all(plain)
}

/// A cleaned text in a column.
pub(super) struct TableCell<'a> {
    pub text: Cow<'a, str>,
    style: Style,
    right: bool,
}

/// Returns a cell without color.
pub(super) fn cell<'a>(text: impl Into<Cow<'a, str>>) -> TableCell<'a> {
    TableCell { text: text.into(), style: Style::new(), right: false }
}

impl TableCell<'_> {
    pub fn style(self, style: Style) -> Self {
        Self { style, ..self }
    }

    pub fn right(self) -> Self {
        Self { right: true, ..self }
    }
}

/// The number of columns of each cell of a row.
pub(super) struct Widths(pub Vec<usize>);

impl Widths {
    /// Returns the widths of the longest cells.
    pub fn of(rows: &[Vec<TableCell<'_>>]) -> Self {
        let count = rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column| {
            rows.iter()
                .filter_map(|row: &Vec<_>| row.get(column))
                .map(|cell: &TableCell<'_>| display_width(&cell.text))
                .max()
        };
        Self((0..count).map(|column| width(column).unwrap_or(0)).collect())
    }

    /// Returns these widths, with at least this one for a column.
    pub fn at_least(mut self, column: usize, least: usize) -> Self {
        self.0.get_mut(column).into_iter().for_each(|width| *width = least.max(*width));
        self
    }

    /// Returns a line without spaces at its end.
    pub fn line(&self, row: &[TableCell<'_>], theme: Theme) -> String {
        let padded = row.iter().zip(&self.0).map(|(cell, width)| {
            let (text, gap) = (theme.paint(cell.style, &cell.text), padding(&cell.text, *width));
            if cell.right { gap + &text } else { text + &gap }
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_text_fits_and_says_so() {
        assert_eq!(truncate("hello", 5), "hello");
        assert_eq!(truncate("hello there", 7), "hello…");
        assert_eq!(truncate("東京タワー", 5), "東京…");
        assert_eq!(truncate("x", 0), "…");
        let endless = format!("e{}", "\u{301}".repeat(10_000));
        assert_eq!(truncate(&endless, 10).chars().count(), 37);
        assert_eq!((head("東京", 3), tail("東京", 3)), ("東", "京"));
    }

    #[test]
    fn times_and_counts_read_aloud() {
        let prices = [(0.0, 0.0), (6.26, 6.26), (6.26, 12.01), (0.01, 0.02), (0.01, 0.11), (0.0, 40.0), (0.96, 0.98)];
        let shown = prices.map(|(likely, at_most)| Credits { likely, at_most }.to_string());
        assert_eq!(
            shown,
            [
                "0.0 credits",
                "6.3 credits",
                "about 6.3 credits (at most 12.1)",
                "under 0.1 credits",
                "under 0.1 credits (at most 0.2)",
                "at most 40.0 credits",
                "about 1.0 credits (at most 1.0)",
            ]
        );
        assert_eq!(format_timestamp("2026-11-22T11:00:00.123Z".parse().unwrap()), "2026-11-22 11:00:00 UTC");
        assert_eq!(
            [0, 1, 999, 3412, 12_000_000].map(format_bytes),
            ["0 bytes", "1 byte", "999 bytes", "3.4 kB", "12.0 MB"]
        );
        let spans = [-5, 59, 720, 7200, 15_120, 172_800, 187_200].map(format_span);
        let said = ["under a minute", "under a minute", "12 min", "2 h", "4 h 12 min", "2 d", "2 d 4 h"];
        assert_eq!(spans, said);
    }

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        for text in ["welcome", "onboarding[de,pro]", "it's[*]", "", "a b", "$HOME", "`id`;!#~", "é\\n\"x\""] {
            let script = format!("printf %s {}", quote(text));
            let done = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(done.stdout).unwrap(), text, "{script}");
        }
        assert_eq!([quote("welcome"), quote("a[de]")], ["welcome".to_owned(), "'a[de]'".to_owned()]);
    }
}
