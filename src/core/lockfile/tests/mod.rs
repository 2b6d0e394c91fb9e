//! Tests of the lockfile.

mod apply_lock;
mod codec;
mod git;
mod journal;
mod malformed;
mod merge_conflicts;
mod properties;
mod shared;
mod store;
mod stored_spec;
mod take_index;
mod torn_line;
mod verify;

use super::{Asset, Record, StoredSpec, Take, TakeId, TakeState};
use crate::spec::Digest;

pub(super) const HOST: &str = "devapi.vidnoz.com";
pub(super) const HEADER: &str = "{\"callsheet\":\"lock\",\"version\":1}\n";

/// Returns a digest of one repeated hex digit.
pub(super) fn digest(digit: char) -> Digest {
    Digest::parse(&format!("v1:{}", digit.to_string().repeat(32))).unwrap()
}

/// Returns a take at a minute of the first hour, without details.
pub(super) fn take(key: &str, digit: char, attempt: u32, state: TakeState, minute: u32) -> Take {
    let id = TakeId { host: HOST.into(), digest: digest(digit), attempt };
    Take::new(id, key.into(), state, format!("2026-11-22T11:{minute:02}:00Z").parse().unwrap())
}

/// Returns a submitted take with a task and a spec.
pub(super) fn submitted(key: &str, digit: char, task: &str, minute: u32) -> Take {
    let spec = StoredSpec::new(format!("{{\"name\":\"{key}\"}}"));
    let name = Some(format!("{key} #k3f2qa2b7c"));
    Take { task: Some(task.into()), name, spec, ..take(key, digit, 1, TakeState::Submitted, minute) }
}

pub(super) fn asset(digit: char, id: &str, minute: u32) -> Asset {
    let at = format!("2026-11-22T11:{minute:02}:00Z").parse().unwrap();
    Asset { asset: digit.to_string().repeat(64).into(), id: id.into(), host: HOST.into(), at }
}

pub(super) fn records(takes: impl IntoIterator<Item = Take>) -> Vec<Record> {
    takes.into_iter().map(Record::Take).collect()
}

/// Returns the text of a file of these lines, in this order.
pub(super) fn file(takes: &[Take]) -> String {
    takes.iter().fold(HEADER.to_owned(), |text, take| text + &take.to_line() + "\n")
}
