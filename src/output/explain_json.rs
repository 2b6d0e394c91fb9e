//! One video and where its values came from, as JSON, format version 1.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::document::{document, schema_of};
use super::explain::{Leaf, Told, leaves};
use super::lock_json::LockTakeV1;
use crate::source::{Origin, RowPlace, Sources};
use crate::spec::{PresetLink, Reference, ReferenceOrigin};
use crate::vendor::redact_signatures;

/// What `callsheet explain --format json` prints.
///
/// Fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Explain")]
struct ExplainV1<'a> {
    /// Always 1.
    #[schemars(extend("const" = 1))]
    format_version: u32,
    /// The video's key.
    key: &'a str,
    /// Where its entry stands.
    declared: PlaceV1,
    /// Its row, where it has one.
    row: Option<LineV1>,
    /// The content.
    digest: String,
    /// What it will come to.
    estimate: EstimateV1,
    /// Its values of the matrix.
    matrix: Vec<UsedV1>,
    /// Every field of the spec.
    fields: Vec<FieldV1>,
    /// Of this very content, at the environment's host.
    takes: Vec<LockTakeV1>,
    /// Of other content under this key.
    earlier: Vec<LockTakeV1>,
}

/// Estimates; null where the length of an audio file is not known.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Estimate")]
pub(super) struct EstimateV1 {
    /// Seconds of video.
    pub seconds: Option<f64>,
    /// Credits.
    pub credits: Option<f64>,
}

/// One value and where it came from.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Field")]
struct FieldV1 {
    /// Where it stands in the spec: `voice.tts.speed`.
    path: String,
    /// What it is, without signatures.
    value: Value,
    /// Who gave it: the video, `defaults`, the key (of a `name`), or the schema's default.
    #[schemars(extend("enum" = ["video", "defaults", "key", "schema"]))]
    source: &'static str,
    /// From the preset that the source names to the one that holds the value.
    presets: Vec<PresetV1>,
    /// Where it is written.
    place: Option<PlaceV1>,
    /// The template that it was made of.
    template: Option<String>,
    /// What the template asked for.
    uses: Vec<UsedV1>,
    /// The script file that it was read from.
    script: Option<ScriptV1>,
}

/// A preset on the way to a value.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Preset")]
struct PresetV1 {
    /// Its name.
    name: String,
    /// Where it is declared.
    declared: PlaceV1,
    /// Where its name stands.
    named: PlaceV1,
}

/// A script file.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Script")]
struct ScriptV1 {
    /// Relative to the project root.
    file: String,
    /// What the template in it asked for.
    uses: Vec<UsedV1>,
}

/// A value that a template asked for.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Used")]
struct UsedV1 {
    /// Its name in the template: `matrix.locale`.
    name: String,
    /// What it was, without signatures.
    value: Value,
    /// Where the manifest says it.
    place: Option<PlaceV1>,
    /// Which row says it.
    row: Option<LineV1>,
}

/// A place in a file of the project.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Place")]
pub(super) struct PlaceV1 {
    /// Relative to the project root.
    file: String,
    /// From 1.
    line: u32,
    /// From 1, in Unicode scalars.
    column: u32,
    /// The line of the byte after the place.
    end_line: u32,
    /// The column after the place.
    end_column: u32,
}

/// A line of a data file.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Line")]
struct LineV1 {
    /// Relative to the project root.
    file: String,
    /// From 1.
    line: u64,
}

/// `explain --format json`.
pub fn explain_json(told: &Told<'_>) -> String {
    let sources = told.sources;
    document(&ExplainV1 {
        format_version: 1,
        key: &told.video.key,
        declared: place(told.video.declared_at, sources),
        row: told.video.row.as_ref().map(line),
        digest: told.digest.to_string(),
        estimate: EstimateV1 { seconds: told.estimate.seconds, credits: told.estimate.credits },
        matrix: told.trace.matrix.iter().map(|one| used(one, sources)).collect(),
        fields: leaves(told).into_iter().map(|leaf| field(leaf, sources)).collect(),
        takes: told.takes.iter().map(|take| LockTakeV1::from(*take)).collect(),
        earlier: told.earlier.iter().map(|take| LockTakeV1::from(*take)).collect(),
    })
}

/// The schema of `explain --format json`.
pub fn explain_schema() -> Value {
    schema_of::<ExplainV1<'_>>()
}

fn field(leaf: Leaf<'_>, sources: &Sources) -> FieldV1 {
    let known = leaf.known.as_ref();
    let trace = known.and_then(|known| known.trace);
    FieldV1 {
        path: leaf.path,
        value: leaf.value,
        source: known.map_or("schema", |known| known.source.as_str()),
        presets: known.map(|known| known.chain.iter().map(|link| preset(link, sources)).collect()).unwrap_or_default(),
        place: known.and_then(|known| known.origin).map(|origin| place(origin, sources)),
        template: trace.and_then(|trace| trace.template.as_deref()).map(|text| redact_signatures(text).into_owned()),
        uses: trace.iter().flat_map(|trace| &trace.references).map(|one| used(one, sources)).collect(),
        script: trace.and_then(|trace| trace.script.as_ref()).map(|script| ScriptV1 {
            file: sources.get(script.origin.file).name().to_owned(),
            uses: script.references.iter().map(|one| used(one, sources)).collect(),
        }),
    }
}

fn preset(link: &PresetLink<'_>, sources: &Sources) -> PresetV1 {
    PresetV1 {
        name: link.name.to_string(),
        declared: place(link.declared_at, sources),
        named: place(link.named_at, sources),
    }
}

fn used(used: &Reference, sources: &Sources) -> UsedV1 {
    let (origin, row) = match &used.origin {
        Some(ReferenceOrigin::Manifest(origin)) => (Some(place(*origin, sources)), None),
        Some(ReferenceOrigin::Row(row)) => (None, Some(line(row))),
        None => (None, None),
    };
    UsedV1 { name: used.path.clone(), value: redacted(&used.value), place: origin, row }
}

/// A value of the author's may hold a presigned URL.
pub(super) fn redacted(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(redact_signatures(text).into_owned()),
        Value::Array(parts) => parts.iter().map(redacted).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), redacted(value))).collect(),
        other => other.clone(),
    }
}

pub(super) fn place(origin: Origin, sources: &Sources) -> PlaceV1 {
    let source = sources.get(origin.file);
    let (start, end) = (source.position(origin.span.start), source.position(origin.span.end.max(origin.span.start)));
    PlaceV1 {
        file: source.name().to_owned(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

fn line(row: &RowPlace) -> LineV1 {
    LineV1 { file: row.file.to_string(), line: row.line }
}
