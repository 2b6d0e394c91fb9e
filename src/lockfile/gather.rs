//! How long lines wait for one another, so that many share one sync and none waits in vain.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::time::{Duration, Instant};

use super::journal::Message;

/// The longest that a line waits for others that are promised.
pub(super) const WINDOW: Duration = Duration::from_millis(20);

/// The most writes that share one sync.
const MOST_TOGETHER: usize = 4096;

/// The word that a line will be asked for soon: others may wait a moment for it. Dropped, nobody waits for it any more.
#[derive(Debug)]
pub struct Promise {
    open: Arc<AtomicUsize>,
    /// Where to say that nothing comes; none when the line has come.
    inbox: Option<Sender<Message>>,
}

impl Promise {
    pub(super) fn new(open: &Arc<AtomicUsize>, inbox: &Sender<Message>) -> Self {
        open.fetch_add(1, Ordering::Relaxed);
        Self { open: Arc::clone(open), inbox: Some(inbox.clone()) }
    }

    /// The line is here.
    pub(super) fn kept(mut self) {
        self.inbox = None;
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
        if let Some(inbox) = &self.inbox {
            // When the thread is gone nobody waits.
            drop(inbox.send(Message::Nothing));
        }
    }
}

/// Collects the messages that are served together.
#[derive(Debug)]
pub(super) struct Gatherer {
    /// How many promises are open.
    pub(super) open: Arc<AtomicUsize>,
    pub(super) window: Duration,
}

impl Gatherer {
    /// Hands every write to `take` until as many wait as are promised still, or the first has waited long enough;
    /// gives back the message that ended it, if one did. `take` says whether the write waits now.
    ///
    /// What lies in the inbox already is always taken along.
    pub(super) fn gather(
        &self,
        first: Message,
        messages: &Receiver<Message>,
        mut take: impl FnMut(Message) -> Result<bool, Message>,
    ) -> Option<Message> {
        let mut waiting = 0;
        let mut since = None;
        let mut next = Some(first);
        while let Some(message) = next {
            match take(message) {
                Ok(true) => {
                    waiting += 1;
                    since.get_or_insert_with(Instant::now);
                }
                Ok(false) => {}
                Err(other) => return Some(other),
            }
            if waiting == MOST_TOGETHER {
                break;
            }
            next = messages.try_recv().ok().or_else(|| {
                let left = self.window.saturating_sub(since?.elapsed());
                let enough = waiting >= self.open.load(Ordering::Relaxed);
                if enough || left.is_zero() { None } else { messages.recv_timeout(left).ok() }
            });
        }
        None
    }
}
