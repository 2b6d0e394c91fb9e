//! What a run works with: the vendor, the lockfile's journal, the clock, the settings, and what is to be sent.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryFutureExt as _;
use jiff::Timestamp;
use thiserror::Error;

use super::Event;
use crate::lockfile::{Journal, Record, Take};
use crate::spec::{Digest, Spec};
use crate::vendor::{ProgressReporter, Stop};

/// The settings of a run.
#[derive(Clone, Debug)]
pub struct ApplyOptions {
    /// The vendor's host, without port.
    pub host: Arc<str>,
    /// How many submissions are in flight at most; 0 counts as 1.
    pub concurrency: usize,
    /// How old an intent must be before its absence from a listing can prove anything.
    pub settle_grace: Duration,
    /// Whether the vendor is asked if it still has the files that were uploaded before.
    pub check_remote: bool,
}

/// A video that the manifests want.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Its key.
    pub key: Arc<str>,
    /// Its content.
    pub digest: Digest,
    /// Its label, without a marker.
    pub label: Arc<str>,
    /// Everything that is sent.
    pub spec: Spec,
}

/// One submission to be made.
#[derive(Clone, Debug)]
pub struct Work {
    /// The key it is submitted under.
    pub key: Arc<str>,
    /// The content; submitted once, however often it stands in the work.
    pub digest: Digest,
    /// The number of the submission of this content.
    pub attempt: u32,
    /// Its label, without a marker.
    pub label: Arc<str>,
    /// Everything that is sent.
    pub spec: Spec,
}

impl Work {
    /// The submission of a wanted video.
    pub fn new(wanted: &Wanted, attempt: u32) -> Self {
        let Wanted { key, digest, label, spec } = wanted.clone();
        Self { key, digest, attempt, label, spec }
    }

    /// The wanted video of a submission.
    pub fn wanted(&self) -> Wanted {
        let Self { key, digest, label, spec, .. } = self.clone();
        Wanted { key, digest, label, spec }
    }
}

/// The time of day.
pub trait Clock: Send + Sync {
    /// Now, UTC.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Lines are not durably on disk.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct LedgerError(pub String);

/// Where lines are written durably; the lockfile's journal, or a test's.
pub trait Ledger: Send + Sync {
    /// Queues records, and returns when they are durably written. The order of the calls is the order on disk.
    ///
    /// # Errors
    /// When they may not be durably there.
    fn write(&self, records: Vec<Record>) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// Queues an intent, and returns when it is durably written. `Ok(false)` if the lockfile, read again, speaks against
    /// it; then nothing is written. `again` says that it is another try of a submission whose intent is written already.
    ///
    /// # Errors
    /// When it may not be durably there.
    fn begin(&self, intent: Take, again: bool) -> impl Future<Output = Result<bool, LedgerError>> + Send;
}

impl Ledger for Journal {
    fn write(&self, records: Vec<Record>) -> impl Future<Output = Result<(), LedgerError>> + Send {
        Journal::write(self, records).map_err(|error| LedgerError(error.to_string()))
    }

    fn begin(&self, intent: Take, again: bool) -> impl Future<Output = Result<bool, LedgerError>> + Send {
        Journal::begin(self, intent, again).map_err(|error| LedgerError(error.to_string()))
    }
}

/// Everything that a run works with.
pub struct Means<'a, V, L, C> {
    /// The vendor.
    pub vendor: &'a V,
    /// Where lines are written before and after every submission.
    pub ledger: &'a L,
    /// The time of day.
    pub clock: &'a C,
    /// 64 even bits, for the jitter of waits.
    pub random: &'a (dyn Fn() -> u64 + Sync),
    /// The settings.
    pub options: &'a ApplyOptions,
    /// Who is told.
    pub progress: &'a dyn ProgressReporter<Event>,
    /// Who may stop it.
    pub stop: &'a Stop,
}

impl<V, L, C> Clone for Means<'_, V, L, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V, L, C> Copy for Means<'_, V, L, C> {}

impl<V, L, C> fmt::Debug for Means<'_, V, L, C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Means").field("options", self.options).finish_non_exhaustive()
    }
}
