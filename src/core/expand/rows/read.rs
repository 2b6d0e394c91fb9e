//! Opens data files and selects the reader of each format.

use std::io::Read;

use super::data_file::{DataFile, DataFormat, RowError, RowSink, unreadable};
use super::decode::{DataInput, utf16_error};
use super::{csv, json};
use crate::diagnostic::Diagnostic;
use crate::source::{MAX_FILE_BYTES, is_lfs_pointer};

/// Reads each record of a CSV, TSV, JSON or JSON Lines file in order. I/O errors are errors like any other.
pub(in crate::expand) fn read_rows(file: DataFile<'_>, take: RowSink<'_>) {
    if let Err(error) = read(file, take) {
        take(Err(error));
    }
}

fn read(file: DataFile<'_>, take: RowSink<'_>) -> Result<(), RowError> {
    let input = DataInput::open(file).map_err(|error| unreadable(&error))?;
    if let Some(error) = foreign(&input.head) {
        return Err(error);
    }
    let is_table = matches!(file.format, DataFormat::Csv | DataFormat::Tsv);
    if let Some(error) = utf16_error(input.start()).filter(|_| !is_table) {
        return Err(error);
    }
    let first = input.start().iter().find(|byte| !byte.is_ascii_whitespace());
    match (file.format, first) {
        (DataFormat::Csv | DataFormat::Tsv, _) => csv::read(file, input, take),
        // A text that begins with a bracket is not JSON Lines, and one that begins with two objects is not a list.
        (DataFormat::JsonLines, Some(b'[')) => json::read(file, input, take),
        (DataFormat::JsonLines, _) => json::read_lines(file, input, take),
        (DataFormat::Json, Some(b'{')) if json::begins_with_lines(&input) => json::read_lines(file, input, take),
        (DataFormat::Json | DataFormat::Yaml, _) => json::read(file, input, take),
    }
}

/// Returns the error for a file that contains something other than data, whatever its format.
fn foreign(head: &[u8]) -> Option<RowError> {
    if is_lfs_pointer(head) {
        return Some(Diagnostic::lfs_pointer("").into());
    }
    head.starts_with(b"PK\x03\x04").then(|| {
        RowError::new(0, "the data file is a workbook of a spreadsheet program, not text")
            .help("export the sheet as csv: *CSV UTF-8* in the list of formats")
    })
}

/// Returns the complete text of a file. `None` if it is not text.
pub(in crate::expand) fn read_text(file: DataFile<'_>) -> Option<String> {
    let mut text = String::new();
    let input = DataInput::open(file).ok()?;
    input.into_read().take(MAX_FILE_BYTES).read_to_string(&mut text).ok()?;
    Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
