//! A data file, its records and its errors. Each format has its own reader.

use std::path::Path;
use std::sync::Arc;

use encoding_rs::Encoding;
use minijinja::Value;

use crate::diagnostic::{Code, Diagnostic};
use crate::expand::scope::NumberMisprint;
use crate::manifest::{Delimiter, RowsDecl};
use crate::source::Origin;

/// Formats of data files, by extension. The content of a file may override the extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::expand) enum DataFormat {
    Csv,
    Tsv,
    Json,
    JsonLines,
    Yaml,
}

impl DataFormat {
    /// Returns the format for the extension of a file.
    pub(in crate::expand) fn from_name(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }

    /// Returns the help for a file with an unsupported extension.
    pub(in crate::expand) fn advice(path: &Path) -> &'static str {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        match extension.to_ascii_lowercase().as_str() {
            "xlsx" | "xls" | "xlsm" | "ods" | "numbers" => {
                "export the sheet as csv: *CSV UTF-8* in the list of formats"
            }
            _ => "data files are csv, tsv, json, jsonl and yaml",
        }
    }

    /// Returns the setting of `rows` that does not apply to this format, as a message and its origin.
    pub(in crate::expand) fn inapplicable_setting(self, rows: &RowsDecl) -> Option<(String, Origin)> {
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
pub(in crate::expand) struct DataRow {
    /// The line on which it starts, from 1.
    pub line: u64,
    /// Its columns.
    pub value: Value,
    /// Whether all cells are empty. Spreadsheets leave empty records below a table.
    pub blank: bool,
    /// Its numbers that print differently from how they are written.
    pub misprints: Vec<NumberMisprint>,
}

/// An error in a data file, or a warning by its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::expand) struct RowError {
    pub code: Code,
    /// The line, from 1. 0 refers to the complete file.
    pub line: u64,
    pub message: String,
    pub help: Vec<String>,
}

impl RowError {
    pub(in crate::expand) fn new(line: u64, message: impl Into<String>) -> Self {
        Self { code: Code::BadRows, line, message: message.into(), help: Vec::new() }
    }

    pub(super) fn with_code(mut self, code: Code) -> Self {
        self.code = code;
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Creates the error for merge conflict markers that start on a line.
    pub(super) fn merge_conflict(line: u64) -> Self {
        Diagnostic::merge_conflict("", line).into()
    }

    /// Converts the error to a diagnostic of the file.
    pub(in crate::expand) fn diagnostic(self, file: &Arc<str>) -> Diagnostic {
        let made = Diagnostic::in_file(self.code, self.message, Arc::clone(file), self.line);
        self.help.into_iter().fold(made, Diagnostic::help)
    }
}

impl From<Diagnostic> for RowError {
    fn from(one: Diagnostic) -> Self {
        Self { code: one.code, line: one.file.map_or(0, |file| file.line), message: one.message, help: one.help }
    }
}

/// Whether to continue with the next record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::expand) enum Continue {
    Yes,
    No,
}

/// Receives the records of a file, or its errors, one by one.
pub(in crate::expand) type RowSink<'a> = &'a mut dyn FnMut(Result<DataRow, RowError>) -> Continue;

/// A data file to read.
#[derive(Clone, Copy, Debug)]
pub(in crate::expand) struct DataFile<'a> {
    /// On disk.
    pub path: &'a Path,
    /// Relative to the project root.
    pub name: &'a str,
    /// The format, unless the content shows another one.
    pub format: DataFormat,
    /// The encoding of its text, if set.
    pub encoding: Option<&'static Encoding>,
    /// The delimiter of its cells, if set.
    pub delimiter: Option<Delimiter>,
    /// Number of bytes from which the layout is detected.
    pub head_bytes: usize,
}

/// Creates the error for a file that cannot be opened or read.
pub(super) fn unreadable(error: &std::io::Error) -> RowError {
    if error.kind() == std::io::ErrorKind::InvalidData {
        return RowError::new(0, format!("the data file cannot be decoded: {error}"))
            .help("correct `encoding` under `rows`, or save the file as UTF-8");
    }
    RowError::new(0, format!("the data file cannot be read: {error}"))
}

/// Parses `when`: true for true, yes, 1; false for false, no, 0 and empty, in any case.
pub(in crate::expand) fn parse_when(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "yes" | "1" => Some(true),
        "false" | "no" | "0" | "" => Some(false),
        _ => None,
    }
}

/// Returns `true` if a non-empty text says "false". A condition that treats it as true is suspicious.
pub(in crate::expand) fn reads_as_false(text: &str) -> bool {
    matches!(text.trim().to_lowercase().as_str(), "false" | "no" | "0" | "off")
}

#[cfg(test)]
mod tests {
    use super::parse_when;

    #[test]
    fn when_is_generous_but_not_guessing() {
        for yes in ["true", "YES", " 1 ", "True"] {
            assert_eq!(parse_when(yes), Some(true), "{yes}");
        }
        for no in ["false", "No", "0", "", "  "] {
            assert_eq!(parse_when(no), Some(false), "{no}");
        }
        for neither in ["maybe", "2", "on", "y", "ja"] {
            assert_eq!(parse_when(neither), None, "{neither}");
        }
    }
}
