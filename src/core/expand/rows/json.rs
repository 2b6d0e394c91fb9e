//! JSON: one list of objects.

use std::fmt;
use std::io::Read;

use minijinja::Value;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};

use super::decode::{DataInput, not_utf8};
use super::{Continue, DataFile, DataRow, RowError, RowSink, unreadable};
use crate::expand::number_text::of_json;
use crate::expand::scope::value_of;
use crate::fields::truncated;
use crate::source::conflict_line;

/// The help for a table with the extension of another format.
const NO_JSON: &str = "if the file is a table, give its name the ending `.csv`";

/// Reads each object of the list. Returns the error of a text that is not a list.
pub(super) fn read(file: DataFile<'_>, input: DataInput, take: RowSink<'_>) -> Result<(), RowError> {
    let mut bytes = Vec::new();
    input.into_read().read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    let text =
        std::str::from_utf8(&bytes).map_err(|error| not_utf8(file.path, 1 + breaks(&bytes[..error.valid_up_to()])))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| no_list(text, &error))?;
    let (mut line, mut seen) = (1_u64, 0_usize);
    for item in items {
        let start = item.get().as_ptr() as usize - text.as_ptr() as usize;
        line += breaks(&text.as_bytes()[seen..start]);
        seen = start;
        if take(object(item.get(), line)) == Continue::No {
            break;
        }
    }
    Ok(())
}

/// Creates the error for a text that is not a JSON list of objects.
fn no_list(text: &str, error: &serde_json::Error) -> RowError {
    if let Some(line) = conflict_line(text) {
        return RowError::merge_conflict(line);
    }
    let line = error.line() as u64;
    if !error.is_data() {
        let diagnostic = RowError::new(line, format!("the data file is not JSON: {}", words(error)));
        return if text.trim_start().starts_with(['[', '{']) { diagnostic } else { diagnostic.help(NO_JSON) };
    }
    let diagnostic = RowError::new(line, "the data file does not hold a list of objects");
    let members: Map<String, Json> = serde_json::from_str(text).unwrap_or_default();
    match members.iter().find(|(_, member)| member.as_array().is_some_and(|list| list.iter().all(Json::is_object))) {
        Some((name, _)) => diagnostic.help(format!("save the list under `{}` alone as the data file", truncated(name))),
        None => diagnostic.help("write `[` before the first object, `,` between objects and `]` after the last"),
    }
}

/// Returns the number of line breaks in some bytes.
fn breaks(bytes: &[u8]) -> u64 {
    bytes.split(|byte| *byte == b'\n').skip(1).count() as u64
}

/// Parses one object as a row that starts on a line.
pub(super) fn object(text: &str, line: u64) -> Result<DataRow, RowError> {
    match serde_json::from_str::<UniqueKeys>(text) {
        Ok(UniqueKeys(map)) => Ok(DataRow { misprints: of_json(text), ..row(&map, line) }),
        Err(error) if error.is_data() && !text.trim_start().starts_with('{') => {
            Err(RowError::new(line, "this row is not an object"))
        }
        Err(error) => {
            let line = line + (error.line() as u64).saturating_sub(1);
            let diagnostic = RowError::new(line, format!("this row is not JSON: {}", words(&error)));
            Err(if text.starts_with('{') { diagnostic } else { diagnostic.help(NO_JSON) })
        }
    }
}

/// Converts an object to a row. `null` counts as absent, so that it is never spoken.
pub(super) fn row(map: &Map<String, Json>, line: u64) -> DataRow {
    let there = map.iter().filter(|(_, value)| !value.is_null());
    DataRow {
        line,
        value: Value::from_pairs(there.map(|(name, value)| (name.as_str(), value_of(value)))),
        blank: false,
        misprints: Vec::new(),
    }
}

/// Returns serde's message without its location.
fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let words = text.rsplit_once(" at line ").map_or(text.as_str(), |(words, _)| words);
    match words.strip_prefix("EOF while parsing ") {
        Some(what) => format!("it ends within {what}"),
        None => words.to_owned(),
    }
}

/// The members of an object. Rejects duplicate names.
struct UniqueKeys(Map<String, Json>);

impl<'de> Deserialize<'de> for UniqueKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UniqueKeysVisitor)
    }
}

struct UniqueKeysVisitor;

impl<'de> Visitor<'de> for UniqueKeysVisitor {
    type Value = UniqueKeys;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<UniqueKeys, A::Error> {
        let mut map = Map::new();
        while let Some((name, value)) = access.next_entry::<String, Json>()? {
            if map.contains_key(&name) {
                return Err(A::Error::custom(format!("the column `{name}` occurs twice")));
            }
            map.insert(name, value);
        }
        Ok(UniqueKeys(map))
    }
}
