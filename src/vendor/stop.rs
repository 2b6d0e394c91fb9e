//! The first Ctrl-C, SIGTERM or hangup as a value: nothing new is asked of the vendor, what is in flight is finished.

use tokio::sync::watch;

/// The hand that stops a run; a second signal is not its business.
#[derive(Clone, Debug)]
pub struct StopSwitch(watch::Sender<bool>);

/// What a run looks at before everything new; clones share it.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl StopSwitch {
    /// A switch and what it stops.
    pub fn pair() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Stop(receiver))
    }

    /// Lets nothing new start.
    pub fn finish(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// A stop that never comes.
    pub fn never() -> Self {
        StopSwitch::pair().1
    }

    /// Whether nothing new may start.
    pub fn is_finishing(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when nothing new may start; never, if the switch is gone unused.
    pub async fn finishing(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|finishing| *finishing).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
