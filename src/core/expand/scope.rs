//! The names that a template can reference: `vars`, `matrix`, `row`, `video.key`, `video.base`, `env`, and nothing
//! else.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use serde_json::Value as Json;

use super::identifiers::normalize;
use crate::diagnostic::Diagnostic;
use crate::source::{Origin, RowLocation};

/// The names of a scope, for suggestions.
pub(super) const NAMES: [&str; 5] = ["vars", "matrix", "row", "video", "env"];

/// The values of one instance. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub vars: Value,
    pub env: Value,
    pub matrix: Option<Value>,
    pub row: Option<Value>,
    /// The full key, once it is known.
    pub key: Option<Arc<str>>,
    /// Its numbers that print differently from how they are written.
    pub misprints: Arc<[NumberMisprint]>,
}

/// A number that prints differently from how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NumberMisprint {
    /// The expression of the value: `vars.price`.
    pub path: Arc<str>,
    pub written: Box<str>,
    pub printed: Box<str>,
    /// Its origin. `None` in a JSON data file, whose text is not kept.
    pub origin: Option<Origin>,
}

impl Scope {
    /// Creates a scope without an instance.
    pub(super) fn new(vars: &BTreeMap<Arc<str>, crate::manifest::Variable>, env: &BTreeMap<String, String>) -> Self {
        let vars = vars.iter().map(|(name, variable)| (&**name, value_of(&variable.value)));
        let env = env.iter().map(|(name, value)| (name.as_str(), Value::from(value.as_str())));
        Self {
            vars: Value::from_pairs(vars),
            env: Value::from_pairs(env),
            matrix: None,
            row: None,
            key: None,
            misprints: Arc::default(),
        }
    }

    /// Returns `true` if all rows have the columns of this one, so that a missing column is missing everywhere.
    pub(super) fn row_is_of_a_table(&self) -> bool {
        self.row.as_ref().is_some_and(|row| row.downcast_object_ref::<TextRow>().is_some())
    }

    /// Returns a member by name.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        match name {
            "vars" => Some(self.vars.clone()),
            "env" => Some(self.env.clone()),
            "matrix" => self.matrix.clone(),
            "row" => self.row.clone(),
            "video" => self.key.as_ref().map(|key| {
                let base = key.split('[').next().unwrap_or_default();
                Value::from_pairs([("key", Value::from(key)), ("base", Value::from(base))])
            }),
            _ => None,
        }
    }
}

/// One instance during its expansion.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    scope: Scope,
    /// The scope as a value of the engine, built for the first template.
    value: OnceCell<Value>,
    /// Its record.
    pub row: Option<RowLocation>,
}

impl Instance {
    pub(super) fn new(scope: Scope, row: Option<RowLocation>) -> Self {
        Self { scope, value: OnceCell::new(), row }
    }

    /// Returns the names that its templates can reference.
    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Adds the key.
    pub(super) fn with_key(mut self, key: Arc<str>) -> Self {
        self.scope.key = Some(key);
        Self::new(self.scope, self.row)
    }

    /// Returns the scope as a value of the engine.
    pub(super) fn value(&self) -> &Value {
        self.value.get_or_init(|| Value::from_object(self.scope.clone()))
    }

    /// Adds its key and its record to a diagnostic.
    pub(super) fn named(&self, diagnostic: Diagnostic) -> Diagnostic {
        Diagnostic { key: self.scope.key.as_deref().map(str::to_owned), row: self.row.clone(), ..diagnostic }
    }
}

impl Object for Scope {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.get(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&NAMES)
    }
}

/// The columns of a table of text cells, shared by its rows.
#[derive(Debug)]
pub(super) struct Columns {
    names: Vec<Arc<str>>,
    index: HashMap<Arc<str>, usize>,
}

impl Columns {
    /// Creates the columns in the given order. The names must be unique.
    pub(super) fn new(names: Vec<Arc<str>>) -> Self {
        let index = names.iter().enumerate().map(|(place, name)| (Arc::clone(name), place)).collect();
        Self { names, index }
    }

    fn place(&self, name: &str) -> Option<usize> {
        let place = self.index.get(name).copied();
        // Some systems write `ö` as two characters, `o` and two dots.
        let alike = |known: &Arc<str>| !known.is_ascii() && normalize(known) == normalize(name);
        place.or_else(|| if name.is_ascii() { None } else { self.names.iter().position(alike) })
    }

    pub(super) fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }
}

/// A row of text cells.
#[derive(Debug)]
pub(super) struct TextRow {
    pub columns: Arc<Columns>,
    pub cells: csv::StringRecord,
}

impl Object for TextRow {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.cells.get(self.columns.place(key)?).map(Value::from)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.columns.names.iter().map(Value::from).collect())
    }
}

/// Converts JSON to a value of the engine. Conversion through serde would read some strings as handles.
pub(super) fn value_of(json: &Json) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(value), _) => Value::from(value),
            (None, Some(value)) => Value::from(value),
            (None, None) => Value::from(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => items.iter().map(value_of).collect(),
        Json::Object(map) => Value::from_pairs(map.iter().map(|(name, inner)| (name.as_str(), value_of(inner)))),
    }
}

/// Returns the member names of a mapping. Empty for any other value.
pub(super) fn names_in(value: &Value) -> Vec<String> {
    if value.kind() != minijinja::value::ValueKind::Map {
        return Vec::new();
    }
    value.try_iter().map(|names| names.map(|name| name.to_string()).collect()).unwrap_or_default()
}
