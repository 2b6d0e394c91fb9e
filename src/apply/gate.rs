//! The gate of a run: everything new passes it, until a stop, refused credentials, a vendor out of
//! reach or a failed lockfile shuts it.

use std::time::Duration;

use tokio::sync::watch;

use super::NotSent;
use crate::vendor::Stop;

/// Shut once, it stays shut.
pub(super) struct Gate<'a> {
    stop: &'a Stop,
    shut: watch::Sender<Option<NotSent>>,
}

impl<'a> Gate<'a> {
    pub(super) fn new(stop: &'a Stop) -> Self {
        Self { stop, shut: watch::Sender::new(None) }
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
