//! What the validator reads is the published schema without the words for people: it judges just the same.

use std::path::Path;

use serde_json::{Map, Value};

use super::manifest_schema;

/// Keywords that say something to people and editors and judge nothing.
const WORDS: [&str; 10] = [
    "defaultSnippets",
    "deprecationMessage",
    "description",
    "doNotSuggest",
    "enumDescriptions",
    "errorMessage",
    "markdownDescription",
    "markdownEnumDescriptions",
    "patternErrorMessage",
    "title",
];

/// A schema without words. Names of properties are no keywords, even where they read alike.
fn bare(schema: &Value) -> Value {
    let Value::Object(keywords) = schema else { return schema.clone() };
    let kept = keywords.iter().filter(|(keyword, _)| !WORDS.contains(&keyword.as_str()));
    let named = |value: &Value| match value {
        Value::Object(schemas) => {
            Value::Object(schemas.iter().map(|(name, schema)| (name.clone(), bare(schema))).collect())
        }
        other => other.clone(),
    };
    let kept = kept.map(|(keyword, value)| {
        let value = match (keyword.as_str(), value) {
            ("properties" | "patternProperties" | "definitions", _) => named(value),
            ("allOf" | "anyOf" | "oneOf" | "items", Value::Array(schemas)) => schemas.iter().map(bare).collect(),
            ("items" | "additionalProperties" | "propertyNames" | "contains" | "not" | "if" | "then" | "else", _) => {
                bare(value)
            }
            _ => value.clone(),
        };
        (keyword.clone(), value)
    });
    Value::Object(kept.collect::<Map<_, _>>())
}

#[test]
fn what_the_validator_reads_is_the_published_schema_without_words() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/schema/bare.json");
    let wanted = bare(&manifest_schema()).to_string() + "\n";
    if std::env::var_os("CALLSHEET_UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "src/schema/bare.json is not current; run the test with CALLSHEET_UPDATE=1");
}

#[test]
fn a_property_may_be_named_like_a_keyword() {
    let schema = serde_json::json!({
        "title": "A", "properties": { "title": { "description": "B", "enum": [{ "title": "C" }] } }, "required": ["title"],
    });
    let expected =
        serde_json::json!({ "properties": { "title": { "enum": [{ "title": "C" }] } }, "required": ["title"] });
    assert_eq!(bare(&schema), expected);
}
