//! A report for humans and for GitHub: sorted by location, with a count of equal errors, and a tally at the end.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::text::pluralize;
use super::{Screen, snippet};
use crate::diagnostic::{Code, Diagnostic, Report, Severity};
use crate::source::{LocationRange, Origin, Sources, sanitize};
use crate::vendor::redact_signatures;

/// Maximum number of equal errors in declarations to list one by one.
const MAX_EQUAL: usize = 20;

/// Maximum number of errors to draw. More of them help no reader, and each reads the source.
const MAX_DRAWN: usize = 200;

/// Maximum number of data rows or videos to name among the errors that are only counted.
const MAX_LISTED: usize = 5;

/// One error, or the first of many equal ones.
pub(super) struct DiagnosticGroup<'a> {
    pub first: &'a Diagnostic,
    /// The equal errors that are only counted.
    pub further: Vec<&'a Diagnostic>,
}

/// Returns the human-readable report, which ends in the tally and a line break. Empty for an empty report.
///
/// Sorted by location. Equal errors of rows or instances are drawn once and counted. So are more than 20 other errors
/// with the same code and the same location or message. After 200 drawings, further errors are counted.
pub fn diagnostics_text(report: &Report, sources: &Sources, screen: Screen) -> String {
    let mut text = String::new();
    let entries = diagnostic_groups(report);
    for entry in entries.iter().take(MAX_DRAWN) {
        text.push_str(&snippet(entry.first, sources, screen));
        text.push_str("\n\n");
        if !entry.further.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "… {}\n", more(entry));
        }
    }
    let left: usize = entries.iter().skip(MAX_DRAWN).map(|entry| 1 + entry.further.len()).sum();
    if left > 0 {
        let which = if report.is_truncated() { "more of them" } else { "them all" };
        let _ = writeln!(text, "… and {left} more; `validate --format json` has {which}\n");
    }
    if !report.is_empty() {
        text.push_str(&tally(report));
        text.push('\n');
    }
    text
}

/// Returns the report as GitHub workflow commands, one per line, which annotate the lines of a pull request. `folder`
/// is the path from the repository's root to the project, such as `videos/`, or empty.
pub fn diagnostics_github(report: &Report, sources: &Sources, folder: &str) -> String {
    let mut text = String::new();
    for entry in &diagnostic_groups(report) {
        let one = entry.first;
        let command = match one.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let mut properties = Vec::new();
        if let Some(label) = &one.primary {
            let region = trimmed_range(label.origin, sources);
            let name = format!("{folder}{}", sources.get(label.origin.file).name());
            properties.push(format!("file={}", property(&name)));
            properties.push(format!("line={}", region.line));
            properties.push(format!("endLine={}", region.end_line));
            // GitHub ignores the columns of a location with several lines.
            if region.line == region.end_line {
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
            words.push(more(entry));
        }
        let words: Vec<String> = words.iter().map(|line| data(&sanitize(&redact_signatures(line)))).collect();
        let _ = writeln!(text, "::{command} {}::{}", properties.join(","), words.join("%0A"));
    }
    text
}

/// Returns the counts: `3 errors, 1 warning`. Empty for an empty report. With too many errors to search for all of
/// them, it begins with `at least`.
pub fn tally(report: &Report) -> String {
    let parts = [(report.errors() as u64, "error"), (report.warnings() as u64, "warning")];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0).map(|(number, noun)| pluralize(number, noun));
    let counted = parts.collect::<Vec<_>>().join(", ");
    if report.is_full() { format!("at least {counted}") } else { counted }
}

/// Returns the diagnostics by location. Those without a location come first.
pub(super) fn sorted(report: &Report) -> Vec<&Diagnostic> {
    let mut all: Vec<&Diagnostic> = report.iter().collect();
    all.sort_by_key(|one| one.primary.as_ref().map(|label| label.origin));
    all
}

/// Returns the diagnostics by location. Equal errors of rows and instances share an entry, and so do many other equal
/// errors.
pub(super) fn diagnostic_groups(report: &Report) -> Vec<DiagnosticGroup<'_>> {
    let mut entries: Vec<DiagnosticGroup<'_>> = Vec::new();
    let mut by_cause = HashMap::new();
    for one in sorted(report) {
        if let Some(cause) = cause(one) {
            let known = *by_cause.entry(cause).or_insert(entries.len());
            if let Some(entry) = entries.get_mut(known) {
                entry.further.push(one);
                continue;
            }
        }
        entries.push(DiagnosticGroup { first: one, further: Vec::new() });
    }
    let mut entries = many_equal(entries);
    entries.sort_by_key(|entry| entry.first.primary.as_ref().map(|label| label.origin));
    entries
}

