//! Completions and hovers for the ids of the vendor's avatars and voices. Ids that the catalog lacks stay valid.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::transform::{snippet, yaml_scalar};
use crate::source::{pluralize, quoted};

/// An avatar, a voice or a template of the vendor's catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogEntry {
    /// The id in manifests.
    pub id: String,
    /// The human-readable name.
    pub name: String,
    /// The language of a voice.
    pub language: Option<String>,
    /// The gender, as in the vendor's list.
    pub gender: Option<String>,
    /// The URL of a picture, a video or a sound.
    pub preview: Option<String>,
    /// The emotions of a voice. Empty if they are unknown.
    pub emotions: Vec<String>,
    /// The number of scenes of a template.
    pub scenes: Option<u64>,
}

/// Offers the ids of a catalog. Ids that it does not list stay valid.
pub fn offer_ids(schema: &mut Value, place: &str, listed: &[CatalogEntry]) {
    // a pattern, for of a `const` editors list all other ids as allowed values
    listed_as(schema, place, listed, &|one| (json!(one.id), json!({ "pattern": any_of(&[&one.id]) })));
}

/// Offers the ids of a catalog that are numbers.
pub fn listed_numbers(schema: &mut Value, place: &str, listed: &[CatalogEntry]) {
    let number = |one: &CatalogEntry| {
        let id: Value = one.id.parse::<i64>().map_or_else(|_| json!(one.id), |id| json!(id));
        let case = json!({ "type": "integer", "minimum": id, "maximum": id });
        (id, case)
    };
    listed_as(schema, place, listed, &number);
}

/// `of` returns the value for an id, and the schema that accepts only this value.
fn listed_as(schema: &mut Value, place: &str, listed: &[CatalogEntry], of: &dyn Fn(&CatalogEntry) -> (Value, Value)) {
    let Some(object) = schema.pointer_mut(place).and_then(Value::as_object_mut) else { return };
    if listed.is_empty() {
        return;
    }
    let offered: Vec<Value> = listed
        .iter()
        .map(|one| {
            let label = format!("{}{}", one.name, words(one));
            snippet(&label, &format!("`{}`{}", one.id, preview(one)), yaml_scalar(&of(one).0))
        })
        .collect();
    let mut parts = match object.remove("allOf") {
        Some(Value::Array(known)) => known,
        _ => Vec::new(),
    };
    parts.push(json!({ "defaultSnippets": offered }));
    parts.extend(listed.iter().map(|one| {
        let text = format!("**{}**{}.{}{}", one.name, words(one), preview(one), emotions(one));
        json!({
            "if": of(one).1,
            "then": { "description": text.replace(['`', '*'], ""), "markdownDescription": text },
        })
    }));
    object.insert("allOf".to_owned(), parts.into());
}

/// The emotions that the vendor's documentation names. Each voice has its own.
const DOCUMENTED: [&str; 5] = ["normal", "happy", "sad", "cheerful", "chat"];

/// Offers the documented emotions, in a way that takes any other word, too.
pub fn documented_emotions(schema: &mut Value) {
    let field = schema.pointer_mut("/definitions/Tts/properties/emotion").and_then(Value::as_object_mut);
    let Some(field) = field else { return };
    let parts = field.entry("allOf").or_insert_with(|| json!([]));
    if let Some(parts) = parts.as_array_mut() {
        parts.push(documented());
    }
}

fn documented() -> Value {
    let words = vec!["The vendor documents it. Each voice has its own."; DOCUMENTED.len()];
    let known = json!({ "enum": DOCUMENTED, "enumDescriptions": words, "markdownEnumDescriptions": words });
    json!({ "anyOf": [known, {}] })
}

/// Offers the documented emotions only for voices whose emotions the catalog does not list.
fn documented_for_others(tts: &mut Map<String, Value>, listed: &[&str]) -> Value {
    let field = tts.get_mut("properties").and_then(|all| all.get_mut("emotion")).and_then(Value::as_object_mut);
    if let Some(field) = field
        && let Some(parts) = field.get_mut("allOf").and_then(Value::as_array_mut)
    {
        parts.retain(|part| *part != documented());
        if parts.is_empty() {
            field.shift_remove("allOf");
        }
    }
    let is_listed = json!({ "properties": { "id": { "pattern": any_of(listed) } }, "required": ["id"] });
    json!({
        "if": { "not": is_listed },
        "then": { "properties": { "emotion": { "doNotSuggest": true, "allOf": [documented()] } } },
    })
}

/// Offers the emotions of the voice whose id is next to them. Any other word stays valid.
pub fn offer_emotions(schema: &mut Value, voices: &[CatalogEntry]) {
    let Some(tts) = schema.pointer_mut("/definitions/Tts").and_then(Value::as_object_mut) else { return };
    let mut alike: BTreeMap<&[String], Vec<&str>> = BTreeMap::new();
    for voice in voices.iter().filter(|voice| !voice.emotions.is_empty()) {
        alike.entry(&voice.emotions).or_default().push(&voice.id);
    }
    let listed: Vec<&str> = alike.values().flatten().copied().collect();
    let mut parts: Vec<Value> = alike
        .into_iter()
        .map(|(emotions, ids)| {
            let words = vec!["This voice can do it."; emotions.len()];
            let known = json!({ "enum": emotions, "enumDescriptions": words, "markdownEnumDescriptions": words });
            json!({
                "if": { "properties": { "id": { "pattern": any_of(&ids) } }, "required": ["id"] },
                // The object already offers the field itself.
                "then": { "properties": { "emotion": { "doNotSuggest": true, "allOf": [{ "anyOf": [known, {}] }] } } },
            })
        })
        .collect();
    if !parts.is_empty() {
        parts.push(documented_for_others(tts, &listed));
        tts.insert("allOf".to_owned(), parts.into());
    }
}

/// Returns a regular expression, valid in JavaScript and Rust, that matches exactly these ids.
fn any_of(ids: &[&str]) -> String {
    let escaped = |id: &&str| {
        let mut pattern = String::with_capacity(id.len());
        for one in id.chars() {
            if r"\^$.|?*+()[]{}/".contains(one) {
                pattern.push('\\');
            }
            pattern.push(one);
        }
        pattern
    };
    format!("^({})$", ids.iter().map(escaped).collect::<Vec<_>>().join("|"))
}

/// Returns language and gender, or the number of scenes, in parentheses after a space. Empty if they are unknown.
fn words(one: &CatalogEntry) -> String {
    let scenes = one.scenes.map(|scenes| pluralize(scenes, "scene"));
    let known = [one.language.as_deref(), one.gender.as_deref(), scenes.as_deref()];
    let known = known.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if known.is_empty() { known } else { format!(" ({known})") }
}

fn preview(one: &CatalogEntry) -> String {
    one.preview.as_deref().map(|url| format!(" [preview]({url})")).unwrap_or_default()
}

fn emotions(one: &CatalogEntry) -> String {
    if one.emotions.is_empty() { String::new() } else { format!("\n\nEmotions: {}.", quoted(&one.emotions)) }
}
