//! Draws one diagnostic over the user's own lines, in the style of rustc.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use anstyle::{AnsiColor, Style};

use super::Screen;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::source::{FileId, Origin, SourceFile, Sources, sanitize, visible_char};
use crate::spec::signature_ranges;

/// Maximum number of lines between two marks in one snippet.
const MAX_LINE_GAP: u32 = 1_000;

/// Maximum number of columns to list.
const MAX_COLUMNS: usize = 3;

/// The replacement of each character of a signature.
const HIDDEN: char = '•';

/// Marks a number that replaces a location in the renderer's output. It never occurs in a user's text, which is
/// cleaned before.
const PLACEHOLDER_CHAR: char = '\u{1}';

/// Returns the diagnostic as text, without a final line break.
///
/// Control characters in the user's text become pictures or escapes. Lines are truncated around the location. A
/// location with several lines is drawn on its first line.
pub fn snippet(diagnostic: &Diagnostic, sources: &Sources, screen: Screen) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(sanitize(&diagnostic.message)).id(diagnostic.code.name());
    let mut group = Group::with_title(title);
    let clusters = snippet_groups(diagnostic, sources, screen.width);
    let mut places = Vec::new();
    for cluster in clusters {
        let source = sources.get(cluster.file);
        places.push(format!("{}:{}:{}", sanitize(source.name()), cluster.line, cluster.column));
        let stand_in = format!("{PLACEHOLDER_CHAR}{}{PLACEHOLDER_CHAR}", places.len() - 1);
        group = group.element(cluster.draw(source, screen.width).path(stand_in));
    }
    let renderer = if screen.color { Renderer::styled() } else { Renderer::plain() }.term_width(screen.width);
    if places.is_empty() {
        return without_source(diagnostic, &renderer.render(&[group]), screen.color);
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(sanitize(help)));
    }
    for note in notes(diagnostic, &columns(diagnostic, sources)) {
        group = group.element(Level::NOTE.message(sanitize(&note).into_owned()));
    }
    put_locations(&renderer.render(&[group]), &places)
}

/// Returns where the error occurs: the row of a data file, the video.
fn notes(diagnostic: &Diagnostic, columns: &[&str]) -> impl Iterator<Item = String> {
    let columns = match columns {
        [] => String::new(),
        [one] => format!(", column `{one}`"),
        all => format!(", columns `{}`", all.join("`, `")),
    };
    let row = diagnostic.row.as_ref().map(|row| format!("row {}:{}{columns}", row.file, row.line));
    row.into_iter().chain(diagnostic.key.as_ref().map(|key| format!("video {key}")))
}

/// Returns the columns of a row that the locations of a diagnostic reference: `row.name`, `row["First Name"]`.
pub(super) fn columns<'s>(diagnostic: &Diagnostic, sources: &'s Sources) -> Vec<&'s str> {
    let mut found = Vec::new();
    // An undefined column is not one of the row's columns.
    if diagnostic.row.is_none() || diagnostic.code == Code::UndefinedVariable {
        return found;
    }
    for label in diagnostic.primary.iter().chain(&diagnostic.secondary) {
        let text = sources.text(label.origin.file, label.origin.span);
        let template = text.find("{{").map_or(text, |start| &text[start..]);
        for (at, _) in template.match_indices("row").filter(|(at, _)| !template[..*at].ends_with(is_of_a_name)) {
            let rest = &template[at + "row".len()..];
            let name = if let Some(rest) = rest.strip_prefix('.') {
                rest.split(|one| !is_of_a_name(one)).next()
            } else {
                ["[\"", "['"].iter().find_map(|open| rest.strip_prefix(open)?.split(['"', '\'']).next())
            };
            let name = name.filter(|name| !name.is_empty() && !found.contains(name) && found.len() < MAX_COLUMNS);
            found.extend(name);
        }
    }
    found
}

fn is_of_a_name(one: char) -> bool {
    one.is_alphanumeric() || one == '_'
}

/// Draws a diagnostic without source lines here, because the renderer leaves a gap for them.
fn without_source(diagnostic: &Diagnostic, title: &str, color: bool) -> String {
    let frame = if color { AnsiColor::BrightBlue.on_default().bold() } else { Style::new() };
    let strong = if color { Style::new().bold() } else { Style::new() };
    // Writing to a string cannot fail.
    let mut drawn = title.to_owned();
    if let Some(file) = &diagnostic.file {
        let line = if file.line == 0 { String::new() } else { format!(":{}", file.line) };
        let _ = write!(drawn, "\n {frame}-->{frame:#} {}{line}", sanitize(&file.file));
    }
    let help = diagnostic.help.iter().map(|help| ("help", help.clone()));
    for (kind, words) in help.chain(notes(diagnostic, &[]).map(|note| ("note", note))) {
        let _ = write!(drawn, "\n  {frame}={frame:#} {strong}{kind}{strong:#}: {}", sanitize(&words));
    }
    drawn
}

/// Replaces the renderer's locations, which count lines and columns of the truncated text, with the real ones.
fn put_locations(drawn: &str, places: &[String]) -> String {
    let mut made = String::with_capacity(drawn.len());
    let mut parts = drawn.split(PLACEHOLDER_CHAR);
    made.push_str(parts.next().unwrap_or_default());
    while let (Some(index), Some(rest)) = (parts.next(), parts.next()) {
        if let Some(place) = index.parse().ok().and_then(|index: usize| places.get(index)) {
            made.push_str(place);
        }
        made.push_str(rest.trim_start_matches(|character: char| character == ':' || character.is_ascii_digit()));
    }
    made
}

