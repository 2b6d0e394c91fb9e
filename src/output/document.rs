//! Documents for programs: their text and their schemas.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::source::sanitize_json;

/// Returns the text of a document: indented, with a final newline.
pub fn document(value: &impl Serialize) -> String {
    line_end(serde_json::to_string_pretty(value))
}

/// A document after its format version.
#[derive(Serialize)]
struct Versioned<'a, D> {
    format_version: u32,
    #[serde(flatten)]
    document: &'a D,
}

/// Returns the text of a document of format 1.
pub fn versioned(document: &impl Serialize) -> String {
    self::document(&Versioned { format_version: 1, document })
}

/// Returns a document of format 1 on one line.
pub fn versioned_line(document: &impl Serialize) -> String {
    json_line(&Versioned { format_version: 1, document })
}

/// Returns the text of a document of format 1 that contains raw JSON. The raw JSON is indented too.
pub fn versioned_of_raw(document: &impl Serialize) -> String {
    self::document(&serde_json::to_value(Versioned { format_version: 1, document }).unwrap_or_default())
}

/// Returns a value on one line, with a final newline.
pub(super) fn json_line(value: &impl Serialize) -> String {
    line_end(serde_json::to_string(value))
}

fn line_end(text: serde_json::Result<String>) -> String {
    // Serialization cannot fail: the document has only maps with text keys, strings and finite numbers.
    let mut text = sanitize_json(text.unwrap_or_default());
    text.push('\n');
    text
}

/// Returns the schema of a document as written. A field that is always present, even as `null`, is required.
pub fn schema_of<D: JsonSchema>() -> Value {
    with_version(generate::<D>(SchemaSettings::draft07().for_serialize()))
}

/// Returns the schema of a document whose published schema never required fields that can be `null`.
pub fn lenient_schema_of<D: JsonSchema>() -> Value {
    with_version(schema_of_line::<D>())
}

/// Returns the schema of one line of a run's output.
pub fn schema_of_line<D: JsonSchema>() -> Value {
    generate::<D>(SchemaSettings::draft07())
}

fn generate<D: JsonSchema>(settings: SchemaSettings) -> Value {
    let generator = settings.with_transform(RecursiveTransform(as_written)).into_generator();
    generator.into_root_schema_for::<D>().to_value()
}

/// Returns the schema of a document of format 1.
fn with_version(mut schema: Value) -> Value {
    let version =
        json!({ "type": "integer", "format": "uint32", "minimum": 0, "description": "Always 1.", "const": 1 });
    let mut properties = Map::from_iter([("format_version".to_owned(), version)]);
    if let Value::Object(others) = schema["properties"].take() {
        properties.extend(others);
    }
    schema["properties"] = properties.into();
    schema["required"].as_array_mut().into_iter().for_each(|required| required.insert(0, "format_version".into()));
    schema
}

/// Adapts the schema of types that are also read from files. In a document, a variant is only its name, no field has a
/// default, and later versions may add fields.
fn as_written(schema: &mut Schema) {
    let Some(schema) = schema.as_object_mut() else { return };
    for variant in schema.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten() {
        if variant["additionalProperties"] == false {
            let (name, description) = (variant["required"][0].take(), variant["description"].take());
            *variant = json!({ "type": "string", "const": name, "description": description });
        }
    }
    schema.retain(|word, value| word != "default" && !(word == "additionalProperties" && *value == false));
}
