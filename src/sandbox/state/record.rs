//! The records of the journal.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::fields::MediaKind;

/// The journal version that this code writes. It reads no other.
pub const VERSION: u32 = 1;

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StateRecord {
    /// The first line.
    Sandbox(StateHeader),
    /// An accepted submission.
    Task(Box<Task>),
    /// An upload.
    Asset(Box<StoredAsset>),
}

/// Facts about the complete state directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateHeader {
    /// See [`VERSION`].
    pub version: u32,
    /// Determines ids, signatures and shares of faults.
    pub seed: u64,
}

/// An accepted submission. Its timing is recorded with it, so that a restart with other options changes no past task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "a task has two ids: the task's and the video's")]
pub struct Task {
    /// Counted from 0.
    pub number: u64,
    /// The id in the answer to the submission.
    pub task: String,
    /// The id in the list of videos.
    pub video: String,
    /// The submitted name, or a random one.
    pub name: String,
    /// When it was accepted.
    pub at: Timestamp,
    /// The rendering and its timing.
    pub work: RenderJob,
}

/// The rendering of a submission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RenderJob {
    /// Time in the queue.
    #[serde(with = "milliseconds")]
    pub queue: Duration,
    /// Rendering time, after the queue.
    #[serde(with = "milliseconds")]
    pub render: Duration,
    /// Why the task fails. `None` if it succeeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The vendor's code of the aspect.
    pub aspect: u8,
    /// `#rrggbb`.
    pub colour: String,
    /// Duration of the video.
    pub seconds: f64,
    /// Its cost.
    pub credits: f64,
    /// The vendor template, for a template video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<i64>,
    /// Names and values of all parts, as received.
    pub parts: Vec<(String, String)>,
}

/// An upload. Its content is stored next to the journal, in a file named by its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredAsset {
    /// Counted from 0.
    pub number: u64,
    /// The id, `sbx…`.
    pub id: String,
    /// The submitted name, or that of the file.
    pub name: String,
    /// Image, video or audio.
    pub kind: MediaKind,
    /// The file extension, in lower case.
    pub format: String,
    /// Size in bytes.
    pub bytes: u64,
    /// The hash as 64 hex digits.
    pub sha256: String,
    /// When it was uploaded.
    pub at: Timestamp,
    /// Width and height in pixels. `None` if the file is not a readable image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<(u32, u32)>,
    /// Duration of sound or video. `None` if it is unreadable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

mod milliseconds {
    //! Serializes durations as whole milliseconds.

    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(span.as_millis()).unwrap_or(u64::MAX))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

/// How long results are kept: seven days (the vendor's documentation).
const RETENTION: Duration = Duration::from_hours(168);

/// A stage of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskStage {
    /// Waiting in the queue.
    Queued,
    /// Being rendered.
    Running,
    /// Finished, with a result.
    Done,
    /// Finished without a result.
    Failed,
}

/// How the API reports a stage.
#[derive(Clone, Copy, Debug)]
pub struct StageReport {
    /// The human-readable name.
    pub word: &'static str,
    /// The status code in the detail of a task.
    pub detail: i64,
    /// The alternative status code that some clients of the API expect in the detail.
    pub other_detail: i64,
    /// The status code in the list of videos.
    pub listed: i64,
}

impl TaskStage {
    /// Returns how the API reports this stage.
    pub fn report(self) -> StageReport {
        let (word, detail, other_detail, listed) = match self {
            TaskStage::Queued => ("queued", -1, 0, 2),
            TaskStage::Running => ("running", -2, 2, 2),
            TaskStage::Done => ("done", 0, 1, 1),
            TaskStage::Failed => ("failed", 3, -3, 3),
        };
        StageReport { word, detail, other_detail, listed }
    }
}

/// The stage of a task, and whether its result has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskLife {
    /// The current stage.
    pub stage: TaskStage,
    /// Whether the result existed and has been deleted.
    pub expired: bool,
}

impl TaskLife {
    /// Computes the stage of a task at a given time. If the clock went back, the task counts as just accepted.
    pub fn of(task: &Task, now: Timestamp) -> TaskLife {
        let age = Duration::try_from(now.duration_since(task.at)).unwrap_or(Duration::ZERO);
        let whole = task.work.queue.saturating_add(task.work.render);
        let stage = match task.work.failure {
            _ if age < task.work.queue => TaskStage::Queued,
            _ if age < whole => TaskStage::Running,
            Some(_) => TaskStage::Failed,
            None => TaskStage::Done,
        };
        TaskLife { stage, expired: stage == TaskStage::Done && age >= whole.saturating_add(RETENTION) }
    }
}
