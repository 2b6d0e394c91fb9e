//! Reads fields from a tree without repeating errors that the check already reported.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value as Json;

use crate::diagnostic::{Code, Diagnostic, Report, Severity};
use crate::fields::{self, LiteralOrTemplate, Table, Type, ValueError};
use crate::manifest::pattern::normalize_name;
use crate::manifest::{Expr, Field, has_template, normalize_speech};
use crate::source::Origin;
use crate::yaml::{Entry, Mapping, Node, Value, each_cut, to_json};

/// Reads fields, and knows the errors that are already reported.
pub(super) struct Decoder<'a> {
    /// The table of fields.
    pub table: &'static Table,
    report: &'a mut Report,
    /// The locations of errors that were reported before decoding.
    faulty: HashSet<Origin>,
    /// The preset names found so far. Many videos of a file share a few names, so they share the text.
    names: HashSet<Arc<str>>,
    /// The rejected literals.
    rejected: HashSet<(Code, Origin, String)>,
    /// The locations of comments with a warning.
    cuts: HashSet<Origin>,
    /// `true` if anything was omitted or reported since the last reset.
    unsound: bool,
}

/// A type whose literal can be read from a node.
pub(super) trait DecodeLiteral: Sized {
    fn literal(node: &Node) -> Option<Self>;
}

impl<'a> Decoder<'a> {
    pub(super) fn new(table: &'static Table, report: &'a mut Report) -> Self {
        let errors = report.iter().filter(|one| one.severity == Severity::Error);
        let faulty = errors.filter_map(|one| one.primary.as_ref()).map(|label| label.origin).collect();
        Self {
            table,
            report,
            faulty,
            names: HashSet::new(),
            rejected: HashSet::new(),
            cuts: HashSet::new(),
            unsound: false,
        }
    }

    /// Reports an error in the current declaration.
    pub(super) fn report_error(&mut self, fault: Diagnostic) {
        self.unsound = true;
        self.report.push(fault);
    }

    /// Warns about each text in a value that a comment cuts.
    pub(super) fn warn_of_cuts(&mut self, node: &Node) {
        each_cut(node, &mut |warning| {
            let place = warning.primary.as_ref().map(|label| label.origin);
            // An alias uses one text in several places.
            if place.is_some_and(|place| self.cuts.insert(place)) {
                self.report.push(warning);
            }
        });
    }

    /// Records that a value is omitted because the check reported it.
    pub(super) fn omit<T>(&mut self) -> Option<T> {
        self.unsound = true;
        None
    }

    /// Returns `true` if an error is already reported at a key or its value.
    pub(super) fn has_error(&self, entry: &Entry) -> bool {
        self.faulty.contains(&entry.key_origin) || self.faulty.contains(&entry.value.origin)
    }

    /// Returns `true` if an entry is a list and no error is reported at its items.
    pub(super) fn items_valid(&self, entry: &Entry) -> bool {
        entry.value.as_list().is_some_and(|items| !items.iter().any(|item| self.faulty.contains(&item.origin)))
    }

    /// Reads one declaration. Returns it with `true` if neither it nor anything inside it has an error.
    pub(super) fn decode_checked<R>(&mut self, entry: &Entry, read: impl FnOnce(&mut Self) -> R) -> (R, bool) {
        let before = std::mem::replace(&mut self.unsound, false);
        let made = read(self);
        let sound = !self.unsound && !self.contains_error(entry);
        self.unsound = before || !sound;
        (made, sound)
    }

    fn contains_error(&self, entry: &Entry) -> bool {
        !self.faulty.is_empty() && (self.faulty.contains(&entry.key_origin) || self.node_contains_error(&entry.value))
    }

    fn node_contains_error(&self, node: &Node) -> bool {
        self.faulty.contains(&node.origin)
            || match &node.value {
                Value::List(items) => items.iter().any(|item| self.node_contains_error(item)),
                Value::Map(map) => map.entries.iter().any(|entry| self.contains_error(entry)),
                _ => false,
            }
    }

    /// Reports a name that a mapping has twice, in two forms of the same letters. Equal keys are reported before.
    pub(super) fn check_names(&mut self, map: &Mapping) {
        if map.entries.iter().all(|entry| entry.key.is_ascii()) {
            return;
        }
        let mut first: HashMap<Arc<str>, &Entry> = HashMap::new();
        for entry in &map.entries {
            let name = normalize_name(&entry.key);
            match first.get(&name) {
                Some(known) if known.key != entry.key => {
                    let message = format!("`{name}` occurs twice, in two forms of the same letters");
                    let fault = Diagnostic::new(Code::DuplicateKey, message, entry.key_origin)
                        .with_secondary(known.key_origin, "first here")
                        .help("names are compared in Unicode's normal form C: rename or remove one of the two");
                    self.report_error(fault);
                }
                Some(_) => {}
                None => {
                    first.insert(name, entry);
                }
            }
        }
    }

