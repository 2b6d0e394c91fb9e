//! Records with more or fewer cells than the header: the likely cause and the fix.

use csv::StringRecord;

use super::RowError;
use super::layout::TableHeader;
use crate::expand::identifiers::visible_name;
use crate::fields::truncated;
use crate::manifest::Delimiter;

/// Returns the error of a record. Its message names the cause, so that equal errors of many records are shown as one.
pub(super) fn mismatch(record: &StringRecord, header: &TableHeader, delimiter: Delimiter, line: u64) -> RowError {
    let (cells, columns) = (record.len(), header.columns.len());
    let counts =
        format!("this record has {cells} {}, but the header has {columns}", if cells == 1 { "cell" } else { "cells" });
    let (cause, help) =
        if cells < columns { short(record, header, delimiter) } else { long(record, header, delimiter) };
    let diagnostic = RowError::new(line, format!("{counts}: {cause}")).help(help);
    if columns == 1 {
        return diagnostic.help("if line 1 is a title, remove it: the first line names the columns");
    }
    diagnostic
}

fn short(record: &StringRecord, header: &TableHeader, delimiter: Delimiter) -> (String, String) {
    let names = header.columns.names();
    let mark = delimiter.name();
    if let [only] = record.iter().collect::<Vec<_>>()[..] {
        let wanted = names.len() - 1;
        let split = |one: &Delimiter| only.bytes().filter(|byte| *byte == one.byte()).count() == wanted;
        if let Some(other) = Delimiter::ALL.into_iter().find(split) {
            let cause = format!("its cells are separated by {}s, those of the header by {mark}s", other.name());
            return (cause, format!("separate its cells by {mark}s"));
        }
    }
    let missing = &names[record.len()..];
    let more = if missing.len() == 1 { " is".to_owned() } else { format!(" and {} more are", missing.len() - 1) };
    let cause = format!("`{}`{more} missing", truncated(&visible_name(&missing[0])));
    (cause, format!("a cell that is empty still needs its {mark}, and one that holds a line break needs quotes"))
}

fn long(record: &StringRecord, header: &TableHeader, delimiter: Delimiter) -> (String, String) {
    let (cells, columns) = (record.len(), header.columns.len());
    let mark = delimiter.name();
    let name = |place: usize| match header.columns.names().get(place) {
        Some(name) => format!("`{}`", truncated(&visible_name(name))),
        None => format!("cell {}", place + 1),
    };
    let is_blank = |cell: &str| cell.starts_with([' ', '\t']);
    if let Some(place) = record.iter().position(|cell| is_blank(cell) && cell.trim_start().starts_with('"')) {
        let cause = format!("a space precedes the quote of {}", name(place));
        return (cause, "remove the space: only a quote that begins the cell counts".to_owned());
    }
    if cells <= columns + header.unnamed {
        let cause = format!("column {} has cells but no name", columns + 1);
        return (cause, format!("name column {} in the header, or empty its cells", columns + 1));
    }
    if let Some(first) = record.iter().skip(1).position(is_blank)
        && record.iter().skip(1).filter(|cell| is_blank(cell)).count() == cells - columns
    {
        let parts: Vec<&str> = record.iter().skip(first).collect();
        let end = parts[1..].iter().take_while(|cell| is_blank(cell)).count();
        let text = parts[..=end].join(char::from(delimiter.byte()).encode_utf8(&mut [0; 4]));
        let cause = format!("{} seems to hold a {mark}", name(first));
        let help = if text.contains('"') {
            format!("put a cell that holds a {mark} in quotes, and write each quote inside it twice")
        } else {
            format!("put the cell in quotes: `\"{}\"`", truncated(&text))
        };
        return (cause, help);
    }
    let empty: Vec<usize> = (0..cells).filter(|place| record[*place].is_empty()).collect();
    if empty.len() == cells - columns {
        let cause = format!("cell {} is empty", empty[0] + 1);
        return (cause, format!("remove its {mark}, or give the header a column for it"));
    }
    (format!("a cell seems to hold a {mark}"), format!("put a cell that holds a {mark} in quotes"))
}
