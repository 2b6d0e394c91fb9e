//! The schema walked beside the tree: each fault once, at its exact place, in our own words.
//!
//! The walk knows the keywords that the published schema uses; a test proves that it knows them all, another that it
//! finds a fault exactly where `jsonschema` says the tree is invalid.

use serde_json::{Map, Value as Json};

use super::words;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::pattern;
use crate::source::Origin;
use crate::yaml::{Entry, Mapping, Node, Value};

/// A value's place in the document: what people call it, and where its name stands.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    /// In a sentence: `` `speed` ``, `an item of `env``, `the manifest`.
    pub name: String,
    /// The key; for an item or a whole file, the value itself.
    pub origin: Origin,
}

impl Spot {
    /// A whole file.
    pub fn file(tree: &Node) -> Self {
        Self { name: "the manifest".to_owned(), origin: tree.origin }
    }

    fn entry(entry: &Entry) -> Self {
        Self { name: format!("`{}`", words::shown(&entry.key)), origin: entry.key_origin }
    }

    fn item(&self, item: &Node) -> Self {
        let list = self.name.strip_prefix("an item of ").unwrap_or(&self.name);
        Self { name: format!("an item of {list}"), origin: item.origin }
    }
}

/// All faults of a tree; none exactly when it is valid.
pub(super) fn faults(root: &Json, tree: &Node) -> Vec<Diagnostic> {
    let mut walk = Walk { root, faults: Vec::new() };
    walk.value(root, tree, &Spot::file(tree));
    walk.faults
}

struct Walk<'a> {
    root: &'a Json,
    faults: Vec<Diagnostic>,
}

