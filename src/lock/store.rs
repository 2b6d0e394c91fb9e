//! The lockfile on disk: load, append with sync, compact: stub, to be written.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::{LockError, Lockfile, Record};

/// Why the lockfile on disk could not be read or written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Its text is refused.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The system refused.
    #[error("cannot write `{0}`: {1}")]
    Io(PathBuf, #[source] std::io::Error),
}

/// A lockfile on disk and what was read of it.
#[derive(Debug)]
pub struct Store {
    /// All that is known: what was read, and what this run added.
    pub lockfile: Lockfile,
}

impl Store {
    /// Reads the file; a missing one is empty.
    ///
    /// # Errors
    /// When it cannot be read or its text is refused.
    pub fn open(_path: &Path) -> Result<Self, StoreError> {
        Ok(Self { lockfile: Lockfile::default() })
    }

    /// Appends records and syncs them; folds them into [`Store::lockfile`].
    ///
    /// # Errors
    /// When they are not durably on disk.
    pub fn append(&mut self, _records: &[Record]) -> Result<(), StoreError> {
        Ok(())
    }

    /// Rewrites the file as the union of disk and run, sorted and folded; true if it changed.
    ///
    /// # Errors
    /// When the file could not be replaced.
    pub fn compact(&mut self) -> Result<bool, StoreError> {
        Ok(false)
    }
}
