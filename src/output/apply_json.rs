//! `apply`, `wait`, `pull`, `lock settle`, `lock rebuild` with `--format json`: JSON Lines, format 1; the last event is
//! `summary`. `sandbox` has one event.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::doctor_json::MeasuredV1;
use super::status_json::StateV1;
use crate::apply::{Event, Halt};
use crate::source::clean_json;
use crate::vendor::UnknownCode;

/// One line of `apply`, `wait`, `pull`, `doctor --spend`, `lock settle`, `lock rebuild` or `sandbox` with `--format json`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum EventV1 {
    /// The plan, before anything is sent.
    Plan {
        /// 1.
        format_version: u32,
        /// The environment's name.
        environment: String,
        /// The vendor's host.
        host: String,
        /// Submissions planned.
        submit: u64,
        /// Takes in doubt.
        in_doubt: u64,
    },
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
        key: String,
        /// The content.
        digest: String,
        /// The number of the submission of this content.
        attempt: u32,
        /// The number of the try, from 1.
        tries: u32,
    },
    /// Accepted, and in the lockfile.
    Submitted {
        /// The key.
        key: String,
        /// The content.
        digest: String,
        /// The number of the submission of this content.
        attempt: u32,
        /// The vendor's task id.
        task: String,
    },
    /// Accepted, but the lockfile could not be told: keep the task id.
    Unwritten {
        /// The key.
        key: String,
        /// The content.
        digest: String,
        /// The number of the submission of this content.
        attempt: u32,
        /// The vendor's task id.
        task: String,
    },
    /// Surely not accepted; tried again after a wait.
    Waiting {
        /// The key.
        key: String,
        /// Seconds.
        seconds: u64,
        /// Why.
        reason: String,
    },
    /// Refused, or given up; surely not accepted.
    Refused {
        /// The key.
        key: String,
        /// The vendor's code, if it gave one.
        code: Option<i64>,
        /// Why.
        message: String,
    },
    /// Accepted or not: not known.
    InDoubt {
        /// The key.
        key: String,
        /// Why.
        reason: String,
    },
    /// Found at the vendor.
    Adopted {
        /// The key.
        key: String,
        /// The content.
        digest: String,
        /// The number of the submission of this content.
        attempt: u32,
        /// The vendor's id in its list.
        video: String,
        /// Whether the vendor failed it.
        failed: bool,
    },
    /// Proved not to have been accepted.
    Freed {
        /// The key.
        key: String,
        /// The content.
        digest: String,
        /// The number of the submission of this content.
        attempt: u32,
    },
    /// The grace of takes in doubt is waited out.
    Settling {
        /// How many.
        count: usize,
        /// Until when, UTC.
        until: String,
    },
    /// A take is in another state than before.
    State {
        /// The key.
        key: String,
        /// The state.
        state: StateV1,
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
        key: String,
        /// The state.
        state: StateV1,
        /// The vendor's task id, or its video's.
        task: Option<String>,
    },
    /// The wait continues; written about every 25 seconds.
    StillWaiting {
        /// How many videos are not made yet.
        open: usize,
        /// Seconds waited so far.
        waited: u64,
        /// Seconds that are left at most.
        left: u64,
    },
    /// A file begins to come, or goes on.
    Fetching {
        /// The key.
        key: String,
        /// The file.
        file: String,
        /// Bytes that are there already.
        from: u64,
        /// Bytes in all, if it is said.
        total: Option<u64>,
    },
    /// A fetch failed and is tried again.
    Retrying {
        /// The key.
        key: String,
        /// Why.
        reason: String,
        /// After so many milliseconds.
        wait: u64,
    },
    /// A file is whole, checked, and has its name.
    Saved {
        /// The key.
        key: String,
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
        key: String,
        /// The file.
        file: String,
    },
    /// A file could not be saved.
    NotSaved {
        /// The key.
        key: String,
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// Worth a look.
    Warning {
        /// In words.
        message: String,
    },
    /// The vendor refused the credentials.
    KeyRefused {
        /// Which, the vendor's message, and what to check.
        message: String,
    },
    /// The vendor could not be reached: what was not sent by then is not sent.
    Unreachable {
        /// Where and why.
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
    /// Asked to stop.
    Stopping,
    /// The observations of `doctor --spend`.
    Measured(Box<MeasuredV1>),
    /// The sandbox serves, until it is stopped.
    Listening {
        /// 1.
        format_version: u32,
        /// Where.
        base_url: String,
    },
    /// Why the run ended without doing what it was asked; the summary follows.
    Error {
        /// In words.
        message: String,
    },
    /// The end: always the last line.
    Summary(SummaryV1),
}

/// What a run came to.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct SummaryV1 {
    /// 1.
    pub format_version: u32,
    /// Accepted.
    pub submitted: usize,
    /// Found at the vendor.
    pub adopted: usize,
    /// Refused, given up, or impossible.
    pub refused: usize,
    /// In doubt still.
    pub in_doubt: usize,
    /// Proved not to have been accepted.
    pub freed: usize,
    /// Not sent.
    pub not_sent: usize,
    /// Accepted, but not in the lockfile.
    pub unwritten: usize,
    /// Nothing had to be done for these.
    pub unchanged: u64,
    /// Seconds of video that this run sent for, estimated; audio files of unknown length not counted.
    pub seconds: f64,
    /// Credits that this run spent, estimated likewise.
    pub credits: f64,
    /// Takes that are made, of those that were waited for.
    pub done: usize,
    /// Takes that were not made yet when the waiting ended.
    pub open: usize,
    /// Takes that the vendor failed, of those that were waited for or pulled.
    pub failed: usize,
    /// Files that were put in their place.
    pub saved: usize,
    /// Files that were there already.
    pub kept: usize,
    /// Files that could not be saved.
    pub not_saved: usize,
    /// Bytes that came over the network for files.
    pub moved: u64,
    /// Whether it was stopped.
    pub interrupted: bool,
    /// The exit code of the process.
    pub exit_code: u8,
}

