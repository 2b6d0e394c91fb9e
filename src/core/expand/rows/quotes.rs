//! Finds the first quoted cell of a table that continues after its closing quote, such as `"Anna" Schmidt`. The csv
//! reader drops those quotes without an error.

use std::io::{self, Read};

use csv::StringRecord;

use super::RowError;
use crate::diagnostic::Code;
use crate::expand::identifiers::visible_name;
use crate::fields::truncated;

/// Maximum length of a cell whose corrected form is suggested, in bytes.
const MAX_SUGGESTED_BYTES: usize = 80;

/// A quoted cell that continues after its closing quote.
#[derive(Debug)]
pub(super) struct OddQuote {
    /// The line of its end, from 1.
    pub line: u64,
    /// Its place in the record, from 0.
    pub cell: usize,
    /// The cell as written, up to a few bytes more than are suggested.
    raw: Vec<u8>,
}

impl OddQuote {
    /// Returns the warning for the record that holds the cell. `column` is its name.
    pub(super) fn warning(&self, record: &StringRecord, column: Option<&str>) -> RowError {
        let read = record.get(self.cell).unwrap_or_default();
        let cell = match column {
            Some(name) => format!("the cell of `{}`", truncated(&visible_name(name))),
            None => format!("cell {}", self.cell + 1),
        };
        let message = format!("text follows the closing quote of {cell}, so the cell is read as `{}`", truncated(read));
        let rule = "write each quote inside a quoted cell twice";
        let help = match corrected(&self.raw) {
            Some(code) => format!("{rule}: `{code}`"),
            None => format!("{rule}: `\"\"`"),
        };
        RowError::new(self.line, message).with_code(Code::SuspiciousValue).help(help)
    }
}

/// Returns the cell that was probably meant, or `None` if its quotes are unclear.
fn corrected(raw: &[u8]) -> Option<String> {
    let written = std::str::from_utf8(raw).ok()?.trim_end();
    let has_pairs = written.matches('"').count().is_multiple_of(2);
    if raw.len() > MAX_SUGGESTED_BYTES || !has_pairs || written.contains(char::is_control) {
        return None;
    }
    let inner = written.strip_prefix('"')?;
    let text = match inner.strip_suffix('"') {
        // The outer quotes are those of the cell if the first quote between them opens a word.
        Some(inner) if inner[..inner.find('"')?].ends_with([' ', '\\']) => inner.replace("\\\"", "\""),
        _ if written.contains("\\\"") || written.contains("\"\"") => return None,
        _ => written.to_owned(),
    };
    Some(format!("\"{}\"", text.replace('"', "\"\"")))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// At the start of a cell.
    Start,
    /// In a cell without quotes around it.
    Plain,
    Quoted,
    /// After a quote in a quoted cell.
    Closed,
    /// In whitespace after the closing quote. It is kept, and `padded-cells` reports it.
    Blank,
    /// In text after the closing quote.
    Tail,
}

/// A reader that looks for the first odd quote in what it passes on. Its states are those of the csv reader.
pub(super) struct QuoteReader<R> {
    inner: R,
    delimiter: u8,
    state: State,
    line: u64,
    cell: usize,
    raw: Vec<u8>,
    /// Found before the csv reader returns its record.
    pub found: Option<OddQuote>,
    done: bool,
}

impl<R: Read> QuoteReader<R> {
    pub(super) fn new(inner: R, delimiter: u8) -> Self {
        Self { inner, delimiter, state: State::Start, line: 1, cell: 0, raw: Vec::new(), found: None, done: false }
    }

