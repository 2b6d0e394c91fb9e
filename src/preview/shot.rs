//! A video of a storyboard: its spec, its status, and the spec that was submitted before.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use crate::spec::Spec;

/// One video of a storyboard.
#[derive(Clone, Debug)]
pub struct Shot {
    /// Its key.
    pub key: Arc<str>,
    /// The desired spec.
    pub spec: Spec,
    /// Its status compared with paid takes.
    pub status: ShotStatus,
    /// `true` if `apply` submits it.
    pub submits: bool,
    /// The last submitted spec, if its content differs.
    pub before: Option<Spec>,
    /// The changed fields.
    pub changes: Vec<ShotChange>,
    /// The finished video, if it is on this disk.
    pub film: Option<PathBuf>,
    /// The finished video of `before`.
    pub film_before: Option<PathBuf>,
    /// The names of the catalog, with what they name: `("avatar", "Anna")`.
    pub cast: Vec<(&'static str, String)>,
}

/// The status of a video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ShotStatus {
    /// Never submitted.
    New,
    /// Submitted with different content.
    Changed,
    /// Submitted with the same content.
    Unchanged,
    /// Submitted with the same content, under another key.
    Moved,
    /// Failed at the vendor.
    Failed,
    /// Submitted, but the response was lost.
    InDoubt,
}

impl ShotStatus {
    /// Returns the name for text and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Moved => "moved",
            Self::Failed => "failed",
            Self::InDoubt => "in doubt",
        }
    }
}

/// One field that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShotChange {
    /// The path of the field, such as `voice.tts.speed`.
    pub path: String,
    /// The old value as text. Empty if the field did not exist.
    pub before: String,
    /// The new value as text. Empty if the field no longer exists.
    pub after: String,
    /// The location, such as `voices.yaml:12`, or empty.
    pub place: String,
    /// The words of both values in order: `=` unchanged, `-` removed, `+` added. Empty if the values are not texts, or have
    /// too little in common.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<(char, String)>,
}
