//! One field's change as people read it: short names, plain values, texts word by word.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::text::{clean, columns, head, tail};
use super::theme::{GREEN, RED, Theme};
use crate::plan::{FieldChange, Place};

/// Texts with less than this in common are shown whole, one after the other.
const KINSHIP: f32 = 0.3;
/// So many columns of what did not change stay beside a change.
const CONTEXT: usize = 24;

/// The last words of a path that still say what is meant: `speed`, `offset.x`, `avatar.id`.
pub fn short_path(path: &str) -> &str {
    match path {
        "avatar.id" | "background.color" => path,
        "voice.tts.id" => "voice.id",
        "voice.file.asset_id" | "voice.file.url" | "voice.file.sha256" | "voice.silence.duration" => {
            path.trim_start_matches("voice.")
        }
        "background.media.asset_id" | "background.media.url" | "background.media.sha256" => {
            path.trim_start_matches("background.")
        }
        "avatar.offset.x" | "avatar.offset.y" => path.trim_start_matches("avatar."),
        _ => path.rsplit_once('.').map_or(path, |(_, last)| last),
    }
}

/// `voices.yaml:12:14`
pub fn place(place: &Place) -> String {
    format!("{}:{}:{}", clean(&place.file), place.line, place.column)
}

/// A value without quotes, cleaned; hashes are cut, absence is `(none)`.
pub fn value(path: &str, value: Option<&Value>) -> String {
    match value {
        None => "(none)".to_owned(),
        Some(Value::String(text)) if path.ends_with("sha256") => head(&clean(text), 12).to_owned(),
        Some(Value::String(text)) if text.is_empty() => "\"\"".to_owned(),
        Some(Value::String(text)) => clean(text).into_owned(),
        Some(other) => clean(&other.to_string()).into_owned(),
    }
}

/// The change in at most so many columns: `1.0 → 1.1`, or the words that went and came.
pub fn change(field: &FieldChange, limit: usize, theme: Theme) -> String {
    let (before, after) = (value(&field.path, field.before.as_ref()), value(&field.path, field.after.as_ref()));
    if columns(&before) + columns(&after) + 3 <= limit.min(40) {
        return format!("{before} → {after}");
    }
    if let (Some(Value::String(before)), Some(Value::String(after))) = (&field.before, &field.after)
        && let Some(pieces) = word_diff(&clean(before), &clean(after))
    {
        return draw(&pieces, limit, theme);
    }
    let half = limit.saturating_sub(3) / 2;
    let before = middle_cut(&before, half.max(limit.saturating_sub(3 + columns(&after))));
    let after = middle_cut(&after, limit.saturating_sub(3 + columns(&before)));
    format!("{before} → {after}")
}

/// A text in at most so many columns, its beginning and its end kept.
pub fn middle_cut(text: &str, limit: usize) -> String {
    if columns(text) <= limit {
        return text.to_owned();
    }
    let room = limit.saturating_sub(1);
    let end = room / 3;
    format!("{}…{}", head(text, room - end).trim_end(), tail(text, end).trim_start())
}

/// Words that stayed, went or came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Which of the three.
    pub tag: ChangeTag,
    /// The words.
    pub text: String,
}

/// The words that stayed, went and came; none when the texts have too little in common to be read so.
pub fn word_diff(before: &str, after: &str) -> Option<Vec<Piece>> {
    let diff = TextDiff::from_unicode_words(before, after);
    if diff.ratio() < KINSHIP {
        return None;
    }
    let mut pieces = Vec::new();
    let (mut gone, mut come, mut gap) = (String::new(), String::new(), String::new());
    for change in diff.iter_all_changes() {
        let word = change.value();
        match change.tag() {
            // A blank between two changed words belongs to the change.
            ChangeTag::Equal if word.trim().is_empty() && !(gone.is_empty() && come.is_empty()) => gap.push_str(word),
            ChangeTag::Equal => {
                flush(&mut pieces, &mut gone, &mut come);
                gap.push_str(word);
                push(&mut pieces, ChangeTag::Equal, &std::mem::take(&mut gap));
            }
            tag => {
                gone.push_str(&gap);
                come.push_str(&gap);
                gap.clear();
                if tag == ChangeTag::Delete { gone.push_str(word) } else { come.push_str(word) }
            }
        }
    }
    flush(&mut pieces, &mut gone, &mut come);
    push(&mut pieces, ChangeTag::Equal, &gap);
    Some(pieces)
}

fn flush(pieces: &mut Vec<Piece>, gone: &mut String, come: &mut String) {
    push(pieces, ChangeTag::Delete, &std::mem::take(gone));
    push(pieces, ChangeTag::Insert, &std::mem::take(come));
}

fn push(pieces: &mut Vec<Piece>, tag: ChangeTag, text: &str) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.tag == tag => last.text.push_str(text),
        _ => pieces.push(Piece { tag, text: text.to_owned() }),
    }
}

/// The pieces on one line, in the way of `git diff --word-diff`, far context left out.
fn draw(pieces: &[Piece], limit: usize, theme: Theme) -> String {
    let mut line = String::new();
    let mut left = limit;
    for (index, piece) in pieces.iter().enumerate() {
        let (open, close, style) = match piece.tag {
            ChangeTag::Equal => ("", "", None),
            ChangeTag::Delete => ("[-", "-]", Some(RED)),
            ChangeTag::Insert => ("{+", "+}", Some(GREEN)),
        };
        let text = if piece.tag == ChangeTag::Equal {
            context(&piece.text, index == 0, index + 1 == pieces.len())
        } else {
            middle_cut(&piece.text, (limit / 2).max(CONTEXT))
        };
        let needed = columns(&text) + columns(open) + columns(close);
        // One column stays for the sign that something was left out.
        if needed > left.saturating_sub(1) && !(needed == left && index + 1 == pieces.len()) {
            line.push('…');
            break;
        }
        left -= needed;
        let whole = format!("{open}{text}{close}");
        line.push_str(&style.map_or_else(|| whole.clone(), |style| theme.paint(style, &whole)));
    }
    line
}

/// What did not change, only near the changes.
fn context(text: &str, first: bool, last: bool) -> String {
    let sides = usize::from(!first) + usize::from(!last);
    if columns(text) <= CONTEXT * sides.max(1) + 1 {
        return text.to_owned();
    }
    let before = if first { "" } else { head(text, CONTEXT) };
    let after = if last { "" } else { tail(text, CONTEXT) };
    format!("{before}…{after}")
}
