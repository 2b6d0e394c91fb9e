//! The lockfile: a grow-only set of takes in git that records what was paid for.

mod apply_lock;
mod codec;
mod digest_aliases;
mod durable_fs;
mod fold;
mod host_takes;
mod journal;
mod merge_conflicts;
mod read_only;
mod record_line;
mod rescue;
mod schema;
mod store;
mod stored_spec;
mod take;
mod take_index;
#[cfg(test)]
mod tests;
mod torn_line;
mod verify;

pub use apply_lock::{ApplyLock, ApplyLockError};
pub use codec::{LockError, ParsedLockfile, encode, encode_records, parse_bytes};
pub use journal::Journal;
pub use merge_conflicts::{MergeError, merge_file, resolve_conflicts};
pub use read_only::ReadOnlyLockfile;
pub use record_line::FORMAT_VERSION;
pub use rescue::{records_missing_from, unsaved_records, write_rescue_file};
pub use schema::line_schema;
pub use store::{Store, StoreError};
pub use stored_spec::StoredSpec;
pub use take::{Asset, Record, Run, Take, TakeId, TakeSource, TakeState, VENDOR_RETENTION};
pub use take_index::{ANY_HOST, Lockfile};
pub use verify::{Finding, Level, read_lockfile, unmerged, verify};
