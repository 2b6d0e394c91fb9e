//! Markup: tags of SSML and HTML, comments, entities, Markdown, stage directions.

use std::ops::Range;

use super::{SuspiciousText, identifier};
use crate::diagnostic::Code;

/// Maximum length of a tag or link, in bytes.
const MAX_MARKUP: usize = 1_000;

/// Words that begin or end a stage direction in brackets.
const DIRECTIONS: &[&str] = &[
    "applause",
    "beat",
    "break",
    "breath",
    "breathes",
    "cough",
    "coughs",
    "exhales",
    "inhales",
    "laugh",
    "laughing",
    "laughs",
    "laughter",
    "music",
    "pause",
    "pauses",
    "shouting",
    "sigh",
    "sighs",
    "silence",
    "sings",
    "sound",
    "whisper",
    "whispering",
    "whispers",
];

/// HTML entities that occur in texts copied from web pages.
const ENTITIES: &[&str] = &[
    "amp", "apos", "bull", "copy", "euro", "gt", "hellip", "laquo", "ldquo", "lsquo", "lt", "mdash", "nbsp", "ndash",
    "quot", "raquo", "rdquo", "reg", "rsquo", "shy", "trade",
];

/// Returns the first markup in a text.
pub(super) fn find(text: &str) -> Option<SuspiciousText> {
    let mut at = 0;
    while let Some(found) = text[at..].find(['<', '&', '[', '!', '*', '#', '`']) {
        at += found;
        let found = tag(text, at)
            .map(|end| (end, "a tag"))
            .or_else(|| entity(text, at).map(|end| (end, "an entity of HTML")))
            .or_else(|| link(text, at).map(|end| (end, "a link of Markdown")))
            .or_else(|| direction(text, at).map(|end| (end, "a stage direction")))
            .or_else(|| emphasis(text, at).map(|end| (end, "markup of Markdown")))
            .or_else(|| heading(text, at).map(|end| (end, "a heading of Markdown")));
        if let Some((end, kind)) = found {
            return Some(finding(text, at..end, kind));
        }
        at += 1;
    }
    None
}

fn finding(text: &str, range: Range<usize>, kind: &str) -> SuspiciousText {
    let shown: String = text[range.clone()].chars().map(|one| if one == '\n' { ' ' } else { one }).collect();
    let message = format!("`{shown}` is {kind}, and the text is spoken verbatim");
    let help = "the vendor documents no markup and may speak or drop it: write only the words".to_owned();
    SuspiciousText { code: Code::MarkupInText, range, message, help }
}

/// Returns the end of a tag or a comment: `<break time="1s"/>`, `</p>`, `<b>`, `<!-- … -->`.
fn tag(text: &str, at: usize) -> Option<usize> {
    let rest = text[at..].strip_prefix('<').filter(|_| !text[..at].ends_with('<'))?;
    if let Some(comment) = rest.strip_prefix("!--") {
        return comment.find("-->").map(|length| at + 4 + length + 3);
    }
    let from = if rest.starts_with('/') { at + 2 } else { at + 1 };
    if !text[from..].starts_with(|one: char| one.is_ascii_alphabetic()) {
        return None;
    }
    let name = from + text[from..].find(|one: char| !(one.is_ascii_alphanumeric() || "_:-.".contains(one)))?;
    let length = text[name..].find(['>', '<']).filter(|length| *length <= MAX_MARKUP)?;
    let inner = &text[name..name + length];
    let closes = text[name + length..].starts_with('>');
    // `a < b and c > d` has words where a tag has attributes.
    let sound = matches!(inner.trim(), "" | "/") || inner.starts_with([' ', '\n', '\t']) && inner.contains('=');
    (closes && sound).then_some(name + length + 1)
}

fn entity(text: &str, at: usize) -> Option<usize> {
    let rest = text[at..].strip_prefix('&')?;
    let length = rest.find(';').filter(|length| *length <= 8)?;
    let name = &rest[..length];
    let digits = name.strip_prefix('#').map(|digits| digits.trim_start_matches(['x', 'X']));
    let numeric = digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|one| one.is_ascii_hexdigit()));
    (numeric || ENTITIES.contains(&name)).then_some(at + length + 2)
}

/// Returns the end of a link or an image: `[text](address)`, `![text](address)`.
fn link(text: &str, at: usize) -> Option<usize> {
    let from = if text[at..].starts_with("![") { at + 1 } else { at };
    let inner = text[from..].strip_prefix('[')?;
    let middle = inner.find("](").filter(|length| *length <= MAX_MARKUP)?;
    let target = &inner[middle + 2..];
    let length = target.find(')').filter(|length| *length <= MAX_MARKUP && *length > 0)?;
    let sound = !inner[..middle].contains('[') && !target[..length].contains(' ');
    sound.then_some(from + 1 + middle + 2 + length + 1)
}

/// Returns the end of a stage direction in brackets: `[pause]`, `[long pause]`, `[pause 2s]`.
fn direction(text: &str, at: usize) -> Option<usize> {
    let inner = text[at..].strip_prefix('[')?;
    let length = inner.find(']').filter(|length| *length <= 40)?;
    let words = inner[..length].to_lowercase();
    let mut parts = words.split([' ', ':', '=', '_', '-', ',']).filter(|word| !word.is_empty());
    let (first, last) = (parts.next()?, parts.next_back());
    let known = |word: &str| DIRECTIONS.contains(&word);
    (known(first) || last.is_some_and(known)).then_some(at + length + 2)
}

/// Returns the end of Markdown emphasis: `**word**`.
fn emphasis(text: &str, at: usize) -> Option<usize> {
    let inner = text[at..].strip_prefix("**")?;
    let length = inner.find("**").filter(|length| *length <= MAX_MARKUP)?;
    let words = &inner[..length];
    let sound = !words.is_empty() && words.trim() == words && !words.contains(['\n', '*']);
    sound.then_some(at + length + 4)
}

/// Returns the end of a Markdown heading: `## Chapter` at the start of a line.
fn heading(text: &str, at: usize) -> Option<usize> {
    let starts_line = at == 0 || text[..at].ends_with('\n');
    let marks = text[at..].len() - text[at..].trim_start_matches('#').len();
    let rest = text[at + marks..].strip_prefix(' ')?;
    let word = rest.starts_with(char::is_alphabetic);
    let end = at + marks + 1 + rest.find('\n').unwrap_or(rest.len());
    (starts_line && (1..=6).contains(&marks) && word && identifier(rest, 0).is_some()).then_some(end)
}
