//! The lockfile on disk: load, append with sync, compact.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::codec::{HEADER, Parser};
use super::disk::{self, Identity};
use super::line;
use super::{
    ApplyLock, ApplyLockError, LockError, Lockfile, Parsed, Record, State, encode, encode_records, parse_bytes,
};
use crate::source::{folder_of, sync_folder};

/// Why the lockfile on disk could not be read or written.
#[derive(Clone, Debug, Error)]
pub enum StoreError {
    /// Its text is refused.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The system refused to read.
    #[error("cannot read `{path}`: {cause}", path = .0.display(), cause = .1)]
    Read(PathBuf, #[source] Arc<io::Error>),
    /// The system refused to write.
    #[error("cannot write `{path}`: {cause}", path = .0.display(), cause = .1)]
    Io(PathBuf, #[source] Arc<io::Error>),
    /// A record that could not be read again, so it is not written: it would make the whole file unreadable.
    #[error("a line would be unreadable: {0}")]
    Unreadable(String),
    /// The lock that kept other applies away was deleted, and another process has it by now, or it cannot be had.
    #[error("the lock of this apply was deleted under it: {0}")]
    Unguarded(Arc<ApplyLockError>),
    /// The journal has ended.
    #[error("the lockfile is closed")]
    Closed,
    /// Records are not durably on disk: give `text` to [`super::rescue_text`].
    #[error("{cause}; not saved: {} line(s)", .text.lines().count())]
    Unwritten {
        /// The lines of the records.
        text: Arc<str>,
        /// Why.
        #[source]
        cause: Arc<StoreError>,
    },
}

impl StoreError {
    /// The lines that are not durably on disk, if the error is about a write.
    pub fn unwritten(&self) -> Option<&str> {
        match self {
            Self::Unwritten { text, .. } => Some(text),
            _ => None,
        }
    }
}

/// A lockfile on disk and what was read of it.
#[derive(Debug)]
pub struct Store {
    /// All that is known: what was read, and what this run added.
    pub lockfile: Lockfile,
    /// The number and text of the torn last line that was read, if there was one: worth a warning.
    pub torn: Option<(usize, String)>,
    name: String,
    /// Links followed.
    path: PathBuf,
    /// The file as it was last read or written; none when it is missing, or when that is not sure.
    known: Option<Identity>,
    end: End,
    file: Option<File>,
    syncs: u64,
    guard: Option<ApplyLock>,
}

/// How the file ends, which decides how it can be gone on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Nothing in it yet, not even a header.
    Empty,
    /// In a newline.
    Clean,
    /// In a whole line without its newline.
    Open,
    /// In a torn line, which must not become a broken line in the middle.
    Torn,
}

impl Store {
    /// Reads the file; a missing one is empty.
    ///
    /// # Errors
    /// When it cannot be read or its text is refused.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let target = disk::follow(path).map_err(|error| StoreError::Read(path.to_owned(), Arc::new(error)))?;
        let mut store = Self {
            lockfile: Lockfile::default(),
            torn: None,
            name,
            path: target,
            known: None,
            end: End::Empty,
            file: None,
            syncs: 0,
            guard: None,
        };
        if let Some(parsed) = store.read()? {
            store.lockfile = parsed.lockfile;
            store.torn = parsed.torn;
        }
        if tracing::enabled!(tracing::Level::DEBUG) {
            let (takes, torn) = (store.lockfile.takes().count(), store.torn.as_ref().map(|(line, _)| *line));
            tracing::debug!(file = store.name, takes, torn_line = torn, "lockfile read");
        }
        Ok(store)
    }

    /// Held as long as this store; nothing is written any more when it cannot be kept.
    #[must_use]
    pub fn guarded_by(self, lock: ApplyLock) -> Self {
        Self { guard: Some(lock), ..self }
    }

    fn keep_guard(&mut self) -> Result<(), StoreError> {
        let kept = self.guard.as_mut().map_or(Ok(()), ApplyLock::keep);
        kept.map_err(|error| StoreError::Unguarded(Arc::new(error)))
    }