    /// Returns the mapping of a node.
    pub(super) fn map<'n>(&mut self, node: &'n Node) -> Option<&'n Mapping> {
        node.as_map().or_else(|| self.omit())
    }

    /// Reads a literal that is not a template.
    pub(super) fn plain<T: DecodeLiteral>(&mut self, entry: &Entry) -> Option<T> {
        if self.has_error(entry) {
            return self.omit();
        }
        T::literal(&entry.value).or_else(|| self.omit())
    }

    /// Reads a field by a type of the table. A literal is checked here once for all instances.
    pub(super) fn field(&mut self, ty: &Type, path: &str, entry: &Entry) -> Option<Field> {
        if self.has_error(entry) {
            return self.omit();
        }
        let node = &entry.value;
        if matches!(ty, Type::Speech | Type::Label | Type::Id) {
            self.warn_of_cuts(node);
        }
        let value = match &node.value {
            Value::String(text) if has_template(&text.text) => Expr::Template(text.clone()),
            Value::String(text) if matches!(ty, Type::Speech) => {
                let checked = ty.check(fields::Value::Text(normalize_speech(&text.text).into()));
                checked.map_or_else(|error| self.rejected(&error, (ty, path), node), Expr::Literal)
            }
            _ => match ty.read(node) {
                Ok(value) => Expr::Literal(value),
                Err(error @ ValueError::Rule { .. }) => self.rejected(&error, (ty, path), node),
                // Unreachable for published rows, because the check knows their types and bounds from the schema and
                // reports the error. It does not know a row that is not yet published.
                Err(error) => {
                    self.rejected(&error, (ty, path), node);
                    return self.omit();
                }
            },
        };
        Some(Field { value, origin: node.origin, key_origin: entry.key_origin })
    }

    /// Reports a broken rule. The declaration stays complete, so that its other errors are reported too.
    fn rejected(&mut self, error: &ValueError, (ty, path): (&Type, &str), node: &Node) -> Expr {
        let origin = node.origin;
        let text = match to_json(node) {
            Json::String(text) => text,
            other => other.to_string(),
        };
        let mut diagnostic = error.diagnostic(ty, path, &text, LiteralOrTemplate::Literal, origin);
        diagnostic.alias = node.alias.map(|alias| Origin::new(origin.file, alias.get(), alias.get() + 1));
        // An alias uses one literal in several places.
        if self.rejected.insert((diagnostic.code, origin, diagnostic.message.clone())) {
            self.report.push(diagnostic);
        }
        Expr::Rejected
    }

    /// Reads a text without rules in the table: a path, the key of a row.
    pub(super) fn text_field(&mut self, entry: &Entry) -> Option<Field> {
        self.warn_of_cuts(&entry.value);
        self.plain_field(entry)
    }

    /// Reads a text that a comment may follow.
    pub(super) fn plain_field(&mut self, entry: &Entry) -> Option<Field> {
        if self.has_error(entry) {
            return self.omit();
        }
        let value = match &entry.value.value {
            Value::String(text) if has_template(&text.text) => Expr::Template(text.clone()),
            Value::String(text) => Expr::Literal(fields::Value::Text((&*text.text).into())),
            _ => return self.omit(),
        };
        Some(Field { value, origin: entry.value.origin, key_origin: entry.key_origin })
    }

    /// Reads a field that names a preset.
    pub(super) fn name(&mut self, entry: &Entry) -> Option<Field> {
        let mut field = self.plain_field(entry)?;
        if let Expr::Literal(fields::Value::Text(name)) = &mut field.value {
            *name = normalize_name(name);
            match self.names.get(name) {
                Some(known) => *name = Arc::clone(known),
                None => drop(self.names.insert(Arc::clone(name))),
            }
        }
        Some(field)
    }

    /// Returns the strings of a list that passed the check.
    pub(super) fn strings(&mut self, entry: &Entry) -> Vec<(Arc<str>, Origin)> {
        let items = entry.value.as_list().unwrap_or_default().iter();
        let string = |item: &Node| match &item.value {
            Value::String(text) if !self.faulty.contains(&item.origin) => Some(((&*text.text).into(), item.origin)),
            _ => self.omit(),
        };
        items.filter_map(string).collect()
    }
}

impl DecodeLiteral for Arc<str> {
    fn literal(node: &Node) -> Option<Self> {
        match &node.value {
            Value::String(text) => Some((&*text.text).into()),
            _ => None,
        }
    }
}

impl DecodeLiteral for f64 {
    fn literal(node: &Node) -> Option<Self> {
        match node.value {
            Value::Int(number) => Some(number as f64),
            Value::Float(number) => Some(number),
            _ => None,
        }
    }
}

impl DecodeLiteral for i64 {
    fn literal(node: &Node) -> Option<Self> {
        /// Above this value, a float can no longer represent every integer.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        match node.value {
            Value::Int(number) => Some(number),
            Value::Float(number) if number.fract() == 0.0 && number.abs() <= EXACT => Some(number as i64),
            _ => None,
        }
    }
}
