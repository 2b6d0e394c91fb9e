//! JSON documents: their text, and the schema of a type that is only written.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use crate::source::clean_json;

/// Returns the text of a document, indented and with a final newline.
pub fn document(value: &impl Serialize) -> String {
    // The document contains only maps with text keys, strings and finite numbers, so serialization cannot fail.
    let mut text = clean_json(serde_json::to_string_pretty(value).unwrap_or_default());
    text.push('\n');
    text
}

/// Returns the schema of written documents. A field that is always present, possibly as `null`, is required.
pub fn schema_of<D: JsonSchema>() -> Value {
    SchemaSettings::draft07().for_serialize().into_generator().into_root_schema_for::<D>().to_value()
}
