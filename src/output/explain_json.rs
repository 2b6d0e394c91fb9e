//! `explain` of a video as JSON, format version 1.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::document::{Estimate, document_of_raw, schema_of};
use super::explain::{ExplainView, ExplainedField};
use crate::lockfile::Take;
use crate::source::{LocationRange, RowPlace, Sources};
use crate::spec::{Digest, PresetLink, Reference, ReferenceOrigin};
use crate::vendor::redact_signatures;

/// What `callsheet explain --format json` prints.
///
/// Fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Explain")]
struct ExplainDocument<'a> {
    /// Always 1.
    #[schemars(extend("const" = 1))]
    format_version: u32,
    /// The video's key.
    key: &'a str,
    /// Where its entry is declared.
    declared: LocationRange,
    /// Its row in a data file; null if it has none.
    row: Option<LineV1>,
    /// The digest of its content.
    digest: Digest,
    /// Its length and price.
    estimate: Estimate,
    /// Its values of the matrix, in the order of the key.
    matrix: Vec<UsedV1>,
    /// Every field of the spec, in the vendor's order.
    fields: Vec<FieldV1>,
    /// The takes of this content at the environment's host.
    takes: &'a [&'a Take],
    /// The takes of other content under this key.
    earlier: &'a [&'a Take],
}

/// One value, and where it comes from.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Field")]
struct FieldV1 {
    /// Its path in the spec: `voice.tts.speed`.
    path: String,
    /// The value, without signatures.
    value: Value,
    /// What gives it: the video, `defaults`, the key (of a `name`), or the schema's default.
    #[schemars(extend("enum" = ["video", "defaults", "key", "schema"]))]
    source: &'static str,
    /// From the preset that the source names to the one that holds the value.
    presets: Vec<PresetV1>,
    /// Where it is written.
    place: Option<LocationRange>,
    /// The template that makes it.
    template: Option<String>,
    /// The values that the template refers to.
    uses: Vec<UsedV1>,
    /// The script file that holds it.
    script: Option<ScriptV1>,
}

/// A preset in the chain to a value.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Preset")]
struct PresetV1 {
    /// Its name.
    name: String,
    /// Where it is declared.
    declared: LocationRange,
    /// Where it is named.
    named: LocationRange,
}

/// A script file.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Script")]
struct ScriptV1 {
    /// Relative to the project root.
    file: String,
    /// The values that it refers to, if it is a template.
    uses: Vec<UsedV1>,
}

/// A value that a template refers to.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Used")]
struct UsedV1 {
    /// Its name in the template: `matrix.locale`.
    name: String,
    /// The value, without signatures.
    value: Value,
    /// Where a manifest writes it.
    place: Option<LocationRange>,
    /// The row that holds it.
    row: Option<LineV1>,
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

/// Returns `explain --format json` of a video.
pub fn explain_json(view: &ExplainView<'_>) -> String {
    let sources = view.sources;
    document_of_raw(&ExplainDocument {
        format_version: 1,
        key: &view.video.key,
        declared: LocationRange::new(sources, view.video.declared_at),
        row: view.video.row.as_ref().map(line),
        digest: view.digest,
        estimate: view.estimate.into(),
        matrix: references(&view.trace.matrix, sources),
        fields: view.fields().into_iter().map(|field| field_v1(field, sources)).collect(),
        takes: &view.takes,
        earlier: &view.earlier,
    })
}

/// Returns the schema of `explain --format json`.
pub fn explain_schema() -> Value {
    schema_of::<ExplainDocument<'_>>()
}

fn field_v1(field: ExplainedField<'_>, sources: &Sources) -> FieldV1 {
    let (known, trace) = (field.provenance.as_ref(), field.trace);
    let template = trace.and_then(|trace| trace.template.as_deref());
    FieldV1 {
        path: field.path,
        value: field.value,
        source: field.source,
        presets: known.into_iter().flat_map(|known| &known.chain).map(|link| preset(link, sources)).collect(),
        place: known.map(|known| LocationRange::new(sources, known.origin)),
        template: template.map(|text| redact_signatures(text).into_owned()),
        uses: trace.map(|trace| references(&trace.references, sources)).unwrap_or_default(),
        script: trace.and_then(|trace| trace.script.as_ref()).map(|script| ScriptV1 {
            file: sources.get(script.origin.file).name().to_owned(),
            uses: references(&script.references, sources),
        }),
    }
}

fn preset(link: &PresetLink<'_>, sources: &Sources) -> PresetV1 {
    let (declared, named) = (LocationRange::new(sources, link.declared_at), LocationRange::new(sources, link.named_at));
    PresetV1 { name: link.name.to_string(), declared, named }
}

fn references(references: &[Reference], sources: &Sources) -> Vec<UsedV1> {
    let used = |reference: &Reference| {
        let (origin, row) = match &reference.origin {
            Some(ReferenceOrigin::Manifest(origin)) => (Some(LocationRange::new(sources, *origin)), None),
            Some(ReferenceOrigin::Row(row)) => (None, Some(line(row))),
            None => (None, None),
        };
        UsedV1 { name: reference.path.clone(), value: redacted(&reference.value), place: origin, row }
    };
    references.iter().map(used).collect()
}

/// Returns a value of the author's without the signatures of presigned URLs.
pub(super) fn redacted(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(redact_signatures(text).into_owned()),
        Value::Array(parts) => parts.iter().map(redacted).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), redacted(value))).collect(),
        other => other.clone(),
    }
}

fn line(row: &RowPlace) -> LineV1 {
    LineV1 { file: row.file.to_string(), line: row.line }
}
