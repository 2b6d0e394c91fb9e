//! The status of takes for machines, format 1.

use schemars::JsonSchema;
use serde::Serialize;

use super::document::versioned;
use crate::results::{Phase, StatusRole, VideoStatus};
use crate::spec::Digest;

/// What `callsheet status --format json` prints.
///
/// Fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Status")]
pub struct StatusDocument<'a> {
    /// The environment's name.
    environment: &'a str,
    /// The vendor's host.
    host: &'a str,
    /// The time of this status, UTC.
    #[schemars(with = "String")]
    at: jiff::Timestamp,
    /// Whether the vendor was queried about all pending takes; otherwise only the lockfile was read.
    asked: bool,
    /// In manifest order; takes without a video come last.
    takes: Vec<TakeRow<'a>>,
    /// Warnings.
    warnings: &'a [String],
}

/// The status of one video.
// [`VideoStatus`] has a complete take, and URLs that are secret.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Take")]
struct TakeRow<'a> {
    /// The video's key.
    key: &'a str,
    /// The state.
    state: Phase,
    /// The vendor's own number, for the state `unknown`.
    status: Option<i64>,
    /// The relation to the manifests.
    role: StatusRole,
    /// The content.
    digest: Digest,
    /// The number of the submission of this content; null if nothing was submitted.
    attempt: Option<u32>,
    /// The vendor's task id.
    task: Option<&'a str>,
    /// The vendor's id in its list of videos.
    video: Option<&'a str>,
    /// When it was sent, UTC.
    #[schemars(with = "Option<String>")]
    sent: Option<jiff::Timestamp>,
    /// When the vendor deletes it, UTC; null for saved and unfinished videos.
    #[schemars(with = "Option<String>")]
    expires: Option<jiff::Timestamp>,
    /// Seconds until then; negative after that.
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

/// A status list with its context.
#[derive(Clone, Debug)]
pub struct StatusView<'a> {
    /// The environment's name.
    pub environment: &'a str,
    /// The vendor's host.
    pub host: &'a str,
    /// The current time.
    pub now: jiff::Timestamp,
    /// Whether the vendor was queried.
    pub asked: bool,
    /// The rows.
    pub rows: &'a [VideoStatus],
    /// Warnings.
    pub warnings: &'a [String],
}

/// Returns `status --format json`.
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

fn take(row: &VideoStatus, now: jiff::Timestamp) -> TakeRow<'_> {
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
