//! The texts of hovers and completions: the field's description, its range, its default, and a note about templates.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::each_schema;
use crate::manifest::pattern;

/// Combines `description`, bounds and `default` into one text, plain and as Markdown.
///
/// Editors do not show bounds and defaults. They would also write a `default` into the file with the parent's key.
pub fn write_descriptions(object: &mut Map<String, Value>) {
    object.shift_remove("examples");
    let default = object.shift_remove("default");
    let Some(text) = object.get("description").and_then(Value::as_str) else { return };
    // Line breaks of doc comments have no meaning, but editors show each as a paragraph.
    let mut text = text.replace('\n', " ");
    if !text.ends_with(['.', '…']) {
        text.push('.');
    }
    for more in [range(object), default.as_ref().map(default_words), template(object)].into_iter().flatten() {
        text.push(' ');
        text.push_str(&more);
    }
    let plain = text.replace('`', "");
    object.insert("description".to_owned(), plain.into());
    object.insert("markdownDescription".to_owned(), text.into());
}

fn range(object: &Map<String, Value>) -> Option<String> {
    let bound = |name: &str| object.get(name).map(|number| number.to_string().replace('-', "\u{2212}"));
    match (bound("minimum"), bound("maximum"), bound("exclusiveMinimum")) {
        (Some(least), Some(most), _) => Some(format!("From {least} to {most}.")),
        (Some(least), None, _) => Some(format!("At least {least}.")),
        (None, Some(most), _) => Some(format!("At most {most}.")),
        (None, None, Some(least)) => Some(format!("Above {least}.")),
        (None, None, None) => None,
    }
}

fn default_words(default: &Value) -> String {
    match default {
        Value::String(word) => format!("Default: `{word}`."),
        other => format!("Default: `{other}`."),
    }
}

/// Returns a note for fields that are not strings. Strings accept templates anyway.
fn template(object: &Map<String, Value>) -> Option<String> {
    let is_template = |one: &Value| one.get("pattern").is_some_and(|one| one == pattern::TEMPLATE);
    let branch = object.get("anyOf").and_then(Value::as_array).is_some_and(|all| all.iter().any(is_template));
    let own = object.get("pattern").is_some_and(|one| one == pattern::TEMPLATE);
    (own || branch).then(|| "Or a template in quotes.".to_owned())
}

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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bounds_and_defaults_are_said_not_kept_as_keywords() {
        let mut field = json!({
            "type": ["number", "string"], "pattern": pattern::TEMPLATE, "minimum": -0.5, "maximum": 1.5, "default": 1.0,
            "examples": [1.1], "description": "How `fast`,\nas a factor",
        });
        write_descriptions(field.as_object_mut().unwrap());
        assert_eq!(
            field["markdownDescription"],
            "How `fast`, as a factor. From \u{2212}0.5 to 1.5. Default: `1.0`. Or a template in quotes."
        );
        assert_eq!(
            field["description"],
            "How fast, as a factor. From \u{2212}0.5 to 1.5. Default: 1.0. Or a template in quotes."
        );
        assert!(field.get("default").is_none() && field.get("examples").is_none());
    }
}
