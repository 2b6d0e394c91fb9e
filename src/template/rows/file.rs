//! A data file, its records and its faults; each format is read by its own file.

use std::path::Path;
use std::sync::Arc;

use minijinja::Value;

use super::{json, jsonl, table};
use crate::diagnostic::{Code, Diagnostic};

/// The kinds of data files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::template) enum Format {
    Csv,
    Json,
    JsonLines,
    Yaml,
}

impl Format {
    /// The kind of a file by its extension.
    pub(in crate::template) fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }
}

/// One record.
#[derive(Clone, Debug)]
pub(in crate::template) struct Row {
    /// The line it starts on, from 1.
    pub line: u64,
    /// Its columns.
    pub value: Value,
}

/// A fault of a data file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::template) struct RowFault {
    /// The line, from 1; 0 means the whole file.
    pub line: u64,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl RowFault {
    pub(in crate::template) fn new(line: u64, message: impl Into<String>) -> Self {
        Self { line, message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The fault as a message about the file.
    pub(in crate::template) fn diagnostic(self, file: &Arc<str>) -> Diagnostic {
        let made = Diagnostic::in_file(Code::BadRows, self.message, Arc::clone(file), self.line);
        match self.help {
            Some(help) => made.help(help),
            None => made,
        }
    }
}

/// Whether to go on with the next record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::template) enum Next {
    Go,
    Stop,
}

/// The records of a file, or its faults, one after another.
pub(in crate::template) type Take<'a> = &'a mut dyn FnMut(Result<Row, RowFault>) -> Next;

/// A data file to be read.
#[derive(Clone, Copy, Debug)]
pub(in crate::template) struct DataFile<'a> {
    /// On disk.
    pub path: &'a Path,
    /// Relative to the project root.
    pub name: &'a str,
    /// How it is read.
    pub format: Format,
}

/// Hands on each record of a csv, json or jsonl file in order; the system's refusals are faults like the others.
pub(in crate::template) fn stream(file: DataFile<'_>, take: Take<'_>) {
    match file.format {
        Format::Csv => table::read(file.path, take),
        Format::JsonLines => jsonl::read(file.path, take),
        Format::Json | Format::Yaml => json::read(file.path, take),
    }
}

/// The fault of a file that cannot be opened or read.
pub(super) fn unreadable(error: &std::io::Error) -> RowFault {
    RowFault::new(0, format!("the data file cannot be read: {error}"))
}
