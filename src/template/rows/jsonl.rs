//! JSON Lines: one object a line; empty lines do not count.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::limit::MOST_RECORD_BYTES;
use super::{Next, RowFault, Take, json, unreadable};

/// Hands on each line's object; never holds more than one line.
pub(super) fn read(path: &Path, take: Take<'_>) {
    let mut reader = match File::open(path) {
        Ok(file) => BufReader::new(file),
        Err(error) => {
            take(Err(unreadable(&error)));
            return;
        }
    };
    let mut bytes = Vec::new();
    let mut line = 0;
    loop {
        bytes.clear();
        line += 1;
        match reader.by_ref().take(MOST_RECORD_BYTES + 1).read_until(b'\n', &mut bytes) {
            Ok(0) => return,
            Ok(count) if count as u64 > MOST_RECORD_BYTES => {
                take(Err(RowFault::new(line, "this line is larger than 16 MB")));
                return;
            }
            Ok(_) => {}
            Err(error) => {
                take(Err(unreadable(&error)));
                return;
            }
        }
        let Ok(text) = std::str::from_utf8(&bytes) else {
            let fault = RowFault::new(line, "this line is not UTF-8 text").help("save the file as UTF-8");
            if take(Err(fault)) == Next::Stop {
                return;
            }
            continue;
        };
        let text = if line == 1 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
        if !text.trim().is_empty() && take(json::object(text.trim(), line)) == Next::Stop {
            return;
        }
    }
}
