//! The published schema made ready for the walk: references followed and keywords looked up once, not at each node.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use crate::yaml::{Node, Value};

/// The number of one schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RuleNumber(usize);

/// All schemas of a document.
#[derive(Debug)]
pub(super) struct Rules<'s> {
    document: &'s Json,
    /// None where everything is allowed.
    rules: Vec<Option<Rule<'s>>>,
}

/// One schema, its keywords laid open; a keyword that it lacks is `None` or empty.
#[derive(Debug)]
pub(super) struct Rule<'s> {
    /// Itself, for the words of a fault.
    pub schema: &'s Map<String, Json>,
    types: u8,
    /// `const`
    pub constant: Option<&'s Json>,
    /// `enum`
    pub words: Option<&'s [Json]>,
    /// `anyOf`
    pub branches: Option<Vec<RuleNumber>>,
    /// `if`, and the `then` that holds where it does
    pub case: Option<(RuleNumber, RuleNumber)>,
    properties: Vec<(&'s str, RuleNumber)>,
    /// The fixed beginnings of `patternProperties`.
    beginnings: Vec<(&'s str, RuleNumber)>,
    additional: Found,
    /// The pattern of `propertyNames`.
    pub names: Option<&'s str>,
    /// `required`
    pub required: Vec<&'s str>,
    /// `minProperties`
    pub least_properties: Option<u64>,
    /// `items`
    pub items: Option<RuleNumber>,
    /// `minItems`
    pub least_items: Option<u64>,
    /// `minLength`
    pub least_length: Option<usize>,
    /// `pattern`
    pub pattern: Option<&'s str>,
    /// `minimum`
    pub minimum: Option<f64>,
    /// `maximum`
    pub maximum: Option<f64>,
    /// `exclusiveMinimum`
    pub above: Option<f64>,
}

/// What a mapping's schema says of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Its value follows this rule.
    Rule(RuleNumber),
    /// Its value may be anything.
    Anything,
    /// It may not be there.
    Nothing,
}

const NULL: u8 = 1;
const BOOLEAN: u8 = 2;
const INTEGER: u8 = 4;
const NUMBER: u8 = 8;
const STRING: u8 = 16;
const ARRAY: u8 = 32;
const OBJECT: u8 = 64;

impl<'s> Rules<'s> {
    /// Reads a schema.
    pub(super) fn new(document: &'s Json) -> Self {
        let mut reader = Reader { made: Self { document, rules: Vec::new() }, known: HashMap::new() };
        reader.rule(document);
        reader.made
    }

    /// The rule of a whole document.
    #[expect(clippy::unused_self, reason = "a number means something only to the rules that it belongs to")]
    pub(super) fn root(&self) -> RuleNumber {
        RuleNumber(0)
    }

    /// The schema as published.
    pub(super) fn document(&self) -> &'s Json {
        self.document
    }

    /// A rule; none where everything is allowed.
    pub(super) fn get(&self, number: RuleNumber) -> Option<&Rule<'s>> {
        self.rules[number.0].as_ref()
    }
}

struct Reader<'s> {
    made: Rules<'s>,
    /// By the schema's address, so that one that names itself comes to an end.
    known: HashMap<*const Json, RuleNumber>,
}

impl<'s> Reader<'s> {
    fn rule(&mut self, schema: &'s Json) -> RuleNumber {
        let schema = resolve(self.made.document, schema);
        if let Some(known) = self.known.get(&std::ptr::from_ref(schema)) {
            return *known;
        }
        let number = RuleNumber(self.made.rules.len());
        self.known.insert(schema, number);
        self.made.rules.push(None);
        if let Some(schema) = schema.as_object() {
            self.made.rules[number.0] = Some(self.read(schema));
        }
        number
    }

