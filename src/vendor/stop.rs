//! The progress of an operation, and its stop. After the first Ctrl-C, SIGTERM or hangup, callsheet starts no new request,
//! and finishes those in flight.

use tokio::sync::watch;

/// The sender of a stop. It ignores a second signal.
#[derive(Clone, Debug)]
pub struct StopSource(watch::Sender<bool>);

/// The receiver of a stop, checked before each new request. Clones share it.
#[derive(Clone, Debug)]
pub struct StopToken(watch::Receiver<bool>);

impl StopSource {
    /// Returns a connected switch and stop.
    pub fn pair() -> (Self, StopToken) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), StopToken(receiver))
    }

    /// Prevents all new requests.
    pub fn request_stop(&self) {
        self.0.send_replace(true);
    }
}

impl StopToken {
    /// Returns a stop that never happens.
    pub fn never() -> Self {
        StopSource::pair().1
    }

    /// Whether no new request may start.
    pub fn is_stop_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when no new request may start. Never returns if the switch is dropped unused.
    pub async fn stop_requested(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|finishing| *finishing).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Receives the events of an operation as they happen.
pub trait ProgressReporter<E>: Send + Sync {
    /// Reports one event. Must not block.
    fn event(&self, event: &E);
}

/// Reports nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProgress;

impl<E> ProgressReporter<E> for NoProgress {
    fn event(&self, _event: &E) {}
}
