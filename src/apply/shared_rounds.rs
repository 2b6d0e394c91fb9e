//! The steps of a run with a shared ledger: wait for other runs, settle, and name the videos that they have at the end.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::cancellation::Cancellation;
use super::context::Sharing;
use super::run::Run;
use super::{
    ApplyContext, ApplyEvent, ClaimedElsewhere, DesiredVideo, ReconcileError, Reconciliation, RecordWriter,
    VendorListing, reconcile,
};
use crate::ledger::is_elsewhere;
use crate::lockfile::{Lockfile, Take};
use crate::spec::Digest;
use crate::vendor::Vendor;

/// The first and the longest pause between two readings of the ledger.
const READ_INTERVALS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(15)];
/// For how long readings may fail while this run waits.
const READ_TIMEOUT: Duration = Duration::from_mins(2);

/// Settles by a listing, as part of one change of the ledger.
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
    Ok(updated.result)
}

impl<V: Vendor, L: RecordWriter> Run<'_, V, L> {
    /// The wanted contents without an answer.
    fn pending(&self) -> HashSet<Digest> {
        let (host, lockfile) = (&self.context.options.host, &*self.lockfile);
        let open = |one: &&DesiredVideo| {
            lockfile.paid(host, &one.digest, &one.key).is_none() && lockfile.in_doubt(host, &one.digest).is_some()
        };
        self.wanted.iter().filter(open).map(|one| one.digest).collect()
    }

    /// Waits until other runs have answered, or until a list may settle what they left, and what this run left. Returns
    /// whether something is still without an answer that a list may settle.
    pub(super) async fn wait_for_claims(&mut self, sharing: Sharing<'_>) -> Result<bool, ReconcileError> {
        let (context, since) = (self.context, self.since);
        let cancellation = Cancellation::new(context.stop);
        let (host, run) = (&context.options.host, sharing.ledger.run());
        let grace = SignedDuration::try_from(context.options.settle_grace).unwrap_or(SignedDuration::MAX);
        let after =
            |at: Timestamp| at.checked_add(grace).and_then(|at| at.checked_add(SignedDuration::from_millis(10)));
        let [mut pause, longest] = READ_INTERVALS;
        let (mut reported, mut last_read) = (HashSet::new(), Instant::now());
        loop {
            let lockfile = &*self.lockfile;
            let now = (context.now)();
            let open = self.pending();
            let claimed = |take: &&Take| take.run.as_ref().is_some_and(|claimant| claimant != run);
            let others =
                open.iter().filter_map(|digest| Some((*digest, lockfile.in_doubt(host, digest).filter(claimed)?)));
            let others: HashMap<Digest, &Take> = others.collect();
            for take in others.values().filter(|take| is_elsewhere(take, Some(run), now)) {
                if let (Some(run), Some(until)) = (&take.run, take.until)
                    && reported.insert(take.digest)
                {
                    let (key, run, who) = (take.key.clone(), run.clone(), lockfile.who(run).to_owned());
                    context.progress.event(&ApplyEvent::Elsewhere { key, run, who, until });
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
            let Some(until) = open.iter().filter_map(ripe).max() else { return Ok(false) };
            let left = Duration::try_from(until.duration_since(now)).unwrap_or_default();
            if left.is_zero() {
                return Ok(true);
            }
            if others.is_empty() {
                context.progress.event(&ApplyEvent::Settling { count: open.len(), until });
            }
            let next = async {
                let nap = if others.is_empty() { left } else { left.min(pause) };
                tokio::time::sleep(nap).await;
                if others.is_empty() { None } else { Some(sharing.ledger.read().await) }
            };
            let read = cancellation.or_cancelled(next).await.ok_or(ReconcileError::Stopped)?;
            pause = (pause * 2).min(longest);
            match read {
                None => {}
                Some(Ok(ledger)) => {
                    self.lockfile.union(&ledger);
                    last_read = Instant::now();
                }
                Some(Err(error)) if error.is_passing() && last_read.elapsed() < READ_TIMEOUT => {
                    tracing::debug!(%error, "the ledger was not read");
                }
                Some(Err(error)) => return Err(error.into()),
            }
        }
    }

    /// Adds what other runs paid for at any time since the first listing, and what they still have.
    pub(super) fn add_other_runs(&mut self, sharing: Sharing<'_>) {
        let Self { context, lockfile, wanted, outcome, .. } = self;
        let (host, own, now) = (&context.options.host, sharing.ledger.run(), (context.now)());
        let mut seen = HashSet::new();
        for one in wanted {
            let first = seen.insert(one.digest);
            if let Some(paid) = lockfile.paid(host, &one.digest, &one.key) {
                if paid.run.as_ref().is_some_and(|payer| payer != own) {
                    outcome.shared.by_others.insert(one.digest);
                }
            } else if let Some(take) = lockfile.in_doubt(host, &one.digest)
                && first
                && is_elsewhere(take, Some(own), now)
                && let (Some(run), Some(until)) = (take.run.clone(), take.until)
            {
                outcome.in_doubt.retain(|doubt| doubt.digest != take.digest);
                let (who, url) = (lockfile.who(&run).to_owned(), lockfile.run(&run).and_then(|run| run.url.clone()));
                outcome.shared.elsewhere.push(ClaimedElsewhere { key: one.key.clone(), run, who, url, until });
            }
        }
        outcome.in_doubt.retain(|doubt| {
            let content = lockfile.current_digest(&doubt.digest);
            !outcome.shared.by_others.contains(&content) && lockfile.in_doubt(host, &content).is_some()
        });
    }
}
