//! How takes stand, for machines, format 1.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::document::{lenient_schema_of, versioned};
use crate::results::{Phase, Role, Standing};
use crate::spec::Digest;

/// What `callsheet status --format json` prints.
///
/// Fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Status")]
struct StatusDocument<'a> {
    /// The environment's name.
    environment: &'a str,
    /// The vendor's host.
    host: &'a str,
    /// When it was so, UTC.
    #[schemars(with = "String")]
    at: jiff::Timestamp,
    /// Whether the vendor was asked about all that was under way; else the lockfile alone speaks.
    asked: bool,
    /// In manifest order; takes that no video explains come last.
    takes: Vec<TakeRow<'a>>,
    /// Sentences worth a look.
    warnings: &'a [String],
}

/// How one video stands.
// [`Standing`] has a complete take, and addresses that are secrets.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Take")]
struct TakeRow<'a> {
    /// The video's key.
    key: &'a str,
    /// How far it is.
    state: Phase,
    /// The vendor's own number, for the state `unknown`.
    status: Option<i64>,
    /// What it is to the manifests.
    role: Role,
    /// The content.
    digest: Digest,
    /// The number of the submission of this content; null when nothing was submitted.
    attempt: Option<u32>,
    /// The vendor's task id.
    task: Option<&'a str>,
    /// The vendor's id in its list of videos.
    video: Option<&'a str>,
    /// When it was sent, UTC.
    #[schemars(with = "Option<String>")]
    sent: Option<jiff::Timestamp>,
    /// When the vendor deletes it, UTC; null for what is saved or not made.
    #[schemars(with = "Option<String>")]
    expires: Option<jiff::Timestamp>,
    /// Seconds until then; negative when it is over.
    expires_in: Option<i64>,
    /// Seconds of video, once made.
    seconds: Option<f64>,
    /// Why it failed, is missing, or is still awaited; else empty.
    message: &'a str,
    /// The hash of the saved file, 64 hex digits.
    sha256: Option<&'a str>,
    /// The size of the saved file.
    bytes: Option<u64>,
}

/// What stands around the rows.
#[derive(Clone, Debug)]
pub struct StatusView<'a> {
    /// The environment's name.
    pub environment: &'a str,
    /// The vendor's host.
    pub host: &'a str,
    /// Now.
    pub now: jiff::Timestamp,
    /// Whether the vendor was asked.
    pub asked: bool,
    /// The rows.
    pub rows: &'a [Standing],
    /// Sentences worth a look.
    pub warnings: &'a [String],
}

/// `status --format json`.
pub fn status_json(view: &StatusView<'_>) -> String {
    versioned(&StatusDocument {
        environment: view.environment,
        host: view.host,
        at: view.now,
        asked: view.asked,
        takes: view.rows.iter().map(|row| take(row, view.now)).collect(),
        warnings: view.warnings,
    })
}

fn take(row: &Standing, now: jiff::Timestamp) -> TakeRow<'_> {
    let take = row.take.as_ref();
    let expires = row.expires.filter(|_| row.is_unsaved());
    TakeRow {
        key: &row.key,
        state: row.phase,
        status: if let Phase::Unknown(number) = row.phase { Some(number) } else { None },
        role: row.role,
        digest: row.digest,
        attempt: take.map(|take| take.attempt),
        task: take.and_then(|take| take.task.as_deref()),
        video: take.and_then(|take| take.video.as_deref()),
        sent: row.sent,
        expires,
        expires_in: expires.map(|at| at.duration_since(now).as_secs()),
        seconds: row.seconds,
        message: &row.message,
        sha256: take.and_then(|take| take.sha256.as_deref()),
        bytes: take.and_then(|take| take.bytes),
    }
}

/// The schema of `status --format json`.
pub fn status_schema() -> Value {
    lenient_schema_of::<StatusDocument<'_>>()
}
