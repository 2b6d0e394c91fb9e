//! Writes the lockfile outside of applies, for a short time: with the same system lock and the same store.

use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use thiserror::Error;

use crate::lockfile::{ApplyLock, ApplyLockError, Lockfile, Record, Store, StoreError};
use crate::vendor::StopToken;

/// Interval of tries to acquire a lock that is held.
const RETRY_INTERVAL: Duration = Duration::from_millis(200);

/// The lockfile and its lock.
#[derive(Clone, Debug)]
pub struct LockfileWriter {
    /// The lockfile.
    pub lockfile: PathBuf,
    /// The system lock that applies acquire.
    pub guard: PathBuf,
    /// The user, for a process that finds the lock held.
    pub who: String,
    /// The command: `callsheet pull`.
    pub command: String,
}

/// The reason why lines were not written.
#[derive(Debug, Error)]
pub enum LockfileWriterError {
    /// An apply has the lock. The text is its error.
    #[error("{0}")]
    ApplyRunning(String),
    /// Nothing can be written: a read-only checkout, or a file system without locks.
    #[error("{0}")]
    ReadOnly(String),
    /// The lock or the lockfile is not available.
    #[error("{0}")]
    Failed(String),
}

impl From<StoreError> for LockfileWriterError {
    fn from(error: StoreError) -> Self {
        let words = error.to_string();
        if is_read_only(&error) { Self::ReadOnly(words) } else { Self::Failed(words) }
    }
}

impl From<ApplyLockError> for LockfileWriterError {
    fn from(error: ApplyLockError) -> Self {
        let words = error.to_string();
        match error {
            ApplyLockError::Held { .. } => Self::ApplyRunning(words),
            // A full disk is an error, not a read-only checkout: a mere warning would hide that nothing is recorded.
            ApplyLockError::Io(_, cause) if is_full(&cause) => Self::Failed(words),
            ApplyLockError::Io(..) | ApplyLockError::Unsupported(..) => Self::ReadOnly(words),
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

fn is_read_only(error: &StoreError) -> bool {
    match error {
        StoreError::Unwritten { cause, .. } => is_read_only(cause),
        StoreError::Io(_, cause) => {
            matches!(cause.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
        }
        _ => false,
    }
}

impl LockfileWriter {
    /// Writes lines durably, unless an apply is running.
    ///
    /// The lockfile is read again under the lock, so the lines of other processes stay. Known lines are not written
    /// again. With `tidy`, the file is also sorted and folded.
    ///
    /// # Errors
    /// See [`LockfileWriterError`].
    pub fn write(&self, records: &[Record], tidy: bool) -> Result<(), LockfileWriterError> {
        if records.is_empty() && !tidy {
            return Ok(());
        }
        let _held = ApplyLock::acquire(&self.guard, &self.who, &self.command, Timestamp::now())?;
        let mut store = Store::open(&self.lockfile)?;
        let news: Vec<Record> = records.iter().filter(|record| !is_known(&store.lockfile, record)).cloned().collect();
        store.append(&news)?;
        if tidy {
            store.compact()?;
        }
        Ok(())
    }

    /// Writes like [`LockfileWriter::write`], but waits while an apply runs. Calls `told` once with the reason of the wait.
    ///
    /// # Errors
    /// [`LockfileWriterError::ApplyRunning`] if it was stopped while waiting, else as [`LockfileWriter::write`].
    pub async fn write_when_free(
        &self,
        records: &[Record],
        tidy: bool,
        stop: &StopToken,
        told: impl Fn(String),
    ) -> Result<(), LockfileWriterError> {
        let mut first = true;
        loop {
            match self.write(records, tidy) {
                Err(LockfileWriterError::ApplyRunning(words)) if !stop.is_stop_requested() => {
                    if std::mem::take(&mut first) {
                        told(format!("{words}; the saved files are recorded after that"));
                    }
                    tokio::select! {
                        () = tokio::time::sleep(RETRY_INTERVAL) => {}
                        () = stop.stop_requested() => {}
                    }
                }
                done => return done,
            }
        }
    }
}

/// Whether the lockfile already has this record.
fn is_known(lockfile: &Lockfile, record: &Record) -> bool {
    let Record::Take(take) = record else { return false };
    let mut known = lockfile.takes_of(&take.host, &take.digest).filter(|known| known.attempt == take.attempt);
    known.any(|known| known.to_line() == take.to_line())
}
