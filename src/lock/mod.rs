//! What was paid for: a grow-only set of takes in git.

mod codec;
mod fold;
mod journal;
mod lockfile;
mod merge;
mod store;
mod take;

pub use codec::{FORMAT_VERSION, LockError, Parsed, encode, parse};
pub use journal::Journal;
pub use lockfile::{ANY_HOST, Lockfile};
pub use merge::{MergeError, resolve_conflicts};
pub use store::{Store, StoreError};
pub use take::{Asset, How, Record, State, Take};