impl EventV1 {
    /// One line, newline included.
    pub fn to_line(&self) -> String {
        // Strings and numbers only: nothing in it can refuse.
        let mut line = clean_json(serde_json::to_string(self).unwrap_or_default());
        line.push('\n');
        line
    }
}

impl From<&Event> for EventV1 {
    fn from(event: &Event) -> Self {
        match event.clone() {
            Event::Uploading { file, bytes } => Self::Uploading { file, bytes },
            Event::Uploaded { file, id } => Self::Uploaded { file, id },
            Event::UploadFailed { file, message } => Self::UploadFailed { file, message },
            Event::Submitting { key, digest, attempt, tries } => {
                Self::Submitting { key: key.to_string(), digest: digest.to_string(), attempt, tries }
            }
            Event::Submitted { key, digest, attempt, task } => {
                Self::Submitted { key: key.to_string(), digest: digest.to_string(), attempt, task }
            }
            Event::Unwritten { key, digest, attempt, task } => {
                Self::Unwritten { key: key.to_string(), digest: digest.to_string(), attempt, task }
            }
            Event::Waiting { key, seconds, reason } => Self::Waiting { key: key.to_string(), seconds, reason },
            Event::Refused { key, code, message } => Self::Refused { key: key.to_string(), code, message },
            Event::InDoubt { key, reason } => Self::InDoubt { key: key.to_string(), reason },
            Event::Adopted { key, digest, attempt, video, failed } => {
                Self::Adopted { key: key.to_string(), digest: digest.to_string(), attempt, video, failed }
            }
            Event::Freed { key, digest, attempt } => {
                Self::Freed { key: key.to_string(), digest: digest.to_string(), attempt }
            }
            Event::Settling { count, until } => Self::Settling { count, until: until.to_string() },
            Event::Warning { message } => Self::Warning { message },
            Event::KeyRefused { message } => Self::KeyRefused { message },
            Event::Unreachable { reason } => Self::Unreachable { reason },
            Event::Halted { halt: Halt::NoToken(message) } => Self::Halted { reason: "no-token", code: None, message },
            Event::Halted { halt: Halt::UnknownCode(UnknownCode { code, message }) } => {
                Self::Halted { reason: "unknown-code", code: Some(code), message }
            }
            Event::LockFailure { message } => Self::LockFailure { message },
            Event::Stopping => Self::Stopping,
        }
    }
}

/// The schema of a line.
pub fn events_schema() -> Value {
    schemars::generate::SchemaSettings::draft07().into_generator().into_root_schema_for::<EventV1>().to_value()
}
