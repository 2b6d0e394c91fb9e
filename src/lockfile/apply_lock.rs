//! One apply at a time: a lock of the operating system, which falls with its holder.
//!
//! What is locked is a file, and what others find is a name: where somebody deletes the file (`git clean -fdx`) the
//! lock holds nobody off. So a holder looks whether the name still means its file, and takes it anew where it does not.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::disk::is_at;
use crate::source::{Access, folder_of, make_directory, open_in_place};

/// How often a file that is deleted while it is locked is made anew.
const MOST_TRIES: usize = 20;

/// Why the lock was not had.
#[derive(Debug, Error)]
pub enum ApplyLockError {
    /// Somebody else has it.
    #[error("`{command}` is running here since {since} ({who}); wait for it to end")]
    Held {
        /// The process, and who runs it, as far as it said so.
        who: String,
        /// Since when.
        since: String,
        /// The command.
        command: String,
    },
    /// The file system has no locks, or none that work.
    #[error("the file system of `{path}` cannot lock files: {cause}", path = .0.display(), cause = .1)]
    Unsupported(PathBuf, #[source] io::Error),
    /// The system refused.
    #[error("cannot lock `{path}`: {cause}", path = .0.display(), cause = .1)]
    Io(PathBuf, #[source] io::Error),
}

/// What the file says of the holder; for people, the lock itself is the system's.
#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    pid: u32,
    who: String,
    command: String,
    since: String,
}

/// The lock, held until it is dropped or the process ends, however it ends.
///
/// The file is never deleted or replaced by us: two processes would then hold the locks of two files.
#[derive(Debug)]
pub struct ApplyLock {
    file: File,
    path: PathBuf,
    holder: Holder,
}

impl ApplyLock {
    /// Takes the lock, without waiting. `who` and `command` are for the one who finds it held.
    ///
    /// # Errors
    /// See [`ApplyLockError`].
    pub fn take(path: &Path, who: &str, command: &str, now: Timestamp) -> Result<Self, ApplyLockError> {
        let (who, command, since) = (who.to_owned(), command.to_owned(), now.to_string());
        let holder = Holder { pid: std::process::id(), who, command, since };
        Ok(Self { file: locked(path, &holder, File::try_lock)?, path: path.to_owned(), holder })
    }

    /// [`ApplyLock::take`] with another way to lock a file.
    #[cfg(test)]
    pub(super) fn take_by(path: &Path, try_lock: TryLock) -> Result<Self, ApplyLockError> {
        let [who, command, since] = ["ada", "callsheet apply", "now"].map(str::to_owned);
        let holder = Holder { pid: std::process::id(), who, command, since };
        Ok(Self { file: locked(path, &holder, try_lock)?, path: path.to_owned(), holder })
    }

    /// Makes sure that the lock still holds others off; where its file was deleted it is taken anew.
    ///
    /// # Errors
    /// When somebody else has it by now, or it cannot be had: then nothing may be begun any more.
    pub fn keep(&mut self) -> Result<(), ApplyLockError> {
        if !is_at(&self.file, &self.path) {
            self.file = locked(&self.path, &self.holder, File::try_lock)?;
        }
        Ok(())
    }
}

/// How a file is locked without waiting; tests play file systems that cannot.
type TryLock = fn(&File) -> Result<(), TryLockError>;

/// The file, locked, with the words of its holder in it.
fn locked(path: &Path, holder: &Holder, try_lock: TryLock) -> Result<File, ApplyLockError> {
    let refused = |error| ApplyLockError::Io(path.to_owned(), error);
    for _ in 0..MOST_TRIES {
        let folder = folder_of(path);
        // Its directory is `.callsheet`, which must not lead out of the project.
        make_directory(folder_of(folder), folder).map_err(refused)?;
        let mut file = open_in_place(path, Access::Shared).map_err(refused)?;
        match try_lock(&file) {
            // Deleted between the two: what is locked now nobody else would find.
            Ok(()) if !is_at(&file, path) => continue,
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(&mut file)),
            // The file could be opened and written: only the lock itself is unavailable.
            Err(TryLockError::Error(error)) => return Err(ApplyLockError::Unsupported(path.to_owned(), error)),
        }
        say(&mut file, holder).map_err(refused)?;
        return Ok(file);
    }
    Err(refused(io::Error::other("it is deleted again and again, or its file system cannot tell files apart")))
}

impl Drop for ApplyLock {
    fn drop(&mut self) {
        // Only words for people: the lock falls with the file in any case. It is lifted here all the same, since a process
        // that was begun at this very moment holds the file, too, until it becomes another program.
        let _left = self.file.set_len(0).and_then(|()| self.file.unlock());
    }
}

fn say(file: &mut File, holder: &Holder) -> io::Result<()> {
    file.set_len(0)?;
    let mut text = serde_json::to_string(holder)?;
    text.push('\n');
    file.write_all(text.as_bytes())
}

/// What the holder says of itself. It may not have written it yet, and some systems do not let us read it.
fn held(file: &mut File) -> ApplyLockError {
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
