//! Takes without a video: those in doubt, which may have been billed, and orphans.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::planner::Planner;
use super::relabel::stored_json;
use super::{Action, Change, Reason, trace};
use crate::lockfile::{Lockfile, Take, TakeState};
use crate::spec::{CanonicalText, Digest, stored_estimate};

/// Adds the takes in doubt that no change shows yet. Adds the orphans if nothing is selected.
pub(super) fn add_unmatched(planner: &Planner<'_>, changes: &mut Vec<Change>) {
    let host = &*planner.options.host;
    let shown: HashSet<(Digest, u32)> = changes
        .iter()
        .filter(|change| change.action == Action::Resolve)
        .map(|change| (change.digest, change.attempt))
        .collect();
    let doubts = planner.lockfile.takes_in_doubt(host).filter(|take| planner.options.selects(&take.key));
    let unshown = doubts.filter(|take| !shown.contains(&(planner.lockfile.current_digest(&take.digest), take.attempt)));
    for take in unshown {
        let change = in_doubt_change(planner, take);
        trace::change(
            planner.options.trace,
            &change,
            "its intent has no response, and no video has its content",
            Some(take),
        );
        changes.push(change);
    }
    if planner.options.selected.is_some() {
        return;
    }
    let mut orphans: BTreeMap<&str, UnmatchedKey<'_>> = BTreeMap::new();
    let keyless = |take: &Take| {
        let sent = take.state.is_paid() || take.state == TakeState::Failed;
        sent && planner.index_of(&take.key).is_none()
    };
    let mut wanted: Option<HashSet<Digest>> = None;
    for take in planner.lockfile.takes_where(host, keyless) {
        let digests = || planner.wanted_digests().collect();
        let wanted = wanted.get_or_insert_with(digests).contains(&planner.lockfile.current_digest(&take.digest));
        orphans.entry(&take.key).or_default().add(take, wanted);
    }
    let faulty = |key: &str| planner.options.invalid_base_keys.contains(base(key));
    let orphans = orphans.into_iter().filter(|(key, fate)| !fate.wanted && !faulty(key));
    for take in orphans.filter_map(|(_, fate)| fate.last) {
        let change = orphan_change(take);
        trace::change(
            planner.options.trace,
            &change,
            "no manifest has the key, and no video has the content",
            Some(take),
        );
        changes.push(change);
    }
}

/// The takes of a key that no video has.
#[derive(Default)]
struct UnmatchedKey<'a> {
    /// Its latest take.
    last: Option<&'a Take>,
    /// Whether another key has content of it: the key was renamed, and its older takes are history.
    wanted: bool,
}

impl<'a> UnmatchedKey<'a> {
    fn add(&mut self, take: &'a Take, wanted: bool) {
        self.wanted |= wanted;
        if self.last.is_none_or(|last| (last.at, last.attempt) <= (take.at, take.attempt)) {
            self.last = Some(take);
        }
    }
}

/// Returns the base key: `onboarding` of `onboarding[en,pro]`.
fn base(key: &str) -> &str {
    key.split_once('[').map_or(key, |(base, _)| base)
}

fn in_doubt_change(planner: &Planner<'_>, take: &Take) -> Change {
    let before = stored_json(take);
    Change {
        before: before.as_ref().map(CanonicalText::from),
        estimate: stored_estimate(before.as_ref().unwrap_or(&Value::Null)),
        previously_paid: planner.lockfile.takes_of_key(&take.host, &take.key).any(|take| take.state.is_paid()),
        claim: claim_of(planner.lockfile, take),
        ..change(take, Action::Resolve, Reason::InDoubt(take.at))
    }
}

/// Who has claimed a take without an answer in a shared ledger.
pub(super) fn claim_of(lockfile: &Lockfile, take: &Take) -> Option<String> {
    let (run, until) = (take.run.as_deref()?, take.until?);
    Some(format!("claimed by {} until {until:.0}", lockfile.who(run)))
}

fn orphan_change(take: &Take) -> Change {
    let before = stored_json(take).as_ref().map(CanonicalText::from);
    Change { before, previously_paid: take.state.is_paid(), ..change(take, Action::Orphan, Reason::KeyGone) }
}

fn change(take: &Take, action: Action, reason: Reason) -> Change {
    Change::new(&take.key, action, reason, (take.digest, take.attempt))
}
