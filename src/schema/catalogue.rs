//! Completions and hovers for the ids of the vendor's avatars and voices. Ids that the catalog lacks stay valid.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::names::Listed;
use super::transform::{snippet, yaml_scalar};

/// Offers the ids of a catalog. Ids that it does not list stay valid.
pub fn listed_ids(schema: &mut Value, place: &str, listed: &[Listed]) {
    let Some(object) = schema.pointer_mut(place).and_then(Value::as_object_mut) else { return };
    if listed.is_empty() {
        return;
    }
    let offered: Vec<Value> = listed
        .iter()
        .map(|one| {
            let words = words(one);
            let label = if words.is_empty() { one.name.clone() } else { format!("{} ({words})", one.name) };
            snippet(&label, &format!("`{}`{}", one.id, preview(one)), yaml_scalar(&one.id.as_str().into()))
        })
        .collect();
    let mut parts = vec![json!({ "defaultSnippets": offered })];
    parts.extend(listed.iter().map(|one| {
        let words = words(one);
        let words = if words.is_empty() { String::new() } else { format!(" ({words})") };
        let text = format!("**{}**{words}.{}{}", one.name, preview(one), emotions(one));
        // A pattern, because for a `const`, editors list all other ids as allowed values.
        json!({
            "if": { "pattern": any_of(&[&one.id]) },
            "then": { "description": text.replace(['`', '*'], ""), "markdownDescription": text },
        })
    }));
    object.insert("allOf".to_owned(), parts.into());
}

/// Offers the emotions of a voice if its id is next to the field. Any other word stays valid.
pub fn voice_emotions(schema: &mut Value, voices: &[Listed]) {
    let Some(tts) = schema.pointer_mut("/definitions/Tts").and_then(Value::as_object_mut) else { return };
    let mut alike: BTreeMap<&[String], Vec<&str>> = BTreeMap::new();
    for voice in voices.iter().filter(|voice| !voice.emotions.is_empty()) {
        alike.entry(&voice.emotions).or_default().push(&voice.id);
    }
    let parts: Vec<Value> = alike
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

/// Returns language and gender, joined.
fn words(one: &Listed) -> String {
    let known = [one.language.as_deref(), one.gender.as_deref()];
    known.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn preview(one: &Listed) -> String {
    one.preview.as_deref().map(|url| format!(" [preview]({url})")).unwrap_or_default()
}

fn emotions(one: &Listed) -> String {
    if one.emotions.is_empty() { String::new() } else { format!("\n\nEmotions: {}.", quoted(&one.emotions)) }
}

fn quoted(words: &[String]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
