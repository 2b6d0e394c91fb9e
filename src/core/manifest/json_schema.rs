//! How the text of a manifest looks where that differs from the types it is decoded to: the schema's hand-written part.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::field_schema::{group_schema, root_properties, script_schema};
use super::pattern::{ENVIRONMENT, IDENTIFIER, KEY, PRESET, TEMPLATE, VARIABLE, VARS_NAME};
use super::{
    EnvironmentDecl, GuardsDecl, LedgerDecl, Manifest, MatrixDecl, PullDecl, RowsDecl, VideoDecl, VideoFields,
};
use crate::diagnostic::Code;
use crate::fields::VENDOR;

/// Avatar videos as code: presets, defaults, videos. One schema for the root manifest and for included files.
#[derive(JsonSchema)]
#[schemars(title = "manifest", deny_unknown_fields, extend("patternProperties" = { "^x-": {} }))]
#[expect(dead_code, reason = "the fields are only read by the derived schema")]
struct ManifestSchema {
    /// The schema for editors.
    #[schemars(rename = "$schema", extend("examples" = [".callsheet/schema.json"]))]
    schema: Option<String>,
    /// The format version. Required in the root manifest, and only allowed there.
    #[schemars(default, schema_with = "version")]
    callsheet: Option<i64>,
    /// The versions of the program that may read this project: `>=0.3`. Root manifest only.
    #[schemars(extend("minLength" = 1, "examples" = [">=0.1"]))]
    required_version: Option<String>,
    /// Globs of further manifests, relative to this file. Root manifest only.
    #[schemars(default, schema_with = "globs")]
    include: Option<Vec<String>>,
    /// Environment variables that templates may read as `env.NAME`.
    #[schemars(default, schema_with = "env_names")]
    env: Option<Vec<String>>,
    /// Values for templates, as `vars.NAME`.
    #[schemars(default, schema_with = "variables")]
    vars: Option<BTreeMap<String, Value>>,
    /// Avatar presets by name.
    #[schemars(default, schema_with = "avatars", extend("propertyNames" = { "pattern": PRESET }))]
    avatars: Option<BTreeMap<String, Value>>,
    /// Voice presets by name.
    #[schemars(default, schema_with = "voices", extend("propertyNames" = { "pattern": PRESET }))]
    voices: Option<BTreeMap<String, Value>>,
    /// Background presets by name.
    #[schemars(default, schema_with = "backgrounds", extend("propertyNames" = { "pattern": PRESET }))]
    backgrounds: Option<BTreeMap<String, Value>>,
    /// Vendor template presets by name.
    #[schemars(default, schema_with = "templates", extend("propertyNames" = { "pattern": PRESET }))]
    templates: Option<BTreeMap<String, Value>>,
    /// Complete values for fields that videos leave out. Root manifest only.
    defaults: Option<VideoFields>,
    /// The videos by key. With `matrix` or `rows`, one entry declares several videos.
    #[schemars(extend("propertyNames" = { "pattern": KEY }))]
    videos: Option<BTreeMap<String, VideoDecl>>,
    /// Where requests go. `production` needs no declaration, and `sandbox` is built in. Root manifest only.
    #[schemars(extend("propertyNames" = { "pattern": ENVIRONMENT }))]
    environments: Option<BTreeMap<String, EnvironmentDecl>>,
    /// Limits on what one apply may spend. Root manifest only.
    guards: Option<GuardsDecl>,
    /// The shared ledger of all runs of this project. Root manifest only.
    ledger: Option<LedgerDecl>,
    /// How `pull` saves finished videos. Root manifest only.
    pull: Option<PullDecl>,
    /// Codes of warnings that are not shown. Root manifest only.
    #[schemars(default, schema_with = "allowed_codes")]
    allow: Option<Vec<String>>,
}

impl JsonSchema for Manifest {
    fn schema_name() -> Cow<'static, str> {
        "Manifest".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        ManifestSchema::json_schema(generator)
    }
}

impl JsonSchema for VideoFields {
    fn schema_name() -> Cow<'static, str> {
        "Defaults".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut keys = root_properties(&VENDOR, generator, false);
        let matrix = "Variants of every video that has no `matrix`: every combination of the axes is a video.";
        keys.push(("matrix", reference::<DefaultMatrix>(generator, matrix)));
        video_keys(keys, "defaults", "Complete values for fields that a video omits.")
    }
}

