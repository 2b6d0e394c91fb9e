//! What happens while takes are watched and fetched; the view prints it.

use std::sync::Arc;
use std::time::Duration;

use super::Phase;

/// Who is told what happens.
pub trait Progress: Send + Sync {
    /// Something happened; must not block.
    fn event(&self, event: &Event);
}

/// Something that happened. A file is named as people see it.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A take is in another state than before.
    State {
        /// The key.
        key: Arc<str>,
        /// The state.
        phase: Phase,
        /// The id to ask the vendor by.
        task: Option<String>,
        /// Why it failed; else empty.
        message: String,
        /// Seconds of video, once made.
        seconds: Option<f64>,
    },
    /// A file begins to come, or goes on.
    Fetching {
        /// The key.
        key: Arc<str>,
        /// The file.
        file: String,
        /// Bytes that are there already.
        from: u64,
        /// Bytes in all, if it is said.
        total: Option<u64>,
    },
    /// More of a file is there.
    Fetched {
        /// The key.
        key: Arc<str>,
        /// Bytes that are there.
        bytes: u64,
    },
    /// A fetch failed and is tried again.
    Retrying {
        /// The key.
        key: Arc<str>,
        /// Why.
        reason: String,
        /// After so many milliseconds.
        wait: u64,
    },
    /// A file is whole, checked, and has its name.
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
        /// Pixels across and down.
        picture: Option<(u32, u32)>,
        /// Bytes that came over the network in this run.
        moved: u64,
    },
    /// A file is there already, as it was saved.
    Kept {
        /// The key.
        key: Arc<str>,
        /// The file.
        file: String,
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
    /// The wait continues; emitted about every 25 seconds.
    StillWaiting {
        /// How many videos are not made yet.
        open: usize,
        /// How long already.
        waited: Duration,
        /// How much longer at most.
        left: Duration,
    },
    /// Something worth a look.
    Warning {
        /// In words.
        message: String,
    },
}
