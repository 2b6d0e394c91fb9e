//! Finds a part of a decoded string in the file.

use std::ops::Range;

use super::{ScalarStyle, Text};
use crate::source::{Origin, SourceFile};

/// Returns the location in the file of `range`, which counts bytes of the decoded string `text.text`.
///
/// `node_origin` must be the origin that [`parse`](super::parse()) returned for the node of `text`, and `source` its
/// file. The result is within `node_origin`, on character boundaries.
///
/// - Quotes, escapes (`\n`, `\"`, `\u00e9`, `''`), the indentation of block scalars, folded lines and CRLF are handled.
///   A range that starts or ends within one escape or line break covers all of it.
/// - An empty range returns an empty location before the character at `range.start`.
/// - The final line break of a block scalar is not part of the node's origin. A range there ends where the origin
///   ends.
/// - If the location is uncertain, the result is `node_origin`: a surrogate pair, an escaped line break, a range past
///   the end or within a character, or a string that is not at that location.
pub fn origin_in_scalar(source: &SourceFile, node_origin: Origin, text: &Text, range: Range<usize>) -> Origin {
    find(source.text(), node_origin, text, range).unwrap_or(node_origin)
}

/// Returns the location in the file of a range of a decoded string whose style is unknown, or `node_origin` if the
/// location is uncertain.
pub fn origin_in_literal(source: &SourceFile, node_origin: Origin, decoded: &str, range: Range<usize>) -> Origin {
    let styles: &[ScalarStyle] = match source.text().as_bytes().get(node_origin.span.start as usize) {
        Some(b'"') => &[ScalarStyle::DoubleQuoted],
        Some(b'\'') => &[ScalarStyle::SingleQuoted],
        // An empty range after a line break of a block scalar would fit a plain one before its indentation.
        _ => &[ScalarStyle::Literal, ScalarStyle::Folded, ScalarStyle::Plain],
    };
    let found = styles.iter().find_map(|style| {
        let text = Text { text: decoded.into(), style: *style, cut: 0, alias: None };
        find(source.text(), node_origin, &text, range.clone())
    });
    found.unwrap_or(node_origin)
}

fn find(source: &str, origin: Origin, text: &Text, range: Range<usize>) -> Option<Origin> {
    let decoded: &str = &text.text;
    if decoded.is_empty() || decoded.get(range.clone()).is_none() {
        return None;
    }
    let written = source.get(origin.span.range())?;
    let (body, lead) = match text.style {
        ScalarStyle::SingleQuoted => (written.strip_prefix('\'')?.strip_suffix('\'')?, 1),
        ScalarStyle::DoubleQuoted => (written.strip_prefix('"')?.strip_suffix('"')?, 1),
        _ => (written, 0),
    };
    let mut walk = Aligner { body, at: 0, decoded, done: 0, style: text.style, indent: 0 };
    if matches!(text.style, ScalarStyle::Literal | ScalarStyle::Folded) {
        let before = &source[..origin.span.start as usize];
        walk.indent = before.len() - before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        // Empty lines at the top are before the node's origin.
        walk.done = decoded.len() - decoded.trim_start_matches('\n').len();
    }
    let start = walk.advance_to(range.start)?.start;
    let end = if range.is_empty() { start } else { walk.advance_to(range.end)?.end };
    let base = origin.span.start as usize + lead;
    Some(Origin::new(origin.file, (base + start) as u32, (base + end) as u32))
}

/// Walks the written and the decoded string in parallel.
struct Aligner<'a> {
    body: &'a str,
    at: usize,
    decoded: &'a str,
    done: usize,
    style: ScalarStyle,
    /// Spaces at the start of each line of a block scalar.
    indent: usize,
}

impl Aligner<'_> {
    /// Returns the written bytes of the decoded byte `goal`. Both ends are equal on a boundary, else the range is the
    /// unit that decodes to that byte.
    fn advance_to(&mut self, goal: usize) -> Option<Range<usize>> {
        let mut from = self.at;
        while self.done < goal {
            from = self.at;
            if self.at == self.body.len() {
                // Only the final line breaks of a block scalar are decoded without being in the body.
                return self.decoded[self.done..].bytes().all(|byte| byte == b'\n').then_some(from..from);
            }
            let (written, decoded) = self.next_unit()?;
            self.at += written;
            self.done += decoded;
        }
        Some(if self.done > goal { from..self.at } else { self.at..self.at })
    }

    /// Returns the written and the decoded length of the next unit, or `None` if the two differ.
    fn next_unit(&self) -> Option<(usize, usize)> {
        let written = &self.body[self.at..];
        let decoded = &self.decoded[self.done..];
        if let Some(lengths) = self.line_break(written, decoded) {
            return Some(lengths);
        }
        match self.style {
            ScalarStyle::SingleQuoted if written.starts_with("''") => decoded.starts_with('\'').then_some((2, 1)),
            ScalarStyle::DoubleQuoted if written.starts_with('\\') => escape(written, decoded),
            _ => {
                let next = written.chars().next()?;
                decoded.starts_with(next).then_some((next.len_utf8(), next.len_utf8()))
            }
        }
    }

    fn line_break(&self, written: &str, decoded: &str) -> Option<(usize, usize)> {
        let block = matches!(self.style, ScalarStyle::Literal | ScalarStyle::Folded);
        let newlines = decoded.len() - decoded.trim_start_matches('\n').len();
        // Spaces before a line break are content in a block scalar, and are dropped elsewhere.
        let mut at = if block { 0 } else { written.len() - written.trim_start_matches([' ', '\t']).len() };
        let mut breaks = 0;
        while let Some(length) = break_length(&written[at..]) {
            breaks += 1;
            at += length;
            let rest = &written[at..];
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            at += if block { blanks.min(self.indent) } else { blanks };
            if self.style == ScalarStyle::Literal {
                break;
            }
        }
        match breaks {
            0 => None,
            1 if decoded.starts_with(' ') && self.style != ScalarStyle::Literal => Some((at, 1)),
            _ if self.style == ScalarStyle::Literal => (newlines > 0).then_some((at, 1)),
            // Folding removes one line break, except next to lines that are indented further.
            _ if newlines > 0 && (newlines + 1 == breaks || (block && newlines == breaks)) => Some((at, newlines)),
            _ => None,
        }
    }
}

fn break_length(text: &str) -> Option<usize> {
    match text.as_bytes() {
        [b'\r', b'\n', ..] => Some(2),
        [b'\n' | b'\r', ..] => Some(1),
        _ => None,
    }
}

fn escape(written: &str, decoded: &str) -> Option<(usize, usize)> {
    let digits = match written.as_bytes().get(1)? {
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        b'\n' | b'\r' => return None,
        _ => 0,
    };
    let next = decoded.chars().next()?;
    if digits > 0 {
        let code = u32::from_str_radix(written.get(2..2 + digits)?, 16).ok()?;
        if char::from_u32(code) != Some(next) {
            return None;
        }
    }
    Some((2 + digits, next.len_utf8()))
}
