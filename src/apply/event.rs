//! The events of a run, as they happen. The view prints them.

use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{AdoptedTake, FreedTake, RunEnd, Submitted};
use crate::spec::Digest;
use crate::vendor::UnknownCode;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum ApplyEvent {
    /// A local file is being uploaded.
    Uploading {
        /// Relative to the project root.
        file: String,
        /// Its size.
        bytes: u64,
    },
    /// A local file is at the vendor.
    Uploaded {
        /// Relative to the project root.
        file: String,
        /// The vendor's asset id.
        id: String,
    },
    /// A local file could not be uploaded.
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
        /// The number of the try, from 1.
        tries: u32,
    },
    /// Accepted, and in the lockfile.
    Submitted(Submitted),
    /// Accepted, but the lockfile could not be written: keep the task id.
    Unwritten(Submitted),
    /// Certainly not accepted. It is tried again after a wait.
    Waiting {
        /// The key.
        key: Arc<str>,
        /// Seconds.
        seconds: u64,
        /// Why.
        reason: String,
    },
    /// Refused, or given up: certainly not accepted.
    Refused {
        /// The key.
        key: Arc<str>,
        /// The vendor's code, if it gave one.
        code: Option<i64>,
        /// Why.
        message: String,
    },
    /// In doubt: the vendor may have accepted it.
    InDoubt {
        /// The key.
        key: Arc<str>,
        /// Why.
        reason: String,
    },
    /// Found at the vendor.
    Adopted(AdoptedTake),
    /// Proved not to have been accepted.
    Freed(FreedTake),
    /// The wait until takes in doubt can be settled.
    Settling {
        /// Number of takes.
        count: usize,
        /// Until when, UTC.
        #[schemars(with = "String")]
        until: Timestamp,
    },
    /// A wave of submissions was claimed in the shared ledger.
    Claimed {
        /// How many.
        count: usize,
        /// No request of them ends after this time, UTC.
        #[schemars(with = "String")]
        until: Timestamp,
    },
    /// Another run has it in the shared ledger.
    Elsewhere {
        /// The key.
        key: Arc<str>,
        /// The run.
        run: Arc<str>,
        /// Who runs it.
        who: String,
        /// Until when it may still send it, UTC.
        #[schemars(with = "String")]
        until: Timestamp,
    },
    /// Answers are in the shared ledger.
    Published {
        /// How many lines the ledger did not have.
        count: usize,
    },
    /// Worth a look.
    Warning {
        /// The message.
        message: String,
    },
    /// The vendor refused the credentials.
    KeyRefused {
        /// The refused credentials, the vendor's message, and what to check.
        message: String,
    },
    /// The vendor is unreachable: the remaining submissions are not sent.
    Unreachable {
        /// The host, and the reason.
        reason: String,
    },
    /// Nothing further is sent, for another reason.
    Halted {
        /// The reason: `no-token` or `unknown-code`.
        reason: &'static str,
        /// The vendor's code, for `unknown-code`.
        code: Option<i64>,
        /// Details.
        message: String,
    },
    /// The lockfile could not be written.
    LockFailure {
        /// Why.
        message: String,
    },
    /// The user stopped the run.
    Stopping,
}

impl From<&RunEnd> for ApplyEvent {
    fn from(end: &RunEnd) -> Self {
        match end.clone() {
            RunEnd::KeyRefused(message) => Self::KeyRefused { message },
            RunEnd::Unreachable(reason) => Self::Unreachable { reason },
            RunEnd::NoToken(message) => Self::Halted { reason: "no-token", code: None, message },
            RunEnd::UnknownCode(UnknownCode { code, message }) => {
                Self::Halted { reason: "unknown-code", code: Some(code), message }
            }
            RunEnd::LockFailure(failure) => Self::LockFailure { message: failure.message },
        }
    }
}