    /// The file, links followed.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How often this store has synced, for tests and measurements.
    pub fn syncs(&self) -> u64 {
        self.syncs
    }

    /// Reads the disk anew, line by line, and remembers what was found there. `None` if the file is missing.
    fn read(&mut self) -> Result<Option<Parsed>, StoreError> {
        (self.known, self.file, self.end) = (None, None, End::Empty);
        let refused = |error| StoreError::Read(self.path.clone(), Arc::new(error));
        let Some((file, identity)) = disk::open(&self.path).map_err(refused)? else { return Ok(None) };
        let mut lines = BufReader::with_capacity(1 << 16, file);
        let mut parser = Parser::new(&self.name);
        let (mut line, mut bytes, mut last) = (Vec::new(), 0, None);
        while lines.read_until(b'\n', &mut line).map_err(refused)? > 0 {
            parser.add(&line)?;
            bytes += line.len() as u64;
            last = line.last().copied();
            line.clear();
        }
        let parsed = parser.finish()?;
        self.remember(&parsed, identity, bytes, last);
        Ok(Some(parsed))
    }

    /// Reads the disk anew, its text too. `None` if the file is missing.
    fn read_text(&mut self) -> Result<Option<(Vec<u8>, Parsed)>, StoreError> {
        (self.known, self.file, self.end) = (None, None, End::Empty);
        let found = disk::read(&self.path).map_err(|error| StoreError::Read(self.path.clone(), Arc::new(error)))?;
        let Some((bytes, identity)) = found else { return Ok(None) };
        let parsed = parse_bytes(&self.name, &bytes)?;
        self.remember(&parsed, identity, bytes.len() as u64, bytes.last().copied());
        Ok(Some((bytes, parsed)))
    }

    fn remember(&mut self, parsed: &Parsed, identity: Identity, bytes: u64, last: Option<u8>) {
        // A file that grew while it was read is not known.
        self.known = Some(identity).filter(|identity| identity.len == bytes);
        self.end = match last {
            _ if parsed.torn.is_some() => End::Torn,
            None => End::Empty,
            Some(_) if !parsed.header => End::Empty,
            Some(b'\n') => End::Clean,
            Some(_) => End::Open,
        };
    }

    /// Proves, before money is spent, that the file can be appended to and replaced and that there is room.
    ///
    /// # Errors
    /// When a write would fail.
    pub fn check_writable(&self) -> Result<(), StoreError> {
        disk::try_out(&self.path).map_err(|error| self.refused(error))
    }

    fn refused(&self, error: io::Error) -> StoreError {
        StoreError::Io(self.path.clone(), Arc::new(error))
    }

    /// Appends records and syncs them; folds them into [`Store::lockfile`].
    ///
    /// # Errors
    /// [`StoreError::Unwritten`] when they are not durably on disk; what had already happened (all but intents) is
    /// folded in all the same, so that a later [`Store::compact`] may still save it.
    pub fn append(&mut self, records: &[Record]) -> Result<(), StoreError> {
        let text: Arc<str> = encode_records(records).into();
        let done = Self::check(&text).and_then(|()| self.append_lines(records, &text));
        done.map_err(|cause| StoreError::Unwritten { text, cause: Arc::new(cause) })
    }

    /// Whether lines could be read again once they are in the file; a vendor's id may hold anything.
    pub(super) fn check(lines: &str) -> Result<(), StoreError> {
        lines.lines().try_for_each(|text| line::read(text).map(drop)).map_err(StoreError::Unreadable)
    }