    fn pass(&mut self, byte: u8) {
        let ends = byte == self.delimiter || byte == b'\n';
        self.state = match (self.state, byte) {
            (State::Start, b'"') => {
                self.raw.clear();
                State::Quoted
            }
            // A byte order mark is not part of the first cell.
            (State::Start, 0xEF | 0xBB | 0xBF) if self.line == 1 && self.cell == 0 => State::Start,
            (State::Quoted, b'"') => State::Closed,
            (State::Closed, b'"') | (State::Quoted, _) => State::Quoted,
            (State::Tail, _) if ends => {
                self.end();
                State::Start
            }
            (State::Closed | State::Blank, _) if !ends && byte.is_ascii_whitespace() => State::Blank,
            (State::Closed | State::Blank | State::Tail, _) if !ends => State::Tail,
            _ if ends => State::Start,
            _ => State::Plain,
        };
        if !matches!(self.state, State::Start | State::Plain) && self.raw.len() <= MAX_SUGGESTED_BYTES {
            self.raw.push(byte);
        }
        if self.state == State::Start && ends {
            self.cell = if byte == b'\n' { 0 } else { self.cell + 1 };
        }
        self.line += u64::from(byte == b'\n');
    }

    fn end(&mut self) {
        self.done = true;
        self.found = Some(OddQuote { line: self.line, cell: self.cell, raw: std::mem::take(&mut self.raw) });
    }
}

impl<R: Read> Read for QuoteReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if count == 0 && self.state == State::Tail && !self.done {
            self.end();
        }
        for byte in &buffer[..count] {
            if self.done {
                break;
            }
            self.pass(*byte);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use csv::ReaderBuilder;
    use proptest::prelude::*;

    use super::*;

    /// The line, the cell and the correction of the first odd quote.
    fn odd(text: &str) -> Option<(u64, usize, Option<String>)> {
        let mut reader = QuoteReader::new(text.as_bytes(), b',');
        io::copy(&mut reader, &mut io::sink()).unwrap();
        reader.found.map(|one| (one.line, one.cell, corrected(&one.raw)))
    }

    #[test]
    fn the_correction_reads_as_the_author_wrote_it() {
        for (written, meant) in [
            (r#""Anna" Schmidt"#, Some(r#""Anna" Schmidt"#)),
            (r#""Anna" and "Bo" Ray"#, Some(r#""Anna" and "Bo" Ray"#)),
            (r#""Anna" and "Bo""#, Some(r#""Anna" and "Bo""#)),
            (r#""He said "hi"""#, Some(r#"He said "hi""#)),
            (r#""He said "hi""#, None),
            (r#""He said "hi" to me""#, Some(r#"He said "hi" to me"#)),
            (r#""Say \"hi\" now""#, Some(r#"Say "hi" now"#)),
            (r#""Say \"hi"#, None),
            (r#""a ""b"" c" d"#, None),
        ] {
            let (_, _, code) = odd(&format!("id,x\n1,{written}\n")).unwrap();
            let read = code.map(|code| {
                let mut reader = ReaderBuilder::new().has_headers(false).from_reader(code.as_bytes());
                reader.records().next().unwrap().unwrap()[0].to_owned()
            });
            assert_eq!(read.as_deref(), meant, "{written}");
        }
        assert_eq!(odd(&format!("\"{}\" x", "y".repeat(100))), Some((1, 0, None)));
    }

    #[test]
    fn the_first_odd_quote_has_its_place() {
        let place = |text: &str| odd(text).map(|(line, cell, _)| (line, cell));
        assert_eq!(place("\u{feff}\"a\" b,c\n"), Some((1, 0)));
        assert_eq!(place("id,x\n1,\"a\nb\"c\n2,\"d\"e"), Some((3, 1)));
        assert_eq!(place("id,x\n1,\"d\"e"), Some((2, 1)));
        for fine in ["id,x\r\n1,\"a\"\r\n2,\"\"\"b\"\"\"\r\n", "x\n\"a\"  \n5\" screen\n", "x\n\"a, \"\"b\"\"\nc\"", ""]
        {
            assert_eq!(place(fine), None, "{fine:?}");
        }
    }

    proptest! {
        #[test]
        fn without_odd_quotes_every_quote_is_kept(text in "(\"|,|a|b| |\n){0,24}") {
            let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let records: Vec<_> = reader.records().map(Result::unwrap).collect();
            // What a writer makes of the cells is read without an odd quote.
            let mut writer = csv::WriterBuilder::new().has_headers(false).flexible(true).from_writer(Vec::new());
            for record in &records {
                writer.write_record(record).unwrap();
            }
            let written = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            prop_assert_eq!(odd(&written), None, "{}", written);
        }
    }
}
