//! The first Ctrl-C as a value: nothing new starts, what is on disk stays good.

use tokio::sync::watch;

/// The hand that stops a run.
#[derive(Clone, Debug)]
pub struct HaltSwitch(watch::Sender<bool>);

/// What a run looks at; clones share it.
#[derive(Clone, Debug)]
pub struct Halt(watch::Receiver<bool>);

impl HaltSwitch {
    /// A switch and what it stops.
    pub fn pair() -> (Self, Halt) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Halt(receiver))
    }

    /// Stops the run.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Halt {
    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when it is stopped; never, if the switch is gone unused.
    pub async fn stopped(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|stopped| *stopped).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
