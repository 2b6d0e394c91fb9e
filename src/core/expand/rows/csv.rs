//! CSV and TSV as spreadsheets export them: a header, then records with as many cells. Cells are text and never
//! trimmed.
//!
//! Empty records, and empty cells after the last named column, come from the spreadsheet, not from the author. They are
//! left out.

use std::collections::HashSet;
use std::io::{self, Read};
use std::sync::Arc;

use csv::{ErrorKind, StringRecord};
use minijinja::Value;

use super::cell_count::mismatch;
use super::decode::{DataInput, not_utf8, utf16_error};
use super::layout::{FileStart, TableHeader, default_delimiter, first_line, layout, reader};
use super::quotes::QuoteReader;
use super::{Continue, DataFile, DataFormat, DataRow, RowError, RowSink, unreadable};
use crate::diagnostic::Code;
use crate::expand::identifiers::{normalize, visible_name};
use crate::expand::scope::{Columns, TextRow};
use crate::fields::truncated;
use crate::manifest::Delimiter;
use crate::source::opens_conflict;

/// Maximum size of a record, in bytes.
pub(super) const MAX_RECORD_BYTES: u64 = 16 * 1024 * 1024;

/// Appended after the end of a file. It is a separate record unless a quote is still open.
const EOF_SENTINEL: &[u8] = b"\n\x01end of file\x01\n";
/// The cell of that record.
const ENDING_CELL: &str = "\u{1}end of file\u{1}";

/// Reads each record. Buffers at most one. Returns the error after which no further one can be read.
pub(super) fn read(file: DataFile<'_>, input: DataInput, take: RowSink<'_>) -> Result<(), RowError> {
    let usual = default_delimiter(input.start(), file.format == DataFormat::Tsv);
    let head = FileStart { text: input.start(), cut: input.is_cut };
    // A merge conflict also makes records disagree, and is the more helpful cause.
    // A file that is not a table is read as one if it was before.
    let foreign = utf16_error(head.text).or_else(|| json_error(head.text));
    let cause = |error| conflict_in(head.text).or_else(|| foreign.clone()).unwrap_or(error);
    let (layout, warning) = layout(head, file.delimiter, usual).map_err(cause)?;
    if let Some(warning) = warning {
        take(Err(warning));
    }
    let inner = QuoteReader::new(input.into_read(), layout.delimiter.byte());
    let limited = RecordLimitReader { inner, since: 0, ending: EOF_SENTINEL, ended: false };
    let mut reader = reader(layout.delimiter).buffer_capacity(file.head_bytes).from_reader(limited);
    let mut record = StringRecord::new();
    let mut header: Option<TableHeader> = None;
    let mut skip = layout.sep_line;
    loop {
        let position = reader.position().line();
        let outcome = reader.read_record(&mut record);
        reader.get_mut().since = 0;
        if !outcome.map_err(|error| row_error(&error, position, file))? {
            break;
        }
        without_return(&mut record);
        if record.is_empty() {
            continue;
        }
        if std::mem::take(&mut skip) {
            continue;
        }
        let end = reader.position().line();
        let line = first_line(record.as_byte_record(), position, end);
        // Before the end, the author wrote this text.
        let ended = reader.get_ref().ended;
        if ended && record.len() == 1 && record.get(0) == Some(ENDING_CELL) {
            break;
        }
        if ended && record.iter().any(|cell| cell.ends_with(ENDING_CELL) || cell.contains("\u{1}end of file\u{1}\n")) {
            let diagnostic = RowError::new(line, "a quote is opened in this record and never closed");
            return Err(diagnostic.help("write a quote inside a quoted cell twice: `\"\"`"));
        }
        if opens_conflict(&record[0]) {
            return Err(RowError::merge_conflict(line));
        }
        if let Some(odd) = reader.get_mut().inner.found.take_if(|odd| odd.line < end) {
            let column = header.as_ref().and_then(|header| header.columns.names().get(odd.cell));
            take(Err(odd.warning(&record, column.map(|name| &**name))));
        }
        let blank = record.iter().all(|cell| cell.trim().is_empty());
        let Some(header) = &header else {
            if !blank {
                let (columns, warning) = named(&record, line).map_err(|error| foreign.clone().unwrap_or(error))?;
                if let Some(warning) = warning {
                    take(Err(warning));
                }
                header = Some(columns);
            }
            continue;
        };
        if blank && record.len() != header.columns.len() {
            continue;
        }
        let outcome = row(header, &mut record, layout.delimiter, (line, blank));
        if let (Err(_), Some(foreign)) = (&outcome, &foreign) {
            return Err(foreign.clone());
        }
        if take(outcome) == Continue::No {
            return Ok(());
        }
    }
    if let Some(foreign) = foreign {
        take(Err(foreign.with_code(Code::SuspiciousValue)));
    }
    match header {
        Some(_) => Ok(()),
        None => Err(RowError::new(0, "the data file is empty").help("the first line names the columns")),
    }
}

