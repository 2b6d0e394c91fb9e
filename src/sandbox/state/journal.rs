//! The journal on disk and its errors: one JSON record per line, appended and synced. A torn last line is removed.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::record::{StateHeader, StateRecord, VERSION};
use crate::source::{Access, open_in_place};

/// The file name of the journal.
const JOURNAL: &str = "journal.jsonl";
/// The lock file of a running sandbox. It is never removed: the system releases its lock even after `kill -9`.
const LOCK: &str = "running";

/// An open journal, locked against other processes.
#[derive(Debug)]
pub struct StateJournal {
    file: File,
    length: u64,
    lock: File,
}

impl Drop for StateJournal {
    fn drop(&mut self) {
        // Closing the file releases the lock too, but a process forked just now would keep it open for a while.
        let _left = self.lock.unlock();
    }
}

impl StateJournal {
    /// Opens or creates the journal of a directory, and passes every record to `replay`.
    ///
    /// # Errors
    /// If the directory is in use, a line other than the last is broken, or the disk fails.
    pub fn open(
        directory: &Path,
        fresh: StateHeader,
        mut replay: impl FnMut(StateRecord),
    ) -> Result<(StateJournal, StateHeader), SandboxError> {
        let state = |path: &Path| {
            let path = path.to_owned();
            move |source| SandboxError::State { path, source }
        };
        fs::create_dir_all(directory).map_err(state(directory))?;
        let lock_path = directory.join(LOCK);
        let lock = open_in_place(&lock_path, Access::Shared).map_err(state(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(SandboxError::InUse(directory.to_owned())),
            Err(TryLockError::Error(source)) => return Err(SandboxError::State { path: lock_path, source }),
        }
        let path = directory.join(JOURNAL);
        // The journal contains presigned addresses of submitted media.
        let file = open_in_place(&path, Access::Private).map_err(state(&path))?;
        let mut journal = StateJournal { file, length: 0, lock };
        let header = journal.read(&path, &mut replay)?;
        journal.truncate_torn_line().map_err(state(&path))?;
        if let Some(header) = header {
            return Ok((journal, header));
        }
        journal.append(&encode(&StateRecord::Sandbox(fresh))).map_err(state(&path))?;
        // The file name must be durable too.
        File::open(directory).and_then(|directory| directory.sync_all()).map_err(state(directory))?;
        Ok((journal, fresh))
    }

    /// Appends complete lines and syncs them. On an error, none of them remains.
    pub fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(lines).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => self.length += lines.len() as u64,
            // Removes partially written lines. If that fails too, the next start removes them.
            Err(_) => self.truncate_torn_line()?,
        }
        written
    }

    fn read(&mut self, path: &Path, replay: &mut impl FnMut(StateRecord)) -> Result<Option<StateHeader>, SandboxError> {
        let state = |source| SandboxError::State { path: PathBuf::from(path), source };
        let mut reader = BufReader::new(&self.file);
        let mut header = None;
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            if reader.read_until(b'\n', &mut line).map_err(state)? == 0 {
                break;
            }
            if !line.ends_with(b"\n") {
                // No client received a response for this line: responses wait until the complete line is synced.
                break;
            }
            let broken = |reason: String| SandboxError::Broken { path: path.to_owned(), line: number, reason };
            let record = match serde_json::from_slice::<StateRecord>(&line) {
                Ok(record) => record,
                // A crash can leave a last line of zeros or old bytes.
                Err(_) if reader.fill_buf().map_err(state)?.is_empty() && number > 1 => break,
                Err(error) => return Err(broken(error.to_string())),
            };
            match (record, header) {
                (StateRecord::Sandbox(first), None) if first.version == VERSION => header = Some(first),
                (StateRecord::Sandbox(first), None) => {
                    return Err(broken(format!("version {} is not known here", first.version)));
                }
                (StateRecord::Sandbox(_), Some(_)) => return Err(broken("a second header".to_owned())),
                (_, None) => return Err(broken("the header is missing".to_owned())),
                (record, Some(_)) => replay(record),
            }
            self.length += line.len() as u64;
        }
        Ok(header)
    }

    fn truncate_torn_line(&mut self) -> io::Result<()> {
        self.file.set_len(self.length)?;
        self.file.seek(SeekFrom::Start(self.length)).map(drop)
    }
}

/// Encodes a record as a line.
pub fn encode(record: &StateRecord) -> Vec<u8> {
    // Records are plain structs with text keys, which serde_json always serializes.
    let mut line = serde_json::to_vec(record).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Why a sandbox did not start.
#[derive(Debug, Error)]
pub enum SandboxError {
    /// Another process uses the state directory.
    #[error("another sandbox is running on `{}`; stop it, or choose another state directory", .0.display())]
    InUse(PathBuf),
    /// The state directory or a file in it is unusable.
    #[error("cannot use `{}`: {source}", path.display())]
    State {
        /// The file or directory.
        path: PathBuf,
        /// The system error.
        source: io::Error,
    },
    /// The journal cannot be read.
    #[error("`{}:{line}` is broken: {reason}; move the directory away to start again", path.display())]
    Broken {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Why the line is invalid.
        reason: String,
    },
    /// Other machines can reach the address.
    #[error("`{0}` can be reached from other machines; the sandbox listens only on loopback by default")]
    NotLoopback(SocketAddr),
    /// The address is unavailable.
    #[error("cannot listen on `{address}`: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system error.
        source: io::Error,
    },
}

/// Why nothing was stored.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum StateError {
    /// Not enough credits are left.
    #[error("not enough credits: {wanted:.2} needed, {left:.2} left")]
    Credits {
        /// The cost of the task.
        wanted: f64,
        /// The remaining credits.
        left: f64,
    },
    /// The disk failed.
    #[error("the journal cannot be written: {0}")]
    Disk(String),
    /// The sandbox is shutting down.
    #[error("the sandbox is shutting down")]
    Closed,
}
