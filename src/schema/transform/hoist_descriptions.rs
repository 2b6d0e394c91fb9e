//! Moves descriptions from definitions to their uses, if editors would show them before a field's own description.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::each_schema;

/// Removes the descriptions of definitions that `then` references, because a hover shows them instead of the field's.
/// Adds them to the other references.
pub fn hoist_descriptions(schema: &mut Value) {
    let mut behind = BTreeSet::new();
    each_schema(schema, None, &mut |_, object| {
        behind.extend(object.get("then").and_then(name_of));
    });
    let mut texts: BTreeMap<String, Value> = BTreeMap::new();
    for name in behind {
        let definition = schema.pointer_mut(&format!("/definitions/{name}")).and_then(Value::as_object_mut);
        if let Some(text) = definition.and_then(|object| object.shift_remove("description")) {
            texts.insert(name, text);
        }
    }
    each_schema(schema, None, &mut |_, object| {
        if let Some(inner) = object.get_mut("additionalProperties")
            && let Some(text) = name_of(inner).and_then(|name| texts.get(&name))
            && let Some(inner) = inner.as_object_mut()
        {
            inner.entry("description").or_insert_with(|| text.clone());
        }
    });
}

/// Returns the name of the definition that a schema references.
fn name_of(schema: &Value) -> Option<String> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/definitions/").map(str::to_owned)
}
