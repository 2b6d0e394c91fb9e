//! Whose a claim is, and what a run may do with a content. Pure functions of what the ledger holds.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::lockfile::{Lockfile, Take, TakeState};
use crate::spec::Digest;

/// The status of a content for a run that wants to send it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimStatus {
    /// It may be claimed under this number.
    Free(u32),
    /// Its own claim, under this number; it may be renewed if it never left.
    Own(u32),
    /// It is paid for.
    Paid,
    /// Another run has it, and may still send it until this time.
    Elsewhere {
        /// The run.
        run: Arc<str>,
        /// The end of its claim.
        until: Timestamp,
    },
    /// Without an answer, and past the time at which its run could send it.
    InDoubt,
    /// It failed at the vendor under this number.
    Failed(u32),
}

/// Returns what a content is to a run at a time.
pub fn claim_status(
    known: &Lockfile,
    host: &str,
    (digest, key): (&Digest, &str),
    run: &str,
    now: Timestamp,
) -> ClaimStatus {
    if known.paid(host, digest, key).is_some() {
        return ClaimStatus::Paid;
    }
    if let Some(open) = known.in_doubt(host, digest) {
        return match (&open.run, open.until) {
            (Some(claimant), _) if **claimant == *run => ClaimStatus::Own(open.attempt),
            (Some(claimant), Some(until)) if now <= until => {
                ClaimStatus::Elsewhere { run: Arc::clone(claimant), until }
            }
            _ => ClaimStatus::InDoubt,
        };
    }
    match known.failed(host, digest) {
        Some(failed) => ClaimStatus::Failed(failed.attempt),
        None => ClaimStatus::Free(known.next_attempt(host, digest)),
    }
}

/// Returns `true` for an open claim of another run whose time has not passed. No run and no user may judge it.
pub fn is_elsewhere(take: &Take, run: Option<&str>, now: Timestamp) -> bool {
    take.state == TakeState::Intent
        && take.run.as_deref().is_some_and(|claimant| Some(claimant) != run)
        && take.until.is_some_and(|until| now <= until)
}

/// The open claims of a run, in file order. Its lines are read directly: what another run paid answers none of them.
pub fn open_claims<'a>(known: &'a Lockfile, run: &'a str) -> impl Iterator<Item = &'a Take> {
    let mut answered = std::collections::HashSet::new();
    for line in known.lines().filter(|line| line.run.as_deref() == Some(run) && line.state != TakeState::Intent) {
        answered.insert((Arc::clone(&line.host), line.digest, line.attempt));
    }
    let open = move |line: &&Take| {
        line.run.as_deref() == Some(run)
            && line.state == TakeState::Intent
            && !answered.contains(&(Arc::clone(&line.host), line.digest, line.attempt))
    };
    known.lines().filter(open)
}

/// Returns `true` if the clocks of two runs differ by so little that one may judge the other's claims: both were
/// measured against the vendor's, and they differ by less than half the grace.
///
/// The vendor's clock may be wrong by hours: only the difference counts.
pub fn can_prove(known: &Lockfile, run: &str, claimant: &str, grace: Duration) -> bool {
    if run == claimant {
        return true;
    }
    let clock = |id: &str| known.run(id).and_then(|run| run.clock);
    match (clock(run), clock(claimant)) {
        (Some(one), Some(other)) => (one - other).abs() < grace.as_secs_f64() / 2.0,
        _ => false,
    }
}
