//! The gate of a run: everything new passes it, until a stop, refused credentials, a vendor out of
//! reach or a failed lockfile shuts it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::NotSent;
use crate::vendor::Stop;

/// After this number of answers in a row with the same unknown code nothing new starts.
const MAX_UNKNOWN_CODES: u32 = 3;

/// Shut once, it stays shut.
pub(super) struct Gate<'a> {
    stop: &'a Stop,
    shut: watch::Sender<Option<NotSent>>,
    /// The last unknown code, and the number of answers in a row that had it.
    unknown: Mutex<(Option<i64>, u32)>,
}

impl<'a> Gate<'a> {
    pub(super) fn new(stop: &'a Stop) -> Self {
        Self { stop, shut: watch::Sender::new(None), unknown: Mutex::default() }
    }

    /// Why nothing new may start; the first reason holds.
    pub(super) fn is_shut(&self) -> Option<NotSent> {
        let shut = *self.shut.borrow();
        shut.or_else(|| self.stop.is_finishing().then_some(NotSent::Stopped))
    }

    /// Lets nothing new start. Returns `true` if this is the first reason.
    pub(super) fn close(&self, reason: NotSent) -> bool {
        self.shut.send_if_modified(|shut| {
            let first = shut.is_none();
            if first {
                tracing::debug!(?reason, "nothing new starts");
                *shut = Some(reason);
            }
            first
        })
    }

    /// Counts an answer that decides about a submission, with its code if no table knows it. Returns `true` if the vendor
    /// has given the same unknown code so often in a row that others would get it too.
    pub(super) fn answered(&self, unknown: Option<i64>) -> bool {
        let mut last = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        let length = if unknown.is_some() && unknown == last.0 { last.1 + 1 } else { 1 };
        *last = (unknown, length);
        unknown.is_some() && length >= MAX_UNKNOWN_CODES
    }

    /// Waits for a while; false if the gate was shut meanwhile.
    pub(super) async fn wait(&self, while_: Duration) -> bool {
        self.unless_shut(tokio::time::sleep(while_)).await.is_some()
    }

    /// The result of something that spends nothing; none if the gate was shut meanwhile.
    pub(super) async fn unless_shut<T>(&self, doing: impl Future<Output = T>) -> Option<T> {
        let mut shut = self.shut.subscribe();
        tokio::select! {
            biased;
            () = self.stop.finishing() => None,
            _ = shut.wait_for(Option::is_some) => None,
            done = doing => Some(done),
        }
    }
}
