//! Why the ledger could not be read or changed.

use jiff::Timestamp;
use thiserror::Error;

use crate::lockfile::LockError;

/// Why the ledger could not be read or changed. Addresses of remotes are never in it.
#[derive(Clone, Debug, Error)]
pub enum LedgerError {
    /// Git, the repository or the remote is missing.
    #[error("the ledger `{place}` cannot be used here: {words}")]
    Unusable {
        /// Branch and remote.
        place: String,
        /// Why.
        words: String,
    },
    /// The remote gave no answer.
    #[error("the ledger {0} cannot be read: {1}")]
    Unreachable(String, String),
    /// The remote has no ledger of this project. It is never taken for an empty one.
    #[error(
        "there is no ledger {0}: a deleted branch or a moved directory would bill everything again; if it was never shared, \
         run `callsheet lock share`; if the directory was moved, set `ledger.name` to its former path in the repository"
    )]
    Absent(String),
    /// It was ended by `lock unshare`.
    #[error("the ledger {0} was closed at {1:.0}; remove `ledger:` from the manifest, or name another branch")]
    Closed(String, Timestamp),
    /// It belongs to another remote.
    #[error(
        "the ledger {place} belongs to `{home}`, but this remote is `{here}`; name the shared remote with \
         `git config callsheet.remote NAME`"
    )]
    OtherHome {
        /// Branch and remote.
        place: String,
        /// The home that it names.
        home: String,
        /// The remote here.
        here: String,
    },
    /// A line is from the future.
    #[error("the ledger {0} has a record dated {1:.0}, which is in the future; check this machine's clock")]
    Future(String, Timestamp),
    /// Its text cannot be read.
    #[error(transparent)]
    Unreadable(#[from] LockError),
    /// For two minutes, other runs won, the server refused or nothing answered.
    #[error("the ledger {0} cannot be changed: {1}")]
    Unsettled(String, String),
    /// There is one already.
    #[error("the ledger {0} already has `{1}`")]
    Present(String, String),
}

impl LedgerError {
    /// Returns `true` if a later try may succeed.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable(..))
    }
}
