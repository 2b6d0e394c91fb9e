//! The lockfile: a grow-only set of takes in git that records what was paid for.

mod alias;
mod apply_lock;
mod codec;
mod contents;
mod disk;
mod fold;
mod host;
mod journal;
mod line;
mod merge;
mod rescue;
mod schema;
mod store;
mod take;
#[cfg(test)]
mod tests;
mod torn;
mod verify;

pub use apply_lock::{ApplyLock, ApplyLockError};
pub use codec::{LockError, Parsed, encode, encode_records, parse, parse_bytes};
pub use contents::{ANY_HOST, Lockfile};
pub use journal::Journal;
pub use line::FORMAT_VERSION;
pub use merge::{MergeError, merge_file, resolve_conflicts};
pub use rescue::{missing, missing_in, rescue_text};
pub use schema::line_schema;
pub use store::{Store, StoreError};
pub use take::{Asset, How, KEPT_BY_VENDOR, Record, Run, State, Take, TakeId};
pub use verify::{Finding, Level, read_lockfile, unmerged, verify};