fn conflict_in(head: &[u8]) -> Option<RowError> {
    crate::source::conflict_line(&String::from_utf8_lossy(head)).map(RowError::merge_conflict)
}

/// Removes the carriage return of a `\r\n` from the last cell. An empty line becomes an empty record.
fn without_return(record: &mut StringRecord) {
    let Some(last) = record.len().checked_sub(1) else { return };
    let Some(cell) = record.get(last).and_then(|cell| cell.strip_suffix('\r')).map(str::to_owned) else { return };
    record.truncate(last);
    if last > 0 || !cell.is_empty() {
        record.push_field(&cell);
    }
}

fn row(
    header: &TableHeader,
    record: &mut StringRecord,
    delimiter: Delimiter,
    (line, blank): (u64, bool),
) -> Result<DataRow, RowError> {
    let columns = header.columns.len();
    if record.len() > columns && record.iter().skip(columns).all(|cell| cell.trim().is_empty()) {
        record.truncate(columns);
    }
    if record.len() != columns {
        return Err(mismatch(record, header, delimiter, line));
    }
    // A copy has exact capacity. The record itself keeps its capacity for the next one.
    let cells = record.clone();
    let columns = Arc::clone(&header.columns);
    Ok(DataRow { line, value: Value::from_object(TextRow { columns, cells }), blank, misprints: Vec::new() })
}

/// Returns the columns that a record names, with a warning of names that differ only in their Unicode form.
fn named(record: &StringRecord, line: u64) -> Result<(TableHeader, Option<RowError>), RowError> {
    let used = (0..record.len()).rev().find(|place| !record[*place].trim().is_empty()).map_or(0, |place| place + 1);
    let mut names: Vec<Arc<str>> = Vec::with_capacity(used);
    let (mut seen, mut normal) = (HashSet::with_capacity(used), HashSet::with_capacity(used));
    let mut warning = None;
    for (place, name) in record.iter().take(used).enumerate() {
        let name = name.trim();
        let shown = || truncated(&visible_name(name));
        if name.contains('\r') {
            let diagnostic = RowError::new(line, "the lines of the data file end in carriage returns alone");
            return Err(diagnostic.help("save the file with ordinary line ends"));
        }
        if name.is_empty() {
            let message = format!("column {} of the header has no name", place + 1);
            return Err(RowError::new(line, message).help("name it, or remove the column"));
        }
        if !seen.insert(name) {
            let message = format!("the header names the column `{}` twice", shown());
            return Err(RowError::new(line, message).help("rename one of the two"));
        }
        // Such a table was read before, so it is not an error.
        if !normal.insert(normalize(name)) && warning.is_none() {
            let message = format!("the header names the column `{}` twice, in two Unicode forms", shown());
            let one = RowError::new(line, message).with_code(Code::SuspiciousValue);
            warning = Some(one.help("rename one of the two: a template reads only one of them"));
        }
        names.push(name.into());
    }
    Ok((TableHeader { columns: Arc::new(Columns::new(names)), unnamed: record.len() - used }, warning))
}

/// Returns the error for a table that looks like JSON.
fn json_error(head: &[u8]) -> Option<RowError> {
    let mut bytes = head.iter().filter(|byte| !byte.is_ascii_whitespace());
    let begins = matches!((bytes.next(), bytes.next()), (Some(b'[' | b'{'), Some(b'[' | b'{' | b'"' | b']' | b'}')));
    begins.then(|| {
        RowError::new(1, "the data file looks like JSON, not like a table")
            .help("give its name the ending `.json` or `.jsonl`")
    })
}

/// Creates the error for a record that cannot be read. No later record can be read either.
fn row_error(error: &csv::Error, position: u64, file: DataFile<'_>) -> RowError {
    let line = error.position().map_or(position, csv::Position::line);
    match error.kind() {
        ErrorKind::Utf8 { .. } => not_utf8(file.path, line),
        ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            RowError::new(line, "this record is larger than 16 MB").help("look for a quote that is never closed")
        }
        ErrorKind::Io(error) if error.kind() == io::ErrorKind::InvalidData => RowError { line, ..unreadable(error) },
        ErrorKind::Io(error) => unreadable(error),
        _ => RowError::new(line, format!("this record cannot be read: {error}")),
    }
}

/// A reader that limits the size of records, and appends `ending` after the end, so that an unclosed quote shows.
struct RecordLimitReader<R> {
    inner: R,
    /// Number of bytes since the last record.
    since: u64,
    ending: &'static [u8],
    ended: bool,
}

impl<R: Read> Read for RecordLimitReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since > MAX_RECORD_BYTES {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "a record is larger than 16 MB"));
        }
        let mut count = self.inner.read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            self.ended = true;
            count = self.ending.read(buffer)?;
        }
        self.since += count as u64;
        Ok(count)
    }
}
