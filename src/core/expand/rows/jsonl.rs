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

/// Reads the object of each line. Buffers at most one line.
pub(super) fn read(file: DataFile<'_>, input: DataInput, take: RowSink<'_>) {
    let mut reader = BufReader::new(input.into_read());
    let mut bytes = Vec::new();
    let mut line = 0;
    loop {
        bytes.clear();
        line += 1;
        match reader.by_ref().take(MAX_RECORD_BYTES + 1).read_until(b'\n', &mut bytes) {
            Ok(0) => return,
            Ok(count) if count as u64 > MAX_RECORD_BYTES => {
                take(Err(RowError::new(line, "this line is larger than 16 MB")));
                return;
            }
            Ok(_) => {}
            Err(error) => {
                take(Err(unreadable(&error)));
                return;
            }
        }
        let Ok(text) = std::str::from_utf8(&bytes) else {
            take(Err(not_utf8(file.path, line)));
            return;
        };
        if opens_conflict(text) {
            take(Err(RowError::merge_conflict(line)));
            return;
        }
        let text = if line == 1 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
        if !text.trim().is_empty() && take(json::object(text.trim(), line)) == Continue::No {
            return;
        }
    }
}
