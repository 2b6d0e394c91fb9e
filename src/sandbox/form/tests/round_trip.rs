//! The sandbox reads the form of any spec back as that spec.

use proptest::prelude::*;

use super::super::{AssetLookup, ReceivedPart, submitted_video};
use super::{Shelf, avatar_video};
use crate::fields::{FieldRow, MediaKind, Record, RowBody, RowId, RowSet, Table, Type, VENDOR, Value, Wire};
use crate::spec::Spec;
use crate::spec::test_support::local_file;
use crate::vendor::submission_form;

/// The asset id that every local file has.
const ASSET_ID: &str = "154";

/// Chooses values from random numbers.
struct Random<'a> {
    table: &'static Table,
    numbers: std::iter::Cycle<std::slice::Iter<'a, u32>>,
    /// Whether local files are replaced by the ids of their assets.
    uploaded: bool,
}

impl Random<'_> {
    fn below(&mut self, end: usize) -> usize {
        *self.numbers.next().unwrap() as usize % end
    }

    /// Returns a complete record.
    fn record(&mut self, rows: RowSet) -> Record {
        let table = self.table;
        let (mut groups, mut values, mut left_out) = (RowSet::default(), Vec::new(), RowSet::default());
        for id in rows.iter() {
            let row = &table[id];
            let choice = row.parent.and_then(|parent| table[parent].group()).map(|group| group.choice);
            let chosen = choice.is_some_and(|choice| choice.contains(id));
            let required = chosen
                || match &row.body {
                    RowBody::Field(field) => field.field.required,
                    RowBody::Group(group) => group.group.required,
                };
            let never = row.field().is_some_and(|field| field.field.wire == Wire::Never);
            if left_out.contains(id) || never || !required && self.below(2) == 0 {
                left_out = left_out.or(row.descendants);
                continue;
            }
            match &row.body {
                RowBody::Group(group) => {
                    groups = groups.with(id);
                    if !group.choice.is_empty() {
                        let member = group.choice.iter().nth(self.below(group.choice.count())).unwrap();
                        left_out = left_out.or(table[member].rivals);
                    }
                }
                RowBody::Field(field) => values.push(self.value(id, field)),
            }
        }
        values.sort_by_key(|(row, _)| *row);
        table.record(groups, values)
    }

    fn value(&mut self, row: RowId, field: &FieldRow) -> (RowId, Value) {
        let number = i64::from(*self.numbers.next().unwrap());
        let mut text = |words: &[&str]| Value::Text(words[self.below(words.len())].into());
        let value = match &field.field.ty {
            Type::Label => text(&["Welcome", "Grüße, \"you\" & <me> #k3f2", "`a`  b"]),
            Type::Id => text(&["QQ==", "a b", "ü", "cheerful"]),
            Type::Speech => text(&["Hi", " lead", "two\n\tlines \n", "\"quoted\"", "👋"]),
            Type::Color => Value::Text(format!("#{:06x}", number & 0xff_ffff).into()),
            Type::Url => text(&["https://a.example/b.png", "http://a.example/?X-Amz-Expires=9&X-Amz-Signature=5f"]),
            Type::File(_) if self.uploaded => {
                let asset = |other: &RowId| *other != row && self.table[*other].part_name == self.table[row].part_name;
                return (self.table.fields.iter().find(asset).unwrap(), Value::Text(ASSET_ID.into()));
            }
            Type::File(_) => Value::File(local_file("a", &"ab".repeat(32))),
            Type::Integer(min, max) => Value::Integer(min + number % (max - min).saturating_add(1)),
            Type::Number(range) => {
                let share = number as f64 / f64::from(u32::MAX);
                Value::Number(
                    range.max.map_or(range.min + 1e-7 + number as f64, |max| range.min + share * (max - range.min)),
                )
            }
            Type::Flag => Value::Flag(number % 2 == 0),
            Type::Words(words) => Value::Word(self.below(words.len()) as u8),
            Type::Items(list) => {
                let (group, members) = self.table.item_rows(list);
                let count = 1 + number % 3;
                Value::Items((0..count).map(|_| self.record(members.with(group))).collect())
            }
        };
        (row, value)
    }
}

fn specs(kind: &str, numbers: &[u32]) -> (Spec, Spec) {
    let table: &'static Table = &VENDOR;
    let rows = table.kinds.iter().find(|known| known.kind.name() == kind).unwrap().rows;
    let spec = |uploaded| {
        let numbers = numbers.iter().cycle();
        Spec { table, record: Random { table, numbers, uploaded }.record(rows) }
    };
    (spec(false), spec(true))
}

fn sent(spec: &Spec) -> Vec<ReceivedPart> {
    let form = submission_form(spec, spec.name(), |_| Some(ASSET_ID.to_owned())).unwrap();
    let parts = form.parts.into_iter().filter(|part| part.name != "name" || !part.value.is_empty());
    parts
        .map(|part| ReceivedPart {
            name: part.name,
            content_type: part.content_type.map(str::to_owned),
            file: part.file_name.is_some(),
            value: part.value,
        })
        .collect()
}

/// An account whose templates all have this number of scenes.
struct Scenes(usize);

impl AssetLookup for Scenes {
    fn kind(&self, _: &str) -> Option<MediaKind> {
        None
    }

    fn scenes(&self, _: i64) -> Option<usize> {
        Some(self.0)
    }
}

proptest! {
    #[test]
    fn a_spec_is_read_as_it_was_sent(numbers in prop::collection::vec(any::<u32>(), 64)) {
        let (spec, uploaded) = specs("avatar-to-video", &numbers);
        prop_assert_eq!(avatar_video(&sent(&spec), &Shelf), Ok(uploaded));
    }

    #[test]
    fn a_template_video_is_read_as_it_was_sent(numbers in prop::collection::vec(any::<u32>(), 64)) {
        let (spec, uploaded) = specs("template-to-video", &numbers);
        let read = submitted_video(&VENDOR, spec.kind().kind, &sent(&spec), &Scenes(spec.voices().count()));
        prop_assert_eq!(read, Ok(uploaded));
    }
}
