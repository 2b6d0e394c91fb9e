//! The walk finds a fault exactly where the published schema says that a document is invalid.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::manifest::pattern;
use crate::schema::{manifest_schema, walk};
use crate::source::{FileId, Origin};
use crate::yaml::{Entry, Mapping, Node, ScalarStyle, Text, Value, to_json};

static SCHEMA: LazyLock<Json> = LazyLock::new(manifest_schema);
static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| jsonschema::draft7::new(&SCHEMA).unwrap());

/// A valid document in which every field of every kind stands.
fn document() -> Json {
    json!({
        "$schema": "x", "callsheet": 1, "required_version": ">=0.1", "include": ["a/*.yaml"], "env": ["CAMPAIGN"],
        "x-anchors": null,
        "vars": { "product": "Acme", "deep": { "list": [1, 1.5, true, "x"] } },
        "avatars": { "anna": { "id": "R", "style": "half", "scale": 1.1, "offset": { "x": -240, "y": "{{ vars.y }}" } },
                     "anna-round": { "use": "anna", "style": "round", "circle_bgcolor": "#ffeecc" } },
        "voices": { "v": { "tts": { "id": "x", "text": "t", "speed": 1.05, "pitch": -3, "emotion": "sad" } },
                    "f": { "file": { "asset_id": "a", "url": "u", "path": "p" } },
                    "s": { "silence": { "duration": 3 } } },
        "backgrounds": { "office": { "media": { "url": "u", "fit": "cover", "loop": true } }, "plain": { "color": "#f4f4f4" } },
        "defaults": { "aspect": "16:9", "avatar": "anna", "background": "office", "name": "n", "take": 1 },
        "videos": {
            "a": { "voice": "v", "script": "hi", "take": "{{ vars.t }}" },
            "b": { "voice": { "use": "v", "tts": { "speed": "{{ row.s }}" } }, "script": { "path": "x.txt" },
                   "matrix": { "locale": ["en", 1, true], "include": [{ "locale": "fr" }], "exclude": [{ "locale": "en" }] } },
            "c": { "rows": { "path": "a.csv", "key": "{{ row.id }}", "when": false }, "aspect": "{{ row.a }}" },
        },
        "environments": { "p": { "base_url": "https://a.b", "key_env": "K", "rate": 1, "concurrency": 4, "timeout": "60s", "settle_grace": "2m" } },
        "guards": { "max_submissions": 50, "max_credits": 200, "max_share": "30%" },
    })
}

fn node(json: &Json) -> Node {
    let origin = Origin::new(FileId(0), 0, 1);
    let value = match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => number.as_i64().map_or_else(|| Value::Float(number.as_f64().unwrap()), Value::Int),
        Json::String(text) => Value::String(Text { text: text.as_str().into(), style: ScalarStyle::Plain }),
        Json::Array(items) => Value::List(items.iter().map(node).collect()),
        Json::Object(map) => Value::Map(Mapping {
            entries: map
                .iter()
                .map(|(key, value)| Entry { key: key.as_str().into(), key_origin: origin, value: node(value) })
                .collect(),
        }),
    };
    Node { value, origin }
}

/// The paths of all values below one.
fn pointers(json: &Json, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    let inner: Vec<(String, &Json)> = match json {
        Json::Array(items) => items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
        Json::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        _ => Vec::new(),
    };
    for (key, value) in inner {
        pointers(value, &format!("{at}/{key}"), all);
    }
}

#[derive(Clone, Debug)]
enum Mutation {
    Replace(Json),
    Rename(String),
    Insert(String, Json),
    Remove,
}

/// Values near the borders of what fields take.
fn value() -> impl Strategy<Value = Json> {
    let pool = json!([
        null, true, false, 0, 1, 2, -1, -50, -51, 50, 99, 100, 1000, 1001, 1_000_000, 1_000_001, 9_007_199_254_740_993_i64,
        0.0, 0.49, 0.5, 1.5, 1.51, 1.0, 2.0, 1e300, -0.0, "", " ", "half", "16:9", "2", "1.5", "anna", "no way",
        "{{ vars.x }}", "{% if a %}", "{ {", "#ffeecc", "#fff", "60s", "60", "30%", "101%", "0.3", "true", "A_B", "a-b",
        [], {}, [1], ["a"], [[]], [null], [{}], { "a": 1 }, { "use": "b" }, { "path": "x" }, { "tts": {} }, { "x": null }
    ]);
    prop::sample::select(pool.as_array().unwrap().clone())
}

