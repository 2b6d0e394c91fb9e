//! How many may announce and how many may send: slots for submissions under way, and a few intents ahead of them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// A vendor that answers within so long is held up by a disk; a slower one is not, and gets no intents ahead.
const BRISK: Duration = Duration::from_millis(250);

/// An intent that waited longer for its slot is written anew: its time must be about that of the sending.
const FRESH: Duration = Duration::from_millis(500);

/// The lanes of a run.
///
/// While the vendor answers quickly and nobody has to wait for a turn, intents are written before there is a slot, so
/// that a freed slot sends at once. Otherwise an intent is written only with the slot in hand.
pub(super) struct Lanes {
    /// Leave to have an open intent: as many as slots, and once more for those ahead.
    open: Semaphore,
    /// Leave to send.
    slots: Semaphore,
    brisk: AtomicBool,
    became_brisk: Notify,
}

/// Leave to have an open intent.
pub(super) struct Place<'a> {
    _permit: SemaphorePermit<'a>,
}

/// Leave to send.
pub(super) struct Slot<'a> {
    _permit: SemaphorePermit<'a>,
}

impl Lanes {
    /// With so many slots.
    pub(super) fn new(concurrency: usize) -> Self {
        let slots = concurrency.clamp(1, Semaphore::MAX_PERMITS / 4);
        Self {
            open: Semaphore::new(2 * slots),
            slots: Semaphore::new(slots),
            brisk: AtomicBool::new(false),
            became_brisk: Notify::new(),
        }
    }

    /// How many submissions have something to do at once: those with a place, and as many whose answer is being
    /// written. More cannot be, since a new intent waits for the same disk.
    pub(super) fn at_once(concurrency: usize) -> usize {
        concurrency.max(1).saturating_mul(4)
    }

    /// Waits until one more intent may be written; with a slot, unless it may be written ahead. First come, first
    /// served.
    pub(super) async fn enter(&self) -> (Place<'_>, Option<Slot<'_>>) {
        let place = Place { _permit: acquire(&self.open).await };
        let brisk = self.became_brisk.notified();
        tokio::pin!(brisk);
        // From here on no notice is missed.
        brisk.as_mut().enable();
        if self.is_brisk() {
            return (place, None);
        }
        tokio::select! {
            biased;
            () = brisk => (place, None),
            slot = self.slot() => (place, Some(slot)),
        }
    }

    /// Waits until one more submission may leave; first come, first served.
    pub(super) async fn slot(&self) -> Slot<'_> {
        Slot { _permit: acquire(&self.slots).await }
    }

    /// Whether intents are written ahead now.
    pub(super) fn is_brisk(&self) -> bool {
        self.brisk.load(Ordering::Relaxed)
    }

    /// Learns how quick the vendor is, and whether it lets nobody wait for a turn.
    pub(super) fn answered(&self, took: Duration, paced: bool) {
        let brisk = took <= BRISK && !paced;
        if !self.brisk.swap(brisk, Ordering::Relaxed) && brisk {
            self.became_brisk.notify_waiters();
        }
    }

    /// Whether an intent written then may still leave as it is.
    pub(super) fn is_fresh(written: Instant) -> bool {
        written.elapsed() <= FRESH
    }
}

async fn acquire(semaphore: &Semaphore) -> SemaphorePermit<'_> {
    match semaphore.acquire().await {
        Ok(permit) => permit,
        // It is never closed.
        Err(_) => std::future::pending().await,
    }
}
