//! The spanned tree: values as YAML 1.2's core schema reads them.

use std::num::NonZeroU32;
use std::sync::Arc;

use crate::source::Origin;

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its place; for a mapping or list in block style, the first key or item.
    pub origin: Origin,
    /// The byte where the alias stands through which the value came here; its place is the anchor's then.
    pub alias: Option<NonZeroU32>,
}

/// What YAML 1.2's core schema reads; `no`, `on` and `16:9` are strings.
#[derive(Clone, Debug)]
pub enum Value {
    /// Empty, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a point or an exponent; never infinite, never NaN.
    Float(f64),
    /// Text.
    String(Text),
    /// A list.
    List(Vec<Node>),
    /// A mapping, merges applied, keys unique, in written order.
    Map(Mapping),
}

/// A string and how it was written, so that a byte of it can be found again in the file.
#[derive(Clone, Debug)]
pub struct Text {
    /// The string.
    pub text: Arc<str>,
    /// How it was written.
    pub style: ScalarStyle,
    /// Bytes between its end and a `#` that may belong to it; 0 if there is none.
    pub cut: u16,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarStyle {
    /// Without quotes.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// The entries of a mapping.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// In written order; merged entries come after the mapping's own.
    pub entries: Vec<Entry>,
}

/// One `key: value`.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Arc<str>,
    /// The key's place.
    pub key_origin: Origin,
    /// The value.
    pub value: Node,
}

impl Mapping {
    /// The entry of a key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| &*entry.key == key)
    }
}

impl Node {
    /// The mapping, if it is one.
    pub fn as_map(&self) -> Option<&Mapping> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The items, if it is a list.
    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(&text.text),
            _ => None,
        }
    }

    /// What kind of value it is, in words: `a list`.
    pub fn kind(&self) -> &'static str {
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
