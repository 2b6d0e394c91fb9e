//! Generates the rows of the page's tables from the schema.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::words::{flow, kind, words};

/// The input of the tables.
pub struct Tables {
    pub schema: Value,
    /// The manifest that the examples are taken from.
    pub whole: Value,
    /// Paths of the objects that have a separate table. The path of the root is empty.
    pub sections: BTreeSet<String>,
    /// Paths of the sections that some key links to.
    pub linked: BTreeSet<String>,
}

/// A key as the page shows it.
pub struct Row {
    pub path: String,
    /// The section of its own keys, if it has one.
    pub section: Option<String>,
    pub kind: String,
    pub default: String,
    pub meaning: String,
    pub example: String,
}

impl Tables {
    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(name) => self.schema.pointer(name.trim_start_matches('#')).unwrap(),
            None => schema,
        }
    }

    /// Returns the schema at a path. Placeholders for names and keys are in capitals.
    fn at(&self, path: &str) -> &Value {
        path.split('.').filter(|part| !part.is_empty()).fold(&self.schema, |schema, part| {
            let object = self.resolve(schema);
            let named = object["properties"].get(part);
            self.resolve(named.unwrap_or_else(|| &object["additionalProperties"]))
        })
    }

    /// Returns the rows of a table.
    pub fn rows(&mut self, path: &str) -> Vec<Row> {
        let object = self.at(path).clone();
        self.of_object(path, &object)
    }

    fn of_object(&mut self, path: &str, object: &Value) -> Vec<Row> {
        let mut rows = Vec::new();
        let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let required = object["required"].as_array().cloned().unwrap_or_default();
        let mut properties: Vec<(String, Value)> =
            object["properties"].as_object().into_iter().flatten().map(|(n, s)| (n.clone(), s.clone())).collect();
        if let Some(free) = object.get("additionalProperties").filter(|free| free.is_object()) {
            properties.push((if path.ends_with("matrix") { "AXIS" } else { "NAME" }.to_owned(), free.clone()));
        }
        if let Some(anything) = object.get("patternProperties").and_then(Value::as_object) {
            assert_eq!(anything.keys().collect::<Vec<_>>(), ["^x-"]);
            let text = serde_json::json!({ "description": "A place for anchors; nothing reads it." });
            properties.push(("x-NAME".to_owned(), text));
        }
        for (name, schema) in properties {
            let path = join(&name);
            let own = self.resolve(&schema).clone();
            let mut row = self.row(&path, &schema, &own);
            if required.contains(&Value::from(name)) {
                "required".clone_into(&mut row.default);
            }
            let inner = self.inner(&path, &own);
            if let Some(section) = &inner {
                self.linked.insert(section.clone());
                row.example = format!("[`{section}`](#{})", anchor(section));
                row.section = Some(section.clone());
            }
            let nested = own.get("then").filter(|then| then.get("$ref").is_none()).unwrap_or(&own);
            let below = if inner.is_none() && path != "vars" && nested.get("properties").is_some() {
                if own.get("then").is_none() {
                    row.example.clear();
                }
                self.of_object(&path, nested)
            } else if path == "vars" {
                self.of_object(&path, &own)
            } else {
                Vec::new()
            };
            rows.push(row);
            rows.extend(below);
        }
        rows
    }

    /// Returns the section that documents the value of a key.
    fn inner(&self, path: &str, own: &Value) -> Option<String> {
        let mut names = vec![path.to_owned()];
        if own.get("additionalProperties").is_some_and(Value::is_object) {
            names.extend(["NAME", "KEY"].map(|word| format!("{path}.{word}")));
        }
        names.into_iter().find(|name| self.sections.contains(name))
    }

    fn row(&self, path: &str, schema: &Value, own: &Value) -> Row {
        let text = schema.get("description").or_else(|| own.get("description"));
        let text = text.and_then(Value::as_str).unwrap_or_else(|| panic!("{path} says nothing")).replace('\n', " ");
        let mut meaning = if text.ends_with(['.', '…']) { text } else { format!("{text}.") };
        if let Some((words, meanings)) = words(own) {
            for (word, what) in words.iter().zip(meanings) {
                let _infallible = write!(
                    meaning,
                    " `{word}`: {}",
                    what.to_lowercase().replace([',', ';'], ",").replace(", the default", "")
                );
            }
        }
        let default = schema.get("default").or_else(|| own.get("default"));
        Row {
            path: path.to_owned(),
            section: None,
            kind: kind(own),
            default: default.map(|default| format!("`{}`", flow(default))).unwrap_or_default(),
            meaning,
            example: self.example(path),
        }
    }

    /// Returns the first value at a path in the manifest with all keys.
    fn example(&self, path: &str) -> String {
        let there = |path: &str| find("", &self.whole, &path.split('.').collect::<Vec<_>>());
        // The default script is either a text or a file; the videos have both.
        let like = path.strip_prefix("defaults.").map(|rest| format!("videos.KEY.{rest}"));
        let found = there(path).or_else(|| find("", &self.whole, &like.as_deref()?.split('.').collect::<Vec<_>>()));
        let (name, value) = found.unwrap_or_else(|| panic!("the manifest with all keys has no `{path}`"));
        format!("`{name}: {}`", flow(value))
    }
}

/// Returns the first node at a path, with its key.
fn find<'a>(key: &'a str, value: &'a Value, parts: &[&str]) -> Option<(&'a str, &'a Value)> {
    let Some((first, rest)) = parts.split_first() else { return Some((key, value)) };
    let object = value.as_object()?;
    let mut fitting = object.iter().filter(|(name, _)| match *first {
        "NAME" | "KEY" => true,
        "AXIS" => *name != "include" && *name != "exclude",
        "x-NAME" => name.starts_with("x-"),
        first => *name == first,
    });
    fitting.find_map(|(name, inner)| find(name, inner, rest))
}

/// Returns the anchor of a heading that is a path.
pub fn anchor(path: &str) -> String {
    path.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

/// Merges the keys of `<<` into their mappings.
pub fn merged(value: Value) -> Value {
    match value {
        Value::Object(mut fields) => {
            let beneath = fields.shift_remove("<<");
            let mut all: Map<String, Value> = fields.into_iter().map(|(name, one)| (name, merged(one))).collect();
            for (name, one) in beneath.as_ref().and_then(Value::as_object).into_iter().flatten() {
                all.entry(name.clone()).or_insert_with(|| one.clone());
            }
            Value::Object(all)
        }
        Value::Array(list) => list.into_iter().map(merged).collect(),
        other => other,
    }
}
