//! Reads a spec back from its canonical form in the lockfile.

use serde_json::{Map, Value as Json};

use super::Spec;
use crate::fields::{Record, RowBody, RowId, RowSet, Table, Type, VENDOR, Value};

/// Returns the spec of a canonical form, or `None` if the spec is incomplete.
///
/// Members that this version does not know are skipped. Bounds do not apply, because a paid spec remains valid. A
/// local file has only its content: its name and path are empty, and its size is 0.
pub fn stored_spec(json: &Json) -> Option<Spec> {
    stored_spec_in(&VENDOR, json)
}

/// Reads a stored spec by another table. See [`stored_spec`].
pub fn stored_spec_in(table: &'static Table, json: &Json) -> Option<Spec> {
    let spec = stored_partial(table, json)?;
    let is_complete = table.missing(spec.record.present(), spec.kind().rows).next().is_none();
    is_complete.then_some(spec)
}

/// Returns the audio part of a canonical form, which determines length and price. `None` if the form has no such
/// part.
pub fn stored_voices(json: &Json) -> Option<Spec> {
    let is_heard = |row: RowId| VENDOR[row].path == "voice" || !VENDOR[row].descendants.and(VENDOR.lists).is_empty();
    let members = json.as_object()?.iter().filter(|(key, _)| VENDOR.member(None, key).is_some_and(is_heard));
    let heard: Map<String, Json> = members.map(|(key, value)| (key.clone(), value.clone())).collect();
    if heard.is_empty() { None } else { stored_partial(&VENDOR, &Json::Object(heard)) }
}

/// Returns the known members of a canonical form, complete or not. `None` if a member does not have the type of its
/// field.
pub fn stored_partial(table: &'static Table, json: &Json) -> Option<Spec> {
    let all = table.kinds.iter().fold(RowSet::default(), |all, kind| all.or(kind.rows));
    Some(Spec { table, record: record(table, None, all, json.as_object()?)? })
}

fn record(table: &Table, group: Option<RowId>, rows: RowSet, map: &Map<String, Json>) -> Option<Record> {
    // A list item has the members of its group, so the group is present.
    let mut read = SpecReader { groups: group.map_or(RowSet::default(), RowSet::one), values: Vec::new() };
    read.members(table, group, rows, map)?;
    Some(table.record(read.groups, read.values))
}

struct SpecReader {
    groups: RowSet,
    values: Vec<(RowId, Value)>,
}

impl SpecReader {
    fn members(&mut self, table: &Table, group: Option<RowId>, rows: RowSet, map: &Map<String, Json>) -> Option<()> {
        for id in table.members(group).iter().copied().filter(|row| rows.contains(*row)) {
            let Some(json) = map.get(table[id].stored_key) else { continue };
            match &table[id].body {
                RowBody::Group(_) => {
                    self.groups = self.groups.with(id);
                    self.members(table, Some(id), rows, json.as_object()?)?;
                }
                RowBody::Field(field) => self.values.push((id, value(table, &field.field.ty, json)?)),
            }
        }
        Some(())
    }
}

fn value(table: &Table, ty: &Type, json: &Json) -> Option<Value> {
    let Type::Items(list) = ty else { return ty.restore(json) };
    let (group, rows) = table.item_rows(list);
    let item = |item: &Json| {
        let record = record(table, Some(group), rows, item.as_object()?)?;
        table.missing(record.present(), rows.with(group)).next().is_none().then_some(record)
    };
    Some(Value::Items(json.as_array()?.iter().map(item).collect::<Option<Vec<Record>>>()?.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::canonical_json;
    use super::*;

    #[test]
    fn what_is_stored_comes_back_as_it_was() {
        for stored in [
            json!({ "avatar": { "id": "A" }, "background": {}, "name": "n", "voice": { "silence": {} } }),
            json!({
                "aspect": "9:16",
                "avatar": {
                    "circle_bgcolor": "#ffeecc", "id": "A", "offset": { "x": -240 }, "scale": 1.1, "style": "round",
                },
                "background": {
                    "color": "#f4f4f4", "media": { "fit": "cover", "loop": true, "url": "https://a.b/c.jpg" },
                },
                "name": "n", "take": 2,
                "voice": { "tts": { "emotion": "sad", "id": "V", "pitch": -5, "speed": 1.05, "text": "Hello" } },
            }),
            json!({
                "avatar": { "id": "A" }, "background": { "media": { "sha256": "ab" } }, "name": "",
                "voice": { "file": { "asset_id": "7" } },
            }),
            // Today's bounds do not apply to a spec that was paid earlier.
            json!({ "avatar": { "id": "A" }, "background": {}, "voice": { "silence": { "duration": 999 } } }),
        ] {
            assert_eq!(canonical_json(&stored_spec(&stored).unwrap(), true), stored.to_string());
        }
    }

    #[test]
    fn what_is_no_spec_is_none() {
        for wrong in [
            json!(null),
            json!({ "avatar": { "id": "A" }, "voice": {}, "background": {} }),
            json!({ "avatar": { "id": 1 }, "voice": { "silence": {} }, "background": {} }),
            json!({ "avatar": { "id": "A", "style": 3 }, "voice": { "silence": {} }, "background": {} }),
            json!({ "avatar": { "id": "A" }, "voice": { "silence": { "duration": "1" } }, "background": {} }),
            json!({ "avatar": { "id": "A" }, "voice": { "silence": {}, "tts": { "id": "V", "text": "T" } }, "background": {} }),
        ] {
            assert!(stored_spec(&wrong).is_none(), "{wrong}");
        }
    }
}
