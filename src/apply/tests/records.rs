//! Videos and lines for tests.

use std::sync::Arc;

use super::fakes::{HOST, after};
use crate::apply::{DesiredVideo, PlannedSubmission};
use crate::lockfile::{Lockfile, Record, Take, TakeState};
use crate::spec::{Spec, digest, test_support};

pub fn spec(text: &str) -> Spec {
    test_support::spec(text).with("name", text)
}

/// Returns a video whose key, label and text are equal.
pub fn wanted(key: &str) -> DesiredVideo {
    let spec = spec(key);
    DesiredVideo { key: key.into(), digest: digest(&spec), spec }
}

pub fn work(key: &str) -> PlannedSubmission {
    PlannedSubmission::new(&wanted(key), 1)
}

/// Returns a line of a video, as apply writes it.
pub fn line(key: &str, state: TakeState, at: i64) -> Take {
    let intent = crate::apply::records::intent(&work(key), &HOST.into(), after(at));
    let task = (state >= TakeState::Submitted).then(|| format!("task-of-{key}"));
    Take { state, task, ..intent }
}

pub fn lockfile(lines: impl IntoIterator<Item = Take>) -> Lockfile {
    let mut made = Lockfile::default();
    lines.into_iter().map(Record::Take).for_each(|line| made.insert(line));
    made
}

pub fn host() -> Arc<str> {
    HOST.into()
}
