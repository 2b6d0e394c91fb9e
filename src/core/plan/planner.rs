//! The input of a plan, its queries of the lockfile, and the changes that videos become.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::{Action, Change, FieldChange, PlanOptions, Reason};
use crate::fields::{FieldPath, RowSet, Type, Value};
use crate::lockfile::{Lockfile, Take, TakeSource, TakeState};
use crate::source::{Location, Sources};
use crate::spec::{CanonicalText, Digest, Estimate, Spec, Video, estimate, stored_partial};

/// The input of a plan.
pub(super) struct Planner<'a> {
    /// Every video of the project, in manifest order.
    pub(super) videos: &'a [Video],
    /// The index of each key.
    pub(super) by_key: HashMap<&'a str, usize>,
    pub(super) sources: &'a Sources,
    pub(super) lockfile: &'a Lockfile,
    pub(super) options: &'a PlanOptions,
    /// Whether tracing is enabled. Checked once per plan, because a project has many videos.
    pub(super) traced: bool,
}

impl<'a> Planner<'a> {
    /// Returns the paid take of a content under this exact key: `take` itself, or another one.
    pub(super) fn under_own_key(&self, key: &str, digest: &Digest, take: &'a Take) -> Option<&'a Take> {
        if *take.key == *key {
            return Some(take);
        }
        let takes = self.lockfile.takes_of_key(&self.options.host, key);
        takes.filter(|take| self.lockfile.current_digest(&take.digest) == *digest && take.state.is_paid()).last()
    }

    /// Whether a take pays for a content for every key, and a video with the take's key has this content.
    pub(super) fn is_shared(&self, digest: &Digest) -> bool {
        let takes = self.lockfile.takes_of(&self.options.host, digest);
        let mut paid = takes.filter(|take| take.state.is_paid() && take.how != Some(TakeSource::Accepted));
        paid.any(|take| {
            // Selected or not: the selection does not change the content of a video.
            self.index_of(&take.key).is_some_and(|index| self.videos[index].digest == *digest)
        })
    }

    /// Whether a selected video of this key has this content.
    pub(super) fn is_wanted_as(&self, key: &str, digest: &Digest) -> bool {
        self.options.selects(key) && self.index_of(key).is_some_and(|index| self.videos[index].digest == *digest)
    }

    /// Returns the index of the video with a key.
    pub(super) fn index_of(&self, key: &str) -> Option<usize> {
        self.by_key.get(key).copied()
    }

    /// Whether the key has a paid take, of any content.
    pub(super) fn has_paid_take(&self, key: &str) -> bool {
        self.lockfile.takes_of_key(&self.options.host, key).any(|take| take.state.is_paid())
    }

    /// Returns the next attempt of a content.
    pub(super) fn next_attempt(&self, digest: &Digest) -> u32 {
        self.lockfile.next_attempt(&self.options.host, digest)
    }

    /// Returns the take of the key that the declared content replaces: the last paid one, else the last failed one.
    pub(super) fn last_other(&self, key: &str, digest: &Digest) -> Option<&Take> {
        let mut last = None;
        let takes = self.lockfile.takes_of_key(&self.options.host, key);
        for take in takes.filter(|take| self.lockfile.current_digest(&take.digest) != *digest) {
            let holds = last.is_some_and(|last: &Take| last.state.is_paid());
            if take.state.is_paid() || (take.state == TakeState::Failed && !holds) {
                last = Some(take);
            }
        }
        last
    }
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

/// A video with its index.
pub(super) struct Candidate<'a> {
    /// Its index among all videos of the project.
    pub(super) index: usize,
    pub(super) video: &'a Video,
    /// Whether its key has a paid take.
    pub(super) previously_paid: bool,
}

impl Candidate<'_> {
    /// Returns the change. It submits nothing yet.
    pub(super) fn change(&self, action: Action, reason: Reason, attempt: u32) -> Change {
        Change {
            video: Some(self.index),
            after: Some(CanonicalText::new(&self.video.spec)),
            estimate: estimate(&self.video.spec),
            previously_paid: self.previously_paid,
            ..Change::new(&self.video.key, action, reason, (self.video.digest, attempt))
        }
    }
}

/// Returns the canonical spec of a line. `None` if the line has none or it is not a mapping.
pub(super) fn stored_json(take: &Take) -> Option<Json> {
    take.spec_value().filter(Json::is_object)
}

fn only_take_raised(diff: &[FieldChange]) -> bool {
    let [only] = diff else { return false };
    let number = |value: &Option<Json>| value.as_ref().and_then(Json::as_u64);
    only.path == "take" && number(&only.before) < number(&only.after)
}

/// Returns the fields that differ, and where the declared values are written. The label is not part of the content, so
/// it is left out.
///
/// A default is shown as its value (`1.0`), so that a reader need not know it. A field of a group that only one side
/// has (another voice mode, media) shows as removed or added, but not if it has its default.
fn diff(before: &Json, video: &Video, sources: &Sources) -> Vec<FieldChange> {
    let after = &video.spec;
    let table = after.table;
    let Some(before) = stored_partial(table, before) else { return Vec::new() };
    let all = table.kinds.iter().fold(RowSet::default(), |all, kind| all.or(kind.rows));
    let fields = table.field_paths(all, &|list| before.items(list).len().max(after.items(list).len()));
    let change = |field: FieldPath| {
        let ty = table.ty(field.row).filter(|ty| !matches!(ty, Type::Label))?;
        let (old, new) = (FieldState::new(&before, field), FieldState::new(after, field));
        let only_default = !(old.is_written || new.is_written) && (old.value.is_none() || new.value.is_none());
        if old.value == new.value || only_default {
            return None;
        }
        let declared = new.value.and_then(|_| Some((field, video.provenance.origin(field)?)));
        let origin = declared.map(|(_, origin)| Location::new(sources, origin));
        let json = |value: Option<&Value>| value.map(|value| ty.to_json(value));
        let path = table.canonical_path(field);
        Some(FieldChange { path, before: json(old.value), after: json(new.value), origin, declared })
    };
    fields.into_iter().filter_map(change).collect()
}

/// The value of a field in a spec.
struct FieldState<'a> {
    /// The value, its default included. `None` if the field does not apply.
    value: Option<&'a Value>,
    /// Whether the spec sets it, not the table. The only field of a choice's member is set by the choice.
    is_written: bool,
}

impl<'a> FieldState<'a> {
    fn new(spec: &'a Spec, field: FieldPath) -> Self {
        let value = spec.get(field);
        let stands_for_choice = spec.table[field.row].field().is_some_and(|row| row.stands_for_choice);
        Self { value, is_written: spec.stored(field).is_some() || value.is_some() && stands_for_choice }
    }
}
