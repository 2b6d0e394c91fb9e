//! Adds editor messages for invalid scalars, in place of a pattern or a list of types.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::types_of;
use crate::manifest::pattern;

/// Adds the messages to a schema of a value. Objects get none, because an editor would show it for every error inside.
pub fn add_error_messages(name: Option<&str>, object: &mut Map<String, Value>) {
    let is = |keyword: &str| object.get(keyword).and_then(Value::as_str);
    let kinds = types_of(object);
    if object.contains_key("then") {
        let (what, pattern) = match is("pattern") {
            Some(_) => (
                "the name of a preset, or a mapping",
                Some("the name of a preset (letters, digits, spaces, `.`, `_`, `-`)"),
            ),
            None => ("a text, or a mapping with `path`", None),
        };
        object.insert("errorMessage".to_owned(), expected(what).into());
        if let Some(pattern) = pattern {
            object.insert("patternErrorMessage".to_owned(), expected(pattern).into());
        }
        return;
    }
    if object.contains_key("const") {
        object.insert("errorMessage".to_owned(), "Expected 1, the version of the format.".into());
        return;
    }
    if kinds.contains(&"array") && is("pattern") == Some(pattern::TEMPLATE) {
        // A message for the complete value would be shown for every error of an item.
        let words = "a list, or a template in quotes such as \"{{ vars.locales }}\"";
        object.insert("patternErrorMessage".to_owned(), expected(words).into());
        return;
    }
    let named = name.unwrap_or("column");
    // Most messages are also for a value of another type.
    let (words, is_for_all): (Cow<'_, str>, bool) = match is("pattern") {
        Some(pattern::TEMPLATE) => {
            let kind = match kinds.first() {
                Some(&"integer") => "a whole number",
                Some(&"number") => "a number",
                Some(&"boolean") => "`true` or `false`",
                _ => return,
            };
            (format!("{kind}, or a template in quotes such as \"{{{{ row.{named} }}}}\"").into(), true)
        }
        Some(pattern::COLOR_OR_TEMPLATE) => {
            ("a color in quotes such as \"#ffeecc\", or a template in quotes".into(), true)
        }
        Some(pattern::PRESET_OR_TEMPLATE) => {
            ("the name of a preset (letters, digits, spaces, `.`, `_`, `-`), or a template in quotes".into(), true)
        }
        Some(pattern::KEY | pattern::ENVIRONMENT) => {
            ("a name of letters, digits, `.`, `_`, `-`, starting with a letter or a digit".into(), false)
        }
        Some(pattern::PRESET) => {
            ("a name of letters, digits, spaces, `.`, `_`, `-`, starting with a letter or a digit".into(), false)
        }
        Some(pattern::VARS_NAME) => {
            ("a name of letters, digits, spaces, `.`, `_`, `-`, starting with a letter or `_`".into(), false)
        }
        Some(pattern::IDENTIFIER | pattern::VARIABLE) => {
            ("a name of letters, digits and `_`, not starting with a digit".into(), false)
        }
        Some(pattern::DURATION) => ("a length of time with its unit: `500ms`, `60s`, `2m`, `1h`".into(), true),
        Some(pattern::PERCENT) => ("a share such as `30%` or `0.3`".into(), true),
        None if kinds == ["string"] && !object.contains_key("enum") => {
            let words = "a string; quote a value that YAML would read as something else";
            object.insert("errorMessage".to_owned(), expected(words).into());
            return;
        }
        _ => return,
    };
    object.insert("patternErrorMessage".to_owned(), expected(&words).into());
    if is_for_all {
        object.insert("errorMessage".to_owned(), expected(&words).into());
    }
}

/// Returns a message in the editor's style: a sentence. Removes backticks, which editors show literally.
fn expected(what: &str) -> String {
    format!("Expected {}.", what.replace('`', ""))
}
