//! One diagnostic for the author: code, message, location, further locations, help.

use std::sync::Arc;

use super::{Code, Severity};
use crate::source::{Origin, ReadError, RowLocation, truncate};

/// A location with a short text below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The location.
    pub origin: Origin,
    /// A text about the location. May be empty for the main location.
    pub text: String,
}

/// A diagnostic. Its message starts in lower case, has values in backticks, and ends without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// Error or warning, derived from the code.
    pub severity: Severity,
    /// The problem, as one sentence.
    pub message: String,
    /// The main location with a label below it, or `None` for a complete file or project.
    pub primary: Option<Label>,
    /// A file without a span (a missing or unreadable file, a data file), relative to the root.
    pub file: Option<RowLocation>,
    /// The alias that brings the value to the main location.
    pub alias: Option<Origin>,
    /// Further locations.
    pub secondary: Vec<Label>,
    /// The record of a data file, if the diagnostic is about one.
    pub row: Option<RowLocation>,
    /// The key of the video, if the error is in one instance only.
    pub key: Option<String>,
    /// How to fix it.
    pub help: Vec<String>,
    /// Number of further equal diagnostics that are not in the report.
    pub unlisted: usize,
}

/// Maximum number of characters per text of a diagnostic. An author's names and values may have megabytes.
const MAX_TEXT_CHARS: usize = 500;

/// Truncates a text to a readable length.
fn truncate_text(text: impl Into<String>) -> String {
    let text = text.into();
    if text.len() > MAX_TEXT_CHARS { truncate(&text, MAX_TEXT_CHARS).into_owned() } else { text }
}

impl Diagnostic {
    /// Creates a diagnostic at a location.
    pub fn new(code: Code, message: impl Into<String>, origin: Origin) -> Self {
        let mut made = Self::without_location(code, message);
        made.primary = Some(Label { origin, text: String::new() });
        made
    }

    /// Creates a diagnostic without a location.
    pub fn without_location(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: truncate_text(message),
            primary: None,
            file: None,
            alias: None,
            secondary: Vec::new(),
            row: None,
            key: None,
            help: Vec::new(),
            unlisted: 0,
        }
    }

    /// Creates a diagnostic about a line of a file that is not loaded as a source (a data file). Line 0 is the
    /// complete file.
    pub fn in_file(code: Code, message: impl Into<String>, file: impl Into<Arc<str>>, line: u64) -> Self {
        let mut made = Self::without_location(code, message);
        made.file = Some(RowLocation { file: file.into(), line });
        made
    }

    /// Creates a diagnostic about a text file that cannot be read.
    pub fn unreadable_file(name: &str, error: &ReadError) -> Self {
        let (code, line, help) = match error {
            ReadError::TooLarge(_) => {
                (Code::FileTooLarge, 0, "split it, or move the values to a data file of csv or jsonl for `rows`")
            }
            ReadError::NotUtf8 { line, .. } => (Code::NotUtf8, *line, "save the file as UTF-8"),
            ReadError::Utf16 => (Code::NotUtf8, 0, "save the file as UTF-8"),
            ReadError::NotAFile => (Code::UnreadableFile, 0, "put a text file there"),
            ReadError::Io(_) => (Code::UnreadableFile, 0, "check the file's permissions"),
        };
        Self::in_file(code, format!("`{name}` {error}"), name, line).help(help)
    }

    /// Creates a diagnostic about a file that contains a Git LFS pointer instead of its content.
    pub fn lfs_pointer(name: impl Into<Arc<str>>) -> Self {
        let message = "the file is a Git LFS pointer, not its content";
        Self::in_file(Code::GitLfsPointer, message, name, 1).help("run `git lfs pull`")
    }

    /// Creates a diagnostic about a merge conflict that starts on a line of a file.
    pub fn merge_conflict(name: impl Into<Arc<str>>, line: u64) -> Self {
        let help = "keep one side, and remove the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`";
        Self::in_file(Code::MergeConflict, "a merge conflict is not resolved here", name, line).help(help)
    }

    /// Replaces the file of a diagnostic with a location in it.
    #[must_use]
    pub fn with_location(mut self, origin: Origin) -> Self {
        self.file = None;
        self.primary = Some(Label { origin, text: String::new() });
        self
    }

    /// Makes the alias the main location and the anchor a further one. `text` is the content of the file.
    pub fn move_to_alias(&mut self, text: &str) {
        let Some(alias) = self.alias.take() else { return };
        let name = text.get(alias.span.range().start..).unwrap_or_default();
        let length = name.find([' ', '\t', '\n', '\r', ',', ']', '}']).unwrap_or(name.len());
        let place = Origin::new(alias.file, alias.span.start, alias.span.start + length as u32);
        if let Some(primary) = &mut self.primary {
            let anchor = std::mem::replace(&mut primary.origin, place);
            // A suggestion is for the text, not for the alias.
            let text = std::mem::take(&mut primary.text);
            let text = if text.is_empty() { "the value is here".to_owned() } else { text };
            self.secondary.push(Label { origin: anchor, text });
        }
    }

    /// Adds a label below the main location.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(primary) = &mut self.primary {
            primary.text = truncate_text(text);
        }
        self
    }

    /// Suggests the name that was probably meant.
    #[must_use]
    pub fn did_you_mean(self, name: Option<&str>) -> Self {
        match name {
            Some(name) => self.label(format!("did you mean `{name}`?")),
            None => self,
        }
    }

    /// Adds a further location.
    #[must_use]
    pub fn with_secondary(mut self, origin: Origin, text: impl Into<String>) -> Self {
        self.secondary.push(Label { origin, text: truncate_text(text) });
        self
    }

    /// Adds a line of help.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(truncate_text(text));
        self
    }

    /// Turns a warning into an error.
    #[must_use]
    pub fn error(mut self) -> Self {
        self.severity = Severity::Error;
        self
    }

    /// Sets the record of a data file.
    #[must_use]
    pub fn row(mut self, row: Option<RowLocation>) -> Self {
        self.row = row;
        self
    }

    /// Sets the key of the video.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }
}
