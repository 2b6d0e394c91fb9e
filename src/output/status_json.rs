//! How takes stand, for machines, format 1.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use crate::results::{Phase, Role, Standing};
use crate::source::clean_json;

/// What `callsheet status --format json` prints.
///
/// Fields may be added within one format version.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Status")]
pub struct StatusV1 {
    /// Always 1.
    #[schemars(extend("const" = 1))]
    pub format_version: u32,
    /// The environment's name.
    pub environment: String,
    /// The vendor's host.
    pub host: String,
    /// When it was so, UTC.
    pub at: String,
    /// Whether the vendor was asked about all that was under way; else the lockfile alone speaks.
    pub asked: bool,
    /// In manifest order; takes that no video explains come last.
    pub takes: Vec<TakeV1>,
    /// Sentences worth a look.
    pub warnings: Vec<String>,
}

/// How one video stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Take")]
pub struct TakeV1 {
    /// The video's key.
    pub key: String,
    /// How far it is.
    pub state: StateV1,
    /// The vendor's own number, for the state `unknown`.
    pub status: Option<i64>,
    /// What it is to the manifests.
    pub role: RoleV1,
    /// The content.
    pub digest: String,
    /// The number of the submission of this content; null when nothing was submitted.
    pub attempt: Option<u32>,
    /// The vendor's task id.
    pub task: Option<String>,
    /// The vendor's id in its list of videos.
    pub video: Option<String>,
    /// When it was sent, UTC.
    pub sent: Option<String>,
    /// When the vendor deletes it, UTC; null for what is saved or not made.
    pub expires: Option<String>,
    /// Seconds until then; negative when it is over.
    pub expires_in: Option<i64>,
    /// Seconds of video, once made.
    pub seconds: Option<f64>,
    /// Why it failed, is missing, or is still awaited; else empty.
    pub message: String,
    /// The hash of the saved file, 64 hex digits.
    pub sha256: Option<String>,
    /// The size of the saved file.
    pub bytes: Option<u64>,
}

/// How far a take is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "State")]
pub enum StateV1 {
    /// No take of this content is known.
    NotSubmitted,
    /// Sent, and the answer was lost.
    InDoubt,
    /// Accepted; the vendor was not asked since.
    Submitted,
    /// In the vendor's queue.
    Queued,
    /// Being made.
    Rendering,
    /// A status without a documented meaning: treated as in progress.
    Unknown,
    /// Made, and not saved.
    Done,
    /// Will never be made.
    Failed,
    /// Saved.
    Pulled,
    /// Older than the vendor keeps it, and never saved; it may still be there if the vendor was not queried.
    Expired,
    /// The vendor does not know it, though it should.
    Missing,
}

impl From<Phase> for StateV1 {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::NotSubmitted => Self::NotSubmitted,
            Phase::InDoubt => Self::InDoubt,
            Phase::Submitted => Self::Submitted,
            Phase::Queued => Self::Queued,
            Phase::Rendering => Self::Rendering,
            Phase::Unknown(_) => Self::Unknown,
            Phase::Done => Self::Done,
            Phase::Failed => Self::Failed,
            Phase::Pulled => Self::Pulled,
            Phase::Expired => Self::Expired,
            Phase::Missing => Self::Missing,
        }
    }
}

/// What a take is to the manifests.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Role")]
pub enum RoleV1 {
    /// The present content of a video.
    Wanted,
    /// The last take of a key that no manifest has any more.
    Orphan,
    /// An earlier content of a key.
    Old,
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
    let document = StatusV1 {
        format_version: 1,
        environment: view.environment.to_owned(),
        host: view.host.to_owned(),
        at: view.now.to_string(),
        asked: view.asked,
        takes: view.rows.iter().map(|row| take(row, view.now)).collect(),
        warnings: view.warnings.to_vec(),
    };
    // Strings and numbers only: nothing in it can refuse.
    let mut text = clean_json(serde_json::to_string_pretty(&document).unwrap_or_default());
    text.push('\n');
    text
}

fn take(row: &Standing, now: jiff::Timestamp) -> TakeV1 {
    let take = row.take.as_ref();
    TakeV1 {
        key: row.key.to_string(),
        state: row.phase.into(),
        status: if let Phase::Unknown(number) = row.phase { Some(number) } else { None },
        role: match row.role {
            Role::Wanted => RoleV1::Wanted,
            Role::Orphan => RoleV1::Orphan,
            Role::Old => RoleV1::Old,
        },
        digest: row.digest.to_string(),
        attempt: take.map(|take| take.attempt),
        task: take.and_then(|take| take.task.clone()),
        video: take.and_then(|take| take.video.clone()),
        sent: row.sent.map(|at| at.to_string()),
        expires: row.expires.filter(|_| row.is_unsaved()).map(|at| at.to_string()),
        expires_in: row.expires.filter(|_| row.is_unsaved()).map(|at| at.duration_since(now).as_secs()),
        seconds: row.seconds,
        message: row.message.clone(),
        sha256: take.and_then(|take| take.sha256.clone()),
        bytes: take.and_then(|take| take.bytes),
    }
}

/// The schema of `status --format json`.
pub fn status_schema() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<StatusV1>().to_value()
}
