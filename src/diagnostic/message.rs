//! One message for the author: code, words, place, further places, help.

use std::sync::Arc;

use super::Code;
use crate::source::{Origin, ReadError, RowPlace};

/// How grave a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The manifests cannot be used.
    Error,
    /// They can, but something is worth a look.
    Warning,
}

/// A place with a few words under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub origin: Origin,
    /// What is there; may be empty for the main place.
    pub text: String,
}

/// A message: lower case, values in backticks, no full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// Error or warning; from the code.
    pub severity: Severity,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The main place, with a label under it; absent when a whole file or project is meant.
    pub primary: Option<Label>,
    /// A file without a span in it (a missing or unreadable file, a data file), relative to the root.
    pub file: Option<RowPlace>,
    /// The alias through which the value at the main place came.
    pub alias: Option<Origin>,
    /// Further places.
    pub secondary: Vec<Label>,
    /// The record of a data file that the message is about.
    pub row: Option<RowPlace>,
    /// The key of the video, when the fault shows only in one instance.
    pub key: Option<String>,
    /// What to do.
    pub help: Vec<String>,
}

/// The most characters of one text of a message: names and values of the author's may be megabytes.
const MOST: usize = 500;

/// A text that a person can still read.
fn cut(text: impl Into<String>) -> String {
    let mut text = text.into();
    if text.len() > MOST
        && let Some((end, _)) = text.char_indices().nth(MOST)
    {
        text.truncate(end);
        text.push('…');
    }
    text
}

impl Diagnostic {
    /// A message at a place.
    pub fn new(code: Code, message: impl Into<String>, origin: Origin) -> Self {
        let mut made = Self::bare(code, message);
        made.primary = Some(Label { origin, text: String::new() });
        made
    }

    /// A message without a place.
    pub fn bare(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: cut(message),
            primary: None,
            file: None,
            alias: None,
            secondary: Vec::new(),
            row: None,
            key: None,
            help: Vec::new(),
        }
    }

    /// A message about a line of a file that is not kept as a source (data files); line 0 means the whole file.
    pub fn in_file(code: Code, message: impl Into<String>, file: impl Into<Arc<str>>, line: u64) -> Self {
        let mut made = Self::bare(code, message);
        made.file = Some(RowPlace { file: file.into(), line });
        made
    }

    /// A message about a text file that cannot be read.
    pub fn unread(name: &str, error: &ReadError) -> Self {
        let (code, line, help) = match error {
            ReadError::TooLarge(_) => {
                (Code::FileTooLarge, 0, "split it, or move the values to a data file of csv or jsonl for `rows`")
            }
            ReadError::NotUtf8 { line, .. } => (Code::NotUtf8, *line, "save the file as UTF-8"),
            ReadError::Utf16 => (Code::NotUtf8, 0, "save the file as UTF-8"),
            ReadError::NotAFile => (Code::UnreadableFile, 0, "put a plain text file there"),
            ReadError::Io(_) => (Code::UnreadableFile, 0, "look at the file's permissions"),
        };
        Self::in_file(code, format!("`{name}` {error}"), name, line).help(help)
    }

    /// A message about a file that holds a pointer of Git LFS in place of its content.
    pub fn lfs_pointer(name: impl Into<Arc<str>>) -> Self {
        let message = "the file is a pointer of Git LFS, not the content it stands for";
        Self::in_file(Code::GitLfsPointer, message, name, 1).help("run `git lfs pull`")
    }

    /// A message about a conflict that opens on a line of a file.
    pub fn merge_conflict(name: impl Into<Arc<str>>, line: u64) -> Self {
        let help = "keep one side, and remove the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`";
        Self::in_file(Code::MergeConflict, "a merge conflict is not resolved here", name, line).help(help)
    }

    /// Gives a message about a line of a file a place in it.
    #[must_use]
    pub fn placed(mut self, origin: Origin) -> Self {
        self.file = None;
        self.primary = Some(Label { origin, text: String::new() });
        self
    }

    /// Makes the alias the main place, and the anchor a further one; `text` is that of the file.
    pub fn place_at_alias(&mut self, text: &str) {
        let Some(alias) = self.alias else { return };
        let name = text.get(alias.span.range().start..).unwrap_or_default();
        let length = name.find([' ', '\t', '\n', '\r', ',', ']', '}']).unwrap_or(name.len());
        let place = Origin::new(alias.file, alias.span.start, alias.span.start + length as u32);
        if let Some(primary) = &mut self.primary {
            let anchor = std::mem::replace(&mut primary.origin, place);
            self.secondary.push(Label { origin: anchor, text: "the value stands here".to_owned() });
        }
    }

    /// Puts words under the main place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(primary) = &mut self.primary {
            primary.text = cut(text);
        }
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn also(mut self, origin: Origin, text: impl Into<String>) -> Self {
        self.secondary.push(Label { origin, text: cut(text) });
        self
    }

    /// Adds a line on what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(cut(text));
        self
    }

    /// Makes a warning an error.
    #[must_use]
    pub fn error(mut self) -> Self {
        self.severity = Severity::Error;
        self
    }

    /// Names the record of a data file.
    #[must_use]
    pub fn row(mut self, row: Option<RowPlace>) -> Self {
        self.row = row;
        self
    }

    /// Names the video.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }
}
