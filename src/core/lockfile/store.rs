//! The lockfile on disk: load, append with sync, compact.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::codec::{LockfileParser, header_line};
use super::durable_fs::{self, FileIdentity};
use super::record_line;
use super::stored_spec::SpecFile;
use super::{
    ApplyLock, ApplyLockError, LockError, Lockfile, ParsedLockfile, Record, TakeState, encode, encode_records,
};
use crate::source::{parent_directory, sync_directory};

/// The reason why the lockfile on disk could not be read or written.
#[derive(Clone, Debug, Error)]
pub enum StoreError {
    /// Its text is invalid.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Another program wrote into the file while it was read.
    #[error("another program changed `{0}` while callsheet read it; run the command again")]
    Changed(String),
    /// The file could not be read.
    #[error("cannot read `{path}`: {cause}", path = .0.display(), cause = .1)]
    Read(PathBuf, #[source] Arc<io::Error>),
    /// The file could not be written.
    #[error("cannot write `{path}`: {cause}", path = .0.display(), cause = .1)]
    Io(PathBuf, #[source] Arc<io::Error>),
    /// A record that could not be parsed again. It is not written, because it would make the complete file unreadable.
    #[error("a line would be unreadable: {0}")]
    Unreadable(String),
    /// The lock against other applies was deleted, and another process has it since then, or it cannot be acquired.
    #[error("the lock of this apply was deleted: {0}")]
    LockLost(Arc<ApplyLockError>),
    /// The journal has ended.
    #[error("the lockfile is closed")]
    Closed,
    /// Records that are not durably on disk. Pass `text` to [`super::write_rescue_file`].
    #[error("{cause}; not saved: {} line(s)", .text.lines().count())]
    Unwritten {
        /// The lines of the records.
        text: Arc<str>,
        /// The reason.
        #[source]
        cause: Arc<StoreError>,
    },
}

impl StoreError {
    /// Returns the lines that are not durably on disk, if the error is about a write.
    pub fn unwritten(&self) -> Option<&str> {
        match self {
            Self::Unwritten { text, .. } => Some(text),
            _ => None,
        }
    }
}

/// A lockfile on disk and its records in memory.
#[derive(Debug)]
pub struct Store {
    /// All known records: those that were read, and those that this run added.
    pub lockfile: Lockfile,
    /// The number and text of a torn last line that was read, to warn about.
    pub torn: Option<(usize, String)>,
    name: String,
    /// The path with links resolved.
    path: PathBuf,
    /// The file as it was last read or written. `None` if it is missing or its state is uncertain.
    known: Option<FileIdentity>,
    end: FileEnd,
    file: Option<File>,
    syncs: u64,
    guard: Option<ApplyLock>,
}

/// The end of the file, which decides how to append to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileEnd {
    /// Empty, without a header.
    Empty,
    /// Ends in a newline.
    Clean,
    /// Ends in a complete line without its newline.
    Open,
    /// Ends in a torn line, which must not become an invalid line in the middle.
    Torn,
}

/// A lockfile as it was found on disk.
pub(super) struct FoundFile {
    pub(super) parsed: ParsedLockfile,
    identity: FileIdentity,
    /// Number of bytes read.
    bytes: u64,
    /// The last byte.
    last: Option<u8>,
    pub(super) specs: Arc<SpecFile>,
}

/// Reads a file line by line. With `leave_specs`, the specs of its takes stay in the file. Returns `None` if it is
/// missing.
pub(super) fn read_file(path: &Path, name: &str, leave_specs: bool) -> Result<Option<FoundFile>, StoreError> {
    let refused = |error| StoreError::Read(path.to_owned(), Arc::new(error));
    let Some((file, identity)) = durable_fs::open(path).map_err(refused)? else { return Ok(None) };
    let specs = Arc::new(SpecFile::new(file));
    let mut lines = BufReader::with_capacity(1 << 16, specs.reader());
    let mut parser = LockfileParser::new(name, leave_specs.then_some(&specs));
    let (mut line, mut bytes, mut last) = (Vec::new(), 0, None);
    while lines.read_until(b'\n', &mut line).map_err(refused)? > 0 {
        parser.add(&line, bytes)?;
        bytes += line.len() as u64;
        last = line.last().copied();
        line.clear();
    }
    drop(lines);
    let parsed = parser.finish()?;
    Ok(Some(FoundFile { parsed, identity, bytes, last, specs }))
}

/// Returns the file's name for messages, and its path with links resolved.
pub(super) fn locate(path: &Path) -> Result<(String, PathBuf), StoreError> {
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let target = durable_fs::resolve_links(path).map_err(|error| StoreError::Read(path.to_owned(), Arc::new(error)))?;
    Ok((name, target))
}

pub(super) fn log_read(name: &str, lockfile: &Lockfile, torn: Option<&(usize, String)>) {
    if tracing::enabled!(tracing::Level::DEBUG) {
        let (takes, torn) = (lockfile.takes().count(), torn.map(|(line, _)| *line));
        tracing::debug!(file = name, takes, torn_line = torn, "lockfile read");
    }
}

impl Store {
    /// Reads the file. A missing file counts as empty.
    ///
    /// # Errors
    /// If it cannot be read or its text is invalid.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let (name, path) = locate(path)?;
        let mut store = Self {
            lockfile: Lockfile::default(),
            torn: None,
            name,
            path,
            known: None,
            end: FileEnd::Empty,
            file: None,
            syncs: 0,
            guard: None,
        };
        if let Some(parsed) = store.read()? {
            store.lockfile = parsed.lockfile;
            store.torn = parsed.torn;
        }
        log_read(&store.name, &store.lockfile, store.torn.as_ref());
        Ok(store)
    }

