//! One video and where its values came from, as JSON, format version 1.

use serde::Serialize;
use serde_json::Value;

use super::explain::{Leaf, Told, leaves};
use crate::lock::Take;
use crate::source::{Origin, RowPlace, Sources, clean_json};
use crate::spec::{Link, Used, UsedPlace};
use crate::vendor::redact_signatures;

#[derive(Serialize)]
struct ExplainV1<'a> {
    format_version: u32,
    key: &'a str,
    declared: PlaceV1,
    row: Option<LineV1>,
    digest: String,
    estimate: EstimateV1,
    matrix: Vec<UsedV1>,
    fields: Vec<FieldV1>,
    /// Of this very content, at the environment's host.
    takes: &'a [&'a Take],
    /// Of other content under this key.
    earlier: &'a [&'a Take],
}

#[derive(Serialize)]
struct EstimateV1 {
    seconds: Option<f64>,
    credits: Option<f64>,
}

#[derive(Serialize)]
struct FieldV1 {
    path: String,
    value: Value,
    /// `video`, `defaults`, `key`, `schema`
    source: &'static str,
    /// From the preset that the source names to the one that holds the value.
    presets: Vec<PresetV1>,
    place: Option<PlaceV1>,
    template: Option<String>,
    uses: Vec<UsedV1>,
    script: Option<ScriptV1>,
}

#[derive(Serialize)]
struct PresetV1 {
    name: String,
    declared: PlaceV1,
    /// Where its name stands.
    named: PlaceV1,
}

#[derive(Serialize)]
struct ScriptV1 {
    file: String,
    uses: Vec<UsedV1>,
}

#[derive(Serialize)]
struct UsedV1 {
    name: String,
    value: Value,
    place: Option<PlaceV1>,
    row: Option<LineV1>,
}

#[derive(Serialize)]
struct PlaceV1 {
    file: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
struct LineV1 {
    file: String,
    line: u64,
}

/// `explain --format json`.
pub fn explain_json(told: &Told<'_>) -> String {
    let sources = told.sources;
    let document = ExplainV1 {
        format_version: 1,
        key: &told.video.key,
        declared: place(told.video.declared, sources),
        row: told.video.row.as_ref().map(line),
        digest: told.digest.to_string(),
        estimate: EstimateV1 { seconds: told.estimate.seconds, credits: told.estimate.credits },
        matrix: told.history.matrix.iter().map(|one| used(one, sources)).collect(),
        fields: leaves(told).into_iter().map(|leaf| field(leaf, sources)).collect(),
        takes: &told.takes,
        earlier: &told.earlier,
    };
    // Strings, finite numbers and specs that were JSON when they were read: nothing in it can refuse.
    let value = serde_json::to_value(&document).unwrap_or_default();
    clean_json(format!("{value:#}\n"))
}

fn field(leaf: Leaf<'_>, sources: &Sources) -> FieldV1 {
    let known = leaf.history;
    FieldV1 {
        path: leaf.path,
        value: leaf.value,
        source: known.map_or("schema", |known| known.giver.word()),
        presets: known.map(|known| known.chain.iter().map(|link| preset(link, sources)).collect()).unwrap_or_default(),
        place: known.and_then(|known| known.origin).map(|origin| place(origin, sources)),
        template: known.and_then(|known| known.template.as_deref()).map(redact_signatures),
        uses: known.map(|known| known.uses.iter().map(|one| used(one, sources)).collect()).unwrap_or_default(),
        script: known.and_then(|known| known.script.as_ref()).map(|script| ScriptV1 {
            file: sources.get(script.origin.file).name().to_owned(),
            uses: script.uses.iter().map(|one| used(one, sources)).collect(),
        }),
    }
}

fn preset(link: &Link, sources: &Sources) -> PresetV1 {
    PresetV1 { name: link.name.to_string(), declared: place(link.origin, sources), named: place(link.named, sources) }
}

fn used(used: &Used, sources: &Sources) -> UsedV1 {
    let (origin, row) = match &used.place {
        Some(UsedPlace::Manifest(origin)) => (Some(place(*origin, sources)), None),
        Some(UsedPlace::Row(row)) => (None, Some(line(row))),
        None => (None, None),
    };
    UsedV1 { name: used.path.clone(), value: redacted(&used.value), place: origin, row }
}

/// A value of the author's may hold a presigned URL.
fn redacted(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(redact_signatures(text)),
        Value::Array(parts) => parts.iter().map(redacted).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), redacted(value))).collect(),
        other => other.clone(),
    }
}

fn place(origin: Origin, sources: &Sources) -> PlaceV1 {
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
