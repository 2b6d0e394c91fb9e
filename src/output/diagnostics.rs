//! A whole report for people and for GitHub: by place, equal faults counted, a tally at the end.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::region::Region;
use super::{Screen, snippet};
use crate::diagnostic::{Code, Diagnostic, Report, Severity};
use crate::source::{Origin, Sources, clean};
use crate::vendor::redact_signatures;

/// Up to this many equal faults of declarations are listed one by one.
const MOST_EQUAL: usize = 20;

/// The most faults that are drawn: nobody reads more, and each costs a look at the source.
const MOST_DRAWN: usize = 200;

/// The data rows or videos that are named for the faults that are only counted.
const NAMED: usize = 5;

/// One fault, or the first of many equal ones.
pub(super) struct Entry<'a> {
    pub first: &'a Diagnostic,
    /// The equal ones that are only counted.
    pub further: Vec<&'a Diagnostic>,
}

/// The report as text for people, ending in the tally and a line break; empty for an empty report.
///
/// Sorted by place. Equal faults of rows or instances are drawn once and counted, and so are more than 20 others of the same
/// code that have the same place or message; after 200 drawings the rest is counted too.
pub fn diagnostics_text(report: &Report, sources: &Sources, screen: Screen) -> String {
    let mut text = String::new();
    let entries = entries(report);
    for entry in entries.iter().take(MOST_DRAWN) {
        text.push_str(&snippet(entry.first, sources, screen));
        text.push_str("\n\n");
        if !entry.further.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "… {}\n", more(&entry.further));
        }
    }
    let left: usize = entries.iter().skip(MOST_DRAWN).map(|entry| 1 + entry.further.len()).sum();
    if left > 0 {
        let which = if report.is_cut() { "more of them" } else { "them all" };
        let _ = writeln!(text, "… and {left} further ones; `validate --format json` has {which}\n");
    }
    if !report.is_empty() {
        text.push_str(&tally(report));
        text.push('\n');
    }
    text
}

/// The report as GitHub workflow commands, one a line: annotations at the lines of a pull request; `folder` leads from
/// the repository's root to the project's: `` or `videos/`.
pub fn diagnostics_github(report: &Report, sources: &Sources, folder: &str) -> String {
    let mut text = String::new();
    for entry in entries(report) {
        let one = entry.first;
        let command = match one.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let mut properties = Vec::new();
        if let Some(label) = &one.primary {
            let region = Region::of(label.origin, sources);
            let name = format!("{folder}{}", sources.get(label.origin.file).name());
            properties.push(format!("file={}", property(&name)));
            properties.push(format!("line={}", region.line));
            properties.push(format!("endLine={}", region.end_line));
            // GitHub drops columns of a place that has several lines.
            if region.is_flat() {
                properties.push(format!("col={},endColumn={}", region.column, region.end_column));
            }
        } else if let Some(file) = &one.file {
            properties.push(format!("file={}", property(&format!("{folder}{}", file.file))));
            if file.line > 0 {
                properties.push(format!("line={}", file.line));
            }
        }
        properties.push(format!("title={}", property(one.code.name())));
        let mut words = vec![one.message.clone()];
        words.extend(one.primary.iter().map(|label| label.text.clone()).filter(|label| !label.is_empty()));
        words.extend(one.help.iter().map(|help| format!("help: {help}")));
        words.extend(one.row.iter().map(|row| format!("row {}:{}", row.file, row.line)));
        words.extend(one.key.iter().map(|key| format!("video {key}")));
        if !entry.further.is_empty() {
            words.push(more(&entry.further));
        }
        let words: Vec<String> = words.iter().map(|line| data(&clean(&redact_signatures(line)))).collect();
        let _ = writeln!(text, "::{command} {}::{}", properties.join(","), words.join("%0A"));
    }
    text
}

/// `3 errors, 1 warning`; empty for an empty report. Where there are too many errors to look for all: `at least …`.
pub fn tally(report: &Report) -> String {
    let counted = |number: usize, word: &str| match number {
        0 => None,
        1 => Some(format!("1 {word}")),
        _ => Some(format!("{number} {word}s")),
    };
    let parts = [counted(report.errors(), "error"), counted(report.warnings(), "warning")];
    let counted = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if report.is_full() { format!("at least {counted}") } else { counted }
}

