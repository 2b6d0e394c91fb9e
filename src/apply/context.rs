//! The context of a run: the vendor, the lockfile's journal, the clock, the options, and the submissions to make.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::TryFutureExt as _;
use jiff::Timestamp;

use super::{ApplyEvent, SkipReason, SkippedSubmission};
use crate::ledger;
use crate::lockfile::{Journal, Lockfile, Record, Take};
use crate::spec::{Digest, Spec, Video};
use crate::vendor::{ProgressReporter, StopToken};

/// The options of a run.
#[derive(Clone, Debug)]
pub struct ApplyOptions {
    /// The vendor's host, without port.
    pub host: Arc<str>,
    /// Maximum number of submissions in flight. 0 counts as 1.
    pub concurrency: usize,
    /// Minimum age of an intent before its absence from a listing can prove anything.
    pub settle_grace: Duration,
    /// Whether to check that the vendor still has the files that were uploaded earlier.
    pub check_remote: bool,
    /// The id of this run in a shared ledger.
    pub run: Option<Arc<str>>,
}

/// The shared ledger of a run.
#[derive(Clone, Copy)]
pub struct Sharing<'a> {
    /// Where claims are made and answers are published.
    pub ledger: &'a ledger::Ledger,
    /// The time limit of one request.
    pub timeout: Duration,
    /// The shortest claim.
    pub least: Duration,
    /// Says why a budget over time blocks, given all takes with the claims of a wave. It counts open claims of all runs
    /// as spent.
    pub budget: &'a (dyn Fn(&Lockfile) -> Option<String> + Sync),
}

/// The claim of one submission in a shared ledger.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The run.
    pub run: Arc<str>,
    /// No request starts that could end after this time, by the clock of the machine.
    pub until: Timestamp,
    /// The same time by the monotonic clock, counted from before the claim.
    pub deadline: Instant,
    /// Whether it renews a claim whose intent is written already, but which never left.
    pub again: bool,
}

impl Claim {
    /// Whether a request that starts now ends before the claim does, by both clocks. After the end, other runs may judge
    /// the claim.
    pub(super) fn has_time(&self, now: Timestamp, timeout: Duration) -> bool {
        let ends = now.checked_add(timeout);
        ends.is_ok_and(|ends| ends <= self.until) && Instant::now() + timeout <= self.deadline
    }
}

/// A video that the manifests declare.
#[derive(Clone, Debug)]
pub struct DesiredVideo {
    /// Its key.
    pub key: Arc<str>,
    /// Its content.
    pub digest: Digest,
    /// All content that is sent, and the label.
    pub spec: Spec,
}

impl From<&Video> for DesiredVideo {
    fn from(Video { key, digest, spec, .. }: &Video) -> Self {
        Self { key: Arc::clone(key), digest: *digest, spec: spec.clone() }
    }
}

/// One planned submission.
#[derive(Clone, Debug)]
pub struct PlannedSubmission {
    /// The key it is submitted under.
    pub key: Arc<str>,
    /// The content. Submitted once, even if the work contains it several times.
    pub digest: Digest,
    /// The attempt.
    pub attempt: u32,
    /// All content that is sent, and the label.
    pub spec: Spec,
    /// Its claim, in a shared ledger.
    pub claim: Option<Claim>,
}

impl PlannedSubmission {
    /// Creates the submission of a desired video.
    pub fn new(wanted: &DesiredVideo, attempt: u32) -> Self {
        let DesiredVideo { key, digest, spec } = wanted.clone();
        Self { key, digest, attempt, spec, claim: None }
    }

    /// Returns the submission as one that was not made.
    pub(super) fn skipped(&self, reason: SkipReason) -> SkippedSubmission {
        SkippedSubmission { key: Arc::clone(&self.key), digest: self.digest, reason }
    }

    /// Returns the desired video of a submission.
    pub fn desired(&self) -> DesiredVideo {
        let Self { key, digest, spec, .. } = self.clone();
        DesiredVideo { key, digest, spec }
    }
}

/// Writes records durably: the lockfile's journal, or a test's.
pub trait RecordWriter: Send + Sync {
    /// Queues records, and returns when they are durably written. The order of the calls is the order on disk.
    ///
    /// # Errors
    /// If the records may not be durably on disk. The text says why.
    fn write(&self, records: Vec<Record>) -> impl Future<Output = Result<(), String>> + Send;

    /// Queues an intent, and returns when it is durably written. Returns `Ok(false)` if the lockfile, read again,
    /// conflicts with it; then nothing is written. `again` means another try of a submission whose intent is already
    /// written.
    ///
    /// # Errors
    /// If the intent may not be durably on disk.
    fn write_intent(&self, intent: Take, again: bool) -> impl Future<Output = Result<bool, String>> + Send;

    /// Returns all that this machine's lockfile knows after the writes so far. `None` if it cannot be read.
    fn known(&self) -> impl Future<Output = Option<Lockfile>> + Send {
        std::future::ready(None)
    }
}

impl RecordWriter for Journal {
    fn write(&self, records: Vec<Record>) -> impl Future<Output = Result<(), String>> + Send {
        Journal::write(self, records).map_err(|error| error.to_string())
    }

    fn write_intent(&self, intent: Take, again: bool) -> impl Future<Output = Result<bool, String>> + Send {
        Journal::write_intent(self, intent, again).map_err(|error| error.to_string())
    }

    fn known(&self) -> impl Future<Output = Option<Lockfile>> + Send {
        self.read(Lockfile::clone)
    }
}

/// The context of a run.
pub struct ApplyContext<'a, V, L> {
    /// The vendor.
    pub vendor: &'a V,
    /// Receives records before and after every submission.
    pub writer: &'a L,
    /// Returns the current time, UTC.
    pub now: &'a (dyn Fn() -> Timestamp + Sync),
    /// Returns 64 uniform bits, for the jitter of waits.
    pub random: fn() -> u64,
    /// The options.
    pub options: &'a ApplyOptions,
    /// Receives the events.
    pub progress: &'a dyn ProgressReporter<ApplyEvent>,
    /// Stops the run.
    pub stop: &'a StopToken,
    /// The shared ledger, if there is one.
    pub shared: Option<Sharing<'a>>,
}

impl<V, L> Clone for ApplyContext<'_, V, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V, L> Copy for ApplyContext<'_, V, L> {}
