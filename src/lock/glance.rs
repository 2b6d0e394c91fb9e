//! A lockfile read for a plan: takes that are plainly paid for are noted, not kept; their lines can be read again.
//!
//! A line is *plain* when it alone speaks of its digest, at whatever host and attempt, and says submitted, done or
//! pulled of what was really sent. Such a line folds with no other, so what a plan asks of it is known by its few
//! noted facts. All other lines are folded as ever; a plan that needs a noted one loads it first.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use super::codec::{LinePlace, Reader, bare};
use super::line::{self, Line};
use super::{ANY_HOST, How, Lockfile, Record, State, Store, StoreError, Take, TakeId, disk};
use crate::source::open_regular;
use crate::spec::{Digest, digest_of_today, label_of_submitted, label_stays_whole};

/// So many hosts are told apart; the takes of others are kept whole.
const MOST_HOSTS: usize = 64;

/// A lockfile of which only what a plan may have to tell of is held.
#[derive(Debug)]
pub struct Glance {
    /// The number and text of a torn last line, if there is one; then everything is loaded.
    pub torn: Option<(usize, String)>,
    /// The file, links followed.
    path: PathBuf,
    /// Open, so that the lines are read again from the very file they were found in.
    file: Option<File>,
    noted: HashMap<Digest, Noted>,
    hosts: Vec<Arc<str>>,
    /// All takes that are not plain.
    lockfile: Lockfile,
    /// The keys of all that is noted, once somebody asks.
    keys: OnceLock<KeyHashes>,
}

/// Numbers that stand for keys, which need no hash of their own.
type KeyHashes = HashSet<u64, BuildHasherDefault<ByItself>>;

/// What is noted of a plain line.
#[derive(Debug)]
struct Noted {
    offset: u64,
    /// 0: the digest is not plain, its lines are in the lockfile.
    length: u32,
    /// In [`Glance::hosts`].
    host: u16,
    saved: bool,
    /// Whether a video was found to want just this.
    used: AtomicBool,
    attempt: u32,
    key: u64,
    key_and_label: u64,
    second: i64,
    nanosecond: i32,
}

/// What a plan says of a take that is plainly paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlainlyPaid {
    /// When it was sent or found.
    pub at: Timestamp,
    /// Whether the video was saved.
    pub saved: bool,
}

