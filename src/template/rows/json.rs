//! JSON: one list of objects.

use std::fmt;
use std::path::Path;

use minijinja::Value;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};

use super::{Next, Row, RowFault, Take, unreadable};
use crate::template::scope::value_of;

/// Hands on each object of the list.
pub(super) fn read(path: &Path, take: Take<'_>) {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            take(Err(unreadable(&error)));
            return;
        }
    };
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(error) => {
            let line = 1 + breaks(&bytes[..error.valid_up_to()]);
            take(Err(RowFault::new(line, "the data file is not UTF-8 text").help("save the file as UTF-8")));
            return;
        }
    };
    let items: Vec<&RawValue> = match serde_json::from_str(text) {
        Ok(items) => items,
        Err(error) if error.is_data() => {
            take(Err(RowFault::new(error.line() as u64, "the data file does not hold a list of objects")));
            return;
        }
        Err(error) => {
            take(Err(RowFault::new(error.line() as u64, format!("the data file is not JSON: {}", words(&error)))));
            return;
        }
    };
    let (mut line, mut seen) = (1_u64, 0_usize);
    for item in items {
        let start = item.get().as_ptr() as usize - text.as_ptr() as usize;
        line += breaks(&text.as_bytes()[seen..start]);
        seen = start;
        if take(object(item.get(), line)) == Next::Stop {
            return;
        }
    }
}

/// How many lines end in some bytes.
fn breaks(bytes: &[u8]) -> u64 {
    bytes.split(|byte| *byte == b'\n').skip(1).count() as u64
}

/// One object as a row that starts on a line.
pub(super) fn object(text: &str, line: u64) -> Result<Row, RowFault> {
    match serde_json::from_str::<Columns>(text) {
        Ok(Columns(map)) => Ok(row(&map, line)),
        Err(error) if error.is_data() && !text.trim_start().starts_with('{') => {
            Err(RowFault::new(line, "this row is not an object"))
        }
        Err(error) => {
            let line = line + (error.line() as u64).saturating_sub(1);
            Err(RowFault::new(line, format!("this row is not JSON: {}", words(&error))))
        }
    }
}

/// A row of JSON values; `null` counts as absent, so that it is never spoken.
pub(super) fn row(map: &Map<String, Json>, line: u64) -> Row {
    let there = map.iter().filter(|(_, value)| !value.is_null());
    Row { line, value: Value::from_pairs(there.map(|(name, value)| (name.as_str(), value_of(value)))) }
}

/// serde's words without its place.
fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(words, _)| words.to_owned())
}

/// The members of an object, each name once.
struct Columns(Map<String, Json>);

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ColumnsVisitor)
    }
}

struct ColumnsVisitor;

impl<'de> Visitor<'de> for ColumnsVisitor {
    type Value = Columns;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Columns, A::Error> {
        let mut map = Map::new();
        while let Some((name, value)) = access.next_entry::<String, Json>()? {
            if map.contains_key(&name) {
                return Err(A::Error::custom(format!("the column `{name}` stands twice")));
            }
            map.insert(name, value);
        }
        Ok(Columns(map))
    }
}
