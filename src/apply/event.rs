//! What happens during a run, as it happens; the view prints it.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Halt, RunEnd};
use crate::spec::Digest;

/// Who is told what happens.
pub trait Progress: Send + Sync {
    /// Something happened; must not block.
    fn event(&self, event: &Event);
}

/// Tells no one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn event(&self, _event: &Event) {}
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A local file is being uploaded.
    Uploading {
        /// Relative to the project root.
        file: String,
        /// Its size.
        bytes: u64,
    },
    /// A local file is at the vendor, and the lockfile knows.
    Uploaded {
        /// Relative to the project root.
        file: String,
        /// The vendor's asset id.
        id: String,
    },
    /// A local file could not be uploaded; the videos that need it are not sent.
    UploadFailed {
        /// Relative to the project root.
        file: String,
        /// Why.
        message: String,
    },
    /// A submission leaves; its intent is on disk.
    Submitting {
        /// The key.
        key: Arc<str>,
        /// The content.
        digest: Digest,
        /// The number of the submission of this content.
        attempt: u32,
        /// The number of the try of this submission, from 1.
        tries: u32,
    },
    /// A submission was accepted, and the lockfile knows.
    Submitted {
        /// The key.
        key: Arc<str>,
        /// The content.
        digest: Digest,
        /// The number of the submission of this content.
        attempt: u32,
        /// The vendor's task id.
        task: String,
    },
    /// A submission was accepted, but the lockfile could not be told.
    Unwritten {
        /// The key.
        key: Arc<str>,
        /// The content.
        digest: Digest,
        /// The number of the submission of this content.
        attempt: u32,
        /// The vendor's task id.
        task: String,
    },
    /// A submission was surely not accepted and is tried again after a wait.
    Waiting {
        /// The key.
        key: Arc<str>,
        /// How long, rounded up.
        seconds: u64,
        /// Why it was not accepted.
        reason: String,
    },
    /// A submission was refused, or given up.
    Refused {
        /// The key.
        key: Arc<str>,
        /// The vendor's code; none when the vendor never said no.
        code: Option<i64>,
        /// Why.
        message: String,
    },
    /// A submission's fate is not known.
    InDoubt {
        /// The key.
        key: Arc<str>,
        /// Why.
        reason: String,
    },
    /// A take was found at the vendor.
    Adopted {
        /// The key.
        key: Arc<str>,
        /// The content.
        digest: Digest,
        /// The number of the submission of this content.
        attempt: u32,
        /// The vendor's id in its list.
        video: String,
        /// Whether the vendor failed it.
        failed: bool,
    },
    /// A take in doubt is proved not to have been accepted.
    Freed {
        /// The key.
        key: Arc<str>,
        /// The content.
        digest: Digest,
        /// The number of the submission of this content.
        attempt: u32,
    },
    /// The grace of takes in doubt is waited out.
    Settling {
        /// How many.
        count: usize,
        /// Until when.
        until: Timestamp,
    },
    /// Something worth a look.
    Warning {
        /// In words.
        message: String,
    },
    /// The vendor refused the credentials: nothing new starts.
    KeyRefused {
        /// The vendor's message, and what to check.
        message: String,
    },
    /// The vendor could not be reached, however often it was tried: nothing new starts.
    Unreachable {
        /// Where and why.
        reason: String,
    },
    /// Something else keeps anything new from starting.
    Halted {
        /// What.
        halt: Halt,
    },
    /// The lockfile could not be written: nothing new starts.
    LockFailure {
        /// Why.
        message: String,
    },
    /// The run was asked to stop: nothing new starts, answers in flight are awaited.
    Stopping,
}

impl From<&RunEnd> for Event {
    fn from(end: &RunEnd) -> Self {
        match end.clone() {
            RunEnd::KeyRefused(message) => Self::KeyRefused { message },
            RunEnd::Unreachable(reason) => Self::Unreachable { reason },
            RunEnd::Halted(halt) => Self::Halted { halt },
            RunEnd::LockFailure(failure) => Self::LockFailure { message: failure.message },
        }
    }
}
