//! The events while takes are watched and downloaded. The view prints them.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::Phase;

/// Something that happened. Files have human-readable paths.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum ResultsEvent {
    /// The state of a take has changed.
    State {
        /// The key.
        key: Arc<str>,
        /// The state.
        #[serde(rename = "state")]
        phase: Phase,
        /// The vendor's task id, or its video's.
        task: Option<String>,
        /// Why it failed, is missing, or is still awaited; else empty.
        message: String,
        /// Seconds of video, once made.
        seconds: Option<f64>,
    },
    /// Not finished when the wait ended.
    StillOpen {
        /// The key.
        key: Arc<str>,
        /// The state.
        #[serde(rename = "state")]
        phase: Phase,
        /// The vendor's task id, or its video's.
        task: Option<String>,
    },
    /// The wait continues; written about every 25 seconds.
    StillWaiting {
        /// Number of videos that are not finished.
        open: usize,
        /// Seconds waited so far.
        #[serde(serialize_with = "seconds")]
        #[schemars(with = "u64")]
        waited: Duration,
        /// Maximum seconds that are left.
        #[serde(serialize_with = "seconds")]
        #[schemars(with = "u64")]
        left: Duration,
    },
    /// A download starts or resumes.
    Fetching {
        /// The key.
        key: Arc<str>,
        /// The file.
        file: String,
        /// Bytes that are already on disk.
        from: u64,
        /// Total bytes, if known.
        total: Option<u64>,
    },
    /// More of a file was received. Programs do not get this event, because a file has too many chunks.
    #[serde(skip)]
    Fetched {
        /// The key.
        key: Arc<str>,
        /// Bytes on disk.
        bytes: u64,
    },
    /// A download failed and is tried again.
    Retrying {
        /// The key.
        key: Arc<str>,
        /// Why.
        reason: String,
        /// Milliseconds until the next try.
        wait: u64,
    },
    /// A file is complete, checked, and in its place.
    Saved {
        /// The key.
        key: Arc<str>,
        /// The file.
        file: String,
        /// Its size.
        bytes: u64,
        /// Its hash, 64 hex digits.
        sha256: String,
        /// Seconds of video.
        seconds: Option<f64>,
        /// Width in pixels.
        width: Option<u32>,
        /// Height in pixels.
        height: Option<u32>,
        /// Bytes downloaded in this run.
        moved: u64,
    },
    /// A file that was saved before is unchanged.
    Kept {
        /// The key.
        key: Arc<str>,
        /// The file.
        file: String,
    },
    /// Subtitles are written next to a video.
    Subtitled {
        /// The key.
        key: Arc<str>,
        /// The file.
        file: String,
        /// Number of cues.
        cues: usize,
    },
    /// A file could not be saved.
    NotSaved {
        /// The key.
        key: Arc<str>,
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// A warning.
    // The schema has it from `apply::ApplyEvent`.
    #[schemars(skip)]
    Warning {
        /// The message.
        message: String,
    },
}

fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(time.as_secs())
}
