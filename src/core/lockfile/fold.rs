//! Folds the lines of one take: decides which lines stay, and combines them into one take.
//!
//! A greater line *covers* a line if it contains the same information. Covered lines are dropped. The uncovered lines
//! stay, almost always one. Covering is a partial order, and the uncovered lines of a union depend only on the union.
//! So folding is associative, commutative and idempotent, across files and merges too. A user's bare `done` line
//! therefore hides neither the spec nor the task of a lower line. A second task id, paid for elsewhere as the same
//! attempt, is never lost.
//!
//! A take with one line costs nothing extra. Several lines are folded on the first read after an insertion, in one pass
//! from the greatest to the least, in nearly linear time.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::{Take, TakeSource, TakeState};

/// The run that a line names. Only claims and their answers have one. Lines of different runs never cover each other:
/// an old branch's `freed` must not remove the open claim of a run that never saw that branch.
type RunOf<'a> = Option<&'a str>;

/// One take: the lines that are not covered, and their fold.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all takes have one line, and the only entry of a digest is boxed"
)]
pub(super) enum FoldedTake {
    /// One line has all the information.
    One(Take),
    /// Several lines, some of which may be covered.
    Many(Box<FoldedLines>),
}

/// The lines of one take, and their fold after the first read.
#[derive(Clone, Debug)]
pub(super) struct FoldedLines {
    /// Never empty.
    lines: Vec<Take>,
    view: OnceLock<Fold>,
}

/// The fold of several lines.
#[derive(Clone, Debug)]
struct Fold {
    folded: Take,
    /// All uncovered lines, the greatest first.
    lines: Vec<Take>,
}

impl FoldedTake {
    /// Returns the attempt, which is the same in all lines.
    pub(super) fn attempt(&self) -> u32 {
        match self {
            Self::One(line) => line.attempt,
            Self::Many(many) => many.lines[0].attempt,
        }
    }

    /// Returns the take that the lines combine to.
    pub(super) fn folded(&self) -> &Take {
        match self {
            Self::One(line) => line,
            Self::Many(many) => &many.view().folded,
        }
    }

    /// Returns the lines that must be kept, the greatest first.
    pub(super) fn lines(&self) -> &[Take] {
        match self {
            Self::One(line) => std::slice::from_ref(line),
            Self::Many(many) => &many.view().lines,
        }
    }

    /// Returns the take under a key: the folded take, or the greatest line with that key.
    pub(super) fn under_key(&self, key: &str) -> Option<&Take> {
        let folded = self.folded();
        if *folded.key == *key {
            return Some(folded);
        }
        self.lines().iter().find(|line| *line.key == *key)
    }

    /// Returns the folded take, or one of its lines, that makes a submission for this key unnecessary.
    pub(super) fn paid(&self, key: &str) -> Option<&Take> {
        let pays = |line: &&Take| line.state.is_paid() && (line.how != Some(TakeSource::Accepted) || *line.key == *key);
        let folded = self.folded();
        if !folded.state.is_paid() {
            return self.pending_duplicate();
        }
        // If the user accepted the take, a bare line of another tool does not prove a separate submission.
        let proves = |line: &&Take| pays(line) && (line.task.is_some() || line.video.is_some());
        Some(folded).filter(pays).or_else(|| self.lines().iter().find(proves))
    }

    /// Whether something was sent and paid for, so that the take counts for every key.
    pub(super) fn is_paid_for_all(&self) -> bool {
        let folded = self.folded();
        folded.state.is_paid()
            && (folded.how != Some(TakeSource::Accepted) || self.lines().iter().any(Take::is_paid_submission))
            || self.pending_duplicate().is_some()
    }

    /// Returns the submission of another machine with the same attempt, if this take failed but that one did not. It
    /// has its own task and may still finish. Submitting the content again would pay for it a third time.
    fn pending_duplicate(&self) -> Option<&Take> {
        if self.folded().state != TakeState::Failed {
            return None;
        }
        let failed = self.lines().iter().filter(|line| line.state == TakeState::Failed);
        // A failure without a task may be that of any task.
        let failed: HashSet<&str> = failed.map(|line| line.task.as_deref()).collect::<Option<_>>()?;
        let sent = |line: &&Take| line.state.is_paid() && line.how != Some(TakeSource::Accepted);
        let other = |line: &&Take| line.task.as_deref().is_some_and(|task| !failed.contains(task));
        self.lines().iter().filter(sent).find(other)
    }

    /// Folds one more line into the take.
    pub(super) fn fold(&mut self, line: Take) {
        match self {
            Self::One(known) => {
                *self = match <[Take; 1]>::try_from(uncovered(vec![known.clone(), line])) {
                    Ok([only]) => Self::One(only),
                    Err(lines) => Self::Many(Box::new(FoldedLines { lines, view: OnceLock::new() })),
                };
            }
            Self::Many(many) => {
                if let Some(view) = many.view.take() {
                    many.lines = view.lines;
                }
                many.lines.push(line);
            }
        }
    }
}

