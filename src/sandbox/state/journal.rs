//! The journal on disk: one JSON record a line, appended and synced; a torn last line is cut off.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::SandboxError;
use super::record::{Header, Record, VERSION};
use crate::source::{Access, open_in_place};

/// The journal's file.
const JOURNAL: &str = "journal.jsonl";
/// Held as long as a sandbox runs, never removed: the system frees it even after `kill -9`.
const LOCK: &str = "running";

/// An open journal; nobody else has it.
#[derive(Debug)]
pub struct Journal {
    file: File,
    length: u64,
    lock: File,
}

impl Drop for Journal {
    fn drop(&mut self) {
        // It falls with the file in any case; a process that was begun at this very moment would hold it for a while.
        let _left = self.lock.unlock();
    }
}

impl Journal {
    /// Opens or makes the journal of a folder, and hands every record to `replay`.
    ///
    /// # Errors
    /// A folder in use, a broken line that is not the last, the disk.
    pub fn open(
        folder: &Path,
        fresh: Header,
        mut replay: impl FnMut(Record),
    ) -> Result<(Journal, Header), SandboxError> {
        let state = |path: &Path| {
            let path = path.to_owned();
            move |source| SandboxError::State { path, source }
        };
        fs::create_dir_all(folder).map_err(state(folder))?;
        let lock_path = folder.join(LOCK);
        let lock = open_in_place(&lock_path, Access::Shared).map_err(state(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(SandboxError::InUse(folder.to_owned())),
            Err(TryLockError::Error(source)) => return Err(SandboxError::State { path: lock_path, source }),
        }
        let path = folder.join(JOURNAL);
        // Presigned addresses of what was submitted are in it.
        let file = open_in_place(&path, Access::Private).map_err(state(&path))?;
        let mut journal = Journal { file, length: 0, lock };
        let header = journal.read(&path, &mut replay)?;
        journal.cut().map_err(state(&path))?;
        if let Some(header) = header {
            return Ok((journal, header));
        }
        journal.append(&encode(&Record::Sandbox(fresh))).map_err(state(&path))?;
        // The file's own name must last as well.
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(state(folder))?;
        Ok((journal, fresh))
    }

    /// Appends whole lines and syncs them; when that fails, none of them stays.
    pub fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(lines).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => self.length += lines.len() as u64,
            // What was written in part is cut off; if even that fails, the next start does it.
            Err(_) => self.cut()?,
        }
        written
    }

    fn read(&mut self, path: &Path, replay: &mut impl FnMut(Record)) -> Result<Option<Header>, SandboxError> {
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
                // Never answered for: the answer waits for the sync of the whole line.
                break;
            }
            let broken = |reason: String| SandboxError::Broken { path: path.to_owned(), line: number, reason };
            let record = match serde_json::from_slice::<Record>(&line) {
                Ok(record) => record,
                // A crash can leave a last line of zeros or of old bytes.
                Err(_) if reader.fill_buf().map_err(state)?.is_empty() && number > 1 => break,
                Err(error) => return Err(broken(error.to_string())),
            };
            match (record, header) {
                (Record::Sandbox(first), None) if first.version == VERSION => header = Some(first),
                (Record::Sandbox(first), None) => {
                    return Err(broken(format!("version {} is not known here", first.version)));
                }
                (Record::Sandbox(_), Some(_)) => return Err(broken("a second header".to_owned())),
                (_, None) => return Err(broken("the header is missing".to_owned())),
                (record, Some(_)) => replay(record),
            }
            self.length += line.len() as u64;
        }
        Ok(header)
    }

    fn cut(&mut self) -> io::Result<()> {
        self.file.set_len(self.length)?;
        self.file.seek(SeekFrom::Start(self.length)).map(drop)
    }
}

/// A record as a line.
pub fn encode(record: &Record) -> Vec<u8> {
    // Records are plain structs with text keys, which serde_json always writes.
    let mut line = serde_json::to_vec(record).unwrap_or_default();
    line.push(b'\n');
    line
}
