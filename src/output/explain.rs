//! One video drawn: every field with its value, who gave it, and where.

use std::fmt::Write as _;

use serde_json::Value;

use super::Theme;
use super::text::{clock, columns, credits, cut, fill, moment};
use super::theme::{BOLD, CYAN, DIM};
use crate::fields::VENDOR;
use crate::lock::Take;
use crate::source::{Origin, Sources, clean};
use crate::spec::{
    Digest, Estimate, FieldTrace, InstanceTrace, PresetLink, Reference, ReferenceOrigin, ValueSource, Video,
    explicit_value,
};
use crate::vendor::redact_signatures;

/// A value has so many columns at least, and at most; `--verbose` cuts none.
pub(super) const VALUE: (usize, usize) = (20, 40);

/// What is told of one video.
#[derive(Debug)]
pub struct Told<'a> {
    /// The video.
    pub video: &'a Video,
    /// What its templates refer to.
    pub trace: &'a InstanceTrace,
    /// The files that places are in.
    pub sources: &'a Sources,
    /// Its content.
    pub digest: Digest,
    /// What it will cost.
    pub estimate: Estimate,
    /// The takes of this very content at the environment's host, under whatever key.
    pub takes: Vec<&'a Take>,
    /// The takes of other content under this key.
    pub earlier: Vec<&'a Take>,
}

/// How it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct ExplainScreen {
    /// Colour.
    pub color: bool,
    /// Columns of the screen.
    pub width: usize,
    /// Whole values.
    pub verbose: bool,
}

/// One field of the explicit spec.
pub(super) struct Leaf<'a> {
    /// `voice.tts.speed`.
    pub path: String,
    /// Without signatures.
    pub value: Value,
    /// None for what is at the schema's default.
    pub known: Option<Known<'a>>,
}

/// Where the value of a field comes from.
pub(super) struct Known<'a> {
    pub source: ValueSource,
    pub origin: Option<Origin>,
    pub chain: Vec<PresetLink<'a>>,
    /// What makes it, if it is no literal.
    pub trace: Option<&'a FieldTrace>,
}

/// Every field of the spec, in the order of the vendor's table.
pub(super) fn leaves<'a>(told: &Told<'a>) -> Vec<Leaf<'a>> {
    let mut found = Vec::new();
    gather(&explicit_value(&told.video.spec), String::new(), &mut |path, value| {
        // A local file counts by its content, which its path stands for.
        let named = path.strip_suffix("path").map(|head| format!("{head}sha256"));
        let known = VENDOR.field_at(named.as_deref().unwrap_or(&path)).and_then(|field| {
            let trace = told.trace.fields.iter().find(|one| one.field == field);
            match told.video.provenance.get(field) {
                Some(known) => {
                    Some(Known { source: known.source, origin: Some(known.origin), chain: known.chain, trace })
                }
                None if path == "name" => {
                    Some(Known { source: ValueSource::Key, origin: None, chain: Vec::new(), trace })
                }
                None => None,
            }
        });
        found.push(Leaf { path, value, known });
    });
    found
}

fn gather(value: &Value, path: String, add: &mut impl FnMut(String, Value)) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                gather(inner, path, add);
            }
        }
        leaf => add(path, leaf.clone()),
    }
}

/// `explain`, for people.
pub fn explain_text(told: &Told<'_>, screen: ExplainScreen) -> String {
    let theme = Theme::new(screen.color);
    let mut text = head(told, theme);
    let mut rows: Vec<Row> = leaves(told).iter().map(|leaf| row(leaf, told)).collect();
    let widest = |rows: &[Row], cell: fn(&Row) -> &str| rows.iter().map(|row| columns(cell(row))).max().unwrap_or(0);
    let [path, source, place] =
        [widest(&rows, |row| &row.path), widest(&rows, |row| &row.source), widest(&rows, |row| &row.place)];
    if !screen.verbose {
        let room = screen.width.saturating_sub(path + source + place + 8).clamp(VALUE.0, VALUE.1);
        for row in &mut rows {
            row.value = cut(&row.value, room).into_owned();
            for (used, _) in &mut row.uses {
                *used = cut(used, room + source + 2).into_owned();
            }
        }
    }
    let widths = [path, widest(&rows, |row| &row.value), source];
    for row in &rows {
        let path = theme.paint(BOLD, &row.path);
        let source = if row.given { row.source.clone() } else { theme.paint(DIM, &row.source) };
        let line = format!(
            "  {path}{}  {}{}  {source}{}  {}",
            fill(&row.path, widths[0]),
            row.value,
            fill(&row.value, widths[1]),
            fill(&row.source, widths[2]),
            theme.paint(CYAN, &row.place),
        );
        let _infallible = writeln!(text, "{}", line.trim_end());
        for (used, place) in &row.uses {
            let indent = " ".repeat(widths[0] + 4);
            let gap = fill(used, widths[1] + widths[2] + 2);
            let line = format!("{indent}{}{gap}  {}", theme.paint(DIM, used), theme.paint(CYAN, place));
            let _infallible = writeln!(text, "{}", line.trim_end());
        }
    }
    text
}

