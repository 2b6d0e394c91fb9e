//! Detects the layout of a table from its first records: the delimiter, and the position of the header.
//!
//! If the usual delimiter reads a file without errors, it is used even if another one fits too: the file's videos may
//! be paid for.

use std::sync::Arc;

use csv::{ByteRecord, ReaderBuilder, Terminator};

use super::RowError;
use crate::diagnostic::Code;
use crate::expand::scope::Columns;
use crate::manifest::Delimiter;

/// Maximum number of title lines above the header.
const MAX_TITLE_LINES: usize = 10;

/// The layout of the records of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub delimiter: Delimiter,
    /// Whether the first line is `sep=;`, which sets the delimiter for spreadsheets.
    pub sep_line: bool,
}

/// The named columns of a table.
#[derive(Debug)]
pub(super) struct TableHeader {
    pub columns: Arc<Columns>,
    /// Number of further columns without a name.
    pub unnamed: usize,
}

/// The cell counts of one record.
#[derive(Clone, Copy, Debug)]
struct CellCount {
    line: u64,
    cells: usize,
    /// Number of cells up to the last one that is not empty.
    used: usize,
    /// Whether a cell is only whitespace that is not ASCII. Readers drop such cells, but `used` counts them.
    has_wide_blank: bool,
}

impl CellCount {
    /// Returns `true` if a record has a cell for each column, and further cells are empty.
    fn fits(self, columns: usize) -> bool {
        self.cells >= columns && self.used <= columns
    }
}

/// The part of a file from which its layout is detected.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileStart<'a> {
    /// Without byte order mark.
    pub text: &'a [u8],
    /// Whether the file is longer.
    pub cut: bool,
}

/// Returns the layout, with a warning if another delimiter fits too.
///
/// # Errors
/// Two delimiters fit a file that the usual one does not, or line 1 is not the header of the records.
pub(super) fn layout(
    head: FileStart<'_>,
    set: Option<Delimiter>,
    usual: Delimiter,
) -> Result<(Layout, Option<RowError>), RowError> {
    let (said, rest) = sep_line(head.text, set);
    let head = FileStart { text: rest, ..head };
    let sep_line = said.is_some();
    if let Some(delimiter) = set.or(said) {
        let shapes = shapes(head, delimiter);
        return match header_error(&shapes, delimiter).filter(|_| !regular(&shapes)) {
            Some((_, diagnostic)) => Err(diagnostic),
            None => Ok((Layout { delimiter, sep_line }, None)),
        };
    }
    let found = |delimiter| Layout { delimiter, sep_line };
    let others = || Delimiter::ALL.into_iter().filter(|one| *one != usual);
    let as_usual = shapes(head, usual);
    if regular(&as_usual) {
        let table = |shapes: &[CellCount]| shapes.len() > 1 && shapes[0].used > 1;
        // Tabs rarely occur in a text.
        let rival = others().filter(|_| usual != Delimiter::Tab).find(|one| {
            let first_line = head.text.split(|byte| *byte == b'\n').next().unwrap_or_default();
            first_line.contains(&one.byte()) && table(&as_usual) && {
                let shapes = shapes(head, *one);
                table(&shapes) && regular(&shapes)
            }
        });
        return Ok((found(usual), rival.map(|rival| unclear(usual, rival))));
    }
    let fitting = |one: Delimiter| fitting(&shapes(head, one));
    let most = Delimiter::ALL.into_iter().map(fitting).max().unwrap_or_default();
    if most == 0 {
        let all = std::iter::once(usual).chain(others());
        let errors = all.filter_map(|one| header_error(&shapes(head, one), one));
        // The delimiter that explains most lines.
        let first = errors.min_by_key(|(header, _)| *header).map(|(_, error)| error);
        return first.map_or(Ok((found(usual), None)), Err);
    }
    if fitting(usual) == most {
        // A comma in a title, and one in each price.
        let title = others().find_map(|one| title_error(&shapes(head, one), one));
        return match title.filter(|_| has_mismatch(&as_usual)) {
            Some((_, error)) => Err(error),
            None => Ok((found(usual), None)),
        };
    }
    let mut best = others().filter(|one| fitting(*one) == most);
    match (best.next(), best.next()) {
        (Some(one), Some(other)) => {
            let message = format!("the cells may be separated by {}s or by {}s", one.name(), other.name());
            Err(choose(RowError::new(0, message), one, other))
        }
        (one, _) => Ok((found(one.unwrap_or(usual)), None)),
    }
}

