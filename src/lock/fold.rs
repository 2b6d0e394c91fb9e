//! The lines of one take, folded: which lines are kept, and the one take that they tell together.
//!
//! A line is *covered* by a greater one that says no less: then it is dropped. What stays is the set of uncovered
//! lines, nearly always one. Covering is a partial order, and the uncovered lines of a union depend only on the
//! union: folding is associative, commutative and idempotent, through files and merges too. A person's bare
//! `done` line therefore hides neither the spec nor the task that a lower line knew, and a second task id, paid
//! for elsewhere under the same attempt, is never lost.

use std::cmp::Ordering;

use super::{How, State, Take};

/// One take: the lines that are not covered, and what they tell together.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    folded: Take,
    /// All uncovered lines, the greatest first; empty when `folded` is the only one.
    lines: Vec<Take>,
}

impl Entry {
    /// A take known by one line.
    pub(super) fn new(line: Take) -> Self {
        Self { folded: line, lines: Vec::new() }
    }

    /// What the lines tell together.
    pub(super) fn folded(&self) -> &Take {
        &self.folded
    }

    /// The lines that have to be kept, the greatest first.
    pub(super) fn lines(&self) -> &[Take] {
        if self.lines.is_empty() { std::slice::from_ref(&self.folded) } else { &self.lines }
    }

    /// What is known under a key: the folded take, or the greatest line of that key.
    pub(super) fn under_key(&self, key: &str) -> Option<&Take> {
        if *self.folded.key == *key {
            return Some(&self.folded);
        }
        self.lines.iter().find(|line| *line.key == *key)
    }

    /// The folded take, or one of its lines, that makes a submission for this key needless.
    pub(super) fn paid(&self, key: &str) -> Option<&Take> {
        let pays = |line: &&Take| line.state.is_paid() && (line.how != Some(How::Accepted) || *line.key == *key);
        if !self.folded.state.is_paid() {
            return self.unfailed();
        }
        // A bare line of another tool is no proof of a submission of its own, where a person accepted the take.
        let proves = |line: &&Take| pays(line) && (line.task.is_some() || line.video.is_some());
        Some(&self.folded).filter(pays).or_else(|| self.lines.iter().find(proves))
    }

    /// Whether something was sent and paid for, so that the take counts for every key.
    pub(super) fn is_paid_for_all(&self) -> bool {
        let sent = |line: &Take| line.how != Some(How::Accepted) && (line.task.is_some() || line.video.is_some());
        self.folded.state.is_paid()
            && (self.folded.how != Some(How::Accepted)
                || self.lines.iter().any(|line| line.state.is_paid() && sent(line)))
            || self.unfailed().is_some()
    }

    /// Where the take failed, the submission of another machine under the same number that nobody says failed: it has
    /// a task of its own, and may be made yet. To send the content again would be to pay for it a third time.
    fn unfailed(&self) -> Option<&Take> {
        if self.folded.state != State::Failed {
            return None;
        }
        let other = |task: &str| {
            let mut failed = self.lines.iter().filter(|line| line.state == State::Failed);
            failed.all(|line| line.task.as_deref().is_some_and(|known| known != task))
        };
        let sent = |line: &&Take| line.state.is_paid() && line.how != Some(How::Accepted);
        self.lines.iter().filter(sent).find(|line| line.task.as_deref().is_some_and(other))
    }

    /// Folds one more line in.
    pub(super) fn fold(&mut self, line: Take) {
        if self.lines().iter().any(|known| compare(known, &line).is_eq() || covers(known, &line)) {
            return;
        }
        if self.lines.is_empty() && covers(&line, &self.folded) {
            self.folded = line;
            return;
        }
        if self.lines.is_empty() {
            self.lines.push(self.folded.clone());
        }
        self.lines.retain(|known| !covers(&line, known));
        let place = self.lines.partition_point(|known| compare(known, &line).is_gt());
        self.lines.insert(place, line);
        self.folded = together(&self.lines);
        if self.lines.len() == 1 {
            self.lines.clear();
        }
    }
}

/// The order in which lines of one take hold: rank; what was sent before what was only accepted; time; then the text.
pub(super) fn compare(left: &Take, right: &Take) -> Ordering {
    let order = (left.state, left.how != Some(How::Accepted), left.at);
    order
        .cmp(&(right.state, right.how != Some(How::Accepted), right.at))
        .then_with(|| left.to_line().cmp(&right.to_line()))
}

/// Whether `high` says all that `low` says, so that `low` need not be kept.
///
/// Task and video ids are kept even when a greater line has others: each may have cost money. A person's word for
/// one key covers no submission and no other key. A message belongs to its own line and is not carried on.
fn covers(high: &Take, low: &Take) -> bool {
    fn same<T: PartialEq>(low: Option<&T>, high: Option<&T>) -> bool {
        low.is_none() || low == high
    }
    let says = |low: bool, high: bool| !low || high;
    let counts = low.state >= State::Submitted;
    let standing = match (low.how == Some(How::Accepted), high.how == Some(How::Accepted)) {
        (true, true) => low.key == high.key,
        (false, true) => false,
        (_, false) => true,
    };
    (!counts || standing)
        && same(low.task.as_ref(), high.task.as_ref())
        && same(low.video.as_ref(), high.video.as_ref())
        && says(low.name.is_some(), high.name.is_some())
        && says(low.seconds.is_some(), high.seconds.is_some())
        && says(low.sha256.is_some(), high.sha256.is_some())
        && says(low.bytes.is_some(), high.bytes.is_some())
        && says(low.spec.is_some(), high.spec.is_some())
        && compare(high, low).is_gt()
}

/// The greatest line, its gaps filled from the others, the greater first; `lines` is sorted and not empty.
fn together(lines: &[Take]) -> Take {
    let mut folded = lines[0].clone();
    let origin = lines.iter().find(|line| line.task.is_some() || line.video.is_some());
    folded.how = folded.how.or_else(|| origin.and_then(|line| line.how));
    for line in &lines[1..] {
        fill(&mut folded.task, line.task.as_ref());
        fill(&mut folded.video, line.video.as_ref());
        fill(&mut folded.name, line.name.as_ref());
        fill(&mut folded.seconds, line.seconds.as_ref());
        fill(&mut folded.sha256, line.sha256.as_ref());
        fill(&mut folded.bytes, line.bytes.as_ref());
        fill(&mut folded.spec, line.spec.as_ref());
    }
    folded
}

fn fill<T: Clone>(gap: &mut Option<T>, from: Option<&T>) {
    if gap.is_none() {
        *gap = from.cloned();
    }
}
