//! The schema of a manifest, draft-07, from its types.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use crate::manifest::Manifest;

/// The schema that `schema/callsheet.schema.json` holds.
pub fn manifest_schema() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| {
        // the built-in steps would wrap every documented reference in `allOf`, which editors cannot complete
        settings.transforms = Vec::new();
        settings.untagged_enum_variant_titles = true;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<Manifest>().to_value();
    tidy(&mut schema);
    schema
}

/// A schema as the file holds it: two blanks, a final newline.
pub fn to_pretty(schema: &Value) -> String {
    format!("{schema:#}\n")
}

/// Takes out what the generator says too much: nulls of optional fields, defaults, formats.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            tidy_object(object);
            object.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

fn tidy_object(object: &mut Map<String, Value>) {
    if object.get("default").is_some_and(Value::is_null) {
        object.shift_remove("default");
    }
    if object.get("format").is_some_and(Value::is_string) {
        object.shift_remove("format");
    }
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
    if let Some(Value::String(text)) = object.get_mut("description") {
        // a doc comment's line breaks mean nothing; editors show each as a paragraph
        *text = text.replace('\n', " ");
    }
}
