//! Generates the JSON Schema of explicit specs from the vendor's table.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value as Json, json};

use crate::fields::{Field, GroupRow, RowBody, RowId, RowSet, Type, VENDOR};

/// The type of explicit specs, as [`explicit_value`](crate::spec::explicit_value) returns them.
pub struct ExplicitSpec;

impl JsonSchema for ExplicitSpec {
    fn schema_name() -> Cow<'static, str> {
        "Spec".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let objects = VENDOR
            .kinds
            .iter()
            .map(|kind| Objects { rows: kind.rows, prefix: "" }.object(VENDOR.members(None), None, generator));
        let kinds: Vec<Json> = objects.collect();
        json_schema!({ "oneOf": kinds, "description": "Every field of a video, defaults included." })
    }
}

struct Objects {
    /// The rows that objects have.
    rows: RowSet,
    /// Prefix for the names of definitions without some of their group's rows.
    prefix: &'static str,
}

impl Objects {
    /// Returns the schema of an object. Members that it always has are required, and so is exactly one member of a
    /// choice.
    fn object(&self, members: &[RowId], group: Option<&GroupRow>, generator: &mut SchemaGenerator) -> Json {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        let choice = group.map_or(RowSet::default(), |group| group.choice);
        for id in members.iter().copied().filter(|row| self.rows.contains(*row)) {
            let row = &VENDOR[id];
            let (schema, is_always_there) = match &row.body {
                RowBody::Group(group) => (self.reference(id, group, generator), group.group.required || group.plain),
                RowBody::Field(field) => {
                    let has_value =
                        field.field.required || field.default.is_some() || matches!(field.field.ty, Type::Label);
                    (field_schema(field.field, generator), has_value && field.condition.is_none())
                }
            };
            properties.insert(row.key.to_owned(), schema);
            if row.stored_key != row.key {
                let content =
                    json!({ "type": "string", "description": "The content of the local file, 64 hex digits." });
                properties.insert(row.stored_key.to_owned(), content);
            }
            if is_always_there && !choice.contains(id) {
                required.push(row.key);
            }
        }
        let mut object = json!({ "type": "object", "properties": properties });
        if !required.is_empty() {
            object["required"] = json!(required);
        }
        if !choice.is_empty() {
            object["oneOf"] = choice.iter().map(|id| json!({ "required": [VENDOR[id].key] })).collect();
        }
        object
    }

    /// Returns a reference to the definition of a group.
    fn reference(&self, id: RowId, group: &GroupRow, generator: &mut SchemaGenerator) -> Json {
        let is_complete = VENDOR[id].descendants.without(self.rows).is_empty();
        let title = format!("{}{}", if is_complete { "" } else { self.prefix }, group.group.title);
        if !generator.definitions().contains_key(&title) {
            // Reserve the name first, so that definitions are in the order of their first use.
            generator.definitions_mut().insert(title.clone(), json!({}));
            let object = self.object(&group.members, Some(group), generator);
            generator.definitions_mut().insert(title.clone(), object);
        }
        json!({ "description": group.group.object, "allOf": [{ "$ref": format!("#/definitions/{title}") }] })
    }
}

/// Returns the schema of a field.
fn field_schema(field: &Field, generator: &mut SchemaGenerator) -> Json {
    let mut schema = match &field.ty {
        Type::Integer(min, max) => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Type::Number(_) => json!({ "type": "number" }),
        Type::Flag => json!({ "type": "boolean" }),
        Type::Words(words) => json!({ "enum": words.iter().map(|word| word.text).collect::<Vec<_>>() }),
        Type::Items(list) => {
            let (id, rows) = VENDOR.item_rows(list);
            let items = Objects { rows, prefix: list.title };
            let item = VENDOR[id].group().map(|group| items.reference(id, group, generator));
            json!({ "type": "array", "items": item })
        }
        _ => json!({ "type": "string" }),
    };
    schema["description"] = field.description.into();
    schema
}
