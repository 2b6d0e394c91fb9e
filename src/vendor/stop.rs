//! The first Ctrl-C, SIGTERM or hangup as a value: callsheet starts no new request, and finishes those in flight.

use tokio::sync::watch;

/// The sender of a stop. It ignores a second signal.
#[derive(Clone, Debug)]
pub struct StopSwitch(watch::Sender<bool>);

/// The receiver of a stop, checked before each new request. Clones share it.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl StopSwitch {
    /// Returns a connected switch and stop.
    pub fn pair() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Stop(receiver))
    }

    /// Prevents all new requests.
    pub fn finish(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Returns a stop that never happens.
    pub fn never() -> Self {
        StopSwitch::pair().1
    }

    /// Whether no new request may start.
    pub fn is_finishing(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when no new request may start. Never returns if the switch is dropped unused.
    pub async fn finishing(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|finishing| *finishing).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
