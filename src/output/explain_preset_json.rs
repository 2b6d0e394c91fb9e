//! One preset, where its values came from and who uses it, as JSON, format version 1.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use super::explain_json::{PlaceV1, place, redacted};
use super::explain_preset::ToldPreset;
use crate::fields::VENDOR;
use crate::source::clean_json;
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
    /// As it is asked for: `voices.narrator-de`.
    preset: String,
    /// `avatar`, `voice` or `background`.
    #[schemars(extend("enum" = ["avatar", "voice", "background"]))]
    kind: &'static str,
    /// Its name alone.
    name: String,
    /// The place of its name.
    declared: PlaceV1,
    /// The presets beneath it, by `use`, from the next down to the last that is known.
    chain: Vec<BeneathV1>,
    /// The `use` of the last of them, where it cannot be followed.
    open: Option<OpenV1>,
    /// The values that hold; what is absent is left to videos and to the schema.
    fields: Vec<FieldV1>,
    /// The keys of all videos that use it, in manifest order.
    videos: Vec<String>,
}

/// A preset beneath.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Beneath")]
struct BeneathV1 {
    /// Its name.
    name: String,
    /// The place of its declaration.
    declared: PlaceV1,
    /// Where its name stands: a `use`.
    named: PlaceV1,
}

/// A `use` that cannot be followed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Open")]
struct OpenV1 {
    /// What stands there.
    #[serde(rename = "use")]
    text: String,
    /// `template`: each video decides; `unknown`: there is no such preset; `circle`: it leads back into the chain.
    #[schemars(extend("enum" = ["template", "unknown", "circle"]))]
    why: &'static str,
    /// Where.
    place: PlaceV1,
}

/// A value.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Field")]
struct FieldV1 {
    /// `voice.tts.speed`
    path: &'static str,
    /// As written, URLs without signatures; of a template its text.
    value: Value,
    /// Whether it is a template.
    template: bool,
    /// The preset that holds it.
    preset: String,
    /// The place of the value.
    place: PlaceV1,
}

/// `explain --format json` of a preset.
pub fn explain_preset_json(told: &ToldPreset<'_>) -> String {
    let (history, sources) = (told.history, told.sources);
    let Some((own, chain)) = history.chain.split_first() else { return String::new() };
    let beneath = |link: &NamedPreset| BeneathV1 {
        name: link.name.to_string(),
        declared: place(link.declared_at, sources),
        named: place(link.named_at, sources),
    };
    let open = |beneath: &UnresolvedBase| OpenV1 {
        text: beneath.text.to_string(),
        why: beneath.reason.as_str(),
        place: place(beneath.origin, sources),
    };
    let field = |field: &DeclaredValue| FieldV1 {
        path: VENDOR[field.row].path,
        value: redacted(&field.value),
        template: field.is_template,
        preset: history.chain.get(field.depth as usize).unwrap_or(own).name.to_string(),
        place: place(field.origin, sources),
    };
    let document = PresetV1 {
        format_version: 1,
        preset: told.word(),
        kind: VENDOR[history.group].key,
        name: own.name.to_string(),
        declared: place(own.declared_at, sources),
        chain: chain.iter().map(beneath).collect(),
        open: history.unresolved.as_ref().map(open),
        fields: history.values.iter().map(field).collect(),
        videos: history.used_by.iter().map(ToString::to_string).collect(),
    };
    // Strings and finite numbers only: nothing in it can refuse.
    let mut text = clean_json(serde_json::to_string_pretty(&document).unwrap_or_default());
    text.push('\n');
    text
}

/// The schema of `explain KIND.NAME --format json`.
pub fn preset_schema() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<PresetV1>().to_value()
}
