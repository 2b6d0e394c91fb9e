//! `explain` of a video, human-readable: every field with its value, its source and its location.

use std::fmt::Write as _;

use serde_json::Value;

use super::explain_json::{ExplainView, ExplainedField, UsedValue, fields};
use super::text::{Widths, cell, display_width, format_length, format_timestamp, padding, truncate};
use super::theme::{BOLD, CYAN, DIM};
use super::{Screen, Theme};
use crate::lockfile::Take;
use crate::source::{LocationRange, Origin, Sources, sanitize};
use crate::spec::estimate;
use crate::vendor::redact_signatures;

/// Returns `explain` of a video, human-readable.
pub fn explain_text(view: &ExplainView<'_>, screen: Screen) -> String {
    let rows = fields(view).into_iter().map(row).collect();
    format!("{}\n{}", header(view, screen), table(rows, screen))
}

fn header(view: &ExplainView<'_>, screen: Screen) -> String {
    let theme = Theme::new(screen.color);
    let declared = location(view.video.declared_at, view.sources);
    let mut text = format!("{}  {}\n", theme.paint(BOLD, &sanitize(&view.video.key)), theme.paint(CYAN, &declared));
    let mut line = |name: &str, words: &str| text.push_str(&header_line(name, words, screen));
    line("digest", &view.video.digest.to_string());
    let estimate = estimate(&view.video.spec);
    let price = estimate.price();
    let estimate = match estimate.seconds {
        Some(seconds) => format!("about {}, {price}", format_length(seconds)),
        None => format!("unknown, {price}: the length of the audio file decides"),
    };
    line("estimate", &estimate);
    if !view.trace.matrix.is_empty() {
        let values = view.trace.matrix.iter().map(|value| {
            let name = value.path.strip_prefix("matrix.").unwrap_or(&value.path);
            format!("{} = {}", sanitize(name), shown(&value.value))
        });
        line("matrix", &values.collect::<Vec<_>>().join(", "));
    }
    if let Some(row) = &view.video.row {
        line("row", &format!("{}:{}", sanitize(&row.file), row.line));
    }
    if view.takes.is_empty() {
        line("takes", "none of this content");
    }
    for take in &view.takes {
        line("take", &take_words(take, &view.video.key));
    }
    for take in &view.earlier {
        line("earlier", &format!("{}, other content: {}", take_words(take, &view.video.key), take.digest));
    }
    text
}

/// Returns a take: `submitted 2026-11-22 11:00:00 UTC, task OFZ2, under `intro``.
fn take_words(take: &Take, key: &str) -> String {
    let mut words = format!("{} {}", take.state.word(), format_timestamp(take.at));
    if take.attempt > 1 {
        let _infallible = write!(words, ", attempt {}", take.attempt);
    }
    match (&take.task, &take.video) {
        (Some(task), _) => {
            let _infallible = write!(words, ", task {}", sanitize(task));
        }
        (None, Some(video)) => {
            let _infallible = write!(words, ", video {}", sanitize(video));
        }
        (None, None) => {}
    }
    if *take.key != *key {
        let _infallible = write!(words, ", under `{}`", sanitize(&take.key));
    }
    words
}

fn row(field: ExplainedField) -> TableRow {
    let source = match field.source {
        "schema" => "schema default",
        "key" => "the key",
        source => source,
    };
    let names = field.presets.iter().map(|preset| sanitize(&preset.name));
    let mut row = TableRow {
        value: shown(&field.value),
        source: std::iter::once(source.into()).chain(names).collect::<Vec<_>>().join(" → "),
        place: field.place.as_ref().map(range_location).unwrap_or_default(),
        details: Vec::new(),
        is_default: field.source == "schema",
        path: field.path,
    };
    if let Some(script) = &field.script {
        // The text is in the script file. The field contains only its path.
        let file = sanitize(&script.file).into_owned();
        row.details.push(("script file, named at".to_owned(), std::mem::replace(&mut row.place, file)));
    }
    let of_script = field.script.iter().flat_map(|script| &script.uses);
    for detail in field.uses.iter().chain(of_script).map(reference_detail) {
        if !row.details.contains(&detail) {
            row.details.push(detail);
        }
    }
    row
}

/// Returns a reference with its value, and the location of the value.
fn reference_detail(used: &UsedValue) -> (String, String) {
    let row = used.row.as_ref().map(|row| format!("{}:{}", sanitize(&row.file), row.line));
    let place = used.place.as_ref().map(range_location).or(row).unwrap_or_default();
    (format!("{} = {}", sanitize(&used.name), shown(&used.value)), place)
}

fn range_location(range: &LocationRange) -> String {
    format!("{}:{}:{}", sanitize(&range.file), range.line, range.column)
}

