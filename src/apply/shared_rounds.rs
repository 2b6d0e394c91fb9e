//! The rounds of a run with a shared ledger: send, wait for what other runs have, settle, and send what was freed.

use std::collections::HashSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::cancellation::Cancellation;
use super::context::Sharing;
use super::round_steps::{MAX_ROUNDS, free_work, unlisted, write};
use super::wave::{Sent, held_by_others, send_in_waves};
use super::{
    ApplyContext, ApplyEvent, ClaimedElsewhere, DesiredVideo, Outcome, PlannedSubmission, ReconcileError,
    Reconciliation, RecordWriter, RoundInput, SkipReason, VendorListing, list_videos, reconcile,
};
use crate::ledger::is_elsewhere;
use crate::lockfile::Lockfile;
use crate::spec::Digest;
use crate::vendor::Vendor;

/// The first and the longest pause between two readings of the ledger.
const READ_INTERVALS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(15)];
/// For how long readings may fail while this run waits.
const READ_TIMEOUT: Duration = Duration::from_mins(2);

/// Settles by a listing, as part of one change of the ledger; then writes the same lines into this machine's lockfile.
pub(super) async fn reconcile_shared<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    sharing: Sharing<'_>,
    lockfile: &mut Lockfile,
    (listing, wanted): (&VendorListing, &[DesiredVideo]),
) -> Result<Reconciliation, ReconcileError> {
    let line = sharing.ledger.run_line(context.vendor.clock_offset());
    let stop = context.stop;
    let decide = |known: &Lockfile| {
        let mut seen = known.clone();
        // Whether this run may judge a claim depends on its own clock.
        seen.insert(line.clone());
        let settlement = reconcile(listing, &seen, wanted, context.options, (context.now)());
        let mut records = settlement.records.clone();
        if !records.is_empty() {
            records.push(line.clone());
        }
        (records, settlement)
    };
    let updated = sharing.ledger.update(lockfile, "settle", &|| stop.is_stop_requested(), decide).await?;
    *lockfile = updated.known;
    write(context, lockfile, &updated.result).await.map_err(ReconcileError::WriteFailed)?;
    Ok(updated.result)
}

/// Sends the work, waits for what other runs have, settles what is in doubt, and sends what was freed.
pub(super) async fn submit_shared_rounds<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    sharing: Sharing<'_>,
    lockfile: &mut Lockfile,
    assignment: RoundInput,
) -> Outcome {
    let since = (context.now)();
    let RoundInput { work, standby, in_doubt } = assignment;
    let wanted: Vec<DesiredVideo> = work.iter().map(PlannedSubmission::desired).chain(standby).collect();
    let ours: HashSet<Digest> = wanted.iter().flat_map(|one| lockfile.digests_of(one.digest)).collect();
    let in_doubt = in_doubt.into_iter().filter(|doubt| ours.contains(&doubt.digest)).collect();
    let mut outcome = Outcome { in_doubt, ..Outcome::default() };
    let (mut work, mut sent) = (work, Sent::new());
    for round in 1..=MAX_ROUNDS {
        outcome.merge(send_in_waves(context, sharing, (lockfile, &mut sent), std::mem::take(&mut work)).await);
        if outcome.must_stop() {
            break;
        }
        if !pending(context, lockfile, &wanted).is_empty() {
            let waited = wait_for_claims(context, sharing, lockfile, (&wanted, since), &mut outcome).await;
            let Some(ClaimWait { to_list }) = waited else { break };
            if to_list && !reconcile_again(context, sharing, lockfile, (&wanted, &ours), &mut outcome).await {
                break;
            }
        }
        // Another run may have freed a content at any time since the plan, not only during the wait.
        work = free_work(&context.options.host, lockfile, &wanted, &sendable(&wanted, &outcome));
        if work.is_empty() {
            break;
        }
        if round == MAX_ROUNDS {
            outcome.not_sent.extend(work.drain(..).map(|one| one.skipped(SkipReason::LostAgain)));
        }
    }
    update_doubts(context, sharing, lockfile, &wanted, &mut outcome);
    skip_claimed_elsewhere(context, sharing, lockfile, &wanted, &mut outcome);
    outcome
}