impl<'a> Walk<'a> {
    fn value(&mut self, schema: &'a Json, node: &Node, spot: &Spot) {
        let Some(schema) = resolve(self.root, schema).as_object() else { return };
        if !has_type(schema, node) {
            let fault = if matches!(node.value, Value::Null) {
                words::null_value(schema, spot)
            } else {
                words::wrong_type(schema, node, spot)
            };
            self.faults.push(fault);
            return;
        }
        if let Some(expected) = schema.get("const")
            && !equals(expected, node)
        {
            self.faults.push(words::version(expected, node));
            return;
        }
        if let Some(Json::Array(known)) = schema.get("enum")
            && !known.iter().any(|one| equals(one, node))
        {
            self.faults.push(words::unknown_value(known, node, spot));
            return;
        }
        if let Some(Json::Array(branches)) = schema.get("anyOf") {
            self.branches(branches, node, spot);
        }
        match &node.value {
            Value::Map(map) => self.map(schema, map, spot),
            Value::List(items) => self.list(schema, items, spot),
            Value::String(text) => self.string(schema, &text.text, node, spot),
            Value::Int(number) => self.number(schema, *number as f64, node, spot),
            Value::Float(number) => self.number(schema, *number, node, spot),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// The instance's shape decides which branch was meant; only that one's faults are told.
    fn branches(&mut self, branches: &'a [Json], node: &Node, spot: &Spot) {
        let mut told = None;
        for branch in branches {
            if !resolve(self.root, branch).as_object().is_none_or(|branch| has_type(branch, node)) {
                continue;
            }
            let mut inner = Walk { root: self.root, faults: Vec::new() };
            inner.value(branch, node, spot);
            if inner.faults.is_empty() {
                return;
            }
            told.get_or_insert(inner.faults);
        }
        self.faults.extend(told.unwrap_or_default());
    }

    fn map(&mut self, schema: &'a Map<String, Json>, map: &Mapping, spot: &Spot) {
        let properties = schema.get("properties").and_then(Json::as_object);
        let names = schema.get("propertyNames").and_then(|names| names.get("pattern")).and_then(Json::as_str);
        for entry in &map.entries {
            if let Some(names) = names
                && pattern::matches(names, &entry.key) != Some(true)
            {
                self.faults.push(words::bad_key(names, entry, spot));
            }
            let inner = Spot::entry(entry);
            if let Some(property) = properties.and_then(|known| known.get(&*entry.key)) {
                self.value(property, &entry.value, &inner);
            } else if let Some(property) = pattern_property(schema, &entry.key) {
                self.value(property, &entry.value, &inner);
            } else {
                match schema.get("additionalProperties") {
                    Some(Json::Bool(false)) => self.faults.push(self.unknown_field(schema, entry)),
                    Some(other) => self.value(other, &entry.value, &inner),
                    None => {}
                }
            }
        }
        for required in schema.get("required").and_then(Json::as_array).into_iter().flatten() {
            if let Some(name) = required.as_str()
                && map.get(name).is_none()
            {
                self.faults.push(words::missing_field(name, spot));
            }
        }
        if at_least(schema, "minProperties").is_some_and(|least| (map.entries.len() as u64) < least) {
            self.faults.push(words::empty(schema, spot));
        }
    }

    fn list(&mut self, schema: &'a Map<String, Json>, items: &[Node], spot: &Spot) {
        if let Some(item_schema) = schema.get("items") {
            for item in items {
                self.value(item_schema, item, &spot.item(item));
            }
        }
        if at_least(schema, "minItems").is_some_and(|least| (items.len() as u64) < least) {
            self.faults.push(words::empty(schema, spot));
        }
    }

    fn string(&mut self, schema: &'a Map<String, Json>, text: &str, node: &Node, spot: &Spot) {
        if at_least(schema, "minLength").is_some_and(|least| (text.chars().count() as u64) < least) {
            self.faults.push(
                Diagnostic::new(Code::NullValue, format!("{} is empty", spot.name), node.origin)
                    .help("give it a value or remove it"),
            );
        } else if let Some(pattern) = schema.get("pattern").and_then(Json::as_str)
            && pattern::matches(pattern, text) != Some(true)
        {
            self.faults.push(words::mismatch(pattern, schema, text, node, spot));
        }
    }

    fn number(&mut self, schema: &'a Map<String, Json>, number: f64, node: &Node, spot: &Spot) {
        let bound = |name: &str| schema.get(name).and_then(Json::as_f64);
        if bound("minimum").is_some_and(|least| number < least)
            || bound("maximum").is_some_and(|most| number > most)
            || bound("exclusiveMinimum").is_some_and(|least| number <= least)
        {
            self.faults.push(words::out_of_range(schema, number, node, spot));
        }
    }

    fn unknown_field(&self, schema: &Map<String, Json>, entry: &Entry) -> Diagnostic {
        let properties = schema.get("properties").and_then(Json::as_object);
        let known: Vec<&str> = properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let below = home(self.root, properties, &entry.key, 3);
        words::unknown_field(schema, &known, below.as_deref(), entry)
    }
}

/// A schema, or the definition that it names.
fn resolve<'a>(root: &'a Json, schema: &'a Json) -> &'a Json {
    let mut schema = schema;
    while let Some(name) = schema.get("$ref").and_then(Json::as_str) {
        match name.strip_prefix('#').and_then(|pointer| root.pointer(pointer)) {
            Some(next) => schema = next,
            None => break,
        }
    }
    schema
}

/// The dotted path below some properties to a mapping that knows a field.
fn home(root: &Json, properties: Option<&Map<String, Json>>, field: &str, depth: usize) -> Option<String> {
    let inner = || {
        properties.into_iter().flatten().filter_map(|(name, property)| {
            let fields = object_branch(root, property)?.get("properties")?.as_object()?;
            Some((name, fields))
        })
    };
    if depth == 0 {
        return None;
    }
    // the nearest one: all fields of this depth before those of the next
    inner().find(|(_, fields)| fields.contains_key(field)).map(|(name, _)| name.clone()).or_else(|| {
        inner().find_map(|(name, fields)| Some(format!("{name}.{}", home(root, Some(fields), field, depth - 1)?)))
    })
}

/// The mapping that a property may hold.
fn object_branch<'a>(root: &'a Json, property: &'a Json) -> Option<&'a Json> {
    let schema = resolve(root, property);
    let Some(Json::Array(branches)) = schema.get("anyOf") else { return Some(schema) };
    branches.iter().map(|branch| resolve(root, branch)).find(|branch| branch.get("properties").is_some())
}

fn pattern_property<'a>(schema: &'a Map<String, Json>, key: &str) -> Option<&'a Json> {
    let patterns = schema.get("patternProperties")?.as_object()?;
    patterns.iter().find(|(pattern, _)| key.starts_with(pattern.trim_start_matches('^'))).map(|(_, found)| found)
}

fn at_least(schema: &Map<String, Json>, keyword: &str) -> Option<u64> {
    schema.get(keyword).and_then(Json::as_u64)
}

/// Whether a value is of one of the schema's types, as draft-07 counts them: `1.0` is a whole number.
fn has_type(schema: &Map<String, Json>, node: &Node) -> bool {
    let fits = |kind: &Json| match (&node.value, kind.as_str().unwrap_or_default()) {
        (Value::Null, "null")
        | (Value::Bool(_), "boolean")
        | (Value::Int(_), "integer" | "number")
        | (Value::Float(_), "number")
        | (Value::String(_), "string")
        | (Value::List(_), "array")
        | (Value::Map(_), "object") => true,
        (Value::Float(number), "integer") => number.fract() == 0.0,
        _ => false,
    };
    match schema.get("type") {
        Some(Json::Array(kinds)) => kinds.iter().any(fits),
        Some(kind) => fits(kind),
        None => true,
    }
}

fn equals(expected: &Json, node: &Node) -> bool {
    #[expect(clippy::float_cmp, reason = "a constant is equal or it is not")]
    let same_number = |number: f64| expected.as_f64().is_some_and(|expected| expected == number);
    match &node.value {
        Value::String(text) => expected.as_str() == Some(&*text.text),
        Value::Int(number) => same_number(*number as f64),
        Value::Float(number) => same_number(*number),
        Value::Bool(value) => expected.as_bool() == Some(*value),
        Value::Null | Value::List(_) | Value::Map(_) => false,
    }
}
