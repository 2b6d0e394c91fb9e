//! The fix for a value of the wrong type: quotes, a list, or the mapping that holds a text or a number.

use serde_json::{Map, Value as Json};

use super::node_path::{NodePath, shown};
use super::transform::{allowed_words, is_yaml_keyword, types_of};
use crate::manifest::pattern;
use crate::yaml::{Value, as_text, is_no_break};

/// Returns the fix that gives the value the right type.
pub(super) fn type_fix(schema: &Map<String, Json>, spot: &NodePath<'_>) -> Option<String> {
    let (node, written) = (spot.node, spot.written());
    let takes = |kind: &str| types_of(schema).contains(&kind);
    let may_be_empty = schema.get("title").and_then(Json::as_str) != Some("matrix axis");
    let pattern = schema.get("pattern").and_then(Json::as_str);
    match &node.value {
        Value::Int(number) if pattern == Some(pattern::DURATION) => Some(format!("write the unit: `{number}s`")),
        Value::Int(_) | Value::Float(_) | Value::Bool(_) if allowed_words(schema).is_some() => None,
        Value::Int(_) | Value::Float(_) if pattern == Some(pattern::COLOR_OR_TEMPLATE) => {
            // Only the written form shows what a number was meant as: `0x00ff00`, `007700`, `123e45`.
            let digits = written.strip_prefix("0x").unwrap_or(written);
            let hex = matches!(digits.len(), 3 | 6) && digits.bytes().all(|one| one.is_ascii_hexdigit());
            let long =
                if digits.len() == 3 { digits.chars().flat_map(|one| [one, one]).collect() } else { digits.to_owned() };
            hex.then(|| format!("quote it: `\"#{long}\"`"))
        }
        Value::Int(_) if takes("string") && pattern != Some(pattern::TEMPLATE) => {
            Some(if written.is_empty() { "quote it".to_owned() } else { format!("quote it: `\"{written}\"`") })
        }
        Value::Bool(false) if takes("array") && may_be_empty => Some(empty_list(&spot.name)),
        Value::Float(_) | Value::Bool(_)
            if takes("string") && pattern.is_none_or(|one| one == pattern::PRESET_OR_TEMPLATE) =>
        {
            Some("quote it".to_owned())
        }
        Value::String(text) => {
            let text = text.text.trim();
            let number = (takes("integer") && text.parse::<i64>().is_ok())
                || (takes("number") && text.parse::<f64>().is_ok_and(f64::is_finite))
                || (takes("boolean") && matches!(text, "true" | "false"));
            if number {
                return Some(format!("remove the quotes: `{text}`"));
            }
            match text.to_ascii_lowercase().as_str() {
                "yes" | "on" | "true" | "1" if takes("boolean") => Some("write `true`".to_owned()),
                "no" | "off" | "false" | "0" if takes("boolean") => Some("write `false`".to_owned()),
                _ if takes("array") && text.contains("{{") => {
                    Some("a template gives text, not a list: write the list itself".to_owned())
                }
                "none" | "no" | "off" | "false" if takes("array") && may_be_empty => Some(empty_list(&spot.name)),
                _ if takes("array") => {
                    Some(format!("write a list: `{}: [{}]`", spot.name.trim_matches('`'), shown(text)))
                }
                _ if takes("object") => no_break_after_colon(text),
                _ => None,
            }
        }
        Value::List(_) | Value::Map(_) if takes("string") => {
            as_text(node).map(|text| format!("if this is text, quote it: `\"{text}\"`"))
        }
        _ => None,
    }
}

/// Returns the help for a mapping that YAML reads as a text, because a no-break space follows its key.
fn no_break_after_colon(text: &str) -> Option<String> {
    let blank = text.split_once(':')?.1.chars().next().filter(|one| is_no_break(*one))?;
    Some(format!(
        "the character after the `:` only looks like a space, U+{:04X}: replace it with a space",
        u32::from(blank)
    ))
}

/// Returns the fix for a list without items.
pub(super) fn empty_list(name: &str) -> String {
    format!("for none, write `{}: []`, or remove it", name.trim_matches('`'))
}

/// Maximum length of a text that a fix repeats, in bytes.
const MAX_WRITTEN: usize = 80;

/// The fields of mappings that authors write in place of the mapping, the more likely ones first.
const MAIN_FIELDS: [&str; 5] = ["id", "url", "path", "script", "name"];

/// Returns the fix for a text or a number in place of the mapping that holds it: `rows: { path: people.csv, … }`.
pub(super) fn in_mapping(document: &Json, schema: &Map<String, Json>, spot: &NodePath<'_>) -> Option<String> {
    let mapping = match schema.get("then") {
        Some(then) => object_branch(document, then).as_object()?,
        None => schema,
    };
    let fields = mapping.get("properties")?.as_object()?;
    let (text, is_number) = match &spot.node.value {
        Value::Int(number) => (number.to_string(), true),
        Value::String(text) if no_break_after_colon(&text.text).is_some() => return None,
        Value::String(text) => (text.text.trim().to_owned(), text.text.trim().parse::<i64>().is_ok()),
        _ => return None,
    };
    let is_url = text.contains("://");
    let field = MAIN_FIELDS.into_iter().find(|name| fields.contains_key(*name) && (*name != "url" || is_url))?;
    let takes_number = types_of(fields.get(field)?.as_object()?).contains(&"integer");
    // A number may also be the name of a preset.
    if text.len() > MAX_WRITTEN || takes_number != is_number && (takes_number || schema.contains_key("then")) {
        return None;
    }
    let value = if takes_number { text } else { scalar(&text) };
    let (more, note) = if fields.contains_key("key") && field == "path" {
        (", key: \"{{ row.id }}\"", ", with a column that differs in each row in place of `id`")
    } else {
        ("", "")
    };
    Some(format!("write `{}: {{ {field}: {value}{more} }}`{note}", scalar(spot.name.trim_matches('`'))))
}

/// Returns a text as a scalar of YAML that is also valid in brackets.
fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|one: char| one.is_ascii_alphabetic())
        && text.bytes().all(|one| one.is_ascii_alphanumeric() || b"._/-".contains(&one))
        && !is_yaml_keyword(text);
    if is_plain { text.to_owned() } else { Json::from(text).to_string() }
}

/// Returns the branch of a property that is a mapping.
pub(super) fn object_branch<'d>(document: &'d Json, property: &'d Json) -> &'d Json {
    let schema = property.get("then").unwrap_or(property);
    let name = schema.get("$ref").and_then(Json::as_str).and_then(|name| name.strip_prefix('#'));
    name.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema)
}
