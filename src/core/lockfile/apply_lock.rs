//! Permits one apply at a time, with a lock of the operating system that ends with its holder.
//!
//! The lock belongs to the open file, but other processes find it by path. If the file is deleted (`git clean -fdx`),
//! they lock a new one. So the holder checks that the path still refers to its file, and acquires the lock again if
//! not.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::durable_fs::path_refers_to;
use crate::source::{Access, make_directory, open_in_place, parent_directory};

/// Maximum tries to create a file that is deleted while it is locked.
const MAX_TRIES: usize = 20;

/// The reason why the lock was not acquired.
#[derive(Debug, Error)]
pub enum ApplyLockError {
    /// Another process has the lock.
    #[error("`{command}` is running here since {since} ({who}); wait for it to end")]
    Held {
        /// The process and its user, if the file names them.
        who: String,
        /// The time of its start.
        since: String,
        /// The command line of the holder.
        command: String,
    },
    /// The file system has no locks, or its locks do not work.
    #[error("the file system of `{path}` cannot lock files: {cause}", path = .0.display(), cause = .1)]
    Unsupported(PathBuf, #[source] io::Error),
    /// The system returned an error.
    #[error("cannot lock `{path}`: {cause}", path = .0.display(), cause = .1)]
    Io(PathBuf, #[source] io::Error),
}

/// The content of the file: information about the holder for the user. The lock itself is the system's.
#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    pid: u32,
    who: String,
    command: String,
    since: String,
}

/// The lock, held until it is dropped or the process ends, in whatever way.
///
/// callsheet never deletes or replaces the file: two processes would then hold the locks of two files.
#[derive(Debug)]
pub struct ApplyLock {
    file: File,
    path: PathBuf,
    holder: Holder,
}

impl ApplyLock {
    /// Acquires the lock without waiting. `who` and `command` are what another process shows if it finds the lock held.
    ///
    /// # Errors
    /// See [`ApplyLockError`].
    pub fn acquire(path: &Path, who: &str, command: &str, now: Timestamp) -> Result<Self, ApplyLockError> {
        let (who, command, since) = (who.to_owned(), command.to_owned(), format!("{now:.0}"));
        let holder = Holder { pid: std::process::id(), who, command, since };
        Ok(Self { file: locked(path, &holder, File::try_lock)?, path: path.to_owned(), holder })
    }

    /// Acquires the lock like [`ApplyLock::acquire`], with another function to lock a file.
    #[cfg(test)]
    pub(super) fn acquire_by(path: &Path, try_lock: TryLock) -> Result<Self, ApplyLockError> {
        let [who, command, since] = ["ada", "callsheet apply", "now"].map(str::to_owned);
        let holder = Holder { pid: std::process::id(), who, command, since };
        Ok(Self { file: locked(path, &holder, try_lock)?, path: path.to_owned(), holder })
    }

    /// Ensures that the lock still excludes other processes. Acquires it again if its file was deleted.
    ///
    /// # Errors
    /// If another process has acquired it since, or it cannot be acquired. Then no new submission may start.
    pub fn ensure_held(&mut self) -> Result<(), ApplyLockError> {
        if !path_refers_to(&self.file, &self.path) {
            self.file = locked(&self.path, &self.holder, File::try_lock)?;
        }
        Ok(())
    }
}

/// Locks a file without waiting. Tests simulate file systems that cannot.
type TryLock = fn(&File) -> Result<(), TryLockError>;

/// Returns the locked file, with its holder written into it.
fn locked(path: &Path, holder: &Holder, try_lock: TryLock) -> Result<File, ApplyLockError> {
    let refused = |error| ApplyLockError::Io(path.to_owned(), error);
    for _ in 0..MAX_TRIES {
        let directory = parent_directory(path);
        // The file's directory is `.callsheet`, which must not lead out of the project.
        make_directory(parent_directory(directory), directory).map_err(refused)?;
        let mut file = open_in_place(path, Access::Shared).map_err(refused)?;
        match try_lock(&file) {
            // The file was deleted before it was locked, so other processes would not find this lock.
            Ok(()) if !path_refers_to(&file, path) => continue,
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(read_holder(&mut file)),
            // The file can be opened and written: only the lock is unavailable.
            Err(TryLockError::Error(error)) => return Err(ApplyLockError::Unsupported(path.to_owned(), error)),
        }
        write_holder(&mut file, holder).map_err(refused)?;
        return Ok(file);
    }
    Err(refused(io::Error::other("it is deleted repeatedly, or its file system cannot distinguish files")))
}

impl Drop for ApplyLock {
    fn drop(&mut self) {
        // The content is only information: closing the file releases the lock in any case. It is still unlocked
        // explicitly, because a process that was just forked shares the open file until it calls exec.
        let _left = self.file.set_len(0).and_then(|()| self.file.unlock());
    }
}

fn write_holder(file: &mut File, holder: &Holder) -> io::Result<()> {
    file.set_len(0)?;
    let mut text = serde_json::to_string(holder)?;
    text.push('\n');
    file.write_all(text.as_bytes())
}

/// Returns the error with the holder's information. The holder may not have written it yet, and on some systems a
/// locked file is unreadable.
fn read_holder(file: &mut File) -> ApplyLockError {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    match read.ok().and_then(|_| serde_json::from_str::<Holder>(&text).ok()) {
        Some(Holder { pid, who, command, since }) => {
            ApplyLockError::Held { who: format!("{who}, process {pid}"), since, command }
        }
        None => ApplyLockError::Held {
            who: "another process".to_owned(),
            since: "a moment ago".to_owned(),
            command: "callsheet".to_owned(),
        },
    }
}
