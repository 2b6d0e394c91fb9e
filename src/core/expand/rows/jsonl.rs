//! JSON Lines: one object per line. Empty lines do not count.

use std::io::{BufRead, BufReader, Read};

use super::decode::{DataInput, not_utf8};
use super::record_limit::MAX_RECORD_BYTES;
use super::{Continue, DataFile, RowError, RowSink, json, unreadable};
use crate::source::opens_conflict;

/// Returns `true` if a text begins with two objects on separate lines.
pub(super) fn begins(input: &DataInput) -> bool {
    let text = String::from_utf8_lossy(input.start());
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().is_some_and(|line| json::object(line, 1).is_ok());
    first && lines.next().is_some_and(|line| line.starts_with('{'))
}

/// Reads the object of each line. Buffers at most one line. Returns the error after which no further one can be read.
pub(super) fn read(file: DataFile<'_>, input: DataInput, take: RowSink<'_>) -> Result<(), RowError> {
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
        if !text.trim().is_empty() && take(json::object(text.trim(), line)) == Continue::No {
            return Ok(());
        }
    }
}
