//! The month's budget: the maximum cost of this calendar month's submissions that a lockfile knows.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Action, Plan, Reason};
use crate::lockfile::{Lockfile, Take, TakeSource, TakeState};
use crate::spec::{stored_at_most, stored_voices};

/// The submissions since the first day of a calendar month, UTC.
#[derive(Clone, Debug, PartialEq)]
pub struct Month {
    /// The start of the month. Takes that are later than the clock count too, so that a slow clock lifts no limit.
    pub since: Timestamp,
    /// Credits by the upper estimate. For finished videos, the price of their length.
    pub credits: f64,
    /// Submissions.
    pub submissions: u64,
    /// Submissions whose content is not stored. They count like audio of unknown length.
    pub unknown: u64,
}

impl Month {
    /// Returns the month of a time, with nothing counted yet.
    pub fn starting_with(now: Timestamp) -> Self {
        let first = now.to_zoned(TimeZone::UTC).date().first_of_month();
        let since = first.to_zoned(TimeZone::UTC).map_or(now, |first| first.timestamp());
        Self { since, credits: 0.0, submissions: 0, unknown: 0 }
    }

    /// Returns the name: `2026-11`.
    pub fn name(&self) -> String {
        self.since.strftime("%Y-%m").to_string()
    }

    /// Adds a lockfile's takes at a host. Two lockfiles must not have the same take.
    pub fn add(&mut self, lockfile: &Lockfile, host: &str) {
        for lines in lockfile.lines_of_takes(host) {
            let first = lines.first().map(|line| &line.run);
            if lines.iter().all(|line| Some(&line.run) == first) {
                self.add_take(lines);
                continue;
            }
            // In a shared ledger, a run answers only its own claims. An open claim counts, even if another run's was answered.
            let mut of_run: BTreeMap<Option<&str>, Vec<Take>> = BTreeMap::new();
            for line in lines {
                of_run.entry(line.run.as_deref()).or_default().push(line.clone());
            }
            for lines in of_run.values() {
                self.add_take(lines);
            }
        }
        // A torn line that names no host may belong to this one.
        for take in lockfile.takes_in_doubt(host).filter(|take| *take.host != *host) {
            self.add_take(std::slice::from_ref(take));
        }
    }

    /// Adds a take by its lines, the greatest first.
    fn add_take(&mut self, lines: &[Take]) {
        let Some(top) = lines.first() else { return };
        let sent: Vec<&Take> = lines.iter().filter(|line| was_sent(line, lines.len() == 1)).collect();
        // Freed, or forgotten after that, and no other line shows that it was accepted.
        let all_free = top.state == TakeState::Freed || !sent.iter().any(|line| line.state != TakeState::Freed);
        let first = sent.iter().filter(|line| line.state != TakeState::Freed).map(|line| line.at).min();
        let Some(at) = first.filter(|_| !all_free) else { return };
        if at < self.since {
            return;
        }
        let tasks: HashSet<&str> = sent.iter().filter_map(|line| line.task.as_deref()).collect();
        let videos: HashSet<&str> = sent.iter().filter_map(|line| line.video.as_deref()).collect();
        // Two machines may have submitted it with one attempt.
        let times = tasks.len().max(videos.len()).max(1) as u64;
        let spec = lines.iter().find(|line| line.spec.is_some()).and_then(Take::spec_value);
        let seconds = lines.iter().find_map(|line| line.seconds);
        let is_heard = spec.as_ref().and_then(stored_voices).is_some();
        let credits = stored_at_most(spec.as_ref(), seconds);
        self.submissions += times;
        self.unknown += if is_heard { 0 } else { times };
        self.credits += credits * times as f64;
    }

    /// Returns the credits that a plan adds: its submissions, and takes in doubt of an earlier month that may be sent
    /// again.
    pub fn planned(&self, plan: &Plan) -> f64 {
        let counts = |change: &&super::Change| {
            let earlier = matches!(change.reason, Reason::InDoubt(at) if at < self.since);
            change.submits || (change.action == Action::Resolve && earlier)
        };
        plan.changes.iter().filter(counts).map(|change| change.estimate.credits_at_most).fold(0.0, |sum, one| sum + one)
    }
}

/// Whether a line proves a submission. A take that the user accepted for another content does not. A tombstone does if
/// it has the vendor's id, as earlier versions wrote it, or if it is all that remains of a bare line.
fn was_sent(line: &Take, alone: bool) -> bool {
    let named = line.task.is_some() || line.video.is_some();
    let bare = alone && line.name.is_none() && line.spec.is_none();
    line.how != Some(TakeSource::Accepted) && (line.state != TakeState::Forgotten || named || bare)
}
