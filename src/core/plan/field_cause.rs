//! Finds the cause of a change to a field that a template or a script file produces: a word of its text, or a
//! referenced value.
//!
//! The earlier template and the earlier values are unknown. Only the field's values before and after are known. So the
//! new value is aligned with its template, and the first changed byte belongs to literal text or to a tag. If both are
//! possible, as for a removed word next to a tag, the literal text is the result: its line contains the tag too.

use std::ops::Range;

use serde_json::Value;

use crate::spec::{FieldTrace, Reference};

/// The cause of a field's change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldCause<'a> {
    /// A value that the template references.
    Reference(&'a Reference),
    /// The text itself, at this byte: of the script file if there is one, otherwise of the template in the manifest.
    Text(usize),
}

/// Returns the cause of a field's change, or `None` if the texts do not determine it. `script` is the text of its
/// script file.
pub fn field_cause<'a>(
    trace: &'a FieldTrace,
    script: Option<&str>,
    (before, after): (&str, &str),
) -> Option<FieldCause<'a>> {
    let (template, references) = match (&trace.script, script) {
        (Some(traced), Some(text)) => (text, &traced.references[..]),
        (None, _) => (trace.template.as_deref()?, &trace.references[..]),
        (Some(_), None) => return None,
    };
    let change = TextChange::new(before, after);
    let found = Alignment::new(template, references, after).cause(&change, (before, after));
    found.or_else(|| by_value(references, &change, after).map(FieldCause::Reference))
}

/// The changed part of a value, without the common start and end.
struct TextChange {
    /// The removed part of the old value.
    removed: Range<usize>,
    /// The part of the new value that replaces it, without leading whitespace. Empty if the old part was only removed.
    added: Range<usize>,
}

impl TextChange {
    fn new(before: &str, after: &str) -> Self {
        let same = |(old, new): &(char, char)| old == new;
        let start = before.chars().zip(after.chars()).take_while(same).map(|(one, _)| one.len_utf8()).sum();
        let (old, new): (&str, &str) = (&before[start..], &after[start..]);
        let end: usize = old.chars().rev().zip(new.chars().rev()).take_while(same).map(|(one, _)| one.len_utf8()).sum();
        let added = &new[..new.len() - end];
        let blank = if added.trim_start().is_empty() { 0 } else { added.len() - added.trim_start().len() };
        Self { removed: start..before.len() - end, added: start + blank..after.len() - end }
    }
}

/// A part of the template: a tag with its braces, or the text between two tags.
struct TemplatePiece {
    range: Range<usize>,
    is_tag: bool,
}

/// A part of the new value, and the pieces that produced it: one literal text, or tags.
struct ValuePart {
    range: Range<usize>,
    pieces: Range<usize>,
}

/// The new value, aligned with its template.
struct Alignment<'t, 'a> {
    template: &'t str,
    references: &'a [Reference],
    pieces: Vec<TemplatePiece>,
    parts: Vec<ValuePart>,
    /// The literal pieces that are not in the value, because their branch was not taken.
    skipped: Vec<usize>,
}

impl<'t, 'a> Alignment<'t, 'a> {
    /// Aligns a value. Literal texts are found in order. The tags between two of them produced the text between them.
    fn new(template: &'t str, references: &'a [Reference], after: &str) -> Self {
        let mut made = Self { template, references, pieces: pieces(template), parts: Vec::new(), skipped: Vec::new() };
        let mut end = 0;
        // The first of the tags whose text is unknown.
        let mut open = None;
        for index in 0..made.pieces.len() {
            // Tags may strip the whitespace around them, so only the text without it counts.
            let literal = Some(made.piece(index).trim()).filter(|_| !made.pieces[index].is_tag);
            let found = match literal {
                Some("") => continue,
                Some(text) => after[end..].find(text).map(|start| end + start..end + start + text.len()),
                None if open.is_none() => made.plain_value(index).and_then(|value| {
                    let blank = after[end..].len() - after[end..].trim_start().len();
                    let start = [end, end + blank].into_iter().find(|start| after[*start..].starts_with(&value))?;
                    Some(start..start + value.len())
                }),
                None => None,
            };
            let Some(found) = found else {
                match literal {
                    Some(_) => made.skipped.push(index),
                    None => open = open.or(Some(index)),
                }
                continue;
            };
            if let Some(first) = open.take() {
                made.parts.push(ValuePart { range: end..found.start, pieces: first..index });
            }
            end = found.end;
            made.parts.push(ValuePart { range: found, pieces: index..index + 1 });
        }
        if let Some(first) = open {
            made.parts.push(ValuePart { range: end..after.len(), pieces: first..made.pieces.len() });
        }
        made
    }