    /// Holds the lock as long as the store exists. If the lock is lost, nothing more is written.
    #[must_use]
    pub fn with_lock(self, lock: ApplyLock) -> Self {
        Self { guard: Some(lock), ..self }
    }

    fn ensure_locked(&mut self) -> Result<(), StoreError> {
        let kept = self.guard.as_mut().map_or(Ok(()), ApplyLock::ensure_held);
        kept.map_err(|error| StoreError::LockLost(Arc::new(error)))
    }

    /// Returns the path of the file with links resolved.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the number of syncs, for tests and measurements.
    pub fn syncs(&self) -> u64 {
        self.syncs
    }

    /// Reads the file again, line by line, and remembers its state. Returns `None` if it is missing.
    fn read(&mut self) -> Result<Option<ParsedLockfile>, StoreError> {
        (self.known, self.file, self.end) = (None, None, FileEnd::Empty);
        let Some(found) = read_file(&self.path, &self.name, false)? else { return Ok(None) };
        let FoundFile { parsed, identity, bytes, last, .. } = found;
        // The state of a file that grew during the read is unknown.
        self.known = Some(identity).filter(|identity| identity.len == bytes);
        self.end = match last {
            _ if parsed.torn.is_some() => FileEnd::Torn,
            None => FileEnd::Empty,
            Some(_) if !parsed.header => FileEnd::Empty,
            Some(b'\n') => FileEnd::Clean,
            Some(_) => FileEnd::Open,
        };
        Ok(Some(parsed))
    }

    /// Verifies, before money is spent, that the file can be appended to and replaced, and that there is space.
    ///
    /// # Errors
    /// If a write would fail.
    pub fn check_writable(&self) -> Result<(), StoreError> {
        durable_fs::probe_writable(&self.path).map_err(|error| self.refused(error))
    }

    fn refused(&self, error: io::Error) -> StoreError {
        StoreError::Io(self.path.clone(), Arc::new(error))
    }

