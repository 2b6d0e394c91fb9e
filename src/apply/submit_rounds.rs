//! A run after the prompt: submits, waits for the grace period, lists again, reconciles, and submits what was freed.

use jiff::{SignedDuration, Timestamp};

use super::cancellation::Cancellation;
use super::run::Run;
use super::shared_rounds::reconcile_shared;
use super::{
    ApplyContext, ApplyEvent, DesiredVideo, LockfileWriteFailure, Outcome, PlannedSubmission, ReconcileError,
    Reconciliation, RecordWriter, RoundInput, SkipReason, VendorListing, reconcile, submit_all,
};
use crate::lockfile::Lockfile;
use crate::vendor::{CallError, Vendor};

/// How often a run sends at most: the work, and what was freed after it.
const MAX_ROUNDS: usize = 3;

/// Lists, reconciles and writes the result: before anything is planned, and after each round.
///
/// Written records are also folded into `lockfile`.
///
/// # Errors
/// See [`ReconcileError`].
pub async fn list_and_reconcile<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    lockfile: &mut Lockfile,
    wanted: &[DesiredVideo],
) -> Result<Reconciliation, ReconcileError> {
    let cancellation = Cancellation::new(context.stop);
    let listing = cancellation.or_cancelled(list_videos(context)).await.ok_or(ReconcileError::Stopped)??;
    let settlement = match context.shared {
        Some(sharing) => reconcile_shared(context, sharing, lockfile, (&listing, wanted)).await?,
        None => reconcile(&listing, lockfile, wanted, context.options, (context.now)()),
    };
    write(context, lockfile, &settlement).await.map_err(ReconcileError::WriteFailed)?;
    Ok(settlement)
}

/// Returns the vendor's videos.
async fn list_videos<V: Vendor, L: RecordWriter>(context: ApplyContext<'_, V, L>) -> Result<VendorListing, CallError> {
    let taken_at = (context.now)();
    let videos = context.vendor.list_videos().await?;
    tracing::debug!(videos = videos.len(), at = %taken_at, "the vendor's videos listed");
    Ok(VendorListing { videos, taken_at })
}

/// Writes the settled takes, then reports them.
async fn write<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    lockfile: &mut Lockfile,
    settlement: &Reconciliation,
) -> Result<(), LockfileWriteFailure> {
    let records = settlement.records.clone();
    if !records.is_empty() {
        if let Err(message) = context.writer.write(records.clone()).await {
            context.progress.event(&ApplyEvent::LockFailure { message: message.clone() });
            return Err(LockfileWriteFailure { message, records });
        }
        for record in records {
            lockfile.insert(record);
        }
    }
    for event in settlement.events() {
        context.progress.event(&event);
    }
    Ok(())
}

/// Submits the work, settles what is in doubt, and submits what was freed, until nothing is left or the rounds end.
///
/// Written records are also folded into `lockfile`.
pub async fn submit_rounds<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    lockfile: &mut Lockfile,
    assignment: RoundInput,
) -> Outcome {
    let (mut run, mut work) = Run::new(context, lockfile, assignment);
    for _ in 0..MAX_ROUNDS {
        match context.shared {
            Some(sharing) => run.send_in_waves(sharing, work).await,
            None => run.send(&work).await,
        }
        work = run.next_work().await;
        if work.is_empty() {
            break;
        }
    }
    run.outcome.not_sent.extend(work.iter().map(|one| one.skipped(SkipReason::LostAgain)));
    if let Some(sharing) = context.shared {
        run.add_other_runs(sharing);
    }
    run.outcome
}

impl<V: Vendor, L: RecordWriter> Run<'_, V, L> {
    async fn send(&mut self, work: &[PlannedSubmission]) {
        let uploads = self.upload(work).await;
        let done = submit_all(self.context, work, (&uploads, self.lockfile)).await;
        self.add(done);
    }

    /// Settles what is in doubt. Returns the submissions that may be sent now. Empty if the run ends.
    async fn next_work(&mut self) -> Vec<PlannedSubmission> {
        if self.outcome.must_stop() {
            return Vec::new();
        }
        match self.settle().await {
            Ok(()) => self.free_work(),
            Err(error) => {
                self.end(error);
                Vec::new()
            }
        }
    }

    /// Waits until a list may settle something, then lists and reconciles.
    async fn settle(&mut self) -> Result<(), ReconcileError> {
        let may_settle = match self.context.shared {
            Some(sharing) => self.wait_for_claims(sharing).await?,
            None => self.wait_for_grace().await?,
        };
        if may_settle {
            let settlement = list_and_reconcile(self.context, self.lockfile, &self.wanted).await?;
            self.outcome.written.extend(settlement.records.iter().cloned());
            self.outcome.add_reconciliation(settlement, &self.ours);
        }
        Ok(())
    }

    /// Waits until the takes in doubt are old enough for a proof. Returns whether there are any.
    ///
    /// A take that was in doubt before this run is waited for only if a submission of this run can prove its absence.
    async fn wait_for_grace(&mut self) -> Result<bool, ReconcileError> {
        let (context, now) = (self.context, (self.context.now)());
        let Some((count, until)) = self.provable_at(now) else {
            tracing::debug!("nothing is in doubt that a later list could settle");
            return Ok(false);
        };
        let wait = std::time::Duration::try_from(until.duration_since(now)).unwrap_or_default();
        tracing::debug!(?wait, in_doubt = count, grace = ?context.options.settle_grace, why = "settle_grace", "waiting");
        if !wait.is_zero() {
            context.progress.event(&ApplyEvent::Settling { count, until });
        }
        let waited = Cancellation::new(context.stop).sleep(wait).await;
        if waited { Ok(true) } else { Err(ReconcileError::Stopped) }
    }

    /// Returns how many takes in doubt a later list may settle, and the time from which it may.
    fn provable_at(&self, now: Timestamp) -> Option<(usize, Timestamp)> {
        let (options, since) = (self.context.options, self.since);
        let mut takes = self.lockfile.takes();
        let sent_since = takes.any(|take| take.host == options.host && take.task.is_some() && take.at >= since);
        let grace = SignedDuration::try_from(options.settle_grace).unwrap_or(SignedDuration::MAX);
        let doubtful = self.lockfile.takes_in_doubt(&options.host);
        let provable = doubtful.filter(|take| take.at <= now && (take.at >= since || sent_since));
        let times: Vec<Timestamp> = provable.filter_map(|take| take.at.checked_add(grace).ok()).collect();
        // A little later, so that the listing's own time is after the grace period whatever the clock's resolution.
        let until = times.iter().max()?.checked_add(SignedDuration::from_millis(10)).ok()?;
        Some((times.len(), until.max(now)))
    }
}
