//! Takes without a video: those in doubt, which may have been billed, and orphans.

use std::cell::LazyCell;
use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::planner::{Planner, stored_json};
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
        let why = "its intent has no response, and no video has its content";
        trace::change(planner.options.trace, &change, why, Some(take));
        changes.push(change);
    }
    if planner.options.selected.is_some() {
        return;
    }
    // The latest take of each key that no video has, and whether another key has content of it: then the key was
    // renamed, and its older takes are history.
    let mut orphans: BTreeMap<&str, (&Take, bool)> = BTreeMap::new();
    let keyless = |take: &Take| {
        let sent = take.state.is_paid() || take.state == TakeState::Failed;
        sent && planner.index_of(&take.key).is_none()
    };
    let wanted: LazyCell<HashSet<Digest>, _> =
        LazyCell::new(|| planner.videos.iter().map(|video| video.digest).collect());
    for take in planner.lockfile.takes_where(host, keyless) {
        let (last, is_wanted) = orphans.entry(&take.key).or_insert((take, false));
        *is_wanted |= wanted.contains(&planner.lockfile.current_digest(&take.digest));
        if (last.at, last.attempt) <= (take.at, take.attempt) {
            *last = take;
        }
    }
    let faulty = |key: &str| planner.options.invalid_base_keys.contains(key.split('[').next().unwrap_or_default());
    for (take, _) in orphans.into_values().filter(|(take, is_wanted)| !is_wanted && !faulty(&take.key)) {
        let change = Change {
            before: stored_json(take).as_ref().map(CanonicalText::from),
            previously_paid: take.state.is_paid(),
            ..Change::new(&take.key, Action::Orphan, Reason::KeyGone, (take.digest, take.attempt))
        };
        let why = "no manifest has the key, and no video has the content";
        trace::change(planner.options.trace, &change, why, Some(take));
        changes.push(change);
    }
}

fn in_doubt_change(planner: &Planner<'_>, take: &Take) -> Change {
    let before = stored_json(take);
    Change {
        before: before.as_ref().map(CanonicalText::from),
        estimate: stored_estimate(before.as_ref().unwrap_or(&Value::Null)),
        previously_paid: planner.lockfile.takes_of_key(&take.host, &take.key).any(|take| take.state.is_paid()),
        claim: claim_of(planner.lockfile, take),
        ..Change::new(&take.key, Action::Resolve, Reason::InDoubt(take.at), (take.digest, take.attempt))
    }
}

/// Who has claimed a take without an answer in a shared ledger.
pub(super) fn claim_of(lockfile: &Lockfile, take: &Take) -> Option<String> {
    let (run, until) = (take.run.as_deref()?, take.until?);
    Some(format!("claimed by {} until {until:.0}", lockfile.who(run)))
}
