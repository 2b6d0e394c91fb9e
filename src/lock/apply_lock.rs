//! One apply at a time: a lock of the operating system, which falls with its holder.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::source::folder_of;

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
    /// The system refused.
    #[error("cannot lock `{path}`: {cause}", path = .0.display(), cause = .1)]
    Io(PathBuf, #[source] io::Error),
}

/// What the file says of the holder; for people, the lock itself is the system's.
#[derive(Serialize, Deserialize)]
struct Holder {
    pid: u32,
    who: String,
    command: String,
    since: String,
}

/// The lock, held until it is dropped or the process ends, however it ends.
///
/// The file is never deleted or replaced: two processes would then hold the locks of two files.
#[derive(Debug)]
pub struct ApplyLock {
    file: File,
}

impl ApplyLock {
    /// Takes the lock, without waiting. `who` and `command` are for the one who finds it held.
    ///
    /// # Errors
    /// See [`ApplyLockError`].
    pub fn take(path: &Path, who: &str, command: &str, now: Timestamp) -> Result<Self, ApplyLockError> {
        let refused = |error| ApplyLockError::Io(path.to_owned(), error);
        fs::create_dir_all(folder_of(path)).map_err(refused)?;
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = options.map_err(refused)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(&mut file)),
            Err(TryLockError::Error(error)) => return Err(refused(error)),
        }
        let since = now.to_string();
        let holder = Holder { pid: std::process::id(), who: who.to_owned(), command: command.to_owned(), since };
        say(&mut file, &holder).map_err(refused)?;
        Ok(Self { file })
    }
}

impl Drop for ApplyLock {
    fn drop(&mut self) {
        // Only words for people: the lock falls with the file in any case.
        let _left = self.file.set_len(0);
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