/// The wanted contents without those that the vendor refused, or that this run chose not to send.
fn sendable(wanted: &[DesiredVideo], outcome: &Outcome) -> HashSet<Digest> {
    let refused = outcome.refused.iter().map(|one| one.digest);
    let unsent = outcome.not_sent.iter().filter(|one| one.reason != SkipReason::Duplicate).map(|one| one.digest);
    let left: HashSet<Digest> = refused.chain(unsent).collect();
    wanted.iter().map(|one| one.digest).filter(|digest| !left.contains(digest)).collect()
}

/// Brings the takes in doubt up to date. Other runs may have answered them at any time since the first listing.
fn update_doubts<V, L>(
    context: ApplyContext<'_, V, L>,
    sharing: Sharing<'_>,
    lockfile: &Lockfile,
    wanted: &[DesiredVideo],
    outcome: &mut Outcome,
) {
    let (host, run) = (&context.options.host, sharing.ledger.run());
    for one in wanted {
        let paid = lockfile.paid(host, &one.digest, &one.key).and_then(|take| take.run.as_ref());
        if paid.is_some_and(|payer| payer != run) {
            outcome.shared.by_others.insert(one.digest);
        }
    }
    let Outcome { in_doubt, shared, .. } = outcome;
    in_doubt.retain(|doubt| {
        let content = lockfile.current_digest(&doubt.digest);
        !shared.by_others.contains(&content) && lockfile.in_doubt(host, &content).is_some()
    });
}

/// The wanted contents without an answer.
fn pending<V, L>(context: ApplyContext<'_, V, L>, lockfile: &Lockfile, wanted: &[DesiredVideo]) -> HashSet<Digest> {
    let host = &context.options.host;
    let open = |one: &&DesiredVideo| {
        lockfile.paid(host, &one.digest, &one.key).is_none() && lockfile.in_doubt(host, &one.digest).is_some()
    };
    wanted.iter().filter(open).map(|one| one.digest).collect()
}

/// The result of waiting.
struct ClaimWait {
    /// Whether something is still without an answer that a later list could settle.
    to_list: bool,
}

/// Waits until other runs have answered, or until a list may settle what they left, and what this run left. `None` if the
/// run ends here.
async fn wait_for_claims<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    sharing: Sharing<'_>,
    lockfile: &mut Lockfile,
    (wanted, since): (&[DesiredVideo], Timestamp),
    outcome: &mut Outcome,
) -> Option<ClaimWait> {
    let cancellation = Cancellation::new(context.stop);
    let (host, run) = (&context.options.host, sharing.ledger.run());
    let grace = SignedDuration::try_from(context.options.settle_grace).unwrap_or(SignedDuration::MAX);
    let after = |at: Timestamp| at.checked_add(grace).and_then(|at| at.checked_add(SignedDuration::from_millis(10)));
    let [mut pause, longest] = READ_INTERVALS;
    let (mut reported, mut last_read) = (HashSet::new(), Instant::now());
    loop {
        let now = (context.now)();
        let open = pending(context, lockfile, wanted);
        if open.is_empty() {
            return Some(ClaimWait { to_list: false });
        }
        let others = held_by_others(lockfile, host, open.iter().copied(), run);
        for take in others.values().filter(|take| is_elsewhere(take, Some(run), now)) {
            if let (Some(run), Some(until)) = (&take.run, take.until)
                && reported.insert(take.digest)
            {
                let who = lockfile.who(run).to_owned();
                context.progress.event(&ApplyEvent::Elsewhere { key: take.key.clone(), run: run.clone(), who, until });
            }
        }
        let sent_since = lockfile.takes().any(|take| {
            *take.host == **host && take.task.is_some() && take.at >= since && take.run.as_ref() == Some(run)
        });
        // What was in doubt before, and can be proved by nothing that was sent since, is not waited for.
        let ripe = |digest: &Digest| {
            let take = lockfile.in_doubt(host, digest)?;
            let from = if others.contains_key(digest) { take.until.unwrap_or(take.at) } else { take.at };
            let ripe = after(from).ok()?;
            (ripe > now || from >= since || sent_since).then_some(ripe)
        };
        let Some(until) = open.iter().filter_map(ripe).max() else { return Some(ClaimWait { to_list: false }) };
        let left = Duration::try_from(until.duration_since(now)).unwrap_or_default();
        if left.is_zero() {
            return Some(ClaimWait { to_list: true });
        }
        if others.is_empty() {
            context.progress.event(&ApplyEvent::Settling { count: open.len(), until });
        }
        let next = async {
            let nap = if others.is_empty() { left } else { left.min(pause) };
            tokio::time::sleep(nap).await;
            if others.is_empty() { None } else { Some(sharing.ledger.read().await) }
        };
        let Some(read) = cancellation.or_cancelled(next).await else {
            context.progress.event(&ApplyEvent::Stopping);
            outcome.interrupted = true;
            return None;
        };
        pause = (pause * 2).min(longest);
        match read {
            None => {}
            Some(Ok(ledger)) => {
                lockfile.union(&ledger);
                last_read = Instant::now();
            }
            Some(Err(error)) if error.is_passing() && last_read.elapsed() < READ_TIMEOUT => {
                tracing::debug!(%error, "the ledger was not read");
            }
            Some(Err(error)) => {
                outcome.shared.unclaimed = Some(error.to_string());
                return None;
            }
        }
    }
}