/// The messages by place, what has none first.
pub(super) fn sorted(report: &Report) -> Vec<&Diagnostic> {
    let mut all: Vec<&Diagnostic> = report.iter().collect();
    all.sort_by_key(|one| one.primary.as_ref().map(|label| label.origin));
    all
}

/// Returns the messages by place; equal faults of rows and instances are one entry, and so are many equal ones of others.
pub(super) fn entries(report: &Report) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut by_cause = HashMap::new();
    for one in sorted(report) {
        if let Some(cause) = cause(one) {
            let known = *by_cause.entry(cause).or_insert(entries.len());
            if let Some(entry) = entries.get_mut(known) {
                entry.further.push(one);
                continue;
            }
        }
        entries.push(Entry { first: one, further: Vec::new() });
    }
    let mut entries = many_equal(entries);
    entries.sort_by_key(|entry| entry.first.primary.as_ref().map(|label| label.origin));
    entries
}

/// What makes faults of rows and instances equal: the place in the manifests, the data file, and the words without the
/// values in them. `None` for a fault that is of neither.
fn cause(one: &Diagnostic) -> Option<(Code, Option<Origin>, Option<&str>, String)> {
    let file = match (&one.row, &one.file, &one.primary) {
        (Some(row), ..) => Some(&*row.file),
        (None, Some(file), None) if file.line > 0 => Some(&*file.file),
        _ if one.key.is_some() => None,
        _ => return None,
    };
    // A fault that is placed in a data file names its template second.
    let place = one.secondary.first().or(one.primary.as_ref()).map(|label| label.origin);
    let words = match place {
        // What a data file says in backticks is a column.
        None => one.message.clone(),
        Some(_) => one.message.split('`').step_by(2).collect(),
    };
    Some((one.code, place, file, words))
}

/// Puts entries into one where more than [`MOST_EQUAL`] have the same code, and the same place or the same message.
fn many_equal(entries: Vec<Entry<'_>>) -> Vec<Entry<'_>> {
    let mut by_place = HashMap::new();
    let mut by_message = HashMap::new();
    let mut groups: Vec<Vec<Entry<'_>>> = Vec::new();
    for entry in entries {
        let one = entry.first;
        let place = one.primary.as_ref().map(|label| (one.code, label.origin));
        let message = (one.code, one.message.as_str());
        let known = place.and_then(|place| by_place.get(&place)).or_else(|| by_message.get(&message)).copied();
        let group = known.unwrap_or_else(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        if let Some(place) = place {
            by_place.entry(place).or_insert(group);
        }
        by_message.entry(message).or_insert(group);
        groups[group].push(entry);
    }
    let folded = groups.into_iter().flat_map(|group| {
        if group.len() <= MOST_EQUAL {
            return group;
        }
        let mut all = group.into_iter().flat_map(|entry| std::iter::once(entry.first).chain(entry.further));
        let first = all.next();
        first.into_iter().map(|first| Entry { first, further: all.by_ref().collect() }).collect()
    });
    folded.collect()
}

/// `and 979 more like this: row data/customers.csv:18, …`
fn more(further: &[&Diagnostic]) -> String {
    let named = |one: &&Diagnostic| {
        let row = one.row.as_ref().or(one.file.as_ref()).map(|row| format!("{}:{}", row.file, row.line));
        row.or_else(|| one.key.clone())
    };
    let mut text = format!("and {} more like this", further.len());
    let mut names: Vec<String> = further.iter().filter_map(named).take(NAMED + 1).collect();
    if !names.is_empty() {
        if names.len() > NAMED {
            names.truncate(NAMED);
            names.push("…".to_owned());
        }
        let _ = write!(text, ": {}", names.join(", "));
    }
    clean(&text).into_owned()
}

/// Text of a workflow command.
pub(super) fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a workflow command.
pub(super) fn property(text: &str) -> String {
    data(&clean(text)).replace(':', "%3A").replace(',', "%2C")
}
