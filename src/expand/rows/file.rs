//! A data file, its records and its faults; each format is read by its own file.

use std::path::Path;
use std::sync::Arc;

use encoding_rs::Encoding;
use minijinja::Value;

use crate::diagnostic::{Code, Diagnostic};
use crate::expand::scope::Misprint;
use crate::manifest::{Delimiter, RowsDecl};
use crate::source::Origin;

/// The kinds of data files, by their names. What is in a file may decide otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::expand) enum Format {
    Csv,
    Tsv,
    Json,
    JsonLines,
    Yaml,
}

impl Format {
    /// The kind of a file by its extension.
    pub(in crate::expand) fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }

    /// What to do with a file that is of no kind by its extension.
    pub(in crate::expand) fn advice(path: &Path) -> &'static str {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        match extension.to_ascii_lowercase().as_str() {
            "xlsx" | "xls" | "xlsm" | "ods" | "numbers" => {
                "export the sheet as csv: *CSV UTF-8* in the list of formats"
            }
            _ => "data files are csv, tsv, json, jsonl and yaml",
        }
    }

    /// The setting of `rows` that does not apply to a file of this kind, as a message and its place.
    pub(in crate::expand) fn misfit(self, rows: &RowsDecl) -> Option<(String, Origin)> {
        let delimiter = rows.delimiter.filter(|_| !matches!(self, Self::Csv | Self::Tsv));
        let encoding = rows.encoding.filter(|_| self == Self::Yaml);
        let of_delimiter =
            delimiter.map(|(_, origin)| ("`delimiter` is for csv and tsv files only".to_owned(), origin));
        of_delimiter.or_else(|| {
            encoding.map(|(_, origin)| ("`encoding` is not for yaml files, which are UTF-8".to_owned(), origin))
        })
    }
}

/// One record.
#[derive(Clone, Debug)]
pub(in crate::expand) struct Row {
    /// The line it starts on, from 1.
    pub line: u64,
    /// Its columns.
    pub value: Value,
    /// Whether each of its cells is empty, as spreadsheets leave them below a table.
    pub blank: bool,
    /// Its numbers that are not printed as they are written.
    pub misprints: Vec<Misprint>,
}

/// An error in a data file, or a warning by its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::expand) struct RowFault {
    /// Its code.
    pub code: Code,
    /// The line, from 1; 0 means the whole file.
    pub line: u64,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Vec<String>,
}

impl RowFault {
    pub(in crate::expand) fn new(line: u64, message: impl Into<String>) -> Self {
        Self { code: Code::BadRows, line, message: message.into(), help: Vec::new() }
    }

    pub(super) fn coded(mut self, code: Code) -> Self {
        self.code = code;
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// The error of a conflict that opens on a line.
    pub(super) fn merge_conflict(line: u64) -> Self {
        Diagnostic::merge_conflict("", line).into()
    }

    /// The fault as a message about the file.
    pub(in crate::expand) fn diagnostic(self, file: &Arc<str>) -> Diagnostic {
        let made = Diagnostic::in_file(self.code, self.message, Arc::clone(file), self.line);
        self.help.into_iter().fold(made, Diagnostic::help)
    }
}

impl From<Diagnostic> for RowFault {
    fn from(one: Diagnostic) -> Self {
        Self { code: one.code, line: one.file.map_or(0, |file| file.line), message: one.message, help: one.help }
    }
}

/// Whether to go on with the next record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::expand) enum Next {
    Go,
    Stop,
}

/// The records of a file, or its faults, one after another.
pub(in crate::expand) type Take<'a> = &'a mut dyn FnMut(Result<Row, RowFault>) -> Next;

/// A data file to be read.
#[derive(Clone, Copy, Debug)]
pub(in crate::expand) struct DataFile<'a> {
    /// On disk.
    pub path: &'a Path,
    /// Relative to the project root.
    pub name: &'a str,
    /// How it is read, unless what is in it says otherwise.
    pub format: Format,
    /// What its text is encoded in, if that is set.
    pub encoding: Option<&'static Encoding>,
    /// What separates its cells, if that is set.
    pub delimiter: Option<Delimiter>,
    /// How much of it the layout is derived from.
    pub head_bytes: usize,
}

/// The fault of a file that cannot be opened or read.
pub(super) fn unreadable(error: &std::io::Error) -> RowFault {
    if error.kind() == std::io::ErrorKind::InvalidData {
        return RowFault::new(0, format!("the data file cannot be decoded: {error}"))
            .help("correct `encoding` under `rows`, or save the file as UTF-8");
    }
    RowFault::new(0, format!("the data file cannot be read: {error}"))
}