/// Returns the delimiter of most files: a comma, unless the header has none and semicolons or tabs instead.
/// Spreadsheets write those where the comma is the decimal mark.
pub(super) fn default_delimiter(head: &[u8], tabs_first: bool) -> Delimiter {
    let (mut quoted, mut commas, mut semicolons, mut tabs, mut seen) = (false, 0, 0, 0, false);
    for byte in head {
        match byte {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b',' => commas += 1,
            b';' => semicolons += 1,
            b'\t' => tabs += 1,
            b'\n' if seen => break,
            _ => {}
        }
        seen |= !byte.is_ascii_whitespace();
    }
    match (commas, semicolons, tabs) {
        (_, _, 1..) if tabs_first => Delimiter::Tab,
        (0, 0, 0) | (1.., _, _) => Delimiter::Comma,
        (_, semicolons, tabs) if semicolons >= tabs => Delimiter::Semicolon,
        _ => Delimiter::Tab,
    }
}

/// Returns the delimiter that a first line of `sep=;` sets, and the text below it. A bar counts only if it is also set
/// in the manifest: `sep=|` may be the name of a column.
fn sep_line(head: &[u8], set: Option<Delimiter>) -> (Option<Delimiter>, &[u8]) {
    let end = head.iter().position(|byte| *byte == b'\n').unwrap_or(head.len());
    let (line, rest) = head.split_at(end);
    let line = std::str::from_utf8(line).unwrap_or_default().trim_end_matches('\r');
    let said = line.strip_prefix("sep=").and_then(Delimiter::from_setting);
    let said = said.filter(|one| *one != Delimiter::Bar || set == Some(Delimiter::Bar));
    (said, if said.is_some() { rest } else { head })
}

/// Counts the cells of each complete record that is not empty.
fn shapes(head: FileStart<'_>, delimiter: Delimiter) -> Vec<CellCount> {
    let mut reader = reader(delimiter).from_reader(head.text);
    let (mut record, mut shapes) = (ByteRecord::new(), Vec::new());
    loop {
        let before = reader.position().line();
        if !reader.read_byte_record(&mut record).unwrap_or_default() {
            break;
        }
        let line = first_line(&record, before, reader.position().line());
        let count = record.len();
        let last = record.get(count.wrapping_sub(1)).unwrap_or_default();
        let last_is_empty = last.is_empty() || last == b"\r";
        let cells = if count == 1 && last_is_empty { 0 } else { count };
        let empty = |place: usize| record[place].trim_ascii().is_empty();
        let used = (0..count).rev().find(|place| !empty(*place)).map_or(0, |place| place + 1);
        if cells > 0 {
            let is_wide_blank = |cell: &[u8]| {
                !cell.trim_ascii().is_empty() && str::from_utf8(cell).is_ok_and(|text| text.trim().is_empty())
            };
            let has_wide_blank = record.iter().any(is_wide_blank);
            shapes.push(CellCount { line, cells, used, has_wide_blank });
        }
    }
    if head.cut {
        shapes.pop();
    }
    let blank = shapes.iter().take_while(|shape| shape.used == 0).count();
    shapes.drain(..blank);
    shapes
}

/// Returns the reader for the records of a table. The head and the complete file are read alike.
pub(super) fn reader(delimiter: Delimiter) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter.byte())
        // With `\r\n` as one terminator, csv's line numbers are too small by one.
        .terminator(Terminator::Any(b'\n'));
    builder
}

/// Returns the line on which a record starts. csv counts the empty lines before a record as part of it.
pub(super) fn first_line(record: &ByteRecord, before: u64, after: u64) -> u64 {
    let within = record.as_slice().split(|byte| *byte == b'\n').count() as u64 - 1;
    before.max(after.saturating_sub(within + 1))
}

