//! A video: its spec, with its digest and the provenance of its values.

use std::sync::Arc;

use super::{Digest, Provenance, Spec};
use crate::source::{Origin, RowLocation};

/// One concrete video: its spec, and the provenance of its values.
#[derive(Clone, Debug)]
pub struct Video {
    /// Its key: `onboarding[en,pro]`.
    pub key: Arc<str>,
    /// All values that are sent.
    pub spec: Spec,
    /// The digest of its content, computed once.
    pub digest: Digest,
    /// The provenance of its values. Instances with the same provenance share it.
    pub provenance: Arc<Provenance>,
    /// The location of the base key.
    pub declared_at: Origin,
    /// The record of the data file, if `rows` declares the video.
    pub row: Option<RowLocation>,
}

impl Video {
    /// Removes the spec except the name, and sets the provenance to `nowhere`. A plan compares paid videos by key,
    /// digest and name.
    #[must_use]
    pub fn without_content(self, nowhere: &Arc<Provenance>) -> Self {
        Self { spec: self.spec.label_only(), provenance: Arc::clone(nowhere), ..self }
    }
}
