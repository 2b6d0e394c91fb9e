//! Converts the tree to JSON for variables, matrices, data files and the schema check.

use serde_json::Value as Json;

use super::{Node, Value};

/// Returns the node as JSON, with keys in written order and without locations.
pub fn to_json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => Json::from(*value),
        // The parser accepts only finite numbers, so this never becomes null.
        Value::Float(value) => Json::from(*value),
        Value::String(text) => Json::String(text.text.to_string()),
        Value::List(items) => Json::Array(items.iter().map(to_json).collect()),
        Value::Map(map) => {
            Json::Object(map.entries.iter().map(|entry| (entry.key.to_string(), to_json(&entry.value))).collect())
        }
    }
}
