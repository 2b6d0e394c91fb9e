//! Waits until nothing is under way any more, within a time limit.

use std::time::Duration;

use tokio::time::Instant;

use super::{Event, Ledger, LedgerError, Phase, Progress, Standing, ask};
use crate::vendor::{CallError, Stop, Vendor};

/// How long and how often.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The pause after the first question; each one is half as long again.
    pub first: Duration,
    /// The longest pause.
    pub most: Duration,
    /// How long in all.
    pub limit: Duration,
}

/// What waiting works with.
#[derive(Debug)]
pub struct WaitMeans<'a, V> {
    /// The vendor.
    pub vendor: &'a V,
    /// Where answers are written.
    pub ledger: &'a Ledger,
    /// Who may stop it.
    pub stop: &'a Stop,
}

/// How waiting ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waited {
    /// Nothing is under way any more.
    Settled,
    /// The time ran out.
    OutOfTime,
    /// It was stopped.
    Stopped,
    /// The vendor refused the key; in its words.
    KeyRefused(String),
    /// The lockfile could not be written; in words.
    Unwritten(String),
}

/// Asks about the open rows, again and again with growing pauses, until none is left.
///
/// What is learnt is written into the lockfile at once; while an apply runs it is only shown, and written later.
pub async fn wait<V: Vendor>(
    means: &WaitMeans<'_, V>,
    board: &mut [Standing],
    patience: Patience,
    progress: &dyn Progress,
) -> Waited {
    let end = Instant::now().checked_add(patience.limit);
    let mut pause = patience.first;
    let mut unwritten = Vec::new();
    let (mut busy_told, mut trouble_told) = (false, None);
    loop {
        let before: Vec<Phase> = board.iter().map(|row| row.phase).collect();
        let asked = tokio::select! {
            asked = ask(means.vendor, board, Standing::is_open, jiff::Timestamp::now()) => asked,
            () = means.stop.finishing() => return Waited::Stopped,
        };
        let asked = match asked {
            Ok(asked) => asked,
            Err(CallError::Key(message)) => return Waited::KeyRefused(message),
            Err(error) => super::Asked { trouble: Some(error), ..super::Asked::default() },
        };
        tell(board, &before, progress);
        if let Some(error) = asked.trouble.filter(|error| trouble_told.as_ref() != Some(error)) {
            progress.event(&Event::Warning { message: format!("the vendor could not be asked: {error}") });
            trouble_told = Some(error);
        }
        unwritten.extend(asked.records);
        let open = board.iter().any(Standing::is_open);
        match means.ledger.write(&unwritten, !open && !unwritten.is_empty()) {
            Ok(()) => unwritten.clear(),
            Err(LedgerError::Busy(words)) => {
                if !std::mem::replace(&mut busy_told, true) {
                    let message = format!("{words}; what the vendor says is shown, and not written into the lockfile");
                    progress.event(&Event::Warning { message });
                }
            }
            Err(LedgerError::Failed(words)) => return Waited::Unwritten(words),
        }
        if !open {
            return Waited::Settled;
        }
        let now = Instant::now();
        let left = end.map_or(pause, |end| end.saturating_duration_since(now));
        if left.is_zero() {
            return Waited::OutOfTime;
        }
        let open = board.iter().filter(|row| row.is_open()).count();
        tracing::debug!(wait = ?pause.min(left), open, seconds_left = left.as_secs(), why = "not all are made yet", "waiting");
        tokio::select! {
            () = tokio::time::sleep(pause.min(left)) => {}
            () = means.stop.finishing() => return Waited::Stopped,
        }
        pause = pause.mul_f64(1.5).min(patience.most);
    }
}

/// Tells of the rows whose state changed.
fn tell(board: &[Standing], before: &[Phase], progress: &dyn Progress) {
    for (row, _) in board.iter().zip(before).filter(|(row, before)| row.phase != **before) {
        progress.event(&Event::State {
            key: row.key.clone(),
            phase: row.phase,
            task: row.id().map(str::to_owned),
            message: row.message.clone(),
            seconds: row.seconds,
        });
    }
}
