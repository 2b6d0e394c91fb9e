//! Visits every schema inside a schema, and no value that only looks like one.

use serde_json::{Map, Value};

/// Keywords with one schema.
const ONE: [&str; 6] = ["additionalProperties", "items", "propertyNames", "if", "then", "else"];

/// Keywords with a list of schemas.
const LIST: [&str; 2] = ["allOf", "anyOf"];

/// Keywords with schemas by name.
const NAMED: [&str; 3] = ["properties", "patternProperties", "definitions"];

/// Calls a step on a schema and on all schemas below it. The name is that of the property, if the schema is one's.
pub fn each_schema(
    schema: &mut Value,
    name: Option<&str>,
    step: &mut impl FnMut(Option<&str>, &mut Map<String, Value>),
) {
    let Value::Object(object) = schema else { return };
    step(name, object);
    for (keyword, inner) in object.iter_mut() {
        match inner {
            inner if ONE.contains(&keyword.as_str()) => each_schema(inner, None, step),
            Value::Array(list) if LIST.contains(&keyword.as_str()) => {
                for inner in list {
                    each_schema(inner, None, step);
                }
            }
            Value::Object(named) if NAMED.contains(&keyword.as_str()) => {
                let properties = keyword == "properties";
                for (name, inner) in named {
                    each_schema(inner, Some(name.as_str()).filter(|_| properties), step);
                }
            }
            _ => {}
        }
    }
}

/// Returns the types that a schema accepts.
pub fn types_of(schema: &Map<String, Value>) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
        one => one.and_then(Value::as_str).into_iter().collect(),
    }
}

/// Returns the allowed words of a schema or of one of its branches.
pub fn allowed_words(schema: &Map<String, Value>) -> Option<&Vec<Value>> {
    let own = schema.get("enum").and_then(Value::as_array);
    own.or_else(|| {
        let branches = schema.get("anyOf")?.as_array()?;
        branches.iter().find_map(|branch| branch.get("enum")?.as_array())
    })
}

/// Removes `null` and formats. Editors would offer `null` as a value, and a default of `null` stops the completion of
/// the parent. Strict validators do not know formats such as `double`.
pub fn simplify(object: &mut Map<String, Value>) {
    if object.get("default").is_some_and(Value::is_null) {
        object.shift_remove("default");
    }
    object.shift_remove("format");
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|one| one != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(branches)) = object.get_mut("anyOf") {
        branches.retain(|one| one.get("type").is_none_or(|kind| kind != "null"));
        if let [Value::Object(only)] = branches.as_slice() {
            let only = only.clone();
            object.shift_remove("anyOf");
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    }
}
