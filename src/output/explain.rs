//! `explain` of a video, human-readable: every field with its value, its source and its location.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::Theme;
use super::explain_table::{ExplainScreen, TableRow, header_line, place, row_place, shown, table};
use super::text::{clock, credits, moment};
use super::theme::{BOLD, CYAN};
use crate::fields::{Type, Value};
use crate::lockfile::Take;
use crate::source::{Sources, clean};
use crate::spec::{
    Digest, Estimate, FieldProvenance, FieldTrace, InstanceTrace, Reference, ReferenceOrigin, ValueSource, Video,
};

/// One video with its provenance and its takes.
#[derive(Debug)]
pub struct ExplainView<'a> {
    /// The video.
    pub video: &'a Video,
    /// The references of its templates.
    pub trace: &'a InstanceTrace,
    /// The files of all locations.
    pub sources: &'a Sources,
    /// The digest of its spec.
    pub digest: Digest,
    /// Its length and price.
    pub estimate: Estimate,
    /// The takes of this content at the environment's host, under any key.
    pub takes: Vec<&'a Take>,
    /// The takes of other content under this key.
    pub earlier: Vec<&'a Take>,
}

/// One field of a spec, its default included.
pub(super) struct ExplainedField<'a> {
    /// `voice.tts.speed`.
    pub path: String,
    /// The value, without signatures.
    pub value: Json,
    /// The source of the value: a [`ValueSource`] as text, or `schema` for a default.
    pub source: &'static str,
    /// The provenance. `None` for a default, and for a name that is the key.
    pub provenance: Option<FieldProvenance<'a>>,
    /// The template or script file that returns the value, if there is one.
    pub trace: Option<&'a FieldTrace>,
}

impl<'a> ExplainView<'a> {
    /// Returns every field of the spec in the vendor's order. A local file has two entries: its path and its content.
    pub(super) fn fields(&self) -> Vec<ExplainedField<'a>> {
        let spec = &self.video.spec;
        let mut fields = Vec::new();
        for field in spec.field_paths() {
            let (Some(ty), Some(value)) = (spec.table.ty(field.row), spec.get(field)) else { continue };
            let provenance = self.video.provenance.get(field);
            let source = match &provenance {
                Some(known) => known.source.as_str(),
                None if matches!(ty, Type::Label) => ValueSource::Key.as_str(),
                None => "schema",
            };
            let trace = self.trace.fields.iter().find(|trace| trace.field == field);
            let file = if let Value::File(file) = value { Some(json!(file.name)) } else { None };
            let path = file.map(|name| (spec.table.manifest_path(field), name));
            let content = (spec.table.canonical_path(field), ty.to_json(value));
            fields.extend(path.into_iter().chain([content]).map(|(path, value)| ExplainedField {
                path,
                value,
                source,
                provenance: provenance.clone(),
                trace,
            }));
        }
        fields
    }
}

/// Returns `explain` of a video, human-readable.
pub fn explain_text(view: &ExplainView<'_>, screen: ExplainScreen) -> String {
    let rows = view.fields().iter().map(|field| row(field, view.sources)).collect();
    format!("{}\n{}", header(view, Theme::new(screen.color)), table(rows, screen))
}

fn header(view: &ExplainView<'_>, theme: Theme) -> String {
    let declared = place(view.video.declared_at, view.sources);
    let mut text = format!("{}  {}\n", theme.paint(BOLD, &clean(&view.video.key)), theme.paint(CYAN, &declared));
    let mut line = |name: &str, words: &str| text.push_str(&header_line(name, words));
    line("digest", &view.digest.to_string());
    let estimate = match (view.estimate.seconds, view.estimate.credits) {
        (Some(seconds), Some(cost)) => format!("about {}, {}", clock(seconds), credits(cost)),
        _ => "unknown: the length of the audio file decides".to_owned(),
    };
    line("estimate", &estimate);
    if !view.trace.matrix.is_empty() {
        let values = view.trace.matrix.iter().map(|value| {
            let name = value.path.strip_prefix("matrix.").unwrap_or(&value.path);
            format!("{} = {}", clean(name), shown(&value.value))
        });
        line("matrix", &values.collect::<Vec<_>>().join(", "));
    }
    if let Some(row) = &view.video.row {
        line("row", &row_place(row));
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

fn row(field: &ExplainedField<'_>, sources: &Sources) -> TableRow {
    let source = match field.source {
        "schema" => "schema default",
        "key" => "the key",
        source => source,
    };
    let known = field.provenance.as_ref();
    let names = known.into_iter().flat_map(|known| &known.chain).map(|link| &**link.name);
    let mut row = TableRow {
        path: field.path.clone(),
        value: shown(&field.value),
        source: std::iter::once(source.into()).chain(names.map(clean)).collect::<Vec<_>>().join(" → "),
        place: known.map(|known| place(known.origin, sources)).unwrap_or_default(),
        details: Vec::new(),
        is_default: field.source == "schema",
    };
    let Some(trace) = field.trace else { return row };
    if let Some(script) = &trace.script {
        // The text is in the script file, and the field has only its name.
        let file = clean(sources.get(script.origin.file).name()).into_owned();
        row.details.push(("script file, named at".to_owned(), std::mem::replace(&mut row.place, file)));
    }
    let of_script = trace.script.iter().flat_map(|script| &script.references);
    for detail in trace.references.iter().chain(of_script).map(|reference| reference_detail(reference, sources)) {
        if !row.details.contains(&detail) {
            row.details.push(detail);
        }
    }
    row
}

/// Returns a reference with its value, and the location of the value.
fn reference_detail(reference: &Reference, sources: &Sources) -> (String, String) {
    let place = match &reference.origin {
        Some(ReferenceOrigin::Manifest(origin)) => place(*origin, sources),
        Some(ReferenceOrigin::Row(row)) => row_place(row),
        None => String::new(),
    };
    (format!("{} = {}", clean(&reference.path), shown(&reference.value)), place)
}
