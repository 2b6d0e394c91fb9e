//! The lines that apply writes, each whole in itself.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Work;
use crate::lockfile::{How, State, Take};
use crate::spec::{Digest, Spec, canonical_json, marker, submitted_name};

/// The line of a submission that is about to leave.
pub(super) fn intent(work: &Work, host: &Arc<str>, at: Timestamp) -> Take {
    Take {
        key: work.key.clone(),
        digest: work.digest,
        attempt: work.attempt,
        state: State::Intent,
        task: None,
        video: None,
        name: Some(submitted_name(&work.label, &marker(&work.digest, work.attempt))),
        host: host.clone(),
        at,
        how: None,
        seconds: None,
        sha256: None,
        bytes: None,
        message: None,
        spec: stored(&work.spec),
    }
}

/// The line of an accepted submission. Its time is that of the sending: only so can it prove later that an earlier
/// submission never arrived.
pub(super) fn submitted(intent: Take, task: String) -> Take {
    Take { state: State::Submitted, task: Some(task), ..intent }
}

/// The line of a submission that surely was not accepted.
pub(super) fn freed(intent: Take, at: Timestamp) -> Take {
    Take { state: State::Freed, at, message: None, ..intent }
}

/// The line of a take found at the vendor, from what was known of it.
pub(super) fn adopted(known: Take, video: &str, failed: bool, at: Timestamp) -> Take {
    let state = if failed { State::Failed } else { State::Submitted };
    let message = failed.then(|| "the vendor lists it as failed".to_owned());
    Take { state, task: None, video: Some(video.to_owned()), how: Some(How::Adopted), message, at, ..known }
}

/// The line of a take under another key: the same state, ids and host, just after the line whose place it takes. The
/// name stays the submitted one; a given spec, of the same content, has the label of today.
pub fn renamed(take: &Take, key: &Arc<str>, spec: Option<&Spec>) -> Take {
    let spec = match spec {
        Some(spec) if Digest::of(spec) == take.digest => stored(spec),
        // A take with an earlier digest counts for its content only as long as the spec of then is stored.
        Some(spec) => take.spec.as_ref().and_then(|known| relabeled(known, spec.name())).or_else(|| take.spec.clone()),
        None => take.spec.clone(),
    };
    Take { key: Arc::clone(key), at: take.just_after(), spec, ..take.clone() }
}

/// The spec as the lockfile keeps it.
pub(super) fn stored(spec: &Spec) -> Option<Box<RawValue>> {
    RawValue::from_string(canonical_json(spec, true)).ok()
}

/// A stored spec with another label. `None` if it is not a mapping.
fn relabeled(spec: &RawValue, label: &str) -> Option<Box<RawValue>> {
    let mut spec: Value = serde_json::from_str(spec.get()).ok()?;
    spec.as_object_mut()?.insert("name".to_owned(), label.into());
    RawValue::from_string(serde_json_canonicalizer::to_string(&spec).ok()?).ok()
}
