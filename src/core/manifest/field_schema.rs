//! Generates the JSON Schema for the rows of the vendor's table. schemars generates the rest and calls these
//! functions.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value as Json, json};

use super::pattern::{COLOR_OR_TEMPLATE, PRESET_OR_TEMPLATE, TEMPLATE};
use crate::fields::{Field, GroupRow, List, Literal, RowBody, RowId, RowSet, Table, Type};

/// Returns the schema of a group's object.
pub fn group_schema(table: &Table, group: RowId, generator: &mut SchemaGenerator) -> Schema {
    Definitions { table, generator, rows: table[group].descendants, prefix: "" }.object(group)
}

/// Returns the schemas of the table's keys in a video or in `defaults`, in the vendor's order. Only videos declare
/// lists.
pub fn root_properties(table: &Table, generator: &mut SchemaGenerator, lists: bool) -> Vec<(&'static str, Json)> {
    let mut properties = Vec::new();
    for root in table.members(None) {
        let rows = table[*root].descendants;
        let mut definitions = Definitions { table, generator, rows, prefix: "" };
        properties.push((table[*root].key, definitions.property(*root).to_value()));
        for list in rows.and(table.lists).iter().filter(|_| lists) {
            properties.push((table.declared_path(list), definitions.property(list).to_value()));
        }
    }
    properties
}

/// Returns the schema of `script`.
pub fn script_schema() -> Json {
    json!({
        "description": "The spoken text, or a file with it.",
        "type": ["string", "object"],
        "if": { "type": "object" },
        "then": {
            "type": "object",
            "title": "script",
            "properties": {
                "path": {
                    "type": "string",
                    "minLength": 1,
                    "description": "A text file, which is also a template; relative to the file that names it.",
                    "examples": ["scripts/welcome.txt"],
                },
            },
            "required": ["path"],
            "additionalProperties": false,
        },
        "defaultSnippets": [{ "label": "a text", "description": "the spoken text", "body": "${1:Hello.}" }],
    })
}

/// Writes the definitions of rows.
struct Definitions<'a> {
    table: &'a Table,
    generator: &'a mut SchemaGenerator,
    /// The rows that objects accept.
    rows: RowSet,
    /// Prefix for the names of definitions without some of the rows.
    prefix: &'static str,
}

