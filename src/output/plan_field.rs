//! One field's change, human-readable: short names, plain values, and texts compared word by word.

use std::borrow::Cow;

use anstyle::Style;
use serde_json::Value;
use similar::ChangeTag;

use super::text::{display_width, head, tail, truncate_middle};
use super::theme::{GREEN, RED, Theme};
use crate::fields::{Type, VENDOR};
use crate::plan::{Change, DiffSegment, FieldChange, word_diff};
use crate::source::{Location, sanitize};
use crate::vendor::redact_signatures;

/// Number of columns of unchanged text next to a change.
const CONTEXT: usize = 24;
/// The same number where space is limited.
const ONE_LINE_CONTEXT: usize = 10;
/// Maximum number of columns of values that are shown in full, however similar they are.
const PLAIN: usize = 40;

/// The space for one field's change.
#[derive(Clone, Copy, Debug)]
pub struct TextBudget {
    /// Columns of a line.
    pub width: usize,
    /// Maximum number of lines.
    pub lines: usize,
    /// Columns of unchanged text next to a change.
    pub context: usize,
}

impl TextBudget {
    /// Returns the space for a few lines of a screen.
    pub const fn for_screen(width: usize) -> Self {
        Self { width, lines: 6, context: CONTEXT }
    }

    /// Returns unlimited space: nothing is omitted.
    pub const fn unlimited(width: usize) -> Self {
        Self { width, lines: usize::MAX, context: usize::MAX / 4 }
    }
}

/// Returns the name of a path in plans: `speed`, `offset.x`, `avatar.id`, `scenes[0].text`.
pub fn short_path(path: &str) -> Cow<'_, str> {
    let found = VENDOR.field_at(path);
    let name = found.and_then(|found| VENDOR[found.row].field()?.field.short_name);
    let name = name.unwrap_or_else(|| path.rsplit_once('.').map_or(path, |(_, last)| last));
    match found.and_then(|found| found.item) {
        Some((list, index)) => format!("{}[{index}].{name}", VENDOR.declared_path(list)).into(),
        None => name.into(),
    }
}

/// `voices.yaml:12:14`
pub fn location(place: &Location) -> String {
    format!("{}:{}:{}", sanitize(&place.file), place.line, place.column)
}

/// Returns a cleaned value without quotes. Hashes are truncated, and a missing value is `(none)`.
pub fn value(path: &str, value: Option<&Value>) -> String {
    match value {
        None => "(none)".to_owned(),
        Some(Value::String(text)) if path.ends_with("sha256") => head(&sanitize(text), 12).to_owned(),
        Some(Value::String(text)) if text.is_empty() => "\"\"".to_owned(),
        Some(Value::String(text)) => sanitize(&redact_signatures(text)).into_owned(),
        Some(other) => sanitize(&other.to_string()).into_owned(),
    }
}

/// Returns how much longer or shorter a changed script is: `+12 characters, +0.8 s`. `None` without a script or a
/// difference.
pub fn length_change(change: &Change) -> Option<String> {
    let is_script = |field: &&FieldChange| {
        let row = VENDOR.field_at(&field.path).and_then(|field| VENDOR.ty(field.row));
        matches!(row, Some(Type::Speech))
    };
    let length = |side: &Option<Value>| side.as_ref().and_then(Value::as_str).map_or(0, |text| text.chars().count());
    let scripts: Vec<&FieldChange> = change.diff.iter().filter(is_script).collect();
    let before = scripts.iter().map(|field| length(&field.before)).sum::<usize>() as f64;
    let after = scripts.iter().map(|field| length(&field.after)).sum::<usize>() as f64;
    let gained = after - before;
    if gained == 0.0 {
        return None;
    }
    let plural = if gained.abs() > 1.0 { "s" } else { "" };
    // The length of one scene is not known from that of the video, nor that of a recording or silence from a text.
    let is_known = |field: &&FieldChange| !field.path.contains('[') && field.before.is_some() && field.after.is_some();
    let is_known = scripts.iter().all(is_known) && after > 0.0;
    let seconds = change.estimate.seconds.filter(|_| is_known).map(|seconds| gained * seconds / after);
    let seconds = seconds.map(|seconds| format!(", {seconds:+.1} s")).unwrap_or_default();
    Some(format!("{gained:+} character{plural}{seconds}"))
}

/// Returns the change on one or a few lines: `1.0 → 1.1`, or the unchanged, removed and added words.
pub fn change(field: &FieldChange, room: TextBudget, theme: Theme) -> Vec<String> {
    let (before, after) = (value(&field.path, field.before.as_ref()), value(&field.path, field.after.as_ref()));
    let whole = display_width(&before) + display_width(&after) + 3;
    if whole <= room.width.min(PLAIN) {
        return vec![format!("{before} → {after}")];
    }
    if let (Some(Value::String(before)), Some(Value::String(after))) = (&field.before, &field.after)
        && let Some(pieces) = word_diff(&sanitize(&redact_signatures(before)), &sanitize(&redact_signatures(after)))
    {
        return draw(&pieces, room, theme);
    }
    if whole <= room.width || room.lines == usize::MAX {
        return vec![format!("{before} → {after}")];
    }
    let left = room.width.saturating_sub(3);
    let before = truncate_middle(&before, (left / 2).max(left.saturating_sub(display_width(&after))));
    let after = truncate_middle(&after, left.saturating_sub(display_width(&before)));
    vec![format!("{before} → {after}")]
}

