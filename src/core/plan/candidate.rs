//! A video that needs a change, and the change that it becomes.

use std::sync::Arc;

use serde_json::Value;

use super::field_diff::diff;
use super::planner::Planner;
use super::relabel::stored_json;
use super::{Action, Change, FieldChange, Reason};
use crate::lockfile::Take;
use crate::spec::{CanonicalText, Estimate, Video, estimate};

/// A video with its index.
pub(super) struct Candidate<'a> {
    /// Its index among all videos of the project.
    pub(super) index: usize,
    pub(super) video: &'a Video,
    /// Whether its key has a paid take.
    pub(super) known: bool,
}

impl Candidate<'_> {
    /// Returns the change. It submits nothing yet.
    pub(super) fn change(&self, action: Action, reason: Reason, attempt: u32) -> Change {
        Change {
            video: Some(self.index),
            after: Some(CanonicalText::new(&self.video.spec)),
            estimate: estimate(&self.video.spec),
            known: self.known,
            ..Change::new(&self.video.key, action, reason, (self.video.digest, attempt))
        }
    }
}

impl Planner<'_> {
    /// Returns the change of a video whose content another key already has. It costs nothing.
    pub(super) fn moved(&self, candidate: &Candidate<'_>, other: &Arc<str>) -> Change {
        let attempt = self.next_attempt(&candidate.video.digest);
        let mut change = candidate.change(Action::Move, Reason::SameContent(Arc::clone(other)), attempt);
        change.estimate = Estimate { seconds: change.estimate.seconds, credits: Some(0.0), credits_at_most: 0.0 };
        change
    }

    /// Returns the change of a video that failed at the vendor. It is submitted again only on request.
    pub(super) fn failed(&self, candidate: &Candidate<'_>, take: &Take) -> Change {
        let reason = Reason::Failed(take.message.clone().unwrap_or_default());
        let mut change = candidate.change(Action::Retry, reason, self.next_attempt(&candidate.video.digest));
        change.submits = self.options.retry_failed;
        change
    }

    /// Returns the change of a first take, or of changed content.
    pub(super) fn wanted(&self, candidate: &Candidate<'_>) -> Change {
        let last = self.last_other(&candidate.video.key, &candidate.video.digest);
        let action = if last.is_some() { Action::Change } else { Action::Add };
        let mut change = candidate.change(action, Reason::New, self.next_attempt(&candidate.video.digest));
        change.submits = true;
        if let Some(take) = last {
            if let Some(before) = stored_json(take) {
                change.diff = diff(&before, candidate.video, self.sources);
                change.before = Some(CanonicalText::from(&before));
            }
            change.reason = if only_take_raised(&change.diff) { Reason::TakeRaised } else { Reason::ContentChanged };
        }
        change
    }
}

fn only_take_raised(diff: &[FieldChange]) -> bool {
    let [only] = diff else { return false };
    let number = |value: &Option<Value>| value.as_ref().and_then(Value::as_u64);
    only.path == "take" && number(&only.before) < number(&only.after)
}