impl Definitions<'_> {
    /// Returns a reference to the definition of a group.
    fn object(&mut self, id: RowId) -> Schema {
        let table = self.table;
        let Some(group) = table[id].group() else { return json_schema!({}) };
        let complete = table[id].descendants.without(self.rows).is_empty();
        let title = format!("{}{}", if complete { "" } else { self.prefix }, group.group.title);
        if !self.generator.definitions().contains_key(&title) {
            // Reserve the name first, so that definitions are in the order of their first use.
            self.generator.definitions_mut().insert(title.clone(), json!({}));
            let definition = self.definition(id, group);
            self.generator.definitions_mut().insert(title.clone(), definition);
        }
        Schema::new_ref(format!("#/definitions/{title}"))
    }

    fn definition(&mut self, id: RowId, group: &GroupRow) -> Json {
        let table = self.table;
        let mut properties = Map::new();
        if group.group.presets.is_some() {
            properties.insert("use".to_owned(), base_preset());
        }
        let is_here = |row: &RowId| {
            self.rows.contains(*row) && table[*row].field().is_none_or(|row| row.field.video_key.is_none())
        };
        let members: Vec<RowId> = group.members.iter().copied().filter(is_here).collect();
        for member in &members {
            properties.insert(table[*member].key.to_owned(), self.property(*member).to_value());
        }
        let mut made = json!({
            "type": "object", "additionalProperties": false, "properties": properties, "title": group.group.path,
        });
        made["description"] = group.group.object.into();
        // An object that may have a base preset does not need its own fields.
        if !table[id].ancestors.with(id).iter().any(|row| table.has_presets(row)) {
            let required = |row: &&RowId| table[**row].field().is_some_and(|row| row.field.required);
            let required: Vec<&str> = members.iter().filter(required).map(|row| table[*row].key).collect();
            if !required.is_empty() {
                made["required"] = json!(required);
            }
        }
        made
    }

    /// Returns the schema of a key's value.
    fn property(&mut self, id: RowId) -> Schema {
        let table = self.table;
        let group = match &table[id].body {
            RowBody::Field(row) => return self.field(row.field),
            RowBody::Group(row) => row.group,
        };
        let mut made = json_schema!({ "description": group.description });
        let object = self.object(id).to_value();
        if group.presets.is_some() {
            preset_or_object(&mut made, object);
        } else {
            made.insert("$ref".to_owned(), object["$ref"].clone());
        }
        made
    }

    fn field(&mut self, field: &Field) -> Schema {
        let mut made = json_schema!({});
        let mut set = |keyword: &str, value: Json| drop(made.insert(keyword.to_owned(), value));
        let or_template = match field.ty {
            Type::Integer(..) => Some("integer"),
            Type::Number(_) => Some("number"),
            Type::Flag => Some("boolean"),
            _ => None,
        };
        match (or_template, field.ty) {
            (Some(literal), _) => {
                set("type", json!([literal, "string"]));
                set("pattern", json!(TEMPLATE));
            }
            (None, Type::Words(_) | Type::Items(_)) => {}
            (None, _) => set("type", json!("string")),
        }
        set("description", json!(field.description));
        match &field.ty {
            Type::Label | Type::Id | Type::Url | Type::File(_) => set("minLength", json!(1)),
            Type::Color => set("pattern", json!(COLOR_OR_TEMPLATE)),
            Type::Integer(min, max) => {
                set("minimum", json!(min));
                set("maximum", json!(max));
            }
            Type::Number(range) => {
                set(if range.inclusive { "minimum" } else { "exclusiveMinimum" }, bound(range.min));
                if let Some(max) = range.max {
                    set("maximum", bound(max));
                }
            }
            Type::Words(words) => {
                // The enum has no `type`. With one, an editor would report both the type and the enum for one number.
                let texts: Vec<&str> = words.iter().map(|word| word.text).collect();
                let meanings: Vec<&str> = words.iter().map(|word| word.meaning).collect();
                set(
                    "anyOf",
                    json!([
                        { "enum": texts, "enumDescriptions": meanings, "markdownEnumDescriptions": meanings },
                        { "type": "string", "title": "template", "pattern": TEMPLATE },
                    ]),
                );
            }
            Type::Items(list) => {
                set("type", json!("array"));
                set("items", json!({ "$ref": format!("#/definitions/{}", list.title) }));
                set("minItems", json!(1));
                self.item(list);
            }
            Type::Flag | Type::Speech => {}
        }
        if let Some(default) = json_of(field.default) {
            set("default", default);
        }
        match (json_of(field.example), field.example_label) {
            (Some(example), None) => set("examples", json!([example])),
            (Some(example), Some(label)) => {
                let body = format!("${{1:{}}}", example.as_str().unwrap_or_default());
                set("defaultSnippets", json!([{ "label": label, "description": "an example", "body": body }]));
            }
            (None, _) => {}
        }
        made
    }

    /// Adds the definition of a list's items: the group, and the script that overrides its text.
    fn item(&mut self, list: &List) {
        let (group, rows) = self.table.item_rows(list);
        let mut inner = Definitions { table: self.table, generator: &mut *self.generator, rows, prefix: list.title };
        let property = inner.property(group).to_value();
        let definition = json!({
            "type": "object",
            "additionalProperties": false,
            "properties": { self.table[group].key: property, "script": script_schema() },
            "title": list.title.to_lowercase(),
            "description": list.description,
        });
        self.generator.definitions_mut().insert(list.title.to_owned(), definition);
    }
}

/// Makes a schema accept a preset's name or an object. It does not use `anyOf`, because editors report the error of
/// its first branch, whichever branch the author means.
fn preset_or_object(made: &mut Schema, object: Json) {
    for (keyword, value) in [
        ("type", json!(["string", "object"])),
        ("pattern", json!(PRESET_OR_TEMPLATE)),
        ("if", json!({ "type": "object" })),
        ("then", object),
        ("defaultSnippets", preset_snippet()),
    ] {
        made.insert(keyword.to_owned(), value);
    }
}

fn base_preset() -> Json {
    json!({
        "type": "string",
        "description": "The base preset: this object is merged deeply over it.",
        "pattern": PRESET_OR_TEMPLATE,
        "defaultSnippets": preset_snippet(),
    })
}

fn preset_snippet() -> Json {
    json!([{ "label": "a preset", "description": "the name of one", "body": "${1:preset}" }])
}

fn json_of(literal: Literal) -> Option<Json> {
    Some(match literal {
        Literal::Absent => return None,
        Literal::Text(text) => json!(text),
        Literal::Int(number) => json!(number),
        Literal::Float(number) => json!(number),
        Literal::Bool(flag) => json!(flag),
    })
}

/// Returns a bound, without a decimal point if it is an integer.
fn bound(number: f64) -> Json {
    if number.fract() == 0.0 { json!(number as i64) } else { json!(number) }
}

/// Returns the schema of `true`, `false`, or a template that makes one of them.
pub(super) fn flag_or_template(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["boolean", "string"], "pattern": TEMPLATE })
}
