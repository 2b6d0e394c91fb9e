//! Parses the text of a lockfile into records, and encodes it.

use std::sync::Arc;

use thiserror::Error;

use super::record_line::{self, FORMAT_VERSION, Header, ParsedLine, trim_line};
use super::stored_spec::SpecFile;
use super::take::to_json;
use super::{Lockfile, Record, torn_line};

/// The first line of a lockfile that belongs to no shared ledger.
pub(super) const HEADER: &str = r#"{"callsheet":"lock","version":1}"#;

/// The reason why a lockfile is rejected. The file stays unchanged.
#[derive(Clone, Debug, Error)]
#[error("{name}:{line}: {}", .problem.message(name))]
pub struct LockError {
    pub(super) name: String,
    /// The line, from 1. Without a header, the first one that is not empty.
    pub(super) line: usize,
    pub(super) problem: LockProblem,
}

/// A problem of a lockfile.
#[derive(Clone, Debug)]
pub(super) enum LockProblem {
    /// The file contains git's conflict markers.
    Conflict,
    /// The header has a later format version.
    Version(u64),
    /// Not a lockfile, or a lockfile without its header.
    Header,
    /// An invalid line: the field, and what is wrong with it.
    Line(String),
}

impl LockProblem {
    /// Returns the message about a file, without the file and the line.
    pub(super) fn message(&self, name: &str) -> String {
        match self {
            Self::Conflict => {
                "git left a conflict here; run `callsheet lock merge`, which keeps what both sides paid for".to_owned()
            }
            Self::Version(version) => format!(
                "format version {version} is newer than this callsheet reads ({FORMAT_VERSION}); update callsheet"
            ),
            Self::Header => format!(
                "the header `{HEADER}` is missing; if this is a lockfile, put that line first; if not, move the file \
                 away and restore the last version with `git checkout -- {name}`"
            ),
            Self::Line(why) => format!(
                "{why}; fix this line (`git diff -- {name}` shows the change) and keep all other lines: a lost line is \
                 paid for again, and git has only those of the last commit"
            ),
        }
    }
}

/// A parsed lockfile.
#[derive(Debug, Default)]
pub struct ParsedLockfile {
    /// The folded records.
    pub lockfile: Lockfile,
    /// The number and text of a torn last line, if there is one.
    pub torn: Option<(usize, String)>,
    /// Whether the file has a header. Only an empty file, or one torn in its header, has none.
    pub header: bool,
}

/// Parses the text of a lockfile.
///
/// A last line without a line break that is not JSON, or not UTF-8, is torn, and reported in [`ParsedLockfile::torn`]. A
/// readable digest in it counts as an intent. A last line that only lacks its line break is an ordinary line.
///
/// # Errors
/// See [`LockError`]. `name` is the file's name in messages.
pub fn parse_bytes(name: &str, text: impl AsRef<[u8]>) -> Result<ParsedLockfile, LockError> {
    let mut parser = LockfileParser::new(name, None);
    for piece in text.as_ref().split_inclusive(|byte| *byte == b'\n') {
        parser.add(piece, 0)?;
    }
    parser.finish()
}

/// A torn last line.
#[derive(Debug)]
struct TornLine {
    /// From 1.
    line: usize,
    /// The part of the line that was written.
    text: String,
    /// Whether records must be salvaged from it.
    saves: bool,
}

/// Folds a lockfile line by line, so that its text need not be in memory.
#[derive(Default)]
pub(super) struct LockfileParser<'name> {
    name: &'name str,
    lockfile: Lockfile,
    /// The file in which the specs stay. `None` if they are kept in memory.
    specs: Option<&'name Arc<SpecFile>>,
    /// The number of lines so far.
    number: usize,
    /// The host of the last record.
    last_host: Option<Arc<str>>,
    /// The first line that is not empty.
    first: Option<usize>,
    /// The headers, and where each is. A union of git may have left several.
    headers: Vec<(Header, usize)>,
    broken: Option<(usize, String)>,
    torn: Option<TornLine>,
}

impl<'name> LockfileParser<'name> {
    /// Returns the parser of a file; `name` is the file's name in messages.
    pub(super) fn new(name: &'name str, specs: Option<&'name Arc<SpecFile>>) -> Self {
        Self { name, specs, ..Self::default() }
    }

    /// Adds the next line with its line break, which only the last line may lack. `offset` is that of the line in the
    /// file, if the specs stay there.
    pub(super) fn add(&mut self, line: &[u8], offset: u64) -> Result<(), LockError> {
        if let Some(mut record) = self.parse_line(line)? {
            if let (Record::Take(take), Some(file)) = (&mut record, self.specs) {
                self.lockfile.add_earlier_digest(take);
                if let Some(spec) = &mut take.spec {
                    spec.leave_in(file, line, offset);
                }
            }
            self.lockfile.insert(record);
        }
        Ok(())
    }

