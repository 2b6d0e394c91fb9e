//! JSON, one list of objects, and JSON Lines, one object per line.

use std::fmt;
use std::io::{BufRead, BufReader, Read};

use minijinja::Value;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};

use super::csv::MAX_RECORD_BYTES;
use super::decode::{DataInput, not_utf8};
use super::{Continue, DataFile, DataRow, RowError, RowSink, unreadable};
use crate::expand::number_text::of_json;
use crate::expand::scope::value_of;
use crate::fields::truncated;
use crate::source::{conflict_line, opens_conflict};

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

/// Returns `true` if a text begins with two objects on separate lines.
pub(super) fn begins_with_lines(input: &DataInput) -> bool {
    let text = String::from_utf8_lossy(input.start());
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().is_some_and(|line| object(line, 1).is_ok());
    first && lines.next().is_some_and(|line| line.starts_with('{'))
}

/// Reads the object of each line of JSON Lines. Empty lines do not count. Buffers at most one line. Returns the error after which no further one can be read.
pub(super) fn read_lines(file: DataFile<'_>, input: DataInput, take: RowSink<'_>) -> Result<(), RowError> {
    let mut reader = BufReader::new(input.into_read());
    let mut bytes = Vec::new();
    let mut line = 0;
    loop {
        bytes.clear();
        line += 1;
        let mut limited = reader.by_ref().take(MAX_RECORD_BYTES + 1);
        match limited.read_until(b'\n', &mut bytes).map_err(|error| unreadable(&error))? as u64 {
            0 => return Ok(()),
            count if count > MAX_RECORD_BYTES => return Err(RowError::new(line, "this line is larger than 16 MB")),
            _ => {}
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| not_utf8(file.path, line))?;
        if opens_conflict(text) {
            return Err(RowError::merge_conflict(line));
        }
        let text = if line == 1 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
        if !text.trim().is_empty() && take(object(text.trim(), line)) == Continue::No {
            return Ok(());
        }
    }
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
fn object(text: &str, line: u64) -> Result<DataRow, RowError> {
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