/// Minimum and maximum number of columns of a value. `--verbose` truncates none.
const VALUE_COLUMNS: (usize, usize) = (20, 40);

/// One value.
pub(super) struct TableRow {
    pub path: String,
    pub value: String,
    /// The source, with the presets up to the one that sets the value.
    pub source: String,
    pub place: String,
    /// Lines below the value: the references of its template, and their locations.
    pub details: Vec<(String, String)>,
    /// `true` if the value is a default, which is less important.
    pub is_default: bool,
}

/// Returns a line of the header, wrapped between words.
pub(super) fn header_line(name: &str, words: &str, screen: Screen) -> String {
    let room = screen.width.saturating_sub(12);
    let mut text = format!("  {name:<8}  ");
    let mut used = 0;
    for word in words.split_inclusive(' ') {
        if used > 0 && used + display_width(word.trim_end()) > room {
            text.truncate(text.trim_end().len());
            let _infallible = write!(text, "\n{:12}", "");
            used = 0;
        }
        text.push_str(word);
        used += display_width(word);
    }
    text + "\n"
}

/// Returns the lines of a table. Values are truncated so that most lines fit on the screen.
pub(super) fn table(mut rows: Vec<TableRow>, screen: Screen) -> String {
    let theme = Theme::new(screen.color);
    let cells = |row: &TableRow| {
        let [path, value, source, place] =
            [&row.path, &row.value, &row.source, &row.place].map(|text| cell(text.clone()));
        let source = if row.is_default { source.style(DIM) } else { source };
        vec![path.style(BOLD), value, source, place.style(CYAN)]
    };
    let widths = |rows: &[TableRow]| Widths::of(&rows.iter().map(cells).collect::<Vec<_>>());
    let [path, value, source, place] = widths(&rows).0[..] else { return String::new() };
    let room = screen.width.saturating_sub(path + source + place + 8);
    if room < value.min(if screen.verbose { usize::MAX } else { VALUE_COLUMNS.0 }) {
        return stacked(&rows, path, screen);
    }
    if !screen.verbose {
        let room = room.min(VALUE_COLUMNS.1);
        for row in &mut rows {
            row.value = truncate(&row.value, room).into_owned();
            for (detail, _) in &mut row.details {
                *detail = truncate(detail, room + source + 2).into_owned();
            }
        }
    }
    let widths = widths(&rows);
    let [path, value, source, place] = widths.0[..] else { return String::new() };
    let detail_widths = Widths(vec![path, value + source + 2, place]);
    let mut text = String::new();
    for row in &rows {
        let _infallible = writeln!(text, "  {}", widths.line(&cells(row), theme));
        for (detail, place) in &row.details {
            let row = [cell(""), cell(detail).style(DIM), cell(place).style(CYAN)];
            let _infallible = writeln!(text, "  {}", detail_widths.line(&row, theme));
        }
    }
    text
}

/// Returns the lines for a screen that is too narrow for the table: below each value are its source and location.
fn stacked(rows: &[TableRow], path: usize, screen: Screen) -> String {
    let theme = Theme::new(screen.color);
    let room = screen.width.saturating_sub(path + 4).max(VALUE_COLUMNS.0);
    let short =
        |text: &str, room: usize| if screen.verbose { text.to_owned() } else { truncate(text, room).into_owned() };
    let below = format!("\n{}", " ".repeat(path + 6));
    let mut text = String::new();
    for row in rows {
        let value = short(&row.value, room);
        let _infallible = write!(text, "  {}{}  {value}", theme.paint(BOLD, &row.path), padding(&row.path, path));
        let beside = row.place.is_empty() && display_width(&value) + 2 + display_width(&row.source) <= room;
        let mut gap = if beside { "  " } else { &below };
        let details = row.details.iter().map(|(detail, place)| (short(detail, room), place, true));
        for (words, place, is_dim) in [(row.source.clone(), &row.place, row.is_default)].into_iter().chain(details) {
            text.push_str(gap);
            text.push_str(&if is_dim { theme.paint(DIM, &words) } else { words.clone() });
            gap = &below;
            if !place.is_empty() {
                text.push_str(if display_width(&words) + display_width(place) + 4 <= room { "  " } else { gap });
                text.push_str(&theme.paint(CYAN, place));
            }
        }
        text.push('\n');
    }
    text
}

/// Returns a value on one line: a text without quotes, everything else as JSON.
pub(super) fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    sanitize(&redact_signatures(&text)).into_owned()
}

/// Returns a location: `callsheet.yaml:3:9`.
pub(super) fn location(origin: Origin, sources: &Sources) -> String {
    range_location(&LocationRange::new(sources, origin))
}
