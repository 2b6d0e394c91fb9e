//! `explain` of a preset as JSON, format version 1.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use super::document::document;
use super::explain_json::{PlaceV1, place, redacted};
use super::explain_preset::ExplainPresetView;
use crate::fields::VENDOR;
use crate::spec::{DeclaredValue, NamedPreset, UnresolvedBase};

/// What `callsheet explain KIND.NAME --format json` prints of a preset.
///
/// Fields may be added within one format version.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Preset")]
struct PresetV1 {
    /// Always 1.
    #[schemars(extend("const" = 1))]
    format_version: u32,
    /// The preset on the command line: `voices.narrator-de`.
    preset: String,
    /// `avatar`, `voice` or `background`.
    #[schemars(extend("enum" = kinds()))]
    kind: &'static str,
    /// Its name alone.
    name: String,
    /// The place of its name.
    declared: PlaceV1,
    /// Its base presets, by `use`, from the next to the last that is known.
    chain: Vec<BeneathV1>,
    /// The `use` of the last preset, if it cannot be followed.
    open: Option<OpenV1>,
    /// The values that hold. An absent field is left to videos and to the schema.
    fields: Vec<FieldV1>,
    /// The keys of all videos that use it, in manifest order.
    videos: Vec<String>,
}

/// A base preset.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Beneath")]
struct BeneathV1 {
    /// Its name.
    name: String,
    /// The place of its declaration.
    declared: PlaceV1,
    /// Where a `use` names it.
    named: PlaceV1,
}

/// A `use` that cannot be followed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Open")]
struct OpenV1 {
    /// The name, or the template that makes it.
    #[serde(rename = "use")]
    text: String,
    /// `template`: each video chooses; `unknown`: no preset has this name; `circle`: the preset is in the chain already.
    #[schemars(extend("enum" = ["template", "unknown", "circle"]))]
    why: &'static str,
    /// Where it is written.
    place: PlaceV1,
}

/// A value.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Field")]
struct FieldV1 {
    /// `voice.tts.speed`
    path: &'static str,
    /// The value, URLs without signatures; of a template its text.
    value: Value,
    /// Whether it is a template.
    template: bool,
    /// The preset that holds it.
    preset: String,
    /// The place of the value.
    place: PlaceV1,
}

/// Returns `explain --format json` of a preset.
pub fn explain_preset_json(view: &ExplainPresetView<'_>) -> String {
    let (known, sources) = (view.provenance, view.sources);
    let Some((own, bases)) = known.chain.split_first() else { return String::new() };
    let base = |preset: &NamedPreset| BeneathV1 {
        name: preset.name.to_string(),
        declared: place(preset.declared_at, sources),
        named: place(preset.named_at, sources),
    };
    let open = |base: &UnresolvedBase| OpenV1 {
        text: base.text.to_string(),
        why: base.reason.as_str(),
        place: place(base.origin, sources),
    };
    let field = |value: &DeclaredValue| FieldV1 {
        path: known.table[value.row].path,
        value: redacted(&value.value),
        template: value.is_template,
        preset: known.chain.get(value.depth as usize).unwrap_or(own).name.to_string(),
        place: place(value.origin, sources),
    };
    document(&PresetV1 {
        format_version: 1,
        preset: view.word(),
        kind: known.table[known.group].path,
        name: own.name.to_string(),
        declared: place(own.declared_at, sources),
        chain: bases.iter().map(base).collect(),
        open: known.unresolved.as_ref().map(open),
        fields: known.values.iter().map(field).collect(),
        videos: known.used_by.iter().map(ToString::to_string).collect(),
    })
}

/// The words of `kind`.
fn kinds() -> Vec<&'static str> {
    VENDOR.preset_groups().map(|(group, _)| VENDOR[group].path).collect()
}

/// Returns the schema of `explain KIND.NAME --format json`.
pub fn preset_schema() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<PresetV1>().to_value()
}
