//! How long the vendor still keeps a result that nobody has saved.

use jiff::{SignedDuration, Timestamp};

use crate::lockfile::KEPT_BY_VENDOR;

/// A result that the vendor deletes soon, or has deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expiry {
    /// Two days at most.
    Soon,
    /// Deleted.
    Past,
}

impl Expiry {
    /// Results that the vendor deletes within this time are worth a warning.
    const WARNED: SignedDuration = SignedDuration::from_hours(48);

    /// Returns the expiry of a take submitted at a time. `None` if it is far, or if the present time is not known.
    pub(super) fn new(at: Timestamp, now: Option<Timestamp>) -> Option<Self> {
        let left = KEPT_BY_VENDOR - now?.duration_since(at);
        if left.is_negative() { Some(Self::Past) } else { (left < Self::WARNED).then_some(Self::Soon) }
    }
}
