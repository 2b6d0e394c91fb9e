//! The explicit form: every field with its value or default, as `render` prints it.

use serde_json::{Map, Value as Json, json};

use super::Spec;
use crate::fields::{Record, RowBody, RowId, RowSet, Table, Type, Value};

/// Returns every field of a spec in the vendor's order. URLs have no signatures, and local files have name and
/// content.
pub fn explicit_value(spec: &Spec) -> Json {
    Json::Object(object(spec.table, &spec.record, None, spec.kind().rows))
}

fn object(table: &Table, record: &Record, group: Option<RowId>, rows: RowSet) -> Map<String, Json> {
    let mut map = Map::new();
    for id in table.members(group).iter().copied().filter(|row| rows.contains(*row)) {
        let row = &table[id];
        match &row.body {
            RowBody::Group(group) if group.plain || record.present().contains(id) => {
                let members = object(table, record, Some(id), rows);
                if !(group.plain && members.is_empty()) {
                    map.insert(row.key.to_owned(), Json::Object(members));
                }
            }
            RowBody::Group(_) => {}
            RowBody::Field(field) => match (&field.field.ty, table.get(record, id)) {
                (_, None) => {}
                (Type::Items(list), Some(Value::Items(items))) => {
                    let (group, rows) = table.item_rows(list);
                    let items = items.iter().map(|item| Json::Object(object(table, item, Some(group), rows)));
                    map.insert(row.key.to_owned(), items.collect());
                }
                (ty, Some(value)) => {
                    if let Value::File(file) = value {
                        map.insert(row.key.to_owned(), json!(file.name));
                    }
                    map.insert(row.stored_key.to_owned(), ty.to_json(value));
                }
            },
        }
    }
    map
}
