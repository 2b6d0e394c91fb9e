//! The tracks of a media file, as its headers declare them.

use thiserror::Error;

/// The sound of a file, by its headers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Tracks {
    /// Whether a track has sound.
    pub has_sound: bool,
    /// Whether the sound is encrypted.
    pub is_protected: bool,
    /// Length in seconds, or `None` if the file does not say it.
    pub seconds: Option<f64>,
}

impl Tracks {
    /// Returns the tracks of a format that has nothing but sound.
    pub const fn sound_only(seconds: Option<f64>) -> Self {
        Self { has_sound: true, is_protected: false, seconds }
    }
}

/// The reason why the tracks of a file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Damage {
    /// A part is longer than the rest of the file.
    #[error("is incomplete: it ends before its last part does")]
    Cut,
    /// The file has no list of tracks, or no content.
    #[error("is incomplete: its index or its content is missing")]
    Missing,
    /// The file is not a sequence of parts.
    #[error("is damaged: its parts are not readable")]
    Unreadable,
}
