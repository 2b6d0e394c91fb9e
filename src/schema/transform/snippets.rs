//! The snippets of keys and values: the default or an example.

use serde_json::{Map, Value, json};

use super::allowed_words;
use crate::manifest::pattern;

/// Adds the snippets of a value.
///
/// An editor completes a key with its value only if there is exactly one snippet. So the template snippet of typed
/// fields is in a separate `allOf` or `anyOf`: offered as a value, but not counted for the key.
pub fn value_snippets(object: &mut Map<String, Value>) {
    let example = object.get("examples").and_then(|all| all.get(0)).map(|one| (one, "an example"));
    let default = object.get("default").map(|one| (one, "the default"));
    if let Some((example, words)) = example.or(default).map(|(value, words)| (value.clone(), words))
        && !object.contains_key("defaultSnippets")
    {
        let label = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
        let body = match (&example, allowed_words(object)) {
            // An editor offers a snippet only once if it equals an allowed word, but twice if it has a placeholder.
            (_, Some(_)) | (Value::Bool(_), _) => example.clone(),
            _ => json!(placeholder(&example)),
        };
        let mut made = json!({ "label": label, "body": body });
        if allowed_words(object).is_none() {
            made["description"] = words.into();
        }
        object.insert("defaultSnippets".to_owned(), json!([made]));
    }
    if let Some(Value::Object(names)) = object.get_mut("propertyNames") {
        // The mapping's own snippets are more helpful than an item called "property".
        names.insert("doNotSuggest".to_owned(), true.into());
    }
    if object.get("pattern").is_some_and(|one| one == pattern::TEMPLATE) {
        let offered =
            json!([snippet("a template", "its result must have the field's type", "\"{{ row.${1:column} }}\"")]);
        if object.get("title").is_some_and(|title| title == "template") {
            object.insert("defaultSnippets".to_owned(), offered);
        } else {
            object.insert("allOf".to_owned(), json!([{ "defaultSnippets": offered }]));
        }
    }
}

/// Returns a snippet with its texts. It sorts after the names in a list.
pub fn snippet(label: &str, words: &str, body: impl Into<Value>) -> Value {
    json!({ "label": label, "description": words, "sortText": format!("~{label}"), "body": body.into() })
}

/// Returns a value that the editor selects after inserting it.
fn placeholder(value: &Value) -> String {
    let text = yaml_scalar(value);
    match text.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        // A brace would end the placeholder.
        Some(inner) => format!("\"${{1:{}}}\"", inner.replace('}', "\\}")),
        None => format!("${{1:{text}}}"),
    }
}

/// Returns `true` if YAML, or an older version of it, reads a text as a boolean or `null`.
pub fn is_yaml_keyword(text: &str) -> bool {
    matches!(&*text.to_ascii_lowercase(), "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n")
}

/// Formats a value as YAML. Quotes text that YAML, or an older version of it, would read as another type.
pub fn yaml_scalar(value: &Value) -> String {
    let Value::String(text) = value else { return value.to_string() };
    let plain = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '.' || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/:%=".contains(&byte))
        && !text.ends_with(':')
        && !is_yaml_keyword(text);
    let duration = text.starts_with(|first: char| first.is_ascii_digit()) && text.ends_with(['s', 'm', 'h', '%']);
    if plain || duration { text.clone() } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scalar_is_quoted_where_plain_would_be_something_else() {
        for (value, wanted) in [
            (json!("VOICE_ID"), "VOICE_ID"),
            (json!("https://a.b/c.jpg"), "https://a.b/c.jpg"),
            (json!("60s"), "60s"),
            (json!("30%"), "30%"),
            (json!("#ffffff"), "\"#ffffff\""),
            (json!(">=0.1"), "\">=0.1\""),
            (json!("16:9"), "\"16:9\""),
            (json!("1"), "\"1\""),
            (json!("no"), "\"no\""),
            (json!(1.0), "1.0"),
            (json!(true), "true"),
        ] {
            assert_eq!(yaml_scalar(&value), wanted);
        }
    }

    #[test]
    fn a_default_or_an_example_is_the_one_snippet_of_a_key() {
        let of = |mut field: Value| {
            value_snippets(field.as_object_mut().unwrap());
            let made = field["defaultSnippets"].get(0).cloned();
            made.map_or(Value::Null, |one| json!([one["label"], one["description"], one["body"]]))
        };
        assert_eq!(of(json!({ "default": 1.0 })), json!(["1.0", "the default", "${1:1.0}"]));
        assert_eq!(of(json!({ "default": "#ffffff" })), json!(["#ffffff", "the default", "\"${1:#ffffff}\""]));
        assert_eq!(of(json!({ "default": false, "examples": [true] })), json!(["true", "an example", true]));
        assert_eq!(of(json!({ "default": "full", "anyOf": [{ "enum": ["full"] }] })), json!(["full", null, "full"]));
        assert_eq!(of(json!({ "type": "string" })), Value::Null);
    }
}
