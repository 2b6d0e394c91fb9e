//! Specs for tests.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::{LocalFile, MediaFormat, Spec, stored_spec};
use crate::fields::Value;

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
    /// Returns the spec with a local file in a field: `voice.file.path`.
    #[must_use]
    pub(crate) fn with_file(&self, path: &str, file: &Arc<LocalFile>) -> Self {
        self.with_value(self.table.find(path).expect(path), Value::File(Arc::clone(file)))
    }
}