impl FoldedLines {
    fn view(&self) -> &Fold {
        self.view.get_or_init(|| {
            let lines = uncovered(self.lines.clone());
            Fold { folded: combine(&lines), lines }
        })
    }
}

/// Returns the lines that no greater line covers, the greatest first.
///
/// A line is greater by rank; what was sent before what was only accepted; by the end of a claim; by time; then by its
/// text.
fn uncovered(mut lines: Vec<Take>) -> Vec<Take> {
    let rank = |line: &Take| (line.state, line.how != Some(TakeSource::Accepted), line.until, line.at);
    lines.sort_by_key(|line| Reverse(rank(line)));
    for equals in lines.chunk_by_mut(|left, right| rank(left) == rank(right)) {
        if equals.len() > 1 {
            equals.sort_by_cached_key(|line| Reverse(line.to_line()));
        }
    }
    let mut said = CoverIndex::default();
    let kept: Vec<bool> = lines.iter().map(|line| said.adds(line)).collect();
    let mut kept = kept.into_iter();
    lines.retain(|_| kept.next().unwrap_or_default());
    lines
}

/// An index of the greater lines, which finds in constant time whether one of them covers a lesser line.
///
/// For each task, video, line state and run: the sets of [`details`] that one line has together.
/// Task and video ids are kept even when a greater line has others: each may have cost money. The user's word for
/// one key covers no submission and no other key. A message belongs to its own line and is not carried on.
#[derive(Default)]
struct CoverIndex<'a>(HashMap<Subject<'a>, u32>);

/// Task, video, line state and run of a line.
type Subject<'a> = (Option<&'a str>, Option<&'a str>, LineStanding<'a>, RunOf<'a>);

/// The evidence that a line gives.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum LineStanding<'a> {
    /// An intent or a freed take.
    Any,
    /// A submission.
    Sent,
    /// The user's decision about this key.
    Accepted(&'a str),
}

impl<'a> CoverIndex<'a> {
    /// Adds a line that is less than all previous ones. Returns `false` if it adds no information.
    fn adds(&mut self, line: &'a Take) -> bool {
        let own =
            if line.how == Some(TakeSource::Accepted) { LineStanding::Accepted(&line.key) } else { LineStanding::Sent };
        let details = details(line);
        if self.supersedes(line, own, details) {
            return false;
        }
        let within = (0..32).filter(|set| set & details == *set).fold(0, |sets, set| sets | 1 << set);
        for task in [None, line.task.as_deref()] {
            for video in [None, line.video.as_deref()] {
                for standing in [LineStanding::Any, own] {
                    *self.0.entry((task, video, standing, line.run.as_deref())).or_default() |= within;
                }
            }
        }
        true
    }

    fn supersedes(&self, line: &'a Take, own: LineStanding<'a>, details: u32) -> bool {
        let says = |standing| {
            let sets = self.0.get(&(line.task.as_deref(), line.video.as_deref(), standing, line.run.as_deref()));
            sets.is_some_and(|sets| sets & 1 << details != 0)
        };
        if line.state < TakeState::Submitted { says(LineStanding::Any) } else { says(own) || says(LineStanding::Sent) }
    }
}

/// Returns which of the fields that count by their presence a line has, one bit each.
fn details(line: &Take) -> u32 {
    let has =
        [line.name.is_some(), line.seconds.is_some(), line.sha256.is_some(), line.bytes.is_some(), line.spec.is_some()];
    has.iter().rev().fold(0, |bits, has| bits << 1 | u32::from(*has))
}

/// The greatest line, its gaps filled from the others of its run, the greater first; `lines` is sorted and not empty.
///
/// If several runs have lines, a paid one represents the take, otherwise one without an answer.
fn combine(lines: &[Take]) -> Take {
    let first =
        |line: &&Take| lines.iter().find(|other| other.run == line.run).is_some_and(|top| std::ptr::eq(top, *line));
    let tops = || lines.iter().filter(first);
    let paid = tops().find(|line| line.state.is_paid());
    let spoken = paid.or_else(|| tops().find(|line| line.state == TakeState::Intent)).unwrap_or(&lines[0]);
    let mut folded = spoken.clone();
    let of_run = || lines.iter().filter(|line| line.run == spoken.run);
    let origin = of_run().find(|line| line.task.is_some() || line.video.is_some());
    folded.how = folded.how.or_else(|| origin.and_then(|line| line.how));
    for line in of_run() {
        fill_gap(&mut folded.task, line.task.as_ref());
        fill_gap(&mut folded.video, line.video.as_ref());
        fill_gap(&mut folded.name, line.name.as_ref());
        fill_gap(&mut folded.seconds, line.seconds.as_ref());
        fill_gap(&mut folded.sha256, line.sha256.as_ref());
        fill_gap(&mut folded.bytes, line.bytes.as_ref());
        fill_gap(&mut folded.spec, line.spec.as_ref());
    }
    folded
}

fn fill_gap<T: Clone>(gap: &mut Option<T>, from: Option<&T>) {
    if gap.is_none() {
        *gap = from.cloned();
    }
}