    /// Reads the next line. Returns its record, if it is one.
    fn parse_line(&mut self, piece: &[u8]) -> Result<Option<Record>, LockError> {
        self.number += 1;
        let number = self.number;
        let whole = piece.ends_with(b"\n");
        // After a power failure, a file may end in zeros that were never written. They contain no line break.
        let written = piece.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        if whole || written == piece.len() {
            return self.line(number, piece, whole);
        }
        if written == 0 {
            self.first.get_or_insert(number);
            self.torn = Some(TornLine { line: number, text: String::new(), saves: false });
            return Ok(None);
        }
        let record = self.line(number, &piece[..written], false)?;
        let text = || String::from_utf8_lossy(&piece[..written]).into_owned();
        self.torn.get_or_insert_with(|| TornLine { line: number, text: text(), saves: false });
        Ok(record)
    }

    fn line(&mut self, number: usize, piece: &[u8], whole: bool) -> Result<Option<Record>, LockError> {
        let piece = trim_line(piece);
        if piece.is_empty() {
            return Ok(None);
        }
        self.first.get_or_insert(number);
        if conflict_marker(piece).is_some() {
            return Err(LockError { name: self.name.to_owned(), line: number, problem: LockProblem::Conflict });
        }
        let read = match std::str::from_utf8(piece) {
            Ok(text) => record_line::read(text).map_err(|why| (why, !record_line::is_json(text))),
            Err(_) => Err(("not UTF-8".to_owned(), true)),
        };
        match read {
            Ok(ParsedLine::Header(header)) => self.headers.push((header, number)),
            Ok(ParsedLine::Record(record)) => {
                if let Some(host) = record.host() {
                    self.last_host = Some(Arc::clone(host));
                }
                return Ok(Some(record));
            }
            Err((_, true)) if !whole => {
                let text = String::from_utf8_lossy(piece).into_owned();
                self.torn = Some(TornLine { line: number, text, saves: true });
            }
            Err((why, _)) => {
                self.broken.get_or_insert((number, why));
            }
        }
        Ok(None)
    }

    /// Returns the parsed lockfile, including what a torn last line contains, or the error of the file as a whole.
    pub(super) fn finish(self) -> Result<ParsedLockfile, LockError> {
        let name = self.name.to_owned();
        // Of several, the first with the highest version.
        let highest = self.headers.iter().rev().max_by_key(|(header, _)| header.version);
        if let Some((header, line)) = highest.filter(|(header, _)| header.version > u64::from(FORMAT_VERSION)) {
            return Err(LockError { name, line: *line, problem: LockProblem::Version(header.version) });
        }
        if let (true, Some(line)) = (self.headers.is_empty(), self.first) {
            // Only the very first write can be torn in its header.
            let torn_header = self.torn.as_ref().is_some_and(|torn| torn.line == line && begins_header(&torn.text));
            if !torn_header {
                return Err(LockError { name, line, problem: LockProblem::Header });
            }
        }
        if let Some((line, why)) = self.broken {
            return Err(LockError { name, line, problem: LockProblem::Line(why) });
        }
        let Self { mut lockfile, headers, torn, last_host, .. } = self;
        for (header, _) in &headers {
            lockfile.insert_header(header);
        }
        if let Some(TornLine { text, saves: true, .. }) = &torn {
            torn_line::salvage(&mut lockfile, text, last_host.as_ref());
        }
        Ok(ParsedLockfile { lockfile, torn: torn.map(|torn| (torn.line, torn.text)), header: !headers.is_empty() })
    }
}

fn begins_header(text: &str) -> bool {
    !text.is_empty() && (HEADER.starts_with(text) || text.starts_with(r#"{"callsheet":"lock","version":2"#))
}

/// Returns the character of one of git's conflict markers: at least seven of it, then a space or the end. A line of the
/// lockfile starts with a brace.
pub(super) fn conflict_marker(line: &[u8]) -> Option<u8> {
    let first = *line.first().filter(|byte| matches!(byte, b'<' | b'|' | b'=' | b'>'))?;
    let run = line.iter().take_while(|byte| **byte == first).count();
    let ends = line.get(run).is_none_or(|byte| matches!(byte, b' ' | b'\r' | b'\n'));
    (run >= 7 && ends).then_some(first)
}

/// Returns the text of a lockfile: the header, then one sorted line per record. Ends in a newline.
///
/// One set has one text: runs by id; takes by key, time, digest, attempt, host, state, size; then assets by content and host.
pub fn encode(lockfile: &Lockfile) -> String {
    let runs = lockfile.runs().map(to_json);
    let lines = runs.chain(lockfile.lines().map(to_json)).chain(lockfile.assets().map(to_json));
    lines.fold(header_line(lockfile) + "\n", |text, line| text + &line + "\n")
}

/// The first line. Version 2, with the home, if the lockfile belongs to a shared ledger.
pub(super) fn header_line(lockfile: &Lockfile) -> String {
    if !lockfile.is_shared() {
        return HEADER.to_owned();
    }
    to_json(&Header { version: FORMAT_VERSION.into(), ..lockfile.header.clone() })
}

/// The text of records as they are appended, each with its line break.
pub fn encode_records(records: &[Record]) -> String {
    records.iter().fold(String::new(), |text, record| text + &record.to_line() + "\n")
}