    fn piece(&self, index: usize) -> &'t str {
        &self.template[self.pieces[index].range.clone()]
    }

    fn is_tag(&self, part: &ValuePart) -> bool {
        self.pieces[part.pieces.start].is_tag
    }

    /// Returns the value of a tag that only names a reference.
    fn plain_value(&self, index: usize) -> Option<String> {
        let inside = self.piece(index).strip_prefix("{{")?.strip_suffix("}}")?;
        let name = inside.trim_matches(['-', '+']).trim();
        let reference = self.references.iter().find(|reference| reference.path == name)?;
        (!reference.value.is_array() && !reference.value.is_object()).then(|| printed(&reference.value))
    }

    fn cause(&self, change: &TextChange, (before, after): (&str, &str)) -> Option<FieldCause<'a>> {
        let removed = &before[change.removed.clone()];
        // The template still contains the removed text, so one of its conditions now has another result.
        let is_hidden = |text: &str| text.contains(is_word) && before.contains(text) && !after.contains(text);
        if let Some(hidden) = self.skipped.iter().find(|index| is_hidden(self.piece(**index).trim())) {
            let statements = (0..*hidden).rev().filter(|index| self.piece(*index).starts_with("{%"));
            let named = statements.map(|index| self.named(index..index + 1)).find(|named| !named.is_empty());
            return by_place(&named?).map(FieldCause::Reference);
        }
        let start = change.added.start;
        let part = if change.added.is_empty() { self.shortened(start, removed, after) } else { self.at(start) }?;
        if self.is_tag(part) {
            let quoted = self.quoted(part, change, (before, after)).map(FieldCause::Text);
            return quoted
                .or_else(|| by_value(self.named(part.pieces.clone()), change, after).map(FieldCause::Reference));
        }
        let text = self.piece(part.pieces.start);
        let core = self.pieces[part.pieces.start].range.start + text.len() - text.trim_start().len();
        let byte = core + change.added.start.clamp(part.range.start, part.range.end) - part.range.start;
        Some(FieldCause::Text(word(self.template, byte..byte, core).start))
    }

    /// Returns the part that contains a byte of the value.
    fn at(&self, byte: usize) -> Option<&ValuePart> {
        self.parts.iter().find(|part| part.range.contains(&byte))
    }

    /// Returns the part that something was removed from, at a byte of the new value.
    fn shortened(&self, byte: usize, removed: &str, after: &str) -> Option<&ValuePart> {
        let (left, right) = after.split_at(byte);
        let is_empty_here = |part: &&ValuePart| {
            part.range.is_empty() && part.range.start >= left.trim_end().len() && part.range.start <= byte
        };
        if let Some(emptied) = self.parts.iter().find(|part| self.is_tag(part) && is_empty_here(part)) {
            return Some(emptied);
        }
        let previous = left.trim_end().len().checked_sub(1).and_then(|byte| self.at(byte));
        let next = self.at(after.len() - right.trim_start().len());
        // A word that lost its end or its start belongs to the piece that produces the rest of it.
        if left.ends_with(is_word) && removed.starts_with(is_word) {
            return previous;
        }
        if removed.ends_with(is_word) && right.starts_with(is_word) {
            return next;
        }
        [previous, next].into_iter().flatten().find(|part| !self.is_tag(part)).or(previous).or(next)
    }

    /// Returns the references that some tags name, in the order of the template's references.
    fn named(&self, pieces: Range<usize>) -> Vec<&'a Reference> {
        let tags: Vec<&str> = self.tags(pieces).map(|tag| &self.template[tag.clone()]).collect();
        let is_named = |reference: &&Reference| tags.iter().any(|tag| contains_path(tag, &reference.path));
        self.references.iter().filter(is_named).collect()
    }

    fn tags(&self, pieces: Range<usize>) -> impl Iterator<Item = &Range<usize>> {
        self.pieces[pieces].iter().filter(|piece| piece.is_tag).map(|piece| &piece.range)
    }

    /// Returns the byte of a changed word that a tag itself writes, as in `{{ "Hello" | upper }}`.
    ///
    /// A tag that also writes the old word has only chosen the other one.
    fn quoted(&self, part: &ValuePart, change: &TextChange, (before, after): (&str, &str)) -> Option<usize> {
        let new = &after[word(after, change.added.clone(), part.range.start)];
        let old = &before[word(before, change.removed.clone(), part.range.start)];
        let is_value = self.references.iter().any(|reference| leaves(&reference.value).any(|leaf| leaf.contains(new)));
        if new.is_empty() || is_value {
            return None;
        }
        let tag = self.tags(part.pieces.clone()).find(|tag| self.template[(*tag).clone()].contains(new))?;
        let text = &self.template[tag.clone()];
        (old.is_empty() || !text.contains(old)).then(|| text.find(new).map(|start| tag.start + start))?
    }
}