    /// Appends records, syncs them, and folds them into [`Store::lockfile`].
    ///
    /// # Errors
    /// [`StoreError::Unwritten`] if they are not durably on disk. All records but intents describe past events, so they
    /// are still folded in, and a later [`Store::compact`] may save them.
    pub fn append(&mut self, records: &[Record]) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        let text: Arc<str> = encode_records(records).into();
        let unwritten = |cause| StoreError::Unwritten { text: Arc::clone(&text), cause: Arc::new(cause) };
        records.iter().try_for_each(Self::check_readable).map_err(unwritten)?;
        let done = self.refresh().and_then(|()| self.append_text(&text));
        self.fold(records.to_vec(), done.is_ok());
        done.map_err(unwritten)
    }

    /// Whether a record could be read again once it is in the file; a vendor's id may hold anything.
    pub(super) fn check_readable(record: &Record) -> Result<(), StoreError> {
        record_line::check(record).map_err(StoreError::Unreadable)
    }

    /// Appends the text of checked records right after [`Store::refresh`]. The caller folds them then.
    pub(super) fn append_text(&mut self, text: &str) -> Result<(), StoreError> {
        let done = if text.is_empty() { Ok(()) } else { self.write(text).map_err(|error| self.refused(error)) };
        if done.is_err() {
            self.invalidate();
        }
        done
    }

    /// Folds appended records; of those that are not durably on disk all but intents, which nothing followed.
    pub(super) fn fold(&mut self, records: Vec<Record>, durable: bool) {
        for record in records {
            let happened = !matches!(&record, Record::Take(take) if take.state == TakeState::Intent);
            if durable || happened {
                self.lockfile.insert(record);
            }
        }
    }

    /// Reads what other processes wrote to the file since it was last read or written.
    ///
    /// # Errors
    /// If the file cannot be read, or cannot be continued.
    pub(super) fn refresh(&mut self) -> Result<(), StoreError> {
        let done = self.sync_with_disk();
        if done.is_err() {
            self.invalidate();
        }
        done
    }

    /// Makes sure that the file on disk is the one that was loaded, and that it can be appended to.
    ///
    /// If another file took its place (a checkout, a merge), the known records are the union of both. The file is
    /// rewritten first if it lacks records of this run or ends in a torn line. Appending alone would lose those
    /// records, or break on the torn line.
    fn sync_with_disk(&mut self) -> Result<(), StoreError> {
        self.ensure_locked()?;
        let now = self.identity()?;
        if now != self.known || (now.is_none() && !self.lockfile.is_empty()) {
            let found = self.read()?.unwrap_or_default();
            let before = encode(&found.lockfile);
            self.lockfile.union(&found.lockfile);
            self.torn = self.torn.take().or(found.torn);
            if encode(&self.lockfile) != before {
                self.end = FileEnd::Torn;
            }
        }
        if self.end == FileEnd::Torn {
            self.replace(&encode(&self.lockfile))?;
        }
        Ok(())
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        let mut made = false;
        let file = match &mut self.file {
            Some(file) => file,
            free => {
                let (file, new) = durable_fs::open_to_append(&self.path)?;
                made = new;
                if new {
                    self.known = Some(FileIdentity::from_metadata(&file.metadata()?));
                }
                free.insert(file)
            }
        };
        let mut whole = match self.end {
            FileEnd::Empty => format!("{}\n", header_line(&self.lockfile)),
            FileEnd::Open => "\n".to_owned(),
            FileEnd::Clean | FileEnd::Torn => String::new(),
        };
        whole.push_str(text);
        let written = file.write_all(whole.as_bytes()).and_then(|()| file.sync_data());
        let written = written.and_then(|()| if made { sync_directory(parent_directory(&self.path)) } else { Ok(()) });
        if let (Err(_), Some(known)) = (&written, self.known) {
            durable_fs::undo_append(file, &self.path, known.len, whole.as_bytes());
        }
        written?;
        self.syncs += 1;
        let now = FileIdentity::from_metadata(&file.metadata()?);
        // More bytes than ours: another process appends too, so the next write reads again.
        let ours = self.known.is_some_and(|known| known.is_file_of(&now) && known.len + whole.len() as u64 == now.len);
        self.known = Some(now).filter(|_| ours);
        self.end = FileEnd::Clean;
        Ok(())
    }

    /// After a failure, drops the state of the file, so that it is read again.
    fn invalidate(&mut self) {
        (self.known, self.file) = (None, None);
    }

    /// Rewrites the file as the union of disk and memory, sorted and folded. Returns `true` if it changed.
    ///
    /// A file that only this run has changed is not read again: all of it is known.
    ///
    /// # Errors
    /// If the file cannot be replaced.
    pub fn compact(&mut self) -> Result<bool, StoreError> {
        self.ensure_locked()?;
        if self.known.is_none() || self.known != self.identity()? {
            let found = self.read()?.unwrap_or_default();
            self.lockfile.union(&found.lockfile);
            self.torn = self.torn.take().or(found.torn);
        }
        if self.end == FileEnd::Empty && self.lockfile.is_empty() {
            return Ok(false);
        }
        let text = encode(&self.lockfile);
        // Most files have another length then: only one of the same length is read.
        let same_length = self.known.is_none_or(|known| known.len == text.len() as u64);
        let read = |error| StoreError::Read(self.path.clone(), Arc::new(error));
        if same_length && durable_fs::read(&self.path).map_err(read)?.is_some_and(|old| old == text.as_bytes()) {
            return Ok(false);
        }
        self.replace(&text)?;
        Ok(true)
    }

    /// The file that the path means now. `None` if it is missing.
    fn identity(&self) -> Result<Option<FileIdentity>, StoreError> {
        let found = durable_fs::stat_regular(&self.path).map_err(|error| self.refused(error))?;
        Ok(found.map(|meta| FileIdentity::from_metadata(&meta)))
    }

    fn replace(&mut self, text: &str) -> Result<(), StoreError> {
        self.file = None;
        self.known = Some(durable_fs::replace(&self.path, text).map_err(|error| self.refused(error))?);
        self.end = FileEnd::Clean;
        self.syncs += 1;
        Ok(())
    }

    /// Makes all later writes fail as on a full disk.
    #[cfg(test)]
    pub(super) fn simulate_full_disk(&mut self) {
        self.file = File::options().append(true).open("/dev/full").ok();
    }
}
