//! Builds the records that apply writes. Each is complete in itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::PlannedSubmission;
use crate::lockfile::{Lockfile, StoredSpec, Take, TakeId, TakeSource, TakeState};
use crate::spec::{Spec, canonical_json, digest, marker, submitted_name};

/// Returns the record of a submission that is about to be sent.
pub(super) fn intent(work: &PlannedSubmission, host: &Arc<str>, at: Timestamp) -> Take {
    let id = TakeId { host: host.clone(), digest: work.digest, attempt: work.attempt };
    Take {
        name: Some(submitted_name(work.spec.name(), &marker(&work.digest, work.attempt))),
        until: work.claim.as_ref().map(|claim| claim.until),
        run: work.claim.as_ref().map(|claim| Arc::clone(&claim.run)),
        spec: stored(&work.spec),
        ..Take::new(id, work.key.clone(), TakeState::Intent, at)
    }
}

/// Returns the record of an accepted submission. It keeps the time of sending, because only that time can prove later
/// that an earlier submission never arrived.
pub(super) fn submitted(intent: Take, task: String) -> Take {
    Take { state: TakeState::Submitted, task: Some(task), until: None, ..intent }
}

/// Returns the record of a submission that was certainly not accepted.
pub(super) fn freed(intent: Take, at: Timestamp) -> Take {
    Take { state: TakeState::Freed, at, message: None, until: None, ..intent }
}

/// Returns the record of a take found at the vendor, based on its known fields.
pub(super) fn adopted(known: Take, video: &str, failed: bool, at: Timestamp) -> Take {
    let state = if failed { TakeState::Failed } else { TakeState::Submitted };
    let message = failed.then(|| "the vendor lists it as failed".to_owned());
    Take {
        state,
        task: None,
        video: Some(video.to_owned()),
        how: Some(TakeSource::Adopted),
        message,
        at,
        until: None,
        ..known
    }
}

/// Returns the record of a take under another key: the same state, ids and host, just after the line that it
/// supersedes. The name stays the submitted one. A given spec of the same content sets the current label.
pub fn renamed(take: &Take, key: &Arc<str>, spec: Option<&Spec>) -> Take {
    let spec = match spec {
        Some(spec) if digest(spec) == take.digest => stored(spec),
        // A take with an earlier digest counts for its content only while its original spec is stored.
        Some(spec) => take.spec.as_ref().and_then(|known| relabeled(known, spec.name())).or_else(|| take.spec.clone()),
        None => take.spec.clone(),
    };
    Take { key: Arc::clone(key), at: take.just_after(), spec, ..take.clone() }
}

/// Returns the spec in the form of the lockfile.
fn stored(spec: &Spec) -> Option<StoredSpec> {
    StoredSpec::new(canonical_json(spec, true))
}

/// Returns a stored spec with another label, or `None` if it is not a mapping.
fn relabeled(spec: &StoredSpec, label: &str) -> Option<StoredSpec> {
    let mut spec = spec.value()?;
    spec.as_object_mut()?.insert("name".to_owned(), label.into());
    StoredSpec::new(serde_json_canonicalizer::to_string(&spec).ok()?)
}

/// The task ids of a host, one per submission: those of the lockfile, in any state, and those of this run.
pub(super) struct TaskOwners<'a> {
    lockfile: &'a Lockfile,
    host: &'a str,
    /// The owners by task. `None` until the first response, because most lockfiles are larger than the work.
    owners: Mutex<Option<HashMap<String, Arc<str>>>>,
}

impl<'a> TaskOwners<'a> {
    pub(super) fn new(lockfile: &'a Lockfile, host: &'a str) -> Self {
        Self { lockfile, host, owners: Mutex::default() }
    }

    /// Claims a task for the take of a key. Returns the key that already has the task, if any.
    pub(super) fn claim(&self, task: &str, key: &Arc<str>) -> Option<Arc<str>> {
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        let owners = owners.get_or_insert_with(|| {
            let here = self.lockfile.lines().filter(|take| *take.host == *self.host);
            here.filter_map(|take| Some((take.task.clone()?, Arc::clone(&take.key)))).collect()
        });
        let owner = owners.get(task).map(Arc::clone);
        if owner.is_none() {
            owners.insert(task.to_owned(), Arc::clone(key));
        }
        owner
    }
}
