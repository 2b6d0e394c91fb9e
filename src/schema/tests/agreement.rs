//! The compiled validator agrees with the published schema, and each of its errors has its own message.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::diagnostic::Report;
use crate::schema::check::PublishedSchema;
use crate::schema::{FileRole, check, manifest_schema};
use crate::source::{FileId, Origin};
use crate::yaml::{Entry, Mapping, Node, ScalarStyle, Text, Value};

static SCHEMA: LazyLock<Json> = LazyLock::new(manifest_schema);
static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| jsonschema::draft7::new(&SCHEMA).unwrap());

/// A valid document with every field of every kind.
fn document() -> Json {
    json!({
        "$schema": "x", "callsheet": 1, "required_version": ">=0.1", "include": ["a/*.yaml"], "env": ["CAMPAIGN"], "allow": ["no-videos"],
        "x-anchors": null,
        "vars": { "product": "Acme", "deep": { "list": [1, 1.5, true, "x"] } },
        "avatars": { "anna": { "id": "R", "style": "half", "scale": 1.1, "offset": { "x": -240, "y": "{{ vars.y }}" } },
                     "anna-round": { "use": "anna", "style": "round", "circle_bgcolor": "#ffeecc" } },
        "voices": { "v": { "tts": { "id": "x", "text": "t", "speed": 1.05, "pitch": -3, "emotion": "sad" } },
                    "f": { "file": { "asset_id": "a", "url": "u", "path": "p" } },
                    "s": { "silence": { "duration": 3 } } },
        "backgrounds": { "office": { "media": { "url": "u", "fit": "cover", "loop": true } }, "plain": { "color": "#f4f4f4" } },
        "templates": { "launch": { "id": 4711, "scene_count": 3 }, "other": { "use": "launch", "id": "{{ vars.id }}" } },
        "defaults": { "aspect": "16:9", "avatar": "anna", "background": "office", "name": "n", "take": 1 },
        "videos": {
            "a": { "voice": "v", "script": "hi", "take": "{{ vars.t }}" },
            "b": { "voice": { "use": "v", "tts": { "speed": "{{ row.s }}" } }, "script": { "path": "x.txt" },
                   "matrix": { "locale": ["en", 1, true], "include": [{ "locale": "fr" }], "exclude": [{ "locale": "en" }] } },
            "c": { "rows": { "path": "a.csv", "key": "{{ row.id }}", "when": false }, "aspect": "{{ row.a }}" },
            "d": { "template": "launch", "scenes": [
                { "script": "hi", "voice": { "use": "v", "tts": { "id": "x", "text": "t" } } },
                { "voice": { "file": { "asset_id": "a" }, "silence": { "duration": 3 } }, "script": { "path": "x.txt" } },
            ] },
        },
        "environments": { "p": { "base_url": "https://a.b", "client_id_env": "I", "client_secret_env": "S", "key_env": "K", "rate": 1, "concurrency": 4, "timeout": "60s", "settle_grace": "2m" } },
        "guards": { "max_submissions": 50, "max_credits": 200, "max_share": "30%" },
        "ledger": { "branch": "callsheet/ledger", "remote": "upstream", "name": "videos" },
        "pull": { "name": "{key}.{ext}", "subtitles": ["srt", "vtt"] },
    })
}

fn node(json: &Json) -> Node {
    let origin = Origin::new(FileId(0), 0, 1);
    let value = match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => number.as_i64().map_or_else(|| Value::Float(number.as_f64().unwrap()), Value::Int),
        Json::String(text) => {
            Value::String(Text { text: text.as_str().into(), style: ScalarStyle::Plain, cut: 0, alias: None })
        }
        Json::Array(items) => Value::List(items.iter().map(node).collect()),
        Json::Object(map) => Value::Map(Mapping {
            entries: map
                .iter()
                .map(|(key, value)| Entry { key: key.as_str().into(), key_origin: origin, value: node(value) })
                .collect(),
        }),
    };
    Node { value, origin, alias: None }
}

/// The JSON pointers of all values below one.
fn pointers(json: &Json, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    let inner: Vec<(String, &Json)> = match json {
        Json::Array(items) => items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
        Json::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        _ => Vec::new(),
    };
    for (key, value) in inner {
        pointers(value, &format!("{at}/{}", key.replace('/', "~1")), all);
    }
}

#[derive(Clone, Debug)]
enum Mutation {
    Replace(Json),
    Rename(String),
    Insert(String, Json),
    Remove,
}

/// Values near the limits of fields.
fn values() -> Vec<Json> {
    let pool = json!([
        null, true, 0, 1, 2, -51, 51, 100, 1001, 1_000_001, 0.49, 1.5, 1.51, 1.0, 1e300, "", "half", "2",
        "no way", "no/way", "{{ vars.x }}", "{ {", "#ffeecc", "60s", "30%", "a-b", [], {}, [1], [null], [{}], { "a": 1 },
        { "path": "x" }, { "tts": {} }, { "x": null }
    ]);
    pool.as_array().unwrap().clone()
}

fn value() -> impl Strategy<Value = Json> {
    prop::sample::select(values())
}

fn keys() -> Vec<String> {
    let mut names = BTreeSet::from(["x-a", "x", "a b", "a/b", "", "1", "-", "locale", "é", "xy"].map(str::to_owned));
    collect_names(&SCHEMA, &mut names);
    names.into_iter().collect()
}

fn key() -> impl Strategy<Value = String> {
    prop::sample::select(keys())
}