/// Returns `true` if each cell of the header has a name, and all records have as many cells.
fn regular(shapes: &[CellCount]) -> bool {
    shapes.first().is_none_or(|header| shapes.iter().all(|shape| shape.cells == header.used))
}

/// Returns the number of records that fit a header of several columns.
fn fitting(shapes: &[CellCount]) -> usize {
    match shapes.split_first() {
        Some((header, records)) if header.used > 1 => {
            records.iter().filter(|record| record.used > 0 && record.fits(header.used)).count()
        }
        _ => 0,
    }
}

/// Returns `true` if a record has more or fewer cells than the header, which is an error.
fn has_mismatch(shapes: &[CellCount]) -> bool {
    shapes.iter().all(|shape| !shape.has_wide_blank)
        && shapes
            .split_first()
            .is_some_and(|(header, records)| records.iter().any(|record| record.used > 0 && !record.fits(header.used)))
}

/// Returns the line of the header, and the error for a first line that is not the header although the records agree.
fn header_error(shapes: &[CellCount], delimiter: Delimiter) -> Option<(u64, RowError)> {
    title_error(shapes, delimiter).or_else(|| uneven_header_error(shapes, delimiter))
}

/// Returns the records that are not empty, and the number of titles that they begin with after the first line.
fn records(shapes: &[CellCount]) -> Option<(CellCount, Vec<CellCount>, usize)> {
    if shapes.iter().any(|shape| shape.has_wide_blank) {
        return None;
    }
    let (first, records) = shapes.split_first()?;
    let records: Vec<CellCount> = records.iter().copied().filter(|record| record.used > 0).collect();
    let titles = records.iter().take(MAX_TITLE_LINES).take_while(|record| record.used == 1).count();
    Some((*first, records, titles))
}

fn title_error(shapes: &[CellCount], delimiter: Delimiter) -> Option<(u64, RowError)> {
    let (first, records, titles) = records(shapes)?;
    let (header, below) = records.get(titles..)?.split_first()?;
    let fits = first.used == 1 && header.used > 1 && !below.is_empty();
    (fits && below.iter().all(|record| record.fits(header.used))).then(|| {
        let message = format!(
            "line {} has 1 cell, the records from line {} on have {}: is it a title above the header?",
            first.line, header.line, header.used
        );
        let error = RowError::new(first.line, message)
            .help(format!("remove what is above line {}: the first line names the columns", header.line))
            .help(format!("if it is the header, put each cell that holds a {} in quotes", delimiter.name()));
        (header.line, error)
    })
}

fn uneven_header_error(shapes: &[CellCount], delimiter: Delimiter) -> Option<(u64, RowError)> {
    let (first, records, titles) = records(shapes)?;
    let (next, below) = records.split_first()?;
    let (cells, used, name) = (next.cells, first.used, delimiter.name());
    let agree = |least: usize| below.iter().all(|record| record.cells == cells && record.used > least);
    if titles > 0 || used < 2 || cells < 2 || used == cells || below.is_empty() || !agree(used.min(cells - 1)) {
        return None;
    }
    let message = format!("line {} names {used} columns, each record has {cells} cells", first.line);
    let error = RowError::new(first.line, message);
    let error = if used < cells {
        error
            .help(format!("name all {cells} columns in line {}, or remove it if it is a title", first.line))
            .help(format!("if the columns are right, put each cell that holds a {name} in quotes"))
    } else {
        error
            .help(format!("if line {} is a title, remove it: the first line names the columns", first.line))
            .help(format!("if it is the header, give each record {used} cells: an empty cell still needs its {name}"))
    };
    Some((first.line, error))
}

fn unclear(usual: Delimiter, rival: Delimiter) -> RowError {
    let message = format!("the cells are read as separated by {}s, but {}s fit too", usual.name(), rival.name());
    choose(RowError::new(1, message).with_code(Code::UnclearDelimiter), usual, rival)
}

/// Adds the settings that choose one of two delimiters.
fn choose(error: RowError, one: Delimiter, other: Delimiter) -> RowError {
    error.help(format!("write `{}` or `{}` under `rows`", one.setting(), other.setting()))
}
