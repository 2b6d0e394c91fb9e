//! CSV: a header, then records of as many cells; cells are text. What separates them, the header says.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use csv::{ErrorKind, ReaderBuilder, StringRecord, Terminator};
use minijinja::Value;

use super::limit::Limited;
use super::{Next, Row, RowFault, Take, unreadable};
use crate::template::key::shown;
use crate::template::scope::{Columns, TextRow};

/// What stands after the end of a file: a record of its own, unless a quote is still open.
const ENDING: &[u8] = b"\n\x01end of file\x01\n";
/// The same as a cell.
const ENDING_CELL: &str = "\u{1}end of file\u{1}";

/// So much of a file is looked at for what separates its cells: more than any header has.
const HEAD_BYTES: usize = 64 * 1024;

/// What separates the cells: a comma, unless the header has none and semicolons or tabs instead, as spreadsheets write
/// them where the comma is the decimal mark.
fn delimiter(head: &[u8]) -> u8 {
    let (mut quoted, mut semicolons, mut tabs, mut seen) = (false, 0, 0, false);
    for byte in head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head) {
        match byte {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b',' => return b',',
            b';' => semicolons += 1,
            b'\t' => tabs += 1,
            b'\n' if seen => break,
            _ => {}
        }
        seen |= !byte.is_ascii_whitespace();
    }
    match (semicolons, tabs) {
        (0, 0) => b',',
        (semicolons, tabs) if semicolons >= tabs => b';',
        _ => b'\t',
    }
}

/// Hands on each record; never holds more than one.
pub(super) fn read(path: &Path, take: Take<'_>) {
    let opened = File::open(path).and_then(|file| {
        let mut file = BufReader::with_capacity(HEAD_BYTES, file);
        let mark = delimiter(file.fill_buf()?);
        Ok((file, mark))
    });
    let (file, mark) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            take(Err(unreadable(&error)));
            return;
        }
    };
    let (limited, since, ended) = Limited::new(file, ENDING);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(mark)
        // With `\r\n` as one terminator csv's line numbers are too small by one.
        .terminator(Terminator::Any(b'\n'))
        .from_reader(limited);
    let mut record = StringRecord::new();
    let mut columns: Option<Arc<Columns>> = None;
    loop {
        let position = reader.position().line();
        let outcome = reader.read_record(&mut record);
        since.set(0);
        match outcome {
            Ok(false) => break,
            Ok(true) => {
                without_return(&mut record);
                if record.is_empty() {
                    continue;
                }
                let line = first_line(&record, position, reader.position().line());
                // Before the end these words are the author's own.
                if ended.get() && record.len() == 1 && record.get(0) == Some(ENDING_CELL) {
                    break;
                }
                if ended.get()
                    && record.iter().any(|cell| cell.ends_with(ENDING_CELL) || cell.contains("\u{1}end of file\u{1}\n"))
                {
                    let fault = RowFault::new(line, "a quote is opened in this record and never closed");
                    take(Err(fault.help("write a quote inside a quoted cell twice: `\"\"`")));
                    return;
                }
                let Some(columns) = &columns else {
                    match header(&record, line) {
                        Ok(found) => columns = Some(Arc::new(found)),
                        Err(fault) => {
                            take(Err(fault));
                            return;
                        }
                    }
                    continue;
                };
                if take(row(columns, &record, (line, mark))) == Next::Stop {
                    return;
                }
            }
            Err(error) => {
                let (fault, ended) = fault(&error, position);
                if take(Err(fault)) == Next::Stop || ended {
                    return;
                }
            }
        }
    }
    if columns.is_none() {
        take(Err(RowFault::new(0, "the data file is empty").help("the first line names the columns")));
    }
}

/// Takes the carriage return of a `\r\n` from the last cell; an empty line becomes an empty record.
fn without_return(record: &mut StringRecord) {
    let Some(last) = record.len().checked_sub(1) else { return };
    let Some(cell) = record.get(last).and_then(|cell| cell.strip_suffix('\r')).map(str::to_owned) else { return };
    record.truncate(last);
    if last > 0 || !cell.is_empty() {
        record.push_field(&cell);
    }
}

/// The line that a record starts on: csv counts empty lines before it as its own.
fn first_line(record: &StringRecord, before: u64, after: u64) -> u64 {
    let within = record.as_byte_record().as_slice().split(|byte| *byte == b'\n').count() as u64 - 1;
    before.max(after.saturating_sub(within + 1))
}

fn row(columns: &Arc<Columns>, record: &StringRecord, (line, mark): (u64, u8)) -> Result<Row, RowFault> {
    if record.len() != columns.len() {
        let cells = if record.len() == 1 { "cell" } else { "cells" };
        let message = format!("this record has {} {cells}, the header {}", record.len(), columns.len());
        let mark = match mark {
            b';' => "semicolon",
            b'\t' => "tab",
            _ => "comma",
        };
        let help = if record.len() > columns.len() {
            format!("put a cell that holds a {mark} in quotes")
        } else {
            format!("a cell that is empty still needs its {mark}")
        };
        return Err(RowFault::new(line, message).help(help));
    }
    // A copy is as long as its cells; the record itself keeps its room for the next one.
    let cells = record.clone();
    Ok(Row { line, value: Value::from_object(TextRow { columns: Arc::clone(columns), cells }) })
}

fn header(record: &StringRecord, line: u64) -> Result<Columns, RowFault> {
    let mut names: Vec<Arc<str>> = Vec::with_capacity(record.len());
    let mut seen = HashSet::with_capacity(record.len());
    for (place, name) in record.iter().enumerate() {
        let name = name.trim();
        if name.contains('\r') {
            let fault = RowFault::new(line, "the lines of the data file end in carriage returns alone");
            return Err(fault.help("save the file with ordinary line ends"));
        }
        if name.is_empty() {
            let message = format!("column {} of the header has no name", place + 1);
            return Err(RowFault::new(line, message).help("name it, or remove the column"));
        }
        if !seen.insert(name) {
            let message = format!("the header names the column `{}` twice", shown(name));
            return Err(RowFault::new(line, message).help("rename one of the two"));
        }
        names.push(name.into());
    }
    Ok(Columns::new(names))
}

/// The fault, and whether nothing can be read after it.
fn fault(error: &csv::Error, position: u64) -> (RowFault, bool) {
    let line = error.position().map_or(position, csv::Position::line);
    match error.kind() {
        ErrorKind::Utf8 { .. } => {
            let fault = RowFault::new(line, "this record is not UTF-8 text");
            (fault.help("save the file as UTF-8"), false)
        }
        ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
            let fault = RowFault::new(line, "this record is larger than 16 MB");
            (fault.help("look for a quote that is never closed"), true)
        }
        ErrorKind::Io(error) => (unreadable(error), true),
        _ => (RowFault::new(line, format!("this record cannot be read: {error}")), true),
    }
}