fn collect_names(schema: &Json, names: &mut BTreeSet<String>) {
    if let Some(Json::Object(properties)) = schema.get("properties") {
        names.extend(properties.keys().cloned());
    }
    match schema {
        Json::Object(map) => map.values().for_each(|inner| collect_names(inner, names)),
        Json::Array(items) => items.iter().for_each(|inner| collect_names(inner, names)),
        _ => {}
    }
}

fn mutation() -> impl Strategy<Value = (prop::sample::Index, Mutation)> {
    let change = prop_oneof![
        4 => value().prop_map(Mutation::Replace),
        1 => key().prop_map(Mutation::Rename),
        2 => (key(), value()).prop_map(|(key, value)| Mutation::Insert(key, value)),
        1 => Just(Mutation::Remove),
    ];
    (any::<prop::sample::Index>(), change)
}

fn mutate(document: &mut Json, pointer: &str, mutation: &Mutation) {
    match mutation {
        Mutation::Replace(value) => *document.pointer_mut(pointer).unwrap() = value.clone(),
        Mutation::Insert(key, value) => match document.pointer_mut(pointer).unwrap() {
            Json::Object(map) => drop(map.insert(key.clone(), value.clone())),
            Json::Array(items) => items.push(value.clone()),
            other => *other = value.clone(),
        },
        Mutation::Rename(_) | Mutation::Remove => {
            let Some((parent, last)) = pointer.rsplit_once('/') else { return };
            match document.pointer_mut(parent).unwrap() {
                Json::Object(map) => {
                    let value = map.shift_remove(&last.replace("~1", "/")).unwrap();
                    if let Mutation::Rename(key) = mutation {
                        map.insert(key.clone(), value);
                    }
                }
                Json::Array(items) => drop(items.remove(last.parse().unwrap())),
                _ => unreachable!("a parent holds something"),
            }
        }
    }
}

/// Returns whether a document is valid. Fails if the validators disagree, or if a message is the validator's own.
fn agree(document: &Json) -> Result<bool, String> {
    let (compiled, made) = (PublishedSchema::is_valid(document), VALIDATOR.is_valid(document));
    if compiled != made {
        return Err(format!("{document}: by the compiled schema {compiled}, by the one made now {made}"));
    }
    let mut report = Report::new();
    // Only the root manifest may have all keys, and it must have a version.
    let mut root = document.clone();
    root.as_object_mut().map(|map| map.entry("callsheet").or_insert(json!(1)));
    let sound = check(&node(&root), FileRole::Root, "", &mut report);
    let ours = |message: &str| !message.ends_with('.') && !message.contains("does not fit the published schema");
    if sound != compiled
        || sound != report.is_empty()
        || !report.iter().all(|one| one.primary.is_some() && ours(&one.message))
    {
        return Err(format!("{document}: valid is {compiled}, but {report:?}"));
    }
    Ok(sound)
}

/// Calls `see` with the document of all fields after each single change.
pub(super) fn each_change(mut see: impl FnMut(&Json)) {
    let whole = document();
    let mut all = Vec::new();
    pointers(&whole, "", &mut all);
    let mut changes: Vec<Mutation> = values().into_iter().map(Mutation::Replace).collect();
    changes.push(Mutation::Remove);
    changes.extend(["a b", "", "x-a"].map(|key| Mutation::Rename(key.to_owned())));
    let inserted = ["x-a", "x", "a b", "", "use", "tts", "path", "callsheet", "script"];
    changes.extend(inserted.map(|key| Mutation::Insert(key.to_owned(), json!(1))));
    for pointer in &all {
        for change in &changes {
            if matches!(change, Mutation::Insert(..)) && !whole.pointer(pointer).unwrap().is_object() {
                continue;
            }
            let mut document = whole.clone();
            mutate(&mut document, pointer, change);
            see(&document);
        }
    }
}

/// Changes one value at a time, so that a second error cannot hide a missed one.
#[test]
fn every_single_change_is_valid_or_has_messages() {
    let mut invalid = 0;
    each_change(|document| invalid += u32::from(!agree(document).unwrap()));
    assert!(invalid > 1_000, "only {invalid} of the documents were invalid");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn several_changes_are_valid_or_have_messages(mutations in prop::collection::vec(mutation(), 2..6)) {
        let mut document = document();
        for (index, mutation) in mutations {
            let mut all = Vec::new();
            pointers(&document, "", &mut all);
            mutate(&mut document, index.get::<String>(&all), &mutation);
        }
        prop_assert!(agree(&document).is_ok(), "{:?}", agree(&document));
    }
}

#[test]
fn the_schema_is_draft_07_and_the_whole_document_is_valid() {
    assert_eq!(SCHEMA["$schema"], "http://json-schema.org/draft-07/schema#");
    assert!(jsonschema::draft7::meta::is_valid(&SCHEMA));
    assert_eq!(agree(&document()), Ok(true));
}

#[test]
fn no_object_of_the_schema_is_open_or_nameless_and_editors_insert_nothing() {
    fn look(schema: &Json) {
        match schema {
            Json::Object(map) => {
                if map.get("properties").is_some_and(|one| one.get("type").is_none_or(Json::is_object)) {
                    assert!(map.contains_key("title"), "an object without title: {schema}");
                    assert!(map.contains_key("additionalProperties"), "an open object: {schema}");
                }
                map.values().for_each(look);
            }
            Json::Array(items) => items.iter().for_each(look),
            _ => {}
        }
    }
    look(&SCHEMA);
    let text = SCHEMA.to_string();
    assert!(!text.contains("null"), "a null in the schema would be offered by editors");
    assert!(!text.contains("\"default\":"), "a default in the schema would be written into files by editors");
}
