//! A run after the prompt: submits, waits for the grace period, lists again, reconciles, and submits what was freed.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::cancellation::Cancellation;
use super::round_steps::{MAX_ROUNDS, free_work, unlisted, write};
use super::shared_rounds::{reconcile_shared, submit_shared_rounds};
use super::{
    ApplyContext, ApplyEvent, DesiredVideo, Outcome, PlannedSubmission, PriorState, ReconcileError, Reconciliation,
    RecordWriter, RoundInput, SkipReason, list_videos, reconcile, submit_all, upload_missing,
};
use crate::lockfile::Lockfile;
use crate::spec::Digest;
use crate::vendor::{CallError, Vendor};

/// The result of waiting for the grace period.
#[derive(Clone, Debug)]
pub enum GraceOutcome {
    /// No take in doubt could be settled by a later list.
    NothingInDoubt,
    /// The list was read. Its records still need to be written.
    Settled(Reconciliation),
    /// The run was stopped.
    Stopped,
    /// The list could not be read, so takes in doubt remain in doubt.
    ListFailed(CallError),
}

/// Lists, reconciles and writes the result, before anything is planned.
///
/// Written records are also folded into `lockfile`.
///
/// # Errors
/// See [`ReconcileError`].
pub async fn reconcile_before_plan<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    lockfile: &mut Lockfile,
    wanted: &[DesiredVideo],
) -> Result<Reconciliation, ReconcileError> {
    let cancellation = Cancellation::new(context.stop);
    let listing = cancellation.or_cancelled(list_videos(context)).await.ok_or(ReconcileError::Stopped)??;
    if let Some(sharing) = context.shared {
        return reconcile_shared(context, sharing, lockfile, (&listing, wanted)).await;
    }
    let settlement = reconcile(&listing, lockfile, wanted, context.options, (context.now)());
    write(context, lockfile, &settlement).await.map_err(ReconcileError::WriteFailed)?;
    Ok(settlement)
}

/// Waits until the takes in doubt are old enough for a proof, lists again and reconciles. Writes nothing.
///
/// `since` is the time when this run began to submit. A take that was in doubt before is waited for only if a
/// submission of this run can prove its absence.
pub async fn reconcile_after_grace<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    lockfile: &Lockfile,
    wanted: &[DesiredVideo],
    since: Timestamp,
) -> GraceOutcome {
    let now = (context.now)();
    let Some((count, until)) = provable_at(context, lockfile, since, now) else {
        tracing::debug!("nothing is in doubt that a later list could settle");
        return GraceOutcome::NothingInDoubt;
    };
    let wait = std::time::Duration::try_from(until.duration_since(now)).unwrap_or_default();
    tracing::debug!(?wait, in_doubt = count, grace = ?context.options.settle_grace, why = "settle_grace", "waiting");
    if !wait.is_zero() {
        context.progress.event(&ApplyEvent::Settling { count, until });
    }
    let cancellation = Cancellation::new(context.stop);
    let listing = async {
        tokio::time::sleep(wait).await;
        list_videos(context).await
    };
    let Some(listed) = cancellation.or_cancelled(listing).await else {
        context.progress.event(&ApplyEvent::Stopping);
        return GraceOutcome::Stopped;
    };
    match listed {
        Ok(listing) => GraceOutcome::Settled(reconcile(&listing, lockfile, wanted, context.options, (context.now)())),
        Err(error) => GraceOutcome::ListFailed(error),
    }
}

/// Returns how many takes in doubt a later list may settle, and the time from which it may.
fn provable_at<V, L>(
    context: ApplyContext<'_, V, L>,
    lockfile: &Lockfile,
    since: Timestamp,
    now: Timestamp,
) -> Option<(usize, Timestamp)> {
    let host = &context.options.host;
    let sent_since = lockfile.takes().any(|take| take.host == *host && take.task.is_some() && take.at >= since);
    let grace = SignedDuration::try_from(context.options.settle_grace).unwrap_or(SignedDuration::MAX);
    let times: Vec<Timestamp> = lockfile
        .takes_in_doubt(host)
        .filter(|take| take.at <= now && (take.at >= since || sent_since))
        .filter_map(|take| take.at.checked_add(grace).ok())
        .collect();
    // A little later, so that the listing's own time is after the grace period whatever the clock's resolution.
    let until = times.iter().max()?.checked_add(SignedDuration::from_millis(10)).ok()?;
    Some((times.len(), until.max(now)))
}

/// Submits the work, settles what is in doubt, and submits what was freed, until nothing is left or the rounds end.
///
/// Written records are also folded into `lockfile`.
pub async fn submit_rounds<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    lockfile: &mut Lockfile,
    assignment: RoundInput,
) -> Outcome {
    if let Some(sharing) = context.shared {
        return submit_shared_rounds(context, sharing, lockfile, assignment).await;
    }
    let since = (context.now)();
    let RoundInput { work, standby, in_doubt } = assignment;
    let wanted: Vec<DesiredVideo> = work.iter().map(PlannedSubmission::desired).chain(standby).collect();
    let ours: HashSet<Digest> = wanted.iter().flat_map(|one| lockfile.digests_of(one.digest)).collect();
    let in_doubt = in_doubt.into_iter().filter(|doubt| ours.contains(&doubt.digest)).collect();
    let mut outcome = Outcome { in_doubt, ..Outcome::default() };
    let mut work = work;
    for round in 1..=MAX_ROUNDS {
        outcome.merge(send(context, lockfile, &work).await);
        if outcome.must_stop() {
            break;
        }
        match reconcile_after_grace(context, lockfile, &wanted, since).await {
            GraceOutcome::NothingInDoubt => break,
            GraceOutcome::Stopped => {
                outcome.interrupted = true;
                break;
            }
            GraceOutcome::ListFailed(error) => {
                unlisted(context, &mut outcome, error);
                break;
            }
            GraceOutcome::Settled(settlement) => {
                work = next_round(context, lockfile, &wanted, settlement, &mut outcome, &ours).await;
            }
        }
        if work.is_empty() {
            break;
        }
        if round == MAX_ROUNDS {
            outcome.not_sent.extend(work.drain(..).map(|one| one.skipped(SkipReason::LostAgain)));
        }
    }
    outcome
}

async fn send<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    lockfile: &mut Lockfile,
    work: &[PlannedSubmission],
) -> Outcome {
    let uploads = upload_missing(context, work, lockfile).await;
    let mut outcome = submit_all(context, work, PriorState { uploads: &uploads, lockfile }).await;
    outcome.written.splice(0..0, uploads.written);
    if let Some(end) = uploads.ended {
        outcome.end_run(end);
    }
    for record in &outcome.written {
        lockfile.insert(record.clone());
    }
    outcome
}

/// Writes the settled records. Returns the submissions that may be sent now.
async fn next_round<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    lockfile: &mut Lockfile,
    wanted: &[DesiredVideo],
    settlement: Reconciliation,
    outcome: &mut Outcome,
    ours: &HashSet<Digest>,
) -> Vec<PlannedSubmission> {
    if let Err(failure) = write(context, lockfile, &settlement).await {
        outcome.add_write_failure(failure.message, failure.records);
        return Vec::new();
    }
    outcome.written.extend(settlement.records.iter().cloned());
    let freed: HashSet<Digest> = settlement.freed.iter().map(|one| lockfile.current_digest(&one.digest)).collect();
    outcome.add_reconciliation(settlement, ours);
    free_work(&context.options.host, lockfile, wanted, &freed)
}
