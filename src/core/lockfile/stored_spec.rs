//! The spec of a take: its text, or where the lockfile has it.
//!
//! A plan compares thousands of takes by digest, and shows the content of few. A lockfile that is only read therefore
//! leaves the specs in the file and reads one on demand.

use std::borrow::Cow;
use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// The canonical spec of a take with its name, as JSON text.
#[derive(Clone, Debug)]
pub struct StoredSpec(Content);

#[derive(Clone, Debug)]
enum Content {
    Text(Box<RawValue>),
    InFile(SpecSpan),
}

/// Where a file has a text.
#[derive(Clone, Debug)]
struct SpecSpan {
    file: Arc<SpecFile>,
    offset: u64,
    /// The hash of the text, so that another text there is not used instead.
    hash: u64,
    length: u32,
}

/// An open lockfile whose specs are read on demand. A file that replaces it at its path changes nothing here.
#[derive(Debug)]
pub(super) struct SpecFile {
    file: File,
    /// Whether a requested spec was not where it had been.
    changed: AtomicBool,
}

impl StoredSpec {
    /// Creates a spec from its text. Returns `None` if the text is not JSON.
    pub fn new(text: String) -> Option<Self> {
        RawValue::from_string(text).ok().map(|text| Self(Content::Text(text)))
    }

    /// Returns the text. Returns `None` if another program overwrote it in the file.
    /// [`super::ReadOnlyLockfile::check_specs`] then returns an error.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match &self.0 {
            Content::Text(text) => Some(Cow::Borrowed(text.get())),
            Content::InFile(span) => span.read().map(Cow::Owned),
        }
    }

    /// Returns the parsed spec, or `None` as [`StoredSpec::text`] does.
    pub fn value(&self) -> Option<Value> {
        serde_json::from_str(&self.text()?).ok()
    }

    /// Returns the text if it is in memory.
    pub(super) fn in_memory(&self) -> Option<&str> {
        match &self.0 {
            Content::Text(text) => Some(text.get()),
            Content::InFile(_) => None,
        }
    }

    /// Replaces the text by where a line of a file has it, if it is the last field, as in all lines that callsheet
    /// writes. `offset` is that of the line.
    pub(super) fn leave_in(&mut self, file: &Arc<SpecFile>, line: &[u8], offset: u64) {
        let Some(text) = self.in_memory().map(str::as_bytes) else { return };
        let before = line.trim_ascii_end().strip_suffix(b"}").and_then(|fields| fields.strip_suffix(text));
        if let (Some(before), Ok(length)) = (before, u32::try_from(text.len())) {
            let (file, offset) = (Arc::clone(file), offset + before.len() as u64);
            self.0 = Content::InFile(SpecSpan { file, offset, hash: hash(text), length });
        }
    }
}

impl SpecSpan {
    fn read(&self) -> Option<String> {
        let mut bytes = vec![0; self.length as usize];
        let read = read_at(&self.file.file, &mut bytes, self.offset);
        let text = read.ok().filter(|()| hash(&bytes) == self.hash).and_then(|()| String::from_utf8(bytes).ok());
        if text.is_none() {
            self.file.changed.store(true, Ordering::Relaxed);
        }
        text
    }
}

impl SpecFile {
    pub(super) fn new(file: File) -> Self {
        Self { file, changed: AtomicBool::new(false) }
    }

    /// Returns the file from its start, before any spec is requested.
    pub(super) fn reader(&self) -> impl Read {
        &self.file
    }

    /// Whether a requested spec was not where it had been.
    pub(super) fn is_changed(&self) -> bool {
        self.changed.load(Ordering::Relaxed)
    }
}

/// Whether the system can read at an offset, and replace a file that is open.
pub(super) const READS_AT_OFFSET: bool = cfg!(unix);

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(not(unix))]
fn read_at(_: &File, _: &mut [u8], _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

impl Serialize for StoredSpec {
    /// Writes the text, or null if another program overwrote it in the file. Only a [`super::Store`] writes lockfiles,
    /// and it has all texts in memory.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Content::Text(text) => text.serialize(serializer),
            Content::InFile(span) => {
                span.read().and_then(|text| RawValue::from_string(text).ok()).serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for StoredSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|text| Self(Content::Text(text)))
    }
}
