//! Where a task is in its life, at any moment: a function of its line in the journal and of the clock.

use std::time::Duration;

use jiff::Timestamp;

use super::Task;

/// Results are kept for seven days (the vendor's page).
const KEPT: Duration = Duration::from_hours(168);

/// A stage of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Waiting.
    Queued,
    /// Being made.
    Running,
    /// There.
    Done,
    /// Went wrong.
    Failed,
}

impl Stage {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Queued => "queued",
            Stage::Running => "running",
            Stage::Done => "done",
            Stage::Failed => "failed",
        }
    }

    /// The number of the task's detail.
    pub fn detail(self) -> i64 {
        match self {
            Stage::Queued => -1,
            Stage::Running => -2,
            Stage::Done => 0,
            Stage::Failed => 3,
        }
    }

    /// The number of the task's detail in the other reading that clients of the API have of it.
    pub fn other_detail(self) -> i64 {
        match self {
            Stage::Queued => 0,
            Stage::Running => 2,
            Stage::Done => 1,
            Stage::Failed => -3,
        }
    }

    /// The number of the list of videos.
    pub fn listed(self) -> i64 {
        match self {
            Stage::Queued | Stage::Running => 2,
            Stage::Done => 1,
            Stage::Failed => 3,
        }
    }
}

/// The life of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// The stage now.
    pub stage: Stage,
    /// True when the result was there and is gone.
    pub expired: bool,
}

impl Life {
    /// Of a task at a moment; a clock that went back shows it as just accepted.
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
