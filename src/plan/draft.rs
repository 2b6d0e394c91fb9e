//! A video that something has to be told of, and the change that it becomes.

use std::sync::Arc;

use serde_json::Value;

use super::diff::diff;
use super::label::stored_json;
use super::planner::Planner;
use super::slot::Content;
use super::{Action, Change, FieldChange, Reason};
use crate::lock::Take;
use crate::spec::{Digest, Estimate, Video};

/// A video on its way to becoming a change.
pub(super) struct Draft<'a> {
    /// Among all videos of the project.
    pub(super) index: usize,
    pub(super) key: &'a Arc<str>,
    pub(super) digest: &'a Digest,
    pub(super) known: bool,
    pub(super) content: Content,
}

impl Draft<'_> {
    /// The change, which sends nothing yet.
    pub(super) fn change(self, action: Action, reason: Reason, attempt: u32) -> Change {
        Change {
            key: Arc::clone(self.key),
            action,
            reason,
            digest: *self.digest,
            attempt,
            video: Some(self.index),
            before: None,
            after: self.content.spec,
            diff: Vec::new(),
            estimate: self.content.estimate,
            submits: false,
            known: self.known,
        }
    }
}

impl Planner<'_> {
    /// Its content is another key's already: it costs nothing.
    pub(super) fn moved(&self, draft: Draft<'_>, other: &Arc<str>) -> Change {
        let attempt = self.next_attempt(draft.digest);
        let mut change = draft.change(Action::Move, Reason::SameContent(Arc::clone(other)), attempt);
        change.estimate = Estimate { seconds: change.estimate.seconds, credits: Some(0.0), credits_at_most: 0.0 };
        change
    }

    /// The vendor failed it; sent again only if asked.
    pub(super) fn failed(&self, draft: Draft<'_>, take: &Take) -> Change {
        let reason = Reason::Failed(take.message.clone().unwrap_or_default());
        let attempt = self.next_attempt(draft.digest);
        let mut change = draft.change(Action::Retry, reason, attempt);
        change.submits = self.options.retry_failed;
        change
    }

    /// A first take, or one of changed content.
    pub(super) fn wanted(&self, draft: Draft<'_>, video: &Video) -> Change {
        let attempt = self.next_attempt(draft.digest);
        let last = self.last_other(&video.key, draft.digest);
        let action = if last.is_some() { Action::Change } else { Action::Add };
        let mut change = draft.change(action, Reason::New, attempt);
        change.submits = true;
        if let Some(take) = last {
            if let Some(before) = stored_json(take) {
                change.diff = diff(&before, video, self.sources);
                change.before = self.text(Some(&before));
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