/// Returns the change in at most `width` columns, without color.
pub fn one_line(field: &FieldChange, width: usize) -> String {
    let room = TextBudget { width, lines: 1, context: ONE_LINE_CONTEXT };
    change(field, room, Theme::new(false)).concat()
}

/// Draws the pieces like `git diff --word-diff`, wrapped between words, without distant context.
fn draw(pieces: &[DiffSegment], room: TextBudget, theme: Theme) -> Vec<String> {
    let mut lines = vec![(String::new(), 0)];
    for (index, piece) in pieces.iter().enumerate() {
        let (text, style) = match piece.tag {
            ChangeTag::Equal => (context(&piece.text, index == 0, index + 1 == pieces.len(), room.context), None),
            ChangeTag::Delete => (format!("[-{}-]", piece.text), Some(RED)),
            ChangeTag::Insert => (format!("{{+{}+}}", piece.text), Some(GREEN)),
        };
        for word in text.split_inclusive(' ') {
            location_text(&mut lines, word, style, room.width, theme);
        }
    }
    if lines.len() > room.lines {
        lines.truncate(room.lines);
        if let Some((last, _)) = lines.last_mut() {
            last.push('…');
        }
    }
    lines.into_iter().map(|(line, _)| line.trim_end().to_owned()).collect()
}

/// Appends a word to the last line, or to new lines. One column of each line is reserved for the ellipsis.
fn location_text(lines: &mut Vec<(String, usize)>, word: &str, style: Option<Style>, width: usize, theme: Theme) {
    let width = width.saturating_sub(1).max(2);
    let mut rest = word;
    while !rest.is_empty() {
        let used = lines.last().map_or(0, |(_, used)| *used);
        let fits = used + display_width(rest.trim_end()) <= width;
        if !fits && used > 0 {
            lines.push((String::new(), 0));
            continue;
        }
        let part = if fits { rest } else { head(rest, width) };
        rest = &rest[part.len()..];
        if let Some((line, used)) = lines.last_mut() {
            line.push_str(&style.map_or_else(|| part.to_owned(), |style| theme.paint(style, part)));
            *used += display_width(part);
        }
    }
}

/// Returns the unchanged text near the changes, in complete words.
fn context(text: &str, first: bool, last: bool, limit: usize) -> String {
    let sides = usize::from(!first) + usize::from(!last);
    if display_width(text) <= limit.saturating_mul(sides.max(1)) + 1 {
        return text.to_owned();
    }
    let before = if first { "" } else { head(text, limit) };
    let after = if last { "" } else { tail(text, limit) };
    let before = before.rfind(' ').map_or(before, |blank| &before[..=blank]);
    let after = after.find(' ').map_or(after, |blank| &after[blank..]);
    format!("{before}…{after}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(before: &str, after: &str, room: TextBudget) -> Vec<String> {
        let (before, after) = (Some(json!(before)), Some(json!(after)));
        let field = FieldChange { path: "voice.tts.text".to_owned(), before, after, origin: None, declared: None };
        change(&field, room, Theme::new(false))
    }

    #[test]
    fn short_values_stand_whole() {
        assert_eq!(shown("Hello", "Hello!", TextBudget::for_screen(80)), ["Hello → Hello!"]);
        assert_eq!(shown("", "x", TextBudget::for_screen(80)), ["\"\" → x"]);
    }

    #[test]
    fn neighbouring_words_change_together() {
        let (before, after) =
            ("Order now and save ten percent today, friends", "Order now and win a new car today, friends");
        let line = "Order now and [-save ten percent-]{+win a new car+} today, friends";
        assert_eq!(shown(before, after, TextBudget::for_screen(80)), [line]);
    }

    #[test]
    fn texts_without_kinship_stand_one_after_the_other() {
        let (before, after) = ("one two three four five six seven eight", "alpha beta gamma delta epsilon zeta eta");
        let lines = shown(before, after, TextBudget::for_screen(50));
        assert_eq!(lines, ["one two three f…n eight → alpha beta gamma…eta eta"]);
    }

    #[test]
    fn a_long_change_takes_few_lines_that_fit() {
        let before: Vec<String> = (0..200).map(|number| format!("word{number}")).collect();
        let after: Vec<String> = before
            .iter()
            .enumerate()
            .map(|(index, word)| if index % 3 == 0 { "new".into() } else { word.clone() })
            .collect();
        let lines = shown(&before.join(" "), &after.join(" "), TextBudget::for_screen(40));
        assert!(lines.len() == 6 && lines[5].ends_with('…'), "{lines:?}");
        assert!(lines.iter().all(|line| display_width(line) <= 40), "{lines:?}");
        let whole = shown(&before.join(" "), &after.join(" "), TextBudget::unlimited(40)).join(" ");
        assert!(whole.contains("word199") && !whole.contains('…'), "{whole}");
        let tall = "東京".repeat(40);
        let lines = shown(&tall, &format!("{tall}都"), TextBudget::unlimited(20));
        assert!(lines.iter().all(|line| display_width(line) <= 20) && lines.concat().contains("{+都+}"), "{lines:?}");
    }
}