impl Glance {
    /// Reads the file; a missing one is empty.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let refused = |error| StoreError::Read(path.to_owned(), Arc::new(error));
        let target = disk::follow(path).map_err(refused)?;
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into());
        let mut glance = Self {
            torn: None,
            path: target,
            file: None,
            noted: HashMap::new(),
            hosts: Vec::new(),
            lockfile: Lockfile::default(),
            keys: OnceLock::new(),
        };
        if disk::look(&glance.path).map_err(|error| glance.refused(error))?.is_none() {
            return Ok(glance);
        }
        let file = open_regular(&glance.path).map_err(|error| glance.refused(error))?;
        let mut lines = BufReader::with_capacity(1 << 16, file);
        let mut reader = Reader::new(&name);
        let mut line = Vec::new();
        let mut again = Vec::new();
        while lines.read_until(b'\n', &mut line).map_err(|error| glance.refused(error))? > 0 {
            if let Some((record, place)) = reader.piece(&line)? {
                again.extend(glance.take_in(record, place));
            }
            line.clear();
        }
        if reader.finish()?.torn.is_some() {
            // What a torn line tells depends on all others; it is rare, and the next apply mends it.
            let store = Store::open(path)?;
            return Ok(Self { torn: store.torn, lockfile: store.lockfile, noted: HashMap::new(), ..glance });
        }
        glance.file = Some(lines.into_inner());
        glance.load(again)?;
        Ok(glance)
    }

    /// The file, links followed.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it holds a take, in whatever state.
    pub fn holds(&self, id: &TakeId) -> bool {
        let noted = self.noted.get(&id.digest).filter(|noted| noted.length > 0);
        let plain =
            noted.is_some_and(|noted| noted.attempt == id.attempt && self.hosts[usize::from(noted.host)] == id.host);
        plain || self.lockfile.holds(id)
    }

    /// Whether it holds no take at all.
    pub fn is_empty(&self) -> bool {
        self.plain().next().is_none() && self.lockfile.is_empty()
    }

    /// How many takes it holds, and how many of them are plainly paid for. Counts anew each time.
    pub fn count(&self) -> (usize, usize) {
        let plain = self.noted.values().filter(|noted| noted.length > 0).count();
        (plain + self.lockfile.takes().count(), plain)
    }

    /// Notes or folds a record; a line that proves not to be alone is to be loaded.
    fn take_in(&mut self, record: Record, place: LinePlace) -> Option<(Digest, LinePlace)> {
        let Record::Take(take) = &record else {
            self.lockfile.insert(record);
            return None;
        };
        let digest = take.digest;
        match self.noted.entry(digest) {
            Entry::Occupied(mut known) => {
                let first = std::mem::replace(&mut known.get_mut().length, 0);
                let place = LinePlace { offset: known.get().offset, length: first as usize };
                self.lockfile.insert(record);
                (first != 0).then_some((digest, place))
            }
            Entry::Vacant(free) => {
                let noted = note(take, place, &mut self.hosts);
                if free.insert(noted).length == 0 {
                    self.lockfile.insert(record);
                }
                None
            }
        }
    }

    /// What is to be said of a video that is paid for under its own key and label, when that is all there is to say.
    pub fn plainly_paid(&self, host: &str, digest: Digest, key: &str, label: &str) -> Option<PlainlyPaid> {
        let noted = self.noted.get(&digest).filter(|noted| noted.length > 0)?;
        if *self.hosts[usize::from(noted.host)] != *host || noted.key_and_label != hash((key, label)) {
            return None;
        }
        let at = Timestamp::new(noted.second, noted.nanosecond).ok()?;
        noted.used.store(true, Ordering::Relaxed);
        Some(PlainlyPaid { at, saved: noted.saved })
    }

    /// Whether no line at any host has this content, and none that a plan for this host would ask has this key.
    pub fn knows_nothing_of(&self, host: &str, digest: Digest, key: &str) -> bool {
        let keys = || self.noted.values().map(|noted| noted.key).collect();
        self.torn.is_none()
            && !self.noted.contains_key(&digest)
            && self.lockfile.names(digest).nth(1).is_none()
            && !self.keys.get_or_init(keys).contains(&hash(key))
            && self.lockfile.takes_of_key(host, key).next().is_none()
    }

    /// All takes at a host that may have been sent since a time: those that are plain, in a separate lockfile, and
    /// those that are not, whenever they were sent.
    ///
    /// # Errors
    /// As [`Glance::rest`].
    pub fn sent_since(&self, host: &str, since: Timestamp) -> Result<[Cow<'_, Lockfile>; 2], StoreError> {
        let here = self.hosts.iter().position(|known| **known == *host);
        let late = |noted: &Noted| Some(usize::from(noted.host)) == here && noted.second >= since.as_second();
        let lines = self.plain().filter(|(_, noted)| late(noted)).map(place_of).collect();
        let mut plain = Lockfile::default();
        self.read_again(lines, &mut plain)?;
        Ok([Cow::Borrowed(&self.lockfile), Cow::Owned(plain)])
    }

    /// The lockfile, as far as a plan for a host may still ask for it: what `wanted` digests there are, and every take
    /// whose key is that of no video that was found plainly paid for. `all`: every take.
    ///
    /// # Errors
    /// When lines cannot be read again, or are not what they were.
    pub fn rest(mut self, host: &str, wanted: &HashSet<Digest>, all: bool) -> Result<Lockfile, StoreError> {
        let needed = if all { self.plain().map(place_of).collect() } else { self.needed(host, wanted) };
        self.load(needed)?;
        Ok(self.lockfile)
    }

    fn needed(&self, host: &str, wanted: &HashSet<Digest>) -> Vec<(Digest, LinePlace)> {
        let here = self.hosts.iter().position(|known| **known == *host);
        let asked =
            wanted.iter().filter_map(|digest| self.noted.get_key_value(digest)).filter(|(_, noted)| noted.length > 0);
        let mut needed: Vec<_> = asked.map(place_of).collect();
        let is_idle = |noted: &Noted| !noted.is_used() && Some(usize::from(noted.host)) == here;
        let idle: Vec<_> = self.plain().filter(|(_, noted)| is_idle(noted)).collect();
        if idle.is_empty() {
            return needed;
        }
        let keys: KeyHashes = idle.iter().map(|(_, noted)| noted.key).collect();
        // A line that is used bears the key of a video that is settled.
        let used = self.plain().filter(|(_, noted)| noted.is_used() && keys.contains(&noted.key));
        let settled: KeyHashes = used.map(|(_, noted)| noted.key).collect();
        let untold =
            idle.into_iter().filter(|(digest, noted)| !settled.contains(&noted.key) && !wanted.contains(digest));
        needed.extend(untold.map(place_of));
        needed
    }

    /// What is noted as plain.
    fn plain(&self) -> impl Iterator<Item = (&Digest, &Noted)> {
        self.noted.iter().filter(|(_, noted)| noted.length > 0)
    }

    /// Reads lines again and folds them in.
    fn load(&mut self, lines: Vec<(Digest, LinePlace)>) -> Result<(), StoreError> {
        let mut lockfile = std::mem::take(&mut self.lockfile);
        let read = self.read_again(lines, &mut lockfile);
        self.lockfile = lockfile;
        read
    }

    /// Reads lines again into a lockfile.
    fn read_again(&self, mut lines: Vec<(Digest, LinePlace)>, lockfile: &mut Lockfile) -> Result<(), StoreError> {
        let Some(file) = self.file.as_ref().filter(|_| !lines.is_empty()) else { return Ok(()) };
        lines.sort_unstable_by_key(|(_, place)| place.offset);
        // The lines wanted are mostly far apart: what is read beyond them is thrown away.
        let mut reader = BufReader::with_capacity(1 << 12, file);
        let mut text = Vec::new();
        let mut read_again = |(digest, place): (Digest, LinePlace)| -> io::Result<Record> {
            let now = reader.stream_position()?;
            match i64::try_from(place.offset).ok().zip(i64::try_from(now).ok()) {
                Some((wanted, now)) => reader.seek_relative(wanted - now)?,
                None => drop(reader.seek(SeekFrom::Start(place.offset))?),
            }
            text.resize(place.length, 0);
            reader.read_exact(&mut text)?;
            match std::str::from_utf8(bare(&text)).ok().and_then(|text| line::read(text).ok()) {
                Some(Line::Record(Record::Take(take))) if take.digest == digest => Ok(Record::Take(take)),
                _ => Err(io::Error::other("it was changed while it was read; run the command again")),
            }
        };
        for line in lines {
            let record = read_again(line).map_err(|error| StoreError::Read(self.path.clone(), Arc::new(error)))?;
            lockfile.insert(record);
        }
        Ok(())
    }

    fn refused(&self, error: io::Error) -> StoreError {
        StoreError::Read(self.path.clone(), Arc::new(error))
    }
}