/// Returns the key of equal errors in rows and instances: the location in the manifests, the data file, and the
/// message without values. `None` for another error.
fn cause(one: &Diagnostic) -> Option<(Code, Option<Origin>, Option<&str>, String)> {
    let file = match (&one.row, &one.file, &one.primary) {
        (Some(row), ..) => Some(&*row.file),
        (None, Some(file), None) if file.line > 0 => Some(&*file.file),
        _ if one.key.is_some() => None,
        _ => return None,
    };
    // An error in a data file has the location of its template as the second one.
    let place = one.secondary.first().or(one.primary.as_ref()).map(|label| label.origin);
    let words = match place {
        // In a message about a data file, the text in backticks is a column.
        None => one.message.clone(),
        Some(_) => one.message.split('`').step_by(2).collect(),
    };
    Some((one.code, place, file, words))
}

/// Merges entries if more than [`MAX_EQUAL`] have the same code, and the same location or message.
fn many_equal(entries: Vec<DiagnosticGroup<'_>>) -> Vec<DiagnosticGroup<'_>> {
    let mut by_place = HashMap::new();
    let mut by_message = HashMap::new();
    let mut groups: Vec<Vec<DiagnosticGroup<'_>>> = Vec::new();
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
        if group.len() <= MAX_EQUAL {
            return group;
        }
        let mut all = group.into_iter().flat_map(|entry| std::iter::once(entry.first).chain(entry.further));
        let first = all.next();
        first.into_iter().map(|first| DiagnosticGroup { first, further: all.by_ref().collect() }).collect()
    });
    folded.collect()
}

/// Returns the summary of further errors: `and 979 more like this: row data/customers.csv:18, …`.
fn more(DiagnosticGroup { first, further }: &DiagnosticGroup<'_>) -> String {
    let named = |one: &&Diagnostic| {
        let row = one.row.as_ref().or(one.file.as_ref()).map(|row| format!("{}:{}", row.file, row.line));
        row.or_else(|| one.key.clone())
    };
    let unlisted: usize = further.iter().map(|one| one.unlisted).sum();
    let mut text = format!("and {} more like this", further.len() + first.unlisted + unlisted);
    let mut names: Vec<String> = further.iter().filter_map(named).take(MAX_LISTED + 1).collect();
    if !names.is_empty() {
        if names.len() > MAX_LISTED {
            names.truncate(MAX_LISTED);
            names.push("…".to_owned());
        }
        let _ = write!(text, ": {}", names.join(", "));
    }
    sanitize(&text).into_owned()
}

/// Escapes the text of a workflow command.
pub(super) fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property of a workflow command.
pub(super) fn property(text: &str) -> String {
    data(&sanitize(text)).replace(':', "%3A").replace(',', "%2C")
}

/// Returns the range of an origin. Line breaks at its end do not count, so a block of text ends after its last character
/// and not on the next line.
pub(super) fn trimmed_range(origin: Origin, sources: &Sources) -> LocationRange {
    let kept = sources.text(origin.file, origin.span).trim_end_matches(['\n', '\r']).len() as u32;
    LocationRange::new(sources, Origin::new(origin.file, origin.span.start, origin.span.start + kept))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;

    fn region(origin: Origin, sources: &Sources) -> [u32; 4] {
        let LocationRange { line, column, end_line, end_column, .. } = trimmed_range(origin, sources);
        [line, column, end_line, end_column]
    }

    #[test]
    fn columns_count_scalars_and_a_final_line_break_does_not_count() {
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new("a", "a", "👋é: |\n  one\r\n  two\n\nnext: 1\n"));
        let at = |from: &str, to: &str| {
            let text = sources.get(file).text();
            let start = text.find(from).unwrap();
            region(Origin::new(file, start as u32, (text.find(to).unwrap() + to.len()) as u32), &sources)
        };
        assert_eq!(at("é", "é"), [1, 2, 1, 3]);
        assert_eq!(at("one", "one\r\n"), [2, 3, 2, 6]);
        let block = at("|", "two\n\n");
        assert_eq!(block, [1, 5, 3, 6]);
        let empty = region(Origin::new(file, 0, 0), &sources);
        assert_eq!(empty, [1, 1, 1, 1]);
    }
}
