//! What a run works with: the vendor, the lockfile's journal, the clock, the settings, and what is to be sent.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use thiserror::Error;

use super::Progress;
use crate::lockfile::{Journal, Promise, Record, Take};
use crate::spec::{Digest, Spec};
use crate::vendor::Stop;

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
    /// The word that a line will be asked for soon, so that lines that come together share a sync.
    type Promise: Send;

    /// Promises a line; dropped, the promise says that none will come.
    fn promise(&self) -> Self::Promise;

    /// Writes records durably; returns when they are synced.
    ///
    /// # Errors
    /// When they may not be durably there.
    fn write(&self, records: Vec<Record>) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// [`Ledger::write`] of what was promised. As all of these it asks when it is first polled: what is asked for first
    /// is written first.
    ///
    /// # Errors
    /// As [`Ledger::write`].
    fn keep(
        &self,
        promise: Self::Promise,
        records: Vec<Record>,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// Writes an intent durably, unless the lockfile, looked at again, speaks against it: then false, and nothing is
    /// written. `again` says that it is another try of a submission whose intent is written already.
    ///
    /// # Errors
    /// When it may not be durably there.
    fn begin(&self, intent: Take, again: bool) -> impl Future<Output = Result<bool, LedgerError>> + Send;

    /// How often others were found to have changed the lockfile: a number that is the same as before an intent was
    /// written says that nothing has come since that could speak against it.
    fn changes(&self) -> u64;
}

impl Ledger for Journal {
    type Promise = Promise;

    fn promise(&self) -> Promise {
        Journal::promise(self)
    }

    async fn write(&self, records: Vec<Record>) -> Result<(), LedgerError> {
        Journal::write(self, records).await.map_err(|error| LedgerError(error.to_string()))
    }

    async fn keep(&self, promise: Promise, records: Vec<Record>) -> Result<(), LedgerError> {
        Journal::keep(self, promise, records).await.map_err(|error| LedgerError(error.to_string()))
    }

    async fn begin(&self, intent: Take, again: bool) -> Result<bool, LedgerError> {
        Journal::begin(self, intent, again).await.map_err(|error| LedgerError(error.to_string()))
    }

    fn changes(&self) -> u64 {
        Journal::changes(self)
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
    pub progress: &'a dyn Progress,
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
