//! The tree with spans: values as the core schema of YAML 1.2 reads them.

use std::num::NonZeroU32;
use std::sync::Arc;

use arcstr::Substr;
use granit_parser::ScalarStyle;
use serde_json::Value as Json;

use crate::source::Origin;

/// Maximum nesting depth. The root is level 1.
pub const MAX_DEPTH: usize = 64;

/// Maximum number of nodes that aliases may add to a file.
pub const MAX_NODES: usize = 200_000;

/// Maximum number of values in a manifest. Larger content belongs in data files.
pub const MAX_VALUES: usize = 1_000_000;

/// A value and its location.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its location. For a mapping or list in block style, the first key or item.
    pub origin: Origin,
    /// The byte of the alias that repeats this value. `origin` is then the anchor's.
    pub alias: Option<NonZeroU32>,
}

impl Node {
    /// Sets the alias that repeats this value, also for a text.
    pub(super) fn set_alias(&mut self, alias: Option<NonZeroU32>) {
        self.alias = alias;
        if let Value::String(text) = &mut self.value {
            text.alias = alias;
        }
    }
}

/// A value of YAML 1.2's core schema; `no`, `on` and `16:9` are strings.
#[derive(Clone, Debug)]
pub enum Value {
    /// Empty, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number with a point or an exponent, never infinite or NaN.
    Float(f64),
    /// Text.
    String(Text),
    /// A list.
    List(Vec<Node>),
    /// A mapping in written order, with merges applied and unique keys.
    Map(Mapping),
}

/// A string and its written style, which locates each of its bytes in the file.
#[derive(Clone, Debug)]
pub struct Text {
    /// The string. A part of the file's text where the file has it literally.
    pub text: Substr,
    /// Its written style.
    pub style: ScalarStyle,
    /// Number of bytes between its end and a `#` that may be part of it, or 0.
    pub cut: u16,
    /// The byte of the alias that repeats this text.
    pub alias: Option<NonZeroU32>,
}

impl Text {
    /// Returns the origin of the alias that repeats this text, in the file of the text.
    pub fn alias_origin(&self, origin: Origin) -> Option<Origin> {
        self.alias.map(|alias| Origin::new(origin.file, alias.get(), alias.get() + 1))
    }
}

/// The entries of a mapping.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// In written order. Merged entries follow the mapping's own.
    pub entries: Vec<Entry>,
}

/// One `key: value`.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Arc<str>,
    /// The location of the key.
    pub key_origin: Origin,
    /// The value.
    pub value: Node,
}

impl Mapping {
    /// Returns the entry of a key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| &*entry.key == key)
    }
}

impl Node {
    /// Returns the mapping, or `None` for another kind.
    pub fn as_map(&self) -> Option<&Mapping> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Returns the items, or `None` for another kind.
    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the string, or `None` for another kind.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(&text.text),
            _ => None,
        }
    }

    /// Returns the kind of the value with its article: `a list`.
    pub fn kind_name(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Int(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::String(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}

/// Returns the node as JSON, with keys in written order and without locations.
pub fn to_json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => Json::from(*value),
        // The parser accepts only finite numbers, so this never becomes null.
        Value::Float(value) => Json::from(*value),
        Value::String(text) => Json::String(text.text.to_string()),
        Value::List(items) => Json::Array(items.iter().map(to_json).collect()),
        Value::Map(map) => {
            Json::Object(map.entries.iter().map(|entry| (entry.key.to_string(), to_json(&entry.value))).collect())
        }
    }
}
