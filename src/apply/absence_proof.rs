//! Decides when absence from the vendor's list proves that a submission was never accepted.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::ApplyOptions;
use crate::ledger::can_prove;
use crate::lockfile::{Lockfile, Take, TakeSource, TakeState};
use crate::spec::{marker, submitted_name};
use crate::vendor::{ListedVideo, MarkerIndex};

/// The vendor's status of a video that is only a draft.
const DRAFT: i64 = 0;

/// Maximum time that renames add to the time of a submission's line.
const MAX_RENAME_TIME: SignedDuration = SignedDuration::from_millis(20);

/// Whether a listed video is only a draft, which may never have been rendered. A file outranks every status.
pub(super) fn is_draft(video: &ListedVideo) -> bool {
    video.results.is_empty() && video.status == Some(DRAFT)
}

/// A listing, as evidence about takes that it does not contain.
pub(super) struct AbsenceProof<'a> {
    index: &'a MarkerIndex<'a>,
    taken_at: Timestamp,
    grace: SignedDuration,
    /// The time of the latest take that the list shows with an intact marker, by our own clock.
    shown_until: Option<Timestamp>,
    lockfile: &'a Lockfile,
    /// This run, in a shared ledger.
    run: Option<&'a str>,
    /// The same by the takes of each run of a shared ledger, by that run's clock.
    shown_of_runs: HashMap<&'a str, Timestamp>,
}

impl<'a> AbsenceProof<'a> {
    pub(super) fn new(
        index: &'a MarkerIndex<'a>,
        taken_at: Timestamp,
        options: &'a ApplyOptions,
        lockfile: &'a Lockfile,
    ) -> Self {
        let ApplyOptions { host, settle_grace, run, .. } = options;
        let shown: Vec<(Timestamp, &Take)> = lockfile
            .takes()
            .filter(|take| *take.host == **host)
            .filter_map(sent_at)
            .filter(|(at, _)| *at <= taken_at)
            .filter(|(_, take)| {
                let bearing = index.with_marker(&marker(&take.digest, take.attempt));
                // If several videos have one marker, another run may have sent any of them at another time.
                bearing.iter().filter(|video| !is_draft(video)).count() == 1
            })
            .collect();
        let mut shown_of_runs: HashMap<&str, Timestamp> = HashMap::new();
        for (at, take) in &shown {
            if let Some(run) = take.run.as_deref() {
                let latest = shown_of_runs.entry(run).or_insert(*at);
                *latest = (*latest).max(*at);
            }
        }
        let shown_until = shown.iter().map(|(at, _)| *at).max();
        let grace = SignedDuration::try_from(*settle_grace).unwrap_or(SignedDuration::MAX);
        Self { index, taken_at, grace, shown_until, lockfile, run: run.as_deref(), shown_of_runs }
    }

    /// From when on a take was certainly not sent: of a claim of another run its end, since a claim is older than its
    /// request. Of all other takes, when they were sent.
    fn sent_until(&self, take: &Take) -> Timestamp {
        let others = take.run.as_deref().is_some_and(|claimant| Some(claimant) != self.run);
        take.until.filter(|_| others).unwrap_or(take.at)
    }

    /// When the latest take was sent that can prove something about another: of a claim of a shared ledger, one of a
    /// run whose clock may judge the claimant's.
    fn shown_for(&self, take: &Take) -> Result<Option<Timestamp>, String> {
        let (Some(claimant), Some(run)) = (take.run.as_deref(), self.run) else {
            // Without a ledger here, this run may not judge a claim.
            return if take.run.is_some() { Ok(None) } else { Ok(self.shown_until) };
        };
        let grace = self.grace.unsigned_abs();
        let agrees = |other: &str| can_prove(self.lockfile, other, claimant, grace);
        if !agrees(run) {
            let who = self.lockfile.who(claimant);
            return Err(format!("the clocks of {who} and of this run are not known to agree, so it proves nothing"));
        }
        let runs = self.shown_of_runs.iter().filter(|(other, _)| **other == run || agrees(other));
        Ok(runs.map(|(_, at)| *at).max())
    }

    /// Proves that a take in doubt, which the list does not show, was never accepted. The error says why it cannot.
    pub(super) fn prove(&self, take: &Take) -> Result<(), String> {
        if let Some(id) = take.task.as_ref().or(take.video.as_ref()) {
            return Err(format!(
                "a torn line of it names `{id}`, so it was accepted, but the vendor's list does not show it"
            ));
        }
        let sent = self.sent_until(take);
        let ripe = sent.checked_add(self.grace).is_ok_and(|ripe| self.taken_at >= ripe);
        if !ripe {
            let grace = SignedDuration::from_secs(self.grace.as_secs());
            return Err(format!(
                "the vendor's list does not show it yet, which proves nothing until {grace:#} after it was sent"
            ));
        }
        let shown = self.shown_for(take)?;
        if shown.is_none_or(|shown| shown < sent) {
            return Err("the vendor's list shows neither it nor a later submission of this lockfile".to_owned());
        }
        let submitted =
            take.name.clone().unwrap_or_else(|| submitted_name(&take.key, &marker(&take.digest, take.attempt)));
        if let Some(name) = self.index.find_truncated(&submitted) {
            return Err(format!("the vendor lists `{name}`, which may be this video with a truncated name"));
        }
        tracing::debug!(
            key = &*take.key,
            attempt = take.attempt,
            sent_at = %take.at,
            listed_at = %self.taken_at,
            grace = ?self.grace.unsigned_abs(),
            later_one_is_shown = shown.map(tracing::field::display),
            "proved not to have been accepted",
        );
        Ok(())
    }
}

/// Returns a lower bound for the time at which a take was sent. Only an intent and a submission with its own response
/// have one.
///
/// Each recorded rename adds a millisecond. A submitted name that differs from the key may come from a rename, so its
/// time counts 20 ms earlier. That is enough for twenty renames within the week that the vendor lists it.
///
/// A later state has the time of its end or discovery, an adopted take that of its discovery: neither proves an order.
fn sent_at(take: &Take) -> Option<(Timestamp, &Take)> {
    let sure = match take.state {
        TakeState::Intent => take.name.is_some() && take.spec.is_some(),
        TakeState::Submitted => take.how.is_none() && take.task.is_some(),
        _ => false,
    };
    let sure = sure && take.how != Some(TakeSource::Accepted);
    let renamed = take.state == TakeState::Submitted
        && take.name.as_deref() != Some(&submitted_name(&take.key, &marker(&take.digest, take.attempt)));
    let at = if renamed { take.at.checked_sub(MAX_RENAME_TIME).unwrap_or(Timestamp::MIN) } else { take.at };
    sure.then_some((at, take))
}
