//! The first Ctrl-C or SIGTERM as a value: nothing new starts, what is in flight is finished.

use tokio::sync::watch;

/// How far the run may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// On.
    Running,
    /// Nothing new starts; answers in flight are awaited and written.
    Finish,
}

/// The hand that stops a run; a second signal is not its business.
#[derive(Clone, Debug)]
pub struct StopSwitch(watch::Sender<Level>);

/// What a run looks at before everything new; clones share it.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<Level>);

impl StopSwitch {
    /// A switch and what it stops.
    pub fn pair() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(Level::Running);
        (Self(sender), Stop(receiver))
    }

    /// Lets nothing new start.
    pub fn finish(&self) {
        self.0.send_replace(Level::Finish);
    }
}

impl Stop {
    /// A stop that never comes.
    pub fn never() -> Self {
        StopSwitch::pair().1
    }

    /// Whether nothing new may start.
    pub fn is_finishing(&self) -> bool {
        *self.0.borrow() >= Level::Finish
    }

    /// Returns when nothing new may start; never, if the switch is gone unused.
    pub async fn finishing(&self) {
        let mut receiver = self.0.clone();
        let seen = receiver.wait_for(|level| *level >= Level::Finish).await.is_ok();
        if !seen {
            std::future::pending::<()>().await;
        }
    }
}