    /// [`Store::append`] of records whose text is made and checked already; the error is the bare cause.
    pub(super) fn append_lines(&mut self, records: &[Record], text: &str) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        let done = self.catch_up().and_then(|()| self.write(text).map_err(|error| self.refused(error)));
        if done.is_err() {
            self.forget_file();
        }
        for record in records {
            let happened = !matches!(record, Record::Take(take) if take.state == State::Intent);
            if done.is_ok() || happened {
                self.lockfile.insert(record.clone());
            }
        }
        done
    }

    /// Learns what others wrote to the file since it was last read or written.
    ///
    /// # Errors
    /// When the file cannot be read, or not be gone on with.
    pub(super) fn look_again(&mut self) -> Result<(), StoreError> {
        let done = self.catch_up();
        if done.is_err() {
            self.forget_file();
        }
        done
    }

    /// Makes sure that the file on disk is the one that was loaded and can be gone on with.
    ///
    /// If it is another one (a checkout, a merge), the union of both is what is known. If it lacks what this run
    /// knows, or ends in a torn line, it is rewritten first: appending alone would lose the one, break on the other.
    fn catch_up(&mut self) -> Result<(), StoreError> {
        self.keep_guard()?;
        let now = disk::look(&self.path).map_err(|error| self.refused(error))?.map(|meta| Identity::of(&meta));
        if now != self.known || (now.is_none() && !self.lockfile.is_empty()) {
            let found = self.read()?.unwrap_or_default();
            let before = encode(&found.lockfile);
            self.lockfile.union(&found.lockfile);
            self.torn = self.torn.take().or(found.torn);
            if encode(&self.lockfile) != before {
                self.end = End::Torn;
            }
        }
        if self.end == End::Torn {
            self.replace(&encode(&self.lockfile))?;
        }
        Ok(())
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        let mut made = false;
        let file = match &mut self.file {
            Some(file) => file,
            free => {
                let (file, new) = disk::open_to_append(&self.path)?;
                made = new;
                if new {
                    self.known = Some(Identity::of(&file.metadata()?));
                }
                free.insert(file)
            }
        };
        let mut whole = match self.end {
            End::Empty => format!("{HEADER}\n"),
            End::Open => "\n".to_owned(),
            End::Clean | End::Torn => String::new(),
        };
        whole.push_str(text);
        let written = file.write_all(whole.as_bytes()).and_then(|()| file.sync_data());
        let written = written.and_then(|()| if made { sync_folder(folder_of(&self.path)) } else { Ok(()) });
        if let (Err(_), Some(known)) = (&written, self.known) {
            disk::take_back(file, &self.path, known.len, whole.as_bytes());
        }
        written?;
        self.syncs += 1;
        let now = Identity::of(&file.metadata()?);
        // More than ours: somebody else appends too, so the next write reads again.
        let ours = self.known.is_some_and(|known| known.is_file_of(&now) && known.len + whole.len() as u64 == now.len);
        self.known = Some(now).filter(|_| ours);
        self.end = End::Clean;
        Ok(())
    }

    /// After a failure: forgets the file, so that it is read again.
    fn forget_file(&mut self) {
        (self.known, self.file) = (None, None);
    }

    /// Rewrites the file as the union of disk and run, sorted and folded; true if it changed.
    ///
    /// # Errors
    /// When the file could not be replaced.
    pub fn compact(&mut self) -> Result<bool, StoreError> {
        self.keep_guard()?;
        let found = self.read_text()?;
        let missing = found.is_none();
        let mut blank = missing;
        let mut old = Vec::new();
        if let Some((bytes, parsed)) = found {
            blank = bytes.trim_ascii().is_empty();
            self.lockfile.union(&parsed.lockfile);
            self.torn = self.torn.take().or(parsed.torn);
            old = bytes;
        }
        let text = encode(&self.lockfile);
        if (blank && self.lockfile.is_empty()) || (!missing && old == text.as_bytes()) {
            return Ok(false);
        }
        self.replace(&text)?;
        Ok(true)
    }

    fn replace(&mut self, text: &str) -> Result<(), StoreError> {
        self.file = None;
        self.known = Some(disk::replace(&self.path, text).map_err(|error| self.refused(error))?);
        self.end = End::Clean;
        self.syncs += 1;
        Ok(())
    }

    /// From the next write on the disk is full.
    #[cfg(test)]
    pub(super) fn fill_the_disk(&mut self) {
        self.file = File::options().append(true).open("/dev/full").ok();
    }
}