/// A location reduced to one line.
struct Mark<'a> {
    /// Bytes of the line.
    range: Range<usize>,
    text: &'a str,
    kind: AnnotationKind,
}

/// Locations in one file that are drawn together.
struct SnippetGroup<'a> {
    file: FileId,
    /// The location above the drawing.
    line: u32,
    column: u32,
    rows: BTreeMap<u32, SnippetLine<'a>>,
}

/// A line with marks, and the range of its bytes that is drawn.
struct SnippetLine<'a> {
    window: Range<usize>,
    marks: Vec<Mark<'a>>,
}

fn snippet_groups<'a>(diagnostic: &'a Diagnostic, sources: &Sources, width: usize) -> Vec<SnippetGroup<'a>> {
    let mut clusters: Vec<SnippetGroup<'a>> = Vec::new();
    let primary = diagnostic.primary.iter().map(|label| (label, AnnotationKind::Primary));
    let further = diagnostic.secondary.iter().map(|label| (label, AnnotationKind::Context));
    for (label, kind) in primary.chain(further) {
        let source = sources.get(label.origin.file);
        let at = source.position(label.origin.span.start);
        let range = within_line(source, at.line, label.origin);
        let mark = Mark { range, text: &label.text, kind };
        let fitting = clusters.iter().position(|cluster| {
            cluster.file == label.origin.file
                && cluster.rows.keys().all(|line| line.abs_diff(at.line) <= MAX_LINE_GAP)
                && cluster
                    .rows
                    .get(&at.line)
                    .is_none_or(|row| row.window.start <= mark.range.start && mark.range.end <= row.window.end)
        });
        let index = fitting.unwrap_or_else(|| {
            let rows = BTreeMap::new();
            clusters.push(SnippetGroup { file: label.origin.file, line: at.line, column: at.column, rows });
            clusters.len() - 1
        });
        let line = source.line(at.line);
        let row = clusters[index].rows.entry(at.line);
        row.or_insert_with(|| SnippetLine { window: window(line, &mark.range, width), marks: Vec::new() })
            .marks
            .push(mark);
    }
    clusters
}

/// Returns the bytes of an origin within its first line.
fn within_line(source: &SourceFile, line: u32, origin: Origin) -> Range<usize> {
    let text = source.line(line);
    // `text` is a slice of the file's text, so the distance between their starts is the offset of the line.
    let offset = text.as_ptr() as usize - source.text().as_ptr() as usize;
    let start = (origin.span.start as usize).saturating_sub(offset).min(text.len());
    let end = (origin.span.end as usize).saturating_sub(offset).clamp(start, text.len());
    let start = text.floor_char_boundary(start);
    start..text.floor_char_boundary(end).max(start)
}

/// Returns the part of a line around `range` to draw. The renderer truncates to the exact width, but should not
/// process a line of megabytes for it.
fn window(line: &str, range: &Range<usize>, width: usize) -> Range<usize> {
    let before = line[..range.start].char_indices().rev().nth(width).map_or(0, |(at, _)| at);
    let after = line[range.start..].char_indices().nth(2 * width).map_or(line.len(), |(at, _)| range.start + at);
    before..after
}

/// Appends the visible part of a line. Returns the new position of each byte.
fn copy(text: &mut String, line: &str, window: &Range<usize>) -> Vec<(usize, usize)> {
    if window.start > 0 {
        text.push('…');
    }
    let mut places = Vec::new();
    let secrets = signature_ranges(line);
    for (at, character) in line[window.clone()].char_indices().map(|(at, character)| (window.start + at, character)) {
        places.push((at, text.len()));
        let secret = secrets.iter().any(|secret| secret.contains(&at));
        text.push(if secret { HIDDEN } else { visible_char(character) });
    }
    places.push((window.end, text.len()));
    if window.end < line.len() {
        text.push('…');
    }
    places
}

impl<'a> SnippetGroup<'a> {
    fn draw(self, source: &SourceFile, width: usize) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let first = self.rows.keys().next().copied().unwrap_or(1);
        let mut text = String::new();
        let mut annotations = Vec::new();
        let mut next = first;
        for (number, row) in self.rows {
            while next < number {
                // Draw only a single line between two marked ones. More lines become `...`.
                if number - next <= 2 {
                    let line = source.line(next);
                    copy(&mut text, line, &window(line, &(0..0), width));
                }
                text.push('\n');
                next += 1;
            }
            next += 1;
            let line = source.line(number);
            let places = copy(&mut text, line, &row.window);
            let place = |byte: usize| places.iter().find(|(at, _)| *at >= byte).map_or(text.len(), |(_, drawn)| *drawn);
            for mark in &row.marks {
                annotations.push((place(mark.range.start), place(mark.range.end), mark.text, mark.kind));
            }
            text.push('\n');
        }
        let drawn = annotations.into_iter().map(|(start, end, words, kind)| {
            let mark = kind.span(start..end);
            if words.is_empty() { mark } else { mark.label(sanitize(words)) }
        });
        let annotations: Vec<_> = drawn.collect();
        Snippet::source(text).line_start(first as usize).annotations(annotations)
    }
}