/// Lists again and settles. Returns `false` if the run ends here.
async fn reconcile_again<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    sharing: Sharing<'_>,
    lockfile: &mut Lockfile,
    (wanted, ours): (&[DesiredVideo], &HashSet<Digest>),
    outcome: &mut Outcome,
) -> bool {
    let cancellation = Cancellation::new(context.stop);
    let listing = match cancellation.or_cancelled(list_videos(context)).await {
        Some(Ok(listing)) => listing,
        Some(Err(error)) => {
            unlisted(context, outcome, error);
            return false;
        }
        None => {
            context.progress.event(&ApplyEvent::Stopping);
            outcome.interrupted = true;
            return false;
        }
    };
    match reconcile_shared(context, sharing, lockfile, (&listing, wanted)).await {
        Ok(settlement) => {
            outcome.written.extend(settlement.records.iter().cloned());
            outcome.add_reconciliation(settlement, ours);
            true
        }
        Err(ReconcileError::WriteFailed(failure)) => {
            outcome.add_write_failure(failure.message, failure.records);
            false
        }
        Err(error) => {
            outcome.shared.unclaimed = Some(error.to_string());
            false
        }
    }
}

/// Names what other runs still have when this one ends.
fn skip_claimed_elsewhere<V, L>(
    context: ApplyContext<'_, V, L>,
    sharing: Sharing<'_>,
    lockfile: &Lockfile,
    wanted: &[DesiredVideo],
    outcome: &mut Outcome,
) {
    let (host, run, now) = (&context.options.host, sharing.ledger.run(), (context.now)());
    let mut seen = HashSet::new();
    for one in wanted.iter().filter(|one| seen.insert(one.digest)) {
        if lockfile.paid(host, &one.digest, &one.key).is_some() {
            continue;
        }
        let Some(take) = lockfile.in_doubt(host, &one.digest).filter(|take| is_elsewhere(take, Some(run), now)) else {
            continue;
        };
        let (Some(run), Some(until)) = (take.run.clone(), take.until) else { continue };
        outcome.in_doubt.retain(|doubt| doubt.digest != take.digest);
        let (who, url) = (lockfile.who(&run).to_owned(), lockfile.run(&run).and_then(|run| run.url.clone()));
        outcome.shared.elsewhere.push(ClaimedElsewhere {
            key: one.key.clone(),
            digest: one.digest,
            run,
            who,
            url,
            until,
        });
    }
}
