//! `explain` of a video, human-readable: every field with its value, its source and its location.

use std::fmt::Write as _;

use super::Screen;
use super::Theme;
use super::explain_json::{ExplainView, ExplainedField, UsedValue, fields};
use super::explain_table_human::{TableRow, header_line, location, row_location, shown, table};
use super::text::{clock, format_timestamp};
use super::theme::{BOLD, CYAN};
use crate::lockfile::Take;
use crate::source::{LocationRange, sanitize};

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
    line("digest", &view.digest.to_string());
    let price = view.estimate.price();
    let estimate = match view.estimate.seconds {
        Some(seconds) => format!("about {}, {price}", clock(seconds)),
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
        line("row", &row_location(row));
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
