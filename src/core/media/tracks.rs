//! The tracks of a media file, as its headers declare them.

use std::io::{self, Read, Seek};

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

/// The reason why the tracks of a file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Damage {
    /// A part is longer than the rest of the file.
    #[error("is incomplete: it ends before its last part does")]
    Cut,
    /// The file has no list of tracks, or no content.
    #[error("is incomplete: its index or its content is missing")]
    Missing,
    /// The file has more parts than are read. Its length is unknown, but its tracks may be known.
    #[error("is damaged: its index is not among its first parts")]
    TooMany,
    /// The file is not a sequence of parts.
    #[error("is damaged: its parts are not readable")]
    Unreadable,
}

/// Fills a buffer from a file whose reads are limited.
///
/// # Errors
/// [`Damage::TooMany`] if the limit is reached, and [`Damage::Unreadable`] if the file ends or cannot be read.
pub(super) fn fill(reader: &mut impl Read, bytes: &mut [u8]) -> Result<(), Damage> {
    reader.read_exact(bytes).map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => Damage::TooMany,
        _ => Damage::Unreadable,
    })
}

/// Skips bytes of a file.
pub(super) fn skip(reader: &mut impl Seek, bytes: u64) -> Result<(), Damage> {
    let bytes = i64::try_from(bytes).map_err(|_| Damage::Unreadable)?;
    reader.seek_relative(bytes).map_err(|_| Damage::Unreadable)
}
