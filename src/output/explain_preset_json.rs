//! `explain` of a preset as JSON, format version 1.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::document::versioned;
use super::explain_json::redacted;
use super::explain_preset_human::ExplainPresetView;
use crate::fields::VENDOR;
use crate::source::LocationRange;

/// What `callsheet explain KIND.NAME --format json` prints of a preset.
///
/// Fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Preset")]
pub struct PresetDocument<'a> {
    /// The preset on the command line: `voices.narrator-de`.
    preset: String,
    /// `avatar`, `voice` or `background`.
    #[schemars(extend("enum" = kinds()))]
    kind: &'static str,
    /// Its name alone.
    name: &'a str,
    /// The location of its name.
    declared: LocationRange,
    /// Its base presets, by `use`, from the next one to the last known one.
    chain: Vec<BaseRow<'a>>,
    /// The `use` of the last preset, if it cannot be resolved.
    open: Option<OpenRow<'a>>,
    /// The values in effect. Videos and the schema determine absent fields.
    fields: Vec<ValueRow<'a>>,
    /// The keys of all videos that use it, in manifest order.
    videos: &'a [Arc<str>],
}

/// A base preset.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Beneath")]
struct BaseRow<'a> {
    /// Its name.
    name: &'a str,
    /// The location of its declaration.
    declared: LocationRange,
    /// Where a `use` names it.
    named: LocationRange,
}

/// A `use` that cannot be resolved.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Open")]
struct OpenRow<'a> {
    /// The name, or the template that renders it.
    #[serde(rename = "use")]
    text: &'a str,
    /// `template`: each video chooses. `unknown`: no preset has this name. `circle`: the presets form a cycle.
    #[schemars(extend("enum" = ["template", "unknown", "circle"]))]
    why: &'static str,
    /// Where it is written.
    place: LocationRange,
}

/// A value.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Field")]
struct ValueRow<'a> {
    /// `voice.tts.speed`
    path: &'static str,
    /// The value, or the text of the template. URLs have no signatures.
    value: Value,
    /// Whether it is a template.
    template: bool,
    /// The preset that sets it.
    preset: &'a str,
    /// The location of the value.
    place: LocationRange,
}

/// Returns `explain --format json` of a preset.
pub fn explain_preset_json(view: &ExplainPresetView<'_>) -> String {
    let (known, sources) = (view.provenance, view.sources);
    let Some((own, bases)) = known.chain.split_first() else { return String::new() };
    let chain = bases.iter().map(|preset| BaseRow {
        name: &preset.name,
        declared: LocationRange::new(sources, preset.declared_at),
        named: LocationRange::new(sources, preset.named_at),
    });
    let open = known.unresolved.as_ref().map(|base| OpenRow {
        text: &base.text,
        why: base.reason.as_str(),
        place: LocationRange::new(sources, base.origin),
    });
    let fields = known.values.iter().map(|value| ValueRow {
        path: known.table[value.row].path,
        value: redacted(&value.value),
        template: value.is_template,
        preset: &known.chain.get(value.depth as usize).unwrap_or(own).name,
        place: LocationRange::new(sources, value.origin),
    });
    versioned(&PresetDocument {
        preset: view.word(),
        kind: known.table[known.group].path,
        name: &own.name,
        declared: LocationRange::new(sources, own.declared_at),
        chain: chain.collect(),
        open,
        fields: fields.collect(),
        videos: &known.used_by,
    })
}

/// Returns the values of `kind`.
fn kinds() -> Vec<&'static str> {
    VENDOR.preset_groups().map(|(group, _)| VENDOR[group].path).collect()
}
