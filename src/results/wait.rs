//! Waits until no video is in progress, within a time limit.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::{LockfileWriter, LockfileWriterError, Phase, PollOutcome, ResultsEvent, VideoStatus, poll};
use crate::vendor::{CallError, ProgressReporter, StopToken, Vendor};

/// The schedule of a wait.
#[derive(Clone, Copy, Debug)]
pub struct PollSchedule {
    /// The pause after the first query. Each further pause is 50% longer.
    pub first_interval: Duration,
    /// Maximum pause.
    pub max_interval: Duration,
    /// Maximum total time. It also cuts off a query, with its retries and their pauses.
    pub timeout: Duration,
}

/// Interval of the messages that the wait continues: CI systems stop a job that is silent for long.
const STILL_WAITING: Duration = Duration::from_secs(25);

/// The context of a wait.
#[derive(Debug)]
pub struct WaitContext<'a, V> {
    /// The vendor.
    pub vendor: &'a V,
    /// Receives the records.
    pub writer: &'a LockfileWriter,
    /// Stops the wait.
    pub stop: &'a StopToken,
    /// The clock that determines the age of takes.
    pub clock: fn() -> Timestamp,
    /// Whether to query the download URLs of finished videos, too.
    pub addresses: bool,
}

/// The outcome of a wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitOutcome {
    /// No video is in progress.
    Finished,
    /// The time ran out.
    TimedOut,
    /// It was stopped.
    Stopped,
    /// The vendor refused the credentials. The text is its message.
    KeyRefused(String),
    /// The lockfile could not be written. The text is the reason.
    Unwritten(String),
}

/// Queries the pending rows repeatedly, with growing pauses, until none is left.
///
/// Responses are written into the lockfile immediately. While an apply runs, or if nothing can be written, they are
/// only shown.
pub async fn wait<V: Vendor>(
    context: &WaitContext<'_, V>,
    board: &mut [VideoStatus],
    patience: PollSchedule,
    progress: &dyn ProgressReporter<ResultsEvent>,
) -> WaitOutcome {
    let began = Instant::now();
    let deadline = began.checked_add(patience.timeout);
    let mut ticks = interval_at(began + STILL_WAITING, STILL_WAITING);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut talk = WaitReminder { progress, began, limit: patience.timeout, ticks };
    let mut pause = patience.first_interval;
    let mut unwritten = Vec::new();
    let (mut unwritten_told, mut trouble_told) = (false, None);
    loop {
        let before: Vec<(Phase, String)> = board.iter().map(|row| (row.phase, row.message.clone())).collect();
        let open = board.iter().filter(|row| row.is_pending()).count();
        let chosen =
            |row: &VideoStatus| row.is_pending() || (context.addresses && row.results.is_empty() && !row.denied);
        let asking = poll(context.vendor, board, chosen, ((context.clock)(), deadline));
        let asked = tokio::select! {
            asked = talk.during(asking, open) => asked,
            () = context.stop.stop_requested() => return WaitOutcome::Stopped,
        };
        let asked = match asked {
            Ok(asked) => asked,
            Err(CallError::Key(message)) => return WaitOutcome::KeyRefused(message),
            Err(error) => PollOutcome { error: Some(error), ..PollOutcome::default() },
        };
        report_changes(board, &before, progress);
        if let Some(error) = asked.error.filter(|error| trouble_told.as_ref() != Some(error)) {
            progress.event(&ResultsEvent::Warning { message: format!("the vendor could not be queried: {error}") });
            trouble_told = Some(error);
        }
        unwritten.extend(asked.records);
        let open = board.iter().filter(|row| row.is_pending()).count();
        match context.writer.write(&unwritten, open == 0 && !unwritten.is_empty()) {
            Ok(()) => unwritten.clear(),
            Err(LockfileWriterError::Failed(words)) => return WaitOutcome::Unwritten(words),
            Err(LockfileWriterError::ApplyRunning(words) | LockfileWriterError::ReadOnly(words)) => {
                if !std::mem::replace(&mut unwritten_told, true) {
                    let message = format!("{words}; the vendor's answers are shown, but not written to the lockfile");
                    progress.event(&ResultsEvent::Warning { message });
                }
            }
        }
        if open == 0 {
            return WaitOutcome::Finished;
        }
        let left = deadline.map_or(pause, |end| end.saturating_duration_since(Instant::now()));
        if left.is_zero() || asked.out_of_time {
            return WaitOutcome::TimedOut;
        }
        tracing::debug!(wait = ?pause.min(left), open, seconds_left = left.as_secs(), why = "not all videos are rendered yet", "waiting");
        tokio::select! {
            () = talk.during(tokio::time::sleep(pause.min(left)), open) => {}
            () = context.stop.stop_requested() => return WaitOutcome::Stopped,
        }
        pause = pause.mul_f64(1.5).min(patience.max_interval);
    }
}

/// Emits an event at intervals that the wait continues.
struct WaitReminder<'a> {
    progress: &'a dyn ProgressReporter<ResultsEvent>,
    began: Instant,
    limit: Duration,
    ticks: Interval,
}

impl WaitReminder<'_> {
    /// Runs a future to its end, and reports at intervals how many videos it waits for.
    async fn during<T>(&mut self, future: impl Future<Output = T>, open: usize) -> T {
        tokio::pin!(future);
        loop {
            tokio::select! {
                biased;
                done = &mut future => return done,
                _ = self.ticks.tick() => {
                    let waited = self.began.elapsed();
                    let left = self.limit.saturating_sub(waited);
                    self.progress.event(&ResultsEvent::StillWaiting { open, waited, left });
                }
            }
        }
    }
}

/// Reports the rows whose state changed.
fn report_changes(board: &[VideoStatus], before: &[(Phase, String)], progress: &dyn ProgressReporter<ResultsEvent>) {
    for (row, _) in
        board.iter().zip(before).filter(|(row, (phase, message))| (row.phase, &row.message) != (*phase, message))
    {
        progress.event(&ResultsEvent::State {
            key: row.key.clone(),
            phase: row.phase,
            task: row.id().map(str::to_owned),
            message: row.message.clone(),
            seconds: row.seconds,
        });
    }
}
