//! The stage of a task at a given time, computed from its line in the journal and the clock.

use std::time::Duration;

use jiff::Timestamp;

use super::Task;

/// How long results are kept: seven days (the vendor's documentation).
const KEPT: Duration = Duration::from_hours(168);

/// A stage of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Waiting in the queue.
    Queued,
    /// Being rendered.
    Running,
    /// Finished, with a result.
    Done,
    /// Finished without a result.
    Failed,
}

impl Stage {
    /// Returns the human-readable name.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Queued => "queued",
            Stage::Running => "running",
            Stage::Done => "done",
            Stage::Failed => "failed",
        }
    }

    /// Returns the status code in the detail of a task.
    pub fn detail(self) -> i64 {
        match self {
            Stage::Queued => -1,
            Stage::Running => -2,
            Stage::Done => 0,
            Stage::Failed => 3,
        }
    }

    /// Returns the alternative status code that some clients of the API expect in the detail.
    pub fn other_detail(self) -> i64 {
        match self {
            Stage::Queued => 0,
            Stage::Running => 2,
            Stage::Done => 1,
            Stage::Failed => -3,
        }
    }

    /// Returns the status code in the list of videos.
    pub fn listed(self) -> i64 {
        match self {
            Stage::Queued | Stage::Running => 2,
            Stage::Done => 1,
            Stage::Failed => 3,
        }
    }
}

/// The stage of a task, and whether its result has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// The current stage.
    pub stage: Stage,
    /// Whether the result existed and has been deleted.
    pub expired: bool,
}

impl Life {
    /// Computes the stage of a task at a given time. If the clock went back, the task counts as just accepted.
    pub fn of(task: &Task, now: Timestamp) -> Life {
        let age = Duration::try_from(now.duration_since(task.at)).unwrap_or(Duration::ZERO);
        let whole = task.work.queue.saturating_add(task.work.render);
        let stage = match task.work.failure {
            _ if age < task.work.queue => Stage::Queued,
            _ if age < whole => Stage::Running,
            Some(_) => Stage::Failed,
            None => Stage::Done,
        };
        Life { stage, expired: stage == Stage::Done && age >= whole.saturating_add(KEPT) }
    }
}