fn head(told: &Told<'_>, theme: Theme) -> String {
    let mut text = format!(
        "{}  {}\n",
        theme.paint(BOLD, &clean(&told.video.key)),
        theme.paint(CYAN, &place(told.video.declared_at, told.sources)),
    );
    let mut line = |name: &str, words: &str| {
        let _infallible = writeln!(text, "  {name:<8}  {words}");
    };
    line("digest", &told.digest.to_string());
    let estimate = match (told.estimate.seconds, told.estimate.credits) {
        (Some(seconds), Some(cost)) => format!("about {}, {}", clock(seconds), credits(cost)),
        _ => "unknown: the length of the audio file decides".to_owned(),
    };
    line("estimate", &estimate);
    if !told.trace.matrix.is_empty() {
        let values = told.trace.matrix.iter().map(|one| {
            let name = one.path.strip_prefix("matrix.").unwrap_or(&one.path);
            format!("{} = {}", clean(name), shown(&one.value))
        });
        line("matrix", &values.collect::<Vec<_>>().join(", "));
    }
    if let Some(row) = &told.video.row {
        line("row", &format!("{}:{}", clean(&row.file), row.line));
    }
    if told.takes.is_empty() {
        line("takes", "none of this content");
    }
    for take in &told.takes {
        line("take", &take_words(take, &told.video.key));
    }
    for take in &told.earlier {
        line("earlier", &format!("{}, other content: {}", take_words(take, &told.video.key), take.digest));
    }
    text.push('\n');
    text
}

/// `submitted 2026-11-22 11:00:00 UTC, task OFZ2, under `intro``
fn take_words(take: &Take, key: &str) -> String {
    let mut words = format!("{} {}", take.state.word(), moment(take.at));
    if take.attempt > 1 {
        let _infallible = write!(words, ", attempt {}", take.attempt);
    }
    match (&take.task, &take.video) {
        (Some(task), _) => {
            let _infallible = write!(words, ", task {}", clean(task));
        }
        (None, Some(video)) => {
            let _infallible = write!(words, ", video {}", clean(video));
        }
        (None, None) => {}
    }
    if *take.key != *key {
        let _infallible = write!(words, ", under `{}`", clean(&take.key));
    }
    words
}

/// One field as cells.
struct Row {
    path: String,
    value: String,
    source: String,
    place: String,
    uses: Vec<(String, String)>,
    given: bool,
}

fn row(leaf: &Leaf<'_>, told: &Told<'_>) -> Row {
    let (path, value) = (leaf.path.clone(), shown(&leaf.value));
    let Some(known) = &leaf.known else {
        let source = "schema default".to_owned();
        return Row { path, value, source, place: String::new(), uses: Vec::new(), given: false };
    };
    let at = |used: &Reference| match &used.origin {
        Some(ReferenceOrigin::Manifest(origin)) => place(*origin, told.sources),
        Some(ReferenceOrigin::Row(row)) => format!("{}:{}", clean(&row.file), row.line),
        None => String::new(),
    };
    let words = |used: &Reference| (format!("{} = {}", clean(&used.path), shown(&used.value)), at(used));
    let references = known.trace.iter().flat_map(|trace| &trace.references);
    let mut uses: Vec<(String, String)> = references.map(words).collect();
    let mut source = vec![match known.source {
        ValueSource::Key => "the key".to_owned(),
        source => source.as_str().to_owned(),
    }];
    source.extend(known.chain.iter().map(|link| clean(link.name).into_owned()));
    let mut place = known.origin.map(|origin| self::place(origin, told.sources)).unwrap_or_default();
    if let Some(script) = known.trace.and_then(|trace| trace.script.as_ref()) {
        // The text stands in the script; the field only names it.
        uses.insert(0, ("script file, named at".to_owned(), place));
        place = clean(told.sources.get(script.origin.file).name()).into_owned();
        for used in script.references.iter().map(words) {
            if !uses.contains(&used) {
                uses.push(used);
            }
        }
    }
    Row { path, value, source: source.join(" → "), place, uses, given: true }
}

/// A value on one line: texts bare, everything else as JSON.
pub(super) fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    clean(&redact_signatures(&text)).into_owned()
}

pub(super) fn place(origin: Origin, sources: &Sources) -> String {
    let (file, position) = sources.place(origin);
    format!("{}:{}:{}", clean(file), position.line, position.column)
}
