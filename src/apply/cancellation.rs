//! Stops everything new in a run, after a stop, refused credentials, an unreachable vendor or a failed lockfile.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::SkipReason;
use crate::vendor::StopToken;

/// Maximum responses in a row with the same unknown code. After that, nothing new starts.
const MAX_UNKNOWN_CODES: u32 = 3;

/// A check before every new operation. Once closed, it stays closed.
pub(super) struct Cancellation<'a> {
    stop: &'a StopToken,
    shut: watch::Sender<Option<SkipReason>>,
    /// The last unknown code, and the number of responses in a row that had it.
    unknown: Mutex<(Option<i64>, u32)>,
}

impl<'a> Cancellation<'a> {
    pub(super) fn new(stop: &'a StopToken) -> Self {
        Self { stop, shut: watch::Sender::new(None), unknown: Mutex::default() }
    }

    /// Returns the reason why nothing new may start. The first reason wins.
    pub(super) fn reason(&self) -> Option<SkipReason> {
        let shut = *self.shut.borrow();
        shut.or_else(|| self.stop.is_stop_requested().then_some(SkipReason::Stopped))
    }

    /// Prevents all new operations. Returns `true` if this is the first reason.
    pub(super) fn cancel(&self, reason: SkipReason) -> bool {
        self.shut.send_if_modified(|shut| {
            let first = shut.is_none();
            if first {
                tracing::debug!(?reason, "nothing new starts");
                *shut = Some(reason);
            }
            first
        })
    }

    /// Counts a response that decides a submission, with its code if no table has it. Returns `true` if the vendor has
    /// sent the same unknown code `MAX_UNKNOWN_CODES` times in a row.
    pub(super) fn count_response(&self, unknown: Option<i64>) -> bool {
        let mut last = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        let length = if unknown.is_some() && unknown == last.0 { last.1 + 1 } else { 1 };
        *last = (unknown, length);
        unknown.is_some() && length >= MAX_UNKNOWN_CODES
    }

    /// Waits for a while. Returns `false` if it was closed before the end.
    pub(super) async fn sleep(&self, while_: Duration) -> bool {
        self.or_cancelled(tokio::time::sleep(while_)).await.is_some()
    }

    /// Returns the result of an operation that spends nothing, or `None` if it was closed first.
    pub(super) async fn or_cancelled<T>(&self, doing: impl Future<Output = T>) -> Option<T> {
        let mut shut = self.shut.subscribe();
        tokio::select! {
            biased;
            () = self.stop.stop_requested() => None,
            _ = shut.wait_for(Option::is_some) => None,
            done = doing => Some(done),
        }
    }
}
