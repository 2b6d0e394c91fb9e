//! Documents for programs: how their text looks, and the schema of a type that is only written.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use crate::source::clean_json;

/// The text of a document: indented, ends in a newline.
pub fn document(value: &impl Serialize) -> String {
    // Maps with text keys, strings and finite numbers: nothing in it can refuse.
    let mut text = clean_json(serde_json::to_string_pretty(value).unwrap_or_default());
    text.push('\n');
    text
}

/// The schema of what is written: a field that is always there, if only as `null`, is required.
pub fn schema_of<D: JsonSchema>() -> Value {
    SchemaSettings::draft07().for_serialize().into_generator().into_root_schema_for::<D>().to_value()
}