    fn read(&mut self, schema: &'s Map<String, Json>) -> Rule<'s> {
        let text = |keyword: &str| schema.get(keyword).and_then(Json::as_str);
        let count = |keyword: &str| schema.get(keyword).and_then(Json::as_u64);
        let bound = |keyword: &str| schema.get(keyword).and_then(Json::as_f64);
        let list = |keyword: &str| schema.get(keyword).and_then(Json::as_array);
        let required = list("required").into_iter().flatten().filter_map(Json::as_str).collect();
        Rule {
            schema,
            types: types(schema.get("type")),
            constant: schema.get("const"),
            words: list("enum").map(Vec::as_slice),
            case: schema.get("if").zip(schema.get("then")).map(|(case, then)| (self.rule(case), self.rule(then))),
            branches: list("anyOf").map(|branches| branches.iter().map(|branch| self.rule(branch)).collect()),
            properties: self.fields(schema.get("properties"), |name| name),
            beginnings: self.fields(schema.get("patternProperties"), |pattern| pattern.trim_start_matches('^')),
            additional: match schema.get("additionalProperties") {
                Some(Json::Bool(false)) => Found::Nothing,
                Some(other) => Found::Rule(self.rule(other)),
                None => Found::Anything,
            },
            names: schema.get("propertyNames").and_then(|names| names.get("pattern")).and_then(Json::as_str),
            required,
            least_properties: count("minProperties"),
            items: schema.get("items").map(|items| self.rule(items)),
            least_items: count("minItems"),
            least_length: count("minLength").map(|least| usize::try_from(least).unwrap_or(usize::MAX)),
            pattern: text("pattern"),
            minimum: bound("minimum"),
            maximum: bound("maximum"),
            above: bound("exclusiveMinimum"),
        }
    }

    fn fields(&mut self, fields: Option<&'s Json>, name: impl Fn(&'s str) -> &'s str) -> Vec<(&'s str, RuleNumber)> {
        let fields = fields.and_then(Json::as_object).into_iter().flatten();
        fields.map(|(key, field)| (name(key), self.rule(field))).collect()
    }
}

impl Rule<'_> {
    /// Whether a value is of one of the schema's types, as draft-07 counts them: `1.0` is a whole number.
    pub(super) fn takes(&self, node: &Node) -> bool {
        let fits = match node.value {
            Value::Null => NULL,
            Value::Bool(_) => BOOLEAN,
            Value::Int(_) => INTEGER | NUMBER,
            Value::Float(number) if number.fract() == 0.0 => INTEGER | NUMBER,
            Value::Float(_) => NUMBER,
            Value::String(_) => STRING,
            Value::List(_) => ARRAY,
            Value::Map(_) => OBJECT,
        };
        self.types & fits != 0
    }

    /// What the schema says of a key: few are known, so they are tried one by one.
    pub(super) fn field(&self, key: &str) -> Found {
        let known = self.properties.iter().find(|(name, _)| *name == key);
        let known = known.or_else(|| self.beginnings.iter().find(|(beginning, _)| key.starts_with(beginning)));
        known.map_or(self.additional, |(_, rule)| Found::Rule(*rule))
    }
}

/// A schema, or the definition that it names.
pub(super) fn resolve<'s>(document: &'s Json, schema: &'s Json) -> &'s Json {
    let mut schema = schema;
    while let Some(name) = schema.get("$ref").and_then(Json::as_str) {
        match name.strip_prefix('#').and_then(|pointer| document.pointer(pointer)) {
            Some(next) => schema = next,
            None => break,
        }
    }
    schema
}

fn types(declared: Option<&Json>) -> u8 {
    let one = |kind: &Json| match kind.as_str().unwrap_or_default() {
        "null" => NULL,
        "boolean" => BOOLEAN,
        "integer" => INTEGER,
        "number" => NUMBER,
        "string" => STRING,
        "array" => ARRAY,
        "object" => OBJECT,
        _ => 0,
    };
    match declared {
        Some(Json::Array(kinds)) => kinds.iter().map(one).fold(0, |all, kind| all | kind),
        Some(kind) => one(kind),
        None => u8::MAX,
    }
}
