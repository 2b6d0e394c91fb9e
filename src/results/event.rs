//! The events while takes are watched and downloaded. The view prints them.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::Phase;

/// Something that happened. A file is named as people see it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A take is in another state than before.
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
    /// Not made yet when the waiting ended.
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
        /// How many videos are not made yet.
        open: usize,
        /// Seconds waited so far.
        #[serde(serialize_with = "seconds")]
        #[schemars(with = "u64")]
        waited: Duration,
        /// Seconds that are left at most.
        #[serde(serialize_with = "seconds")]
        #[schemars(with = "u64")]
        left: Duration,
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
    /// More of a file is there. Every piece of a file would be too many for programs.
    #[serde(skip)]
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
        /// Pixels across.
        width: Option<u32>,
        /// Pixels down.
        height: Option<u32>,
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
    /// Worth a look.
    // The schema has it from `apply::Event`.
    #[schemars(skip)]
    Warning {
        /// In words.
        message: String,
    },
}

fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(time.as_secs())
}