fn key() -> impl Strategy<Value = String> {
    let mut names = BTreeSet::from(["x-a", "x", "a b", "", "1", "-", "locale", "é", "xy"].map(str::to_owned));
    collect_names(&SCHEMA, &mut names);
    prop::sample::select(names.into_iter().collect::<Vec<_>>())
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

fn mutate(document: &mut Json, index: prop::sample::Index, mutation: Mutation) {
    let mut all = Vec::new();
    pointers(document, "", &mut all);
    let pointer = index.get(&all).clone();
    match mutation {
        Mutation::Replace(value) => *document.pointer_mut(&pointer).unwrap() = value,
        Mutation::Insert(key, value) => match document.pointer_mut(&pointer).unwrap() {
            Json::Object(map) => drop(map.insert(key, value)),
            Json::Array(items) => items.push(value),
            other => *other = value,
        },
        Mutation::Rename(_) | Mutation::Remove => {
            let Some((parent, last)) = pointer.rsplit_once('/') else { return };
            match document.pointer_mut(parent).unwrap() {
                Json::Object(map) => {
                    let value = map.shift_remove(last).unwrap();
                    if let Mutation::Rename(key) = mutation {
                        map.insert(key, value);
                    }
                }
                Json::Array(items) => drop(items.remove(last.parse().unwrap())),
                _ => unreachable!("a parent holds something"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn the_walk_and_the_validator_agree(mutations in prop::collection::vec(mutation(), 0..4)) {
        let mut document = document();
        for (index, mutation) in mutations {
            mutate(&mut document, index, mutation);
        }
        let tree = node(&document);
        let faults = walk::faults(&SCHEMA, &tree);
        prop_assert_eq!(faults.is_empty(), VALIDATOR.is_valid(&to_json(&tree)), "{}: {:?}", document, faults);
        for fault in &faults {
            prop_assert!(fault.primary.is_some() && !fault.message.ends_with('.'), "{:?}", fault);
        }
    }
}

#[test]
fn the_whole_document_is_valid() {
    let tree = node(&document());
    assert_eq!(walk::faults(&SCHEMA, &tree), Vec::new());
    assert!(VALIDATOR.is_valid(&document()));
}

/// A keyword that the walk does not know would be a fault that only the fallback tells.
#[test]
fn the_walk_knows_every_keyword_and_pattern_of_the_schema() {
    const KNOWN: &[&str] = &[
        "$ref",
        "$schema",
        "additionalProperties",
        "anyOf",
        "const",
        "definitions",
        "description",
        "enum",
        "exclusiveMinimum",
        "items",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "pattern",
        "patternProperties",
        "properties",
        "propertyNames",
        "required",
        "title",
        "type",
    ];
    fn look(schema: &Json) {
        let Json::Object(map) = schema else { return };
        for (keyword, inner) in map {
            assert!(KNOWN.contains(&keyword.as_str()), "{keyword}");
            match (keyword.as_str(), inner) {
                ("properties" | "definitions", Json::Object(named)) => named.values().for_each(look),
                ("patternProperties", Json::Object(named)) => {
                    assert_eq!(named.keys().collect::<Vec<_>>(), ["^x-"]);
                    named.values().for_each(look);
                }
                ("anyOf", Json::Array(branches)) => branches.iter().for_each(look),
                ("pattern", pattern) => assert!(pattern::matches(pattern.as_str().unwrap(), "").is_some(), "{pattern}"),
                ("items" | "additionalProperties" | "propertyNames", inner) => look(inner),
                _ => {}
            }
        }
        if map.contains_key("properties") {
            assert!(map.contains_key("title"), "an object without title: {schema}");
            assert!(map.contains_key("additionalProperties"), "an open object: {schema}");
        }
    }
    look(&SCHEMA);
    let text = SCHEMA.to_string();
    assert!(!text.contains("null"), "a null in the schema would be offered by editors");
    assert!(!text.contains("\"default\":"), "a default in the schema would be written into files by editors");
}
