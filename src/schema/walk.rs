//! The schema walked beside the tree: each fault once, at its exact place, in our own words.
//!
//! The walk knows the keywords that the published schema uses; a test proves that it knows them all, another that it
//! finds a fault exactly where `jsonschema` says the tree is invalid.

use serde_json::{Map, Value as Json};

use super::rules::{Found, Rule, RuleNumber, Rules, resolve};
use super::words;
use crate::diagnostic::{Code, Diagnostic, MOST_KEPT};
use crate::manifest::pattern;
use crate::source::Origin;
use crate::yaml::{Entry, Mapping, Node, Value};

/// A value's place in the document: what people call it, and where its name stands; put into words only for a fault.
#[derive(Clone, Copy, Debug)]
pub(super) enum Spot<'n> {
    /// A whole file.
    File(Origin),
    /// A value under a key.
    Entry(&'n Entry),
    /// An item of a list.
    Item(&'n Spot<'n>, Origin),
}

impl Spot<'_> {
    /// In a sentence: `` `speed` ``, `an item of `env``, `the manifest`.
    pub fn name(&self) -> String {
        match self {
            Self::File(_) => "the manifest".to_owned(),
            Self::Entry(entry) => format!("`{}`", words::shown(&entry.key)),
            Self::Item(list, _) => {
                let name = list.name();
                if name.starts_with("an item of ") { name } else { format!("an item of {name}") }
            }
        }
    }

    /// The key; for an item or a whole file, the value itself.
    pub fn origin(&self) -> Origin {
        match self {
            Self::File(origin) | Self::Item(_, origin) => *origin,
            Self::Entry(entry) => entry.key_origin,
        }
    }
}

/// The faults of a tree, up to [`MOST_KEPT`]; none exactly when it is valid.
pub(super) fn faults(rules: &Rules<'_>, tree: &Node, text: &str) -> Vec<Diagnostic> {
    let mut walk = Walk { rules, text, faults: Vec::new() };
    walk.value(rules.root(), tree, Spot::File(tree.origin));
    walk.faults.truncate(MOST_KEPT);
    walk.faults
}

struct Walk<'a> {
    rules: &'a Rules<'a>,
    /// The text of the file.
    text: &'a str,
    faults: Vec<Diagnostic>,
}

impl<'a> Walk<'a> {
    fn value(&mut self, number: RuleNumber, node: &Node, spot: Spot<'_>) {
        let before = self.faults.len();
        self.own_value(number, node, spot);
        if node.alias.is_some() {
            for fault in &mut self.faults[before..] {
                through_alias(fault, node, spot);
            }
        }
    }

