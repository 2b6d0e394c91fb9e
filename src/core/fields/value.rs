//! Values of fields, and records of values.

use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::{MediaFormat, MediaKind, RowId, RowSet};
use crate::diagnostic::Code;
use crate::source::truncate;

/// A value of one field, of the field's type.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A label, an id, a text, a color or a URL.
    Text(Arc<str>),
    /// An integer.
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// A flag.
    Flag(bool),
    /// Index of a word in its list.
    Word(u8),
    /// A file of the project.
    File(Arc<LocalFile>),
    /// A list of objects.
    Items(Arc<[Record]>),
}

/// A local media file, identified by its content.
#[derive(Clone, Debug)]
pub struct LocalFile {
    /// Path relative to the project root, with `/` between parts. Empty if callsheet knows only the content.
    pub name: String,
    /// Path on disk, with links resolved.
    pub path: PathBuf,
    /// SHA-256 of the content, as 64 hex digits.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Format of the content, whatever the name is.
    pub format: MediaFormat,
    /// Kind that the field needs: a voice in an MP4 is audio.
    pub kind: MediaKind,
    /// Length of audio or video in seconds. `None` if the file does not say it. Not part of the content's identity.
    pub seconds: Option<f64>,
}

impl LocalFile {
    /// Returns the hash under which an upload is known. The vendor has one kind for each uploaded file, so a video that
    /// is a voice too is uploaded once for each use.
    pub fn upload_key(&self) -> String {
        if self.kind == self.format.kind() {
            return self.sha256.clone();
        }
        data_encoding::HEXLOWER.encode(&Sha256::digest(format!(
            "filetype {}\n{}\n",
            self.kind.vendor_code(),
            self.sha256
        )))
    }
}

impl PartialEq for LocalFile {
    fn eq(&self, other: &Self) -> bool {
        self.sha256 == other.sha256
    }
}

/// The values of one object in normal form: no values that equal their default, and every group whose presence has a
/// meaning.
///
/// So two records are equal exactly if their canonical texts are equal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Fields with a value, and groups.
    present: RowSet,
    /// Values of the fields, by row.
    values: Box<[Value]>,
}

impl Record {
    /// Creates a record from groups and from values in the order of their rows.
    pub(super) fn new(groups: RowSet, values: Vec<(RowId, Value)>) -> Self {
        debug_assert!(values.is_sorted_by_key(|(row, _)| *row), "the values are in the order of their rows");
        let present = values.iter().fold(groups, |present, (row, _)| present.with(*row));
        Self { present, values: values.into_iter().map(|(_, value)| value).collect() }
    }

    /// Returns the groups of the record, and the fields with a value other than their default.
    pub fn present(&self) -> RowSet {
        self.present
    }

    /// Returns the stored value of a field, or `None` if the field is at its default.
    pub fn stored(&self, fields: RowSet, row: RowId) -> Option<&Value> {
        self.present.contains(row).then(|| self.values.get(self.present.and(fields).count_before(row)))?
    }

    /// Returns the stored values in the order of their rows.
    pub fn values(&self, fields: RowSet) -> impl Iterator<Item = (RowId, &Value)> {
        self.present.and(fields).iter().zip(&self.values)
    }

    /// Returns the record with each value replaced, including those of list items. No new value may be a default.
    #[must_use]
    pub fn map(&self, fields: RowSet, replace: &dyn Fn(RowId, &Value) -> Value) -> Self {
        let values = self.values(fields).map(|(row, value)| match value {
            Value::Items(items) => Value::Items(items.iter().map(|item| item.map(fields, replace)).collect()),
            value => replace(row, value),
        });
        Self { present: self.present, values: values.collect() }
    }

    /// Removes fields.
    pub(super) fn without(self, fields: RowSet, removed: RowSet) -> Self {
        if removed.is_empty() {
            return self;
        }
        let rows = self.present.and(fields).iter().zip(self.values).filter(|(row, _)| !removed.contains(*row));
        Self::new(self.present.without(fields), rows.collect())
    }
}

/// The reason why a value is rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueError {
    /// The value has another type.
    Type,
    /// The value is the vendor's number instead of the word.
    VendorCode(&'static str),
    /// The value is outside the bounds of its type.
    Bounds,
    /// The value breaks another rule of its type.
    Rule {
        /// Code of the diagnostic.
        code: Code,
        /// The problem, without its subject.
        predicate: String,
        /// How to fix it.
        help: Option<&'static str>,
    },
}

impl ValueError {
    pub(super) fn rule(code: Code, predicate: impl Into<String>, help: Option<&'static str>) -> Self {
        Self::Rule { code, predicate: predicate.into(), help }
    }
}

/// Maximum number of characters of a value in a message.
const MAX_SHOWN_CHARS: usize = 40;

/// Returns a value for a message: on one line, and truncated.
pub fn truncated(text: &str) -> String {
    truncate(text, MAX_SHOWN_CHARS).replace(char::is_control, "\u{fffd}")
}
