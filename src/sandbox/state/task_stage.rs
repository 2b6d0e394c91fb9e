//! The stage of a task at a given time, computed from its line in the journal and the clock.

use std::time::Duration;

use jiff::Timestamp;

use super::Task;

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

impl TaskStage {
    /// Returns the human-readable name.
    pub fn word(self) -> &'static str {
        match self {
            TaskStage::Queued => "queued",
            TaskStage::Running => "running",
            TaskStage::Done => "done",
            TaskStage::Failed => "failed",
        }
    }

    /// Returns the status code in the detail of a task.
    pub fn detail(self) -> i64 {
        match self {
            TaskStage::Queued => -1,
            TaskStage::Running => -2,
            TaskStage::Done => 0,
            TaskStage::Failed => 3,
        }
    }

    /// Returns the alternative status code that some clients of the API expect in the detail.
    pub fn other_detail(self) -> i64 {
        match self {
            TaskStage::Queued => 0,
            TaskStage::Running => 2,
            TaskStage::Done => 1,
            TaskStage::Failed => -3,
        }
    }

    /// Returns the status code in the list of videos.
    pub fn listed(self) -> i64 {
        match self {
            TaskStage::Queued | TaskStage::Running => 2,
            TaskStage::Done => 1,
            TaskStage::Failed => 3,
        }
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