impl Noted {
    /// Whether a video was found to want just this.
    fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }
}

/// Where to read a noted line again.
fn place_of((digest, noted): (&Digest, &Noted)) -> (Digest, LinePlace) {
    (*digest, LinePlace { offset: noted.offset, length: noted.length as usize })
}

/// Takes a number that is a hash already for its hash.
#[derive(Default)]
struct ByItself(u64);

impl Hasher for ByItself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 << 8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// The number that stands for a key, or a key and a label, where only its likeness counts: nothing is sent or kept back
/// by it.
fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The facts of a line that is the first of its digest; not plain when it may have to be looked at as a whole.
fn note(take: &Take, place: LinePlace, hosts: &mut Vec<Arc<str>>) -> Noted {
    let known = hosts.iter().position(|known| *known == take.host);
    let host = known.or_else(|| {
        let room = hosts.len() < MOST_HOSTS;
        room.then(|| hosts.push(Arc::clone(&take.host))).map(|()| hosts.len() - 1)
    });
    let host = host.and_then(|host| u16::try_from(host).ok());
    let renamed = take.spec.as_ref().is_some_and(|spec| digest_of_today(spec.get()).is_some());
    let plain = take.state.is_paid() && take.how != Some(How::Accepted) && *take.host != *ANY_HOST && !renamed;
    let label = take.name.as_deref().map(label_of_submitted).filter(|label| plain && label_stays_whole(label));
    let length = label.and(host).and_then(|_| u32::try_from(place.length).ok()).unwrap_or_default();
    Noted {
        offset: place.offset,
        length,
        host: host.unwrap_or_default(),
        saved: take.state == State::Pulled,
        used: AtomicBool::new(false),
        attempt: take.attempt,
        key: hash(&*take.key),
        key_and_label: hash((&*take.key, label.unwrap_or_default())),
        second: take.at.as_second(),
        nanosecond: take.at.subsec_nanosecond(),
    }
}
