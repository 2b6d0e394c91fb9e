//! Specs for tests.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a test with a wrong spec must stop"
)]

use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::{LocalFile, MediaFormat, Spec, stored_spec};
use crate::fields::{RowId, Value};

/// Returns a spec whose avatar `anna` speaks a text with the voice `narrator`. All other fields are at their default.
pub fn spec(text: &str) -> Spec {
    stored_spec(&json!({
        "avatar": { "id": "anna" },
        "background": {},
        "name": "welcome",
        "voice": { "tts": { "id": "narrator", "text": text } },
    }))
    .unwrap()
}

/// Returns a PNG of one byte that does not exist on disk.
pub fn local_file(name: &str, sha256: &str) -> Arc<LocalFile> {
    let path = Path::new("/anywhere").join(name);
    Arc::new(LocalFile {
        name: name.into(),
        path,
        sha256: sha256.into(),
        bytes: 1,
        format: MediaFormat::Png,
        kind: MediaFormat::Png.kind(),
        seconds: None,
    })
}

impl Spec {
    /// Returns the spec with another value for a field, in stored form. Members of a choice replace each other.
    #[must_use]
    pub fn with(&self, path: &str, json: impl Into<serde_json::Value>) -> Self {
        let row = self.table.find(path).expect(path);
        let value = self.table.ty(row).expect(path).restore(&json.into()).expect(path);
        self.with_value(row, value)
    }

    /// Returns the spec with another value for a field. Members of a choice replace each other.
    #[must_use]
    pub fn with_value(&self, row: RowId, value: Value) -> Self {
        let present = self.record.present().without(self.table[row].rivals).or(self.table[row].ancestors);
        let values =
            self.record.values(self.table.fields).filter(|(other, _)| *other != row && present.contains(*other));
        let values = values.map(|(row, value)| (row, value.clone())).chain([(row, value)]).collect();
        Self::new(self.table, present.without(self.table.fields), values)
    }

    /// Returns the spec with a local file in a field: `voice.file.path`.
    #[must_use]
    pub fn with_file(&self, path: &str, file: &Arc<LocalFile>) -> Self {
        self.with_value(self.table.find(path).expect(path), Value::File(Arc::clone(file)))
    }
}