impl JsonSchema for VideoDecl {
    fn schema_name() -> Cow<'static, str> {
        "Video".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut keys = root_properties(&VENDOR, generator, true);
        let matrix =
            "Variants: every combination of the axes is a video. Defaults to `defaults.matrix`. `{}` means none.";
        keys.push(("matrix", reference::<MatrixDecl>(generator, matrix)));
        keys.push(("rows", reference::<RowsDecl>(generator, "A data file: every row is a video.")));
        let description = "One video, or several with `matrix` or `rows`. `defaults` set the fields that it omits.";
        video_keys(keys, "video", description)
    }
}

/// A key whose value is of another definition.
fn reference<T: JsonSchema>(generator: &mut SchemaGenerator, description: &str) -> Value {
    json!({ "description": description, "$ref": generator.subschema_for::<T>().get("$ref") })
}

/// An object of keys, `script` before `take`.
fn video_keys(keys: Vec<(&str, Value)>, title: &str, description: &str) -> Schema {
    let mut properties = serde_json::Map::new();
    for (key, schema) in keys {
        if key == "take" {
            properties.insert("script".to_owned(), script_schema());
        }
        properties.insert(key.to_owned(), schema);
    }
    json_schema!({
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "title": title,
        "description": description,
    })
}

fn presets(block: &str, generator: &mut SchemaGenerator) -> Schema {
    let group = VENDOR.preset_groups().find(|(_, known)| *known == block);
    let object = group.map(|(group, _)| group_schema(&VENDOR, group, generator));
    json_schema!({ "type": "object", "additionalProperties": object })
}

fn avatars(generator: &mut SchemaGenerator) -> Schema {
    presets("avatars", generator)
}

fn voices(generator: &mut SchemaGenerator) -> Schema {
    presets("voices", generator)
}

fn backgrounds(generator: &mut SchemaGenerator) -> Schema {
    presets("backgrounds", generator)
}

fn templates(generator: &mut SchemaGenerator) -> Schema {
    presets("templates", generator)
}

impl JsonSchema for MatrixDecl {
    fn schema_name() -> Cow<'static, str> {
        "Matrix".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let combinations = |words: &str| {
            json!({
                "type": "array",
                "description": words,
                "items": {
                    "type": "object",
                    "title": "matrix combination",
                    "minProperties": 1,
                    "propertyNames": { "pattern": IDENTIFIER },
                    "additionalProperties": { "type": ["string", "number", "boolean"] },
                },
            })
        };
        json_schema!({
            "type": "object",
            "title": "matrix",
            "description": "Axes by name, each a list of values; `include` adds combinations, `exclude` removes some.",
            "properties": {
                "include": combinations("Combinations to add, or values to add to matching ones."),
                "exclude": combinations("Combinations to omit."),
            },
            "propertyNames": { "pattern": IDENTIFIER },
            "additionalProperties": {
                "type": ["array", "string"],
                "pattern": TEMPLATE,
                "title": "matrix axis",
                "description": "The values of an axis, which templates see as `matrix.NAME`, or a template over `vars` and `env` that returns their list.",
                "minItems": 1,
                "items": { "type": ["string", "number", "boolean"] },
            },
        })
    }
}

/// The matrix of `defaults`. Only that of a video may be empty.
struct DefaultMatrix;

impl JsonSchema for DefaultMatrix {
    fn schema_name() -> Cow<'static, str> {
        "DefaultMatrix".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = MatrixDecl::json_schema(generator);
        schema.insert("minProperties".to_owned(), json!(1));
        schema
    }
}

fn version(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "const": 1 })
}

fn globs(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": "string", "minLength": 1 } })
}

fn env_names(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": "string", "pattern": VARIABLE } })
}

fn allowed_codes(_: &mut SchemaGenerator) -> Schema {
    let codes: Vec<&str> = Code::warnings().map(Code::name).collect();
    json_schema!({ "type": "array", "items": { "type": "string", "enum": codes } })
}

fn variables(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "propertyNames": { "pattern": VARS_NAME },
        "additionalProperties": generator.subschema_for::<AnyValue>(),
    })
}

/// Anything but nothing, at any depth.
struct AnyValue;

impl JsonSchema for AnyValue {
    fn schema_name() -> Cow<'static, str> {
        "Value".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let inner = generator.subschema_for::<AnyValue>();
        json_schema!({
            "type": ["string", "number", "boolean", "array", "object"],
            "title": "value",
            "description": "A value for templates, of any shape.",
            "items": inner,
            "additionalProperties": inner,
        })
    }
}