    /// Returns how a scalar is written.
    fn written(&self, node: &Node) -> &'a str {
        self.text.get(node.origin.span.range()).unwrap_or_default()
    }

    fn own_value(&mut self, number: RuleNumber, node: &Node, spot: Spot<'_>) {
        let Some(rule) = self.rules.get(number) else { return };
        if !rule.takes(node) {
            let fault = if matches!(node.value, Value::Null) {
                words::null_value(rule.schema, spot)
            } else {
                words::wrong_type(rule.schema, node, spot, self.written(node))
            };
            self.faults.push(fault);
            return;
        }
        if let Some(expected) = rule.constant
            && !equals(expected, node)
        {
            self.faults.push(words::version(expected, node));
            return;
        }
        if let Some(known) = rule.words
            && !known.iter().any(|one| equals(one, node))
        {
            self.faults.push(match node.value {
                Value::String(_) => words::unknown_value(known, node, spot),
                Value::Null => words::null_value(rule.schema, spot),
                _ => words::wrong_type(rule.schema, node, spot, self.written(node)),
            });
            return;
        }
        if let Some(branches) = &rule.branches {
            self.branches(branches, node, spot);
        }
        if let Some((case, then)) = rule.case
            && self.holds(case, node, spot)
        {
            self.value(then, node, spot);
        }
        match &node.value {
            Value::Map(map) => self.map(rule, map, spot),
            Value::List(items) => self.list(rule, items, spot),
            Value::String(text) => self.string(rule, &text.text, node, spot),
            Value::Int(number) => self.number(rule, *number as f64, node, spot),
            Value::Float(number) => self.number(rule, *number, node, spot),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Whether a value keeps to a rule.
    fn holds(&self, number: RuleNumber, node: &Node, spot: Spot<'_>) -> bool {
        let mut inner = Walk { rules: self.rules, text: self.text, faults: Vec::new() };
        inner.value(number, node, spot);
        inner.faults.is_empty()
    }

    /// The instance's shape decides which branch was meant; only that one's faults are told.
    fn branches(&mut self, branches: &[RuleNumber], node: &Node, spot: Spot<'_>) {
        let mut told = None;
        for branch in branches {
            if !self.rules.get(*branch).is_none_or(|branch| branch.takes(node)) {
                continue;
            }
            let mut inner = Walk { rules: self.rules, text: self.text, faults: Vec::new() };
            inner.value(*branch, node, spot);
            if inner.faults.is_empty() {
                return;
            }
            told.get_or_insert(inner.faults);
        }
        self.faults.extend(told.unwrap_or_default());
    }

    fn map(&mut self, rule: &Rule<'a>, map: &Mapping, spot: Spot<'_>) {
        for entry in &map.entries {
            if self.faults.len() >= MOST_KEPT {
                return;
            }
            if let Some(names) = rule.names
                && pattern::matches(names, &entry.key) != Some(true)
            {
                self.key_fault(words::bad_key(names, entry, spot), entry);
            }
            match rule.field(&entry.key) {
                Found::Rule(inner) => self.value(inner, &entry.value, Spot::Entry(entry)),
                Found::Anything => {}
                Found::Nothing => self.key_fault(self.unknown_field(rule.schema, entry), entry),
            }
        }
        for name in &rule.required {
            if map.get(name).is_none() {
                self.faults.push(words::missing_field(name, spot));
            }
        }
        if rule.least_properties.is_some_and(|least| (map.entries.len() as u64) < least) {
            self.faults.push(words::empty(rule.schema, spot));
        }
    }

    /// Tells of a key, which may have come through a merge.
    fn key_fault(&mut self, mut fault: Diagnostic, entry: &Entry) {
        through_alias(&mut fault, &entry.value, Spot::Entry(entry));
        self.faults.push(fault);
    }

    fn list(&mut self, rule: &Rule<'a>, items: &[Node], spot: Spot<'_>) {
        if let Some(inner) = rule.items {
            for item in items {
                if self.faults.len() >= MOST_KEPT {
                    return;
                }
                self.value(inner, item, Spot::Item(&spot, item.origin));
            }
        }
        if rule.least_items.is_some_and(|least| (items.len() as u64) < least) {
            self.faults.push(words::empty(rule.schema, spot));
        }
    }

    fn string(&mut self, rule: &Rule<'a>, text: &str, node: &Node, spot: Spot<'_>) {
        if rule.least_length.is_some_and(|least| (text.chars().take(least).count()) < least) {
            self.faults.push(
                Diagnostic::new(Code::NullValue, format!("{} is empty", spot.name()), node.origin)
                    .help("give it a value or remove it"),
            );
        } else if let Some(pattern) = rule.pattern
            && pattern::matches(pattern, text) != Some(true)
        {
            self.faults.push(words::mismatch(pattern, rule.schema, text, (node, self.written(node)), spot));
        }
    }

    fn number(&mut self, rule: &Rule<'a>, number: f64, node: &Node, spot: Spot<'_>) {
        if rule.minimum.is_some_and(|least| number < least)
            || rule.maximum.is_some_and(|most| number > most)
            || rule.above.is_some_and(|least| number <= least)
        {
            self.faults.push(words::out_of_range(rule.schema, number, node, spot));
        }
    }

    fn unknown_field(&self, schema: &Map<String, Json>, entry: &Entry) -> Diagnostic {
        let properties = schema.get("properties").and_then(Json::as_object);
        let known: Vec<&str> = properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let below = home(self.rules.document(), properties, &entry.key, 3);
        words::unknown_field(schema, &known, below.as_deref(), entry)
    }
}

/// Notes the alias or merge through which a value came whose fault stands at the anchor.
fn through_alias(fault: &mut Diagnostic, node: &Node, spot: Spot<'_>) {
    let Some(alias) = node.alias else { return };
    // The key of an alias stands between anchor and alias; a merged key stands in the anchor's mapping.
    let beside_alias = spot.origin().span.start > node.origin.span.start;
    let place = fault.primary.as_ref().map(|label| label.origin);
    if !(beside_alias && place == Some(spot.origin())) {
        fault.alias = Some(Origin::new(node.origin.file, alias.get(), alias.get() + 1));
    }
}

/// The dotted path below some properties to a mapping that knows a field.
fn home(root: &Json, properties: Option<&Map<String, Json>>, field: &str, depth: usize) -> Option<String> {
    let inner = || {
        properties.into_iter().flatten().filter_map(|(name, property)| {
            let fields = object_branch(root, property).get("properties")?.as_object()?;
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
fn object_branch<'a>(root: &'a Json, property: &'a Json) -> &'a Json {
    let schema = resolve(root, property);
    schema.get("then").map_or(schema, |then| resolve(root, then))
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
