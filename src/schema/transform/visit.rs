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