/// Splits a template into pieces. Braces in a string of a tag end nothing.
fn pieces(template: &str) -> Vec<TemplatePiece> {
    let mut found = Vec::new();
    let mut end = 0;
    while let Some((start, close)) = next_tag(template, end) {
        found.push(TemplatePiece { range: end..start, is_tag: false });
        end = tag_end(template, start + 2, close);
        found.push(TemplatePiece { range: start..end, is_tag: true });
    }
    found.push(TemplatePiece { range: end..template.len(), is_tag: false });
    found
}

fn next_tag(template: &str, from: usize) -> Option<(usize, &'static str)> {
    let opens = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];
    opens.into_iter().filter_map(|(open, close)| Some((from + template[from..].find(open)?, close))).min()
}

fn tag_end(template: &str, from: usize, close: &str) -> usize {
    let mut quote = None;
    for (index, one) in template[from..].char_indices() {
        match quote {
            None if template[from + index..].starts_with(close) => return from + index + close.len(),
            None if matches!(one, '"' | '\'') && close != "#}" => quote = Some(one),
            Some(open) if open == one => quote = None,
            _ => {}
        }
    }
    template.len()
}

/// Returns the reference whose value contains the change. Else the first one, if all are written in one place.
fn by_value<'a>(
    references: impl IntoIterator<Item = &'a Reference> + Clone,
    change: &TextChange,
    after: &str,
) -> Option<&'a Reference> {
    let changed = if change.added.is_empty() { change.added.clone() } else { word(after, change.added.clone(), 0) };
    let holds = |leaf: &String| {
        let mut places = after.match_indices(leaf.as_str());
        let covers = |start: usize| start <= changed.start && changed.end <= start + leaf.len();
        !leaf.is_empty() && places.any(|(start, _)| covers(start))
    };
    let longest = |reference: &&'a Reference| leaves(&reference.value).filter(holds).map(|leaf| leaf.len()).max();
    let held = references.clone().into_iter().filter_map(|reference| Some((longest(&reference)?, reference)));
    // Of values that contain one another, the longest is the most specific. Of equal ones, the first wins.
    let held = held.reduce(|best, next| if next.0 > best.0 { next } else { best });
    held.map(|(_, reference)| reference).or_else(|| by_place(&references.into_iter().collect::<Vec<_>>()))
}

/// Returns the first reference, if all are written in one place.
fn by_place<'a>(references: &[&'a Reference]) -> Option<&'a Reference> {
    let (first, others) = references.split_first()?;
    others.iter().all(|other| other.origin == first.origin).then_some(first)
}

/// Returns the texts that a value prints: its own, or those inside it.
fn leaves(value: &Value) -> Box<dyn Iterator<Item = String> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter().flat_map(leaves)),
        Value::Object(members) => Box::new(members.values().flat_map(leaves)),
        scalar => Box::new(std::iter::once(printed(scalar))),
    }
}

/// Returns a value as a template prints it.
pub(super) fn printed(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns whether an expression names a path itself, not only a longer one.
fn contains_path(expression: &str, path: &str) -> bool {
    expression.match_indices(path).any(|(start, _)| {
        let (left, right) = (&expression[..start], &expression[start + path.len()..]);
        !left.ends_with(|one| is_word(one) || one == '.') && !right.starts_with(is_word)
    })
}

/// Extends a range of a text to the ends of its words, but not beyond `least` at its start.
fn word(text: &str, range: Range<usize>, least: usize) -> Range<usize> {
    let least = least.min(range.start);
    let left =
        text[least..range.start].chars().rev().take_while(|one| is_word(*one)).map(char::len_utf8).sum::<usize>();
    let right = text[range.end..].chars().take_while(|one| is_word(*one)).map(char::len_utf8).sum::<usize>();
    range.start - left..range.end + right
}

fn is_word(one: char) -> bool {
    one.is_alphanumeric() || one == '_'
}
