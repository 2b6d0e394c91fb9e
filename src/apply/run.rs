//! A run after the prompt: submits, waits for the grace period, lists again, reconciles, and submits what was freed.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use super::gate::Gate;
use super::rounds::{run_shared, settle_shared};
use super::{
    Clock, Doubtful, Event, Known, Ledger, Listing, LockFailure, Means, NotSent, Outcome, Settlement, Unsent, Wanted,
    Work, settle, submit_all, upload_missing,
};
use crate::lockfile::Lockfile;
use crate::spec::Digest;
use crate::vendor::{CallError, Vendor};

/// How often a run sends at most: the work, and what was freed after it.
pub(super) const ROUNDS: usize = 3;

/// The reason why takes in doubt could not be settled.
#[derive(Debug, Error)]
pub enum SettleError {
    /// The run was stopped.
    #[error("stopped before the vendor's list was read")]
    Stopped,
    /// The list could not be read, so takes in doubt remain in doubt.
    #[error("the vendor's list could not be read, so takes in doubt remain in doubt: {0}")]
    Unlisted(#[from] CallError),
    /// The settled records could not be written. They must be saved elsewhere and shown.
    #[error("{}", .0.message)]
    Unwritten(LockFailure),
    /// The shared ledger did not take what was settled.
    #[error(transparent)]
    Unshared(#[from] crate::ledger::LedgerError),
}

/// The result of waiting for the grace period.
#[derive(Clone, Debug)]
pub enum Grace {
    /// No take in doubt could be settled by a later list.
    Nothing,
    /// The list was read. Its records still need to be written.
    Settled(Settlement),
    /// The run was stopped.
    Stopped,
    /// The list could not be read, so takes in doubt remain in doubt.
    Unlisted(CallError),
}

/// Returns the vendor's videos.
///
/// # Errors
/// If the vendor does not list them.
pub async fn list<V: Vendor, L: Ledger, C: Clock>(means: Means<'_, V, L, C>) -> Result<Listing, CallError> {
    let taken_at = means.clock.now();
    let videos = means.vendor.list_videos().await?;
    tracing::debug!(videos = videos.len(), at = %taken_at, "the vendor's videos listed");
    Ok(Listing { videos, taken_at })
}

/// Lists, reconciles and writes the result, before anything is planned.
///
/// Written records are also folded into `lockfile`.
///
/// # Errors
/// See [`SettleError`].
pub async fn settle_first<V: Vendor, L: Ledger, C: Clock>(
    means: Means<'_, V, L, C>,
    lockfile: &mut Lockfile,
    wanted: &[Wanted],
) -> Result<Settlement, SettleError> {
    let gate = Gate::new(means.stop);
    let listing = gate.unless_shut(list(means)).await.ok_or(SettleError::Stopped)??;
    if let Some(sharing) = means.shared {
        return settle_shared(means, sharing, lockfile, (&listing, wanted)).await;
    }
    let settlement = settle(&listing, lockfile, wanted, means.options, means.clock.now());
    write(means, lockfile, &settlement).await.map_err(SettleError::Unwritten)?;
    Ok(settlement)
}

/// Writes the settled takes, then reports them.
pub(super) async fn write<V, L: Ledger, C>(
    means: Means<'_, V, L, C>,
    lockfile: &mut Lockfile,
    settlement: &Settlement,
) -> Result<(), LockFailure> {
    let records = settlement.records.clone();
    if !records.is_empty() {
        if let Err(error) = means.ledger.write(records.clone()).await {
            let message = error.to_string();
            means.progress.event(&Event::LockFailure { message: message.clone() });
            return Err(LockFailure { message, records });
        }
        for record in records {
            lockfile.insert(record);
        }
    }
    for event in settlement.events() {
        means.progress.event(&event);
    }
    Ok(())
}

/// Waits until the takes in doubt are old enough for a proof, lists again and reconciles. Writes nothing.
///
/// `since` is the time when this run began to submit. A take that was in doubt before is waited for only if a
/// submission of this run can prove its absence.
pub async fn settle_after_grace<V: Vendor, L: Ledger, C: Clock>(
    means: Means<'_, V, L, C>,
    lockfile: &Lockfile,
    wanted: &[Wanted],
    since: Timestamp,
) -> Grace {
    let now = means.clock.now();
    let Some((count, until)) = ripe(means, lockfile, since, now) else {
        tracing::debug!("nothing is in doubt that a later list could settle");
        return Grace::Nothing;
    };
    let wait = std::time::Duration::try_from(until.duration_since(now)).unwrap_or_default();
    tracing::debug!(?wait, in_doubt = count, grace = ?means.options.settle_grace, why = "settle_grace", "waiting");
    if !wait.is_zero() {
        means.progress.event(&Event::Settling { count, until });
    }
    let gate = Gate::new(means.stop);
    let listing = async {
        tokio::time::sleep(wait).await;
        list(means).await
    };
    let Some(listed) = gate.unless_shut(listing).await else {
        means.progress.event(&Event::Stopping);
        return Grace::Stopped;
    };
    match listed {
        Ok(listing) => Grace::Settled(settle(&listing, lockfile, wanted, means.options, means.clock.now())),
        Err(error) => Grace::Unlisted(error),
    }
}

/// Returns how many takes in doubt a later list may settle, and the time from which it may.
fn ripe<V, L, C>(
    means: Means<'_, V, L, C>,
    lockfile: &Lockfile,
    since: Timestamp,
    now: Timestamp,
) -> Option<(usize, Timestamp)> {
    let host = &means.options.host;
    let sent_since = lockfile.takes().any(|take| take.host == *host && take.task.is_some() && take.at >= since);
    let grace = SignedDuration::try_from(means.options.settle_grace).unwrap_or(SignedDuration::MAX);
    let times: Vec<Timestamp> = lockfile
        .takes_in_doubt(host)
        .filter(|take| take.at <= now && (take.at >= since || sent_since))
        .filter_map(|take| take.at.checked_add(grace).ok())
        .collect();
    // A little later, so that the listing's own time is after the grace period whatever the clock's resolution.
    let until = times.iter().max()?.checked_add(SignedDuration::from_millis(10)).ok()?;
    Some((times.len(), until.max(now)))
}

/// The input of a run.
#[derive(Clone, Debug, Default)]
pub struct Assignment {
    /// The submissions of the plan.
    pub work: Vec<Work>,
    /// The declared videos whose content was in doubt when the plan was made. They are sent only if they are freed. The
    /// guards have already counted them.
    pub standby: Vec<Wanted>,
    /// The reasons why they are in doubt, after the first listing.
    pub in_doubt: Vec<Doubtful>,
}

/// Submits the work, settles what is in doubt, and submits what was freed, until nothing is left or the rounds end.
///
/// Written records are also folded into `lockfile`.
pub async fn run<V: Vendor, L: Ledger, C: Clock>(
    means: Means<'_, V, L, C>,
    lockfile: &mut Lockfile,
    assignment: Assignment,
) -> Outcome {
    if let Some(sharing) = means.shared {
        return run_shared(means, sharing, lockfile, assignment).await;
    }
    let since = means.clock.now();
    let Assignment { work, standby, in_doubt } = assignment;
    let wanted: Vec<Wanted> = work.iter().map(Work::wanted).chain(standby).collect();
    let ours: HashSet<Digest> = wanted.iter().flat_map(|one| lockfile.digests_of(one.digest)).collect();
    let in_doubt = in_doubt.into_iter().filter(|doubt| ours.contains(&doubt.digest)).collect();
    let mut outcome = Outcome { in_doubt, ..Outcome::default() };
    let mut work = work;
    for round in 1..=ROUNDS {
        outcome.merge(send(means, lockfile, &work).await);
        if outcome.is_over() {
            break;
        }
        match settle_after_grace(means, lockfile, &wanted, since).await {
            Grace::Nothing => break,
            Grace::Stopped => {
                outcome.interrupted = true;
                break;
            }
            Grace::Unlisted(error) => {
                unlisted(means, &mut outcome, error);
                break;
            }
            Grace::Settled(settlement) => work = next(means, lockfile, &wanted, settlement, &mut outcome, &ours).await,
        }
        if work.is_empty() {
            break;
        }
        if round == ROUNDS {
            let left =
                work.drain(..).map(|one| Unsent { key: one.key, digest: one.digest, reason: NotSent::LostAgain });
            outcome.not_sent.extend(left);
        }
    }
    outcome
}

async fn send<V: Vendor, L: Ledger, C: Clock>(
    means: Means<'_, V, L, C>,
    lockfile: &mut Lockfile,
    work: &[Work],
) -> Outcome {
    let uploads = upload_missing(means, work, lockfile).await;
    let mut outcome = submit_all(means, work, Known { uploads: &uploads, lockfile }).await;
    outcome.written.splice(0..0, uploads.written);
    if let Some(end) = uploads.ended {
        outcome.end(end);
    }
    for record in &outcome.written {
        lockfile.insert(record.clone());
    }
    outcome
}

/// Writes the settled records. Returns the submissions that may be sent now.
async fn next<V: Vendor, L: Ledger, C: Clock>(
    means: Means<'_, V, L, C>,
    lockfile: &mut Lockfile,
    wanted: &[Wanted],
    settlement: Settlement,
    outcome: &mut Outcome,
    ours: &HashSet<Digest>,
) -> Vec<Work> {
    if let Err(failure) = write(means, lockfile, &settlement).await {
        outcome.fail(failure.message, failure.records);
        return Vec::new();
    }
    outcome.written.extend(settlement.records.iter().cloned());
    let freed: HashSet<Digest> = settlement.freed.iter().map(|one| lockfile.current_digest(&one.digest)).collect();
    outcome.settle(settlement, ours);
    free_work(&means.options.host, lockfile, wanted, &freed)
}

/// Returns the submissions of some contents that are neither paid for, in doubt nor failed, each content once.
pub(super) fn free_work(host: &str, lockfile: &Lockfile, wanted: &[Wanted], contents: &HashSet<Digest>) -> Vec<Work> {
    let mut seen = HashSet::new();
    wanted
        .iter()
        .filter(|one| contents.contains(&one.digest) && seen.insert(&one.digest))
        .filter(|one| lockfile.paid(host, &one.digest, &one.key).is_none())
        .filter(|one| lockfile.in_doubt(host, &one.digest).is_none() && lockfile.failed(host, &one.digest).is_none())
        .map(|one| Work::new(one, lockfile.next_attempt(host, &one.digest)))
        .collect()
}

pub(super) fn unlisted<V, L, C>(means: Means<'_, V, L, C>, outcome: &mut Outcome, error: CallError) {
    if let CallError::Key(message) = &error {
        outcome.key_refused = Some(message.clone());
    }
    let message = SettleError::Unlisted(error).to_string();
    means.progress.event(&Event::Warning { message: message.clone() });
    outcome.warnings.push(message);
}
