//! `explain` of a video as JSON, format version 1.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::document::versioned_of_raw;
use crate::fields::{Type, Value as FieldValue};
use crate::lockfile::Take;
use crate::source::{LocationRange, RowLocation, Sources};
use crate::spec::{
    Digest, Estimate, InstanceTrace, NamedPreset, Reference, ReferenceOrigin, ValueSource, Video, estimate,
};
use crate::vendor::redact_signatures;

/// One video with everything known about it.
#[derive(Debug)]
pub struct ExplainView<'a> {
    /// The video.
    pub video: &'a Video,
    /// The references of its templates.
    pub trace: &'a InstanceTrace,
    /// The files of all locations.
    pub sources: &'a Sources,
    /// The takes of this content at the environment's host, under any key.
    pub takes: Vec<&'a Take>,
    /// The takes of other content under this key.
    pub earlier: Vec<&'a Take>,
}

/// What `callsheet explain --format json` prints.
///
/// Fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Explain")]
pub struct ExplainDocument<'a> {
    /// The video's key.
    key: &'a str,
    /// Where its entry is declared.
    declared: LocationRange,
    /// Its row in a data file. Null if it has none.
    row: Option<SourceLine>,
    /// The kind of video, such as `template-to-video`; left out for avatar videos.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    /// The digest of its content.
    digest: Digest,
    /// Its length and price.
    estimate: Estimate,
    /// Its values of the matrix, in the order of the key.
    matrix: Vec<UsedValue>,
    /// Every field of the spec, in the vendor's order.
    fields: Vec<ExplainedField>,
    /// The takes of this content at the environment's host.
    takes: &'a [&'a Take],
    /// The takes of other content under this key.
    earlier: &'a [&'a Take],
}

/// One value with its provenance.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Field")]
pub(super) struct ExplainedField {
    /// Its path in the spec: `voice.tts.speed`.
    pub path: String,
    /// The value, without signatures.
    pub value: Value,
    /// Its source: the video, `defaults`, the key (of a `name`), or the schema's default.
    #[schemars(extend("enum" = ["video", "defaults", "key", "schema"]))]
    pub source: &'static str,
    /// From the preset that the source names to the one that sets the value.
    pub presets: Vec<UsedPreset>,
    /// Where it is written.
    pub place: Option<LocationRange>,
    /// The template that renders it.
    pub template: Option<String>,
    /// The values that the template refers to.
    pub uses: Vec<UsedValue>,
    /// The script file that contains it.
    pub script: Option<UsedScript>,
}

/// A preset in the chain to a value.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Preset")]
pub(super) struct UsedPreset {
    /// Its name.
    pub name: String,
    /// Where it is declared.
    pub declared: LocationRange,
    /// Where it is named.
    pub named: LocationRange,
}

/// A script file.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Script")]
pub(super) struct UsedScript {
    /// Relative to the project root.
    pub file: String,
    /// The values that it refers to, if it is a template.
    pub uses: Vec<UsedValue>,
}

/// A value that a template refers to.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Used")]
pub(super) struct UsedValue {
    /// Its name in the template: `matrix.locale`.
    pub name: String,
    /// The value, without signatures.
    pub value: Value,
    /// Where a manifest contains it.
    pub place: Option<LocationRange>,
    /// The row that contains it.
    pub row: Option<SourceLine>,
}

/// A line of a data file.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Line")]
pub(super) struct SourceLine {
    /// Relative to the project root.
    pub file: String,
    /// From 1.
    pub line: u64,
}

/// Returns `explain --format json` of a video.
pub fn explain_json(view: &ExplainView<'_>) -> String {
    let sources = view.sources;
    versioned_of_raw(&ExplainDocument {
        key: &view.video.key,
        declared: LocationRange::new(sources, view.video.declared_at),
        row: view.video.row.as_ref().map(line),
        kind: view.video.spec.other_kind(),
        digest: view.video.digest,
        estimate: estimate(&view.video.spec),
        matrix: references(&view.trace.matrix, sources),
        fields: fields(view),
        takes: &view.takes,
        earlier: &view.earlier,
    })
}

/// Returns every field of the spec in the vendor's order. A local file has two entries: its path and its content.
pub(super) fn fields(view: &ExplainView<'_>) -> Vec<ExplainedField> {
    let (spec, sources) = (&view.video.spec, view.sources);
    let mut fields = Vec::new();
    for field in spec.field_paths() {
        let (Some(ty), Some(value)) = (spec.table.ty(field.row), spec.get(field)) else { continue };
        let known = view.video.provenance.get(field);
        let source = match &known {
            Some(known) => known.source.as_str(),
            None if matches!(ty, Type::Label) => ValueSource::Key.as_str(),
            None => "schema",
        };
        let trace = view.trace.fields.iter().find(|trace| trace.field == field);
        let template = trace.and_then(|trace| trace.template.as_deref());
        let file = if let FieldValue::File(file) = value { Some(json!(file.name)) } else { None };
        let path = file.map(|name| (spec.table.manifest_path(field), name));
        let content = (spec.table.canonical_path(field), ty.to_json(value));
        fields.extend(path.into_iter().chain([content]).map(|(path, value)| ExplainedField {
            path,
            value,
            source,
            presets: known.iter().flat_map(|known| &known.chain).map(|link| preset(link, sources)).collect(),
            place: known.as_ref().map(|known| LocationRange::new(sources, known.origin)),
            template: template.map(|text| redact_signatures(text).into_owned()),
            uses: trace.map(|trace| references(&trace.references, sources)).unwrap_or_default(),
            script: trace.and_then(|trace| trace.script.as_ref()).map(|script| UsedScript {
                file: sources.get(script.origin.file).name().to_owned(),
                uses: references(&script.references, sources),
            }),
        }));
    }
    fields
}

fn preset(link: &NamedPreset, sources: &Sources) -> UsedPreset {
    let (declared, named) = (LocationRange::new(sources, link.declared_at), LocationRange::new(sources, link.named_at));
    UsedPreset { name: link.name.to_string(), declared, named }
}

fn references(references: &[Reference], sources: &Sources) -> Vec<UsedValue> {
    let used = |reference: &Reference| {
        let (origin, row) = match &reference.origin {
            Some(ReferenceOrigin::Manifest(origin)) => (Some(LocationRange::new(sources, *origin)), None),
            Some(ReferenceOrigin::Row(row)) => (None, Some(line(row))),
            None => (None, None),
        };
        UsedValue { name: reference.path.clone(), value: redacted(&reference.value), place: origin, row }
    };
    references.iter().map(used).collect()
}

/// Returns an author's value without the signatures of presigned URLs.
pub(super) fn redacted(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(redact_signatures(text).into_owned()),
        Value::Array(parts) => parts.iter().map(redacted).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), redacted(value))).collect(),
        other => other.clone(),
    }
}

fn line(row: &RowLocation) -> SourceLine {
    SourceLine { file: row.file.to_string(), line: row.line }
}
