//! Lines to records and back: the whole text of a lockfile.

use std::sync::Arc;

use thiserror::Error;

use super::line::{self, Line};
use super::{Lockfile, Record, torn};

/// The format that this program writes.
pub const FORMAT_VERSION: u32 = 1;

/// The first line.
pub(super) const HEADER: &str = r#"{"callsheet":"lock","version":1}"#;

/// Why a lockfile is refused; the file stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LockError {
    /// Git left its markers.
    #[error(
        "{name}:{line}: git left a conflict here; run `callsheet lock merge`, which keeps what both sides paid for"
    )]
    Conflict {
        /// The file.
        name: String,
        /// From 1.
        line: usize,
    },
    /// A later format.
    #[error("{name}:{line}: format version {version} is newer than this callsheet reads (1); update callsheet")]
    Version {
        /// The file.
        name: String,
        /// From 1.
        line: usize,
        /// What the header says.
        version: u64,
    },
    /// Something else than a lockfile, or a lockfile that lost its head.
    #[error(
        "{name}:{line}: the header `{HEADER}` is missing; if this is a lockfile, put that line first, \
         else restore the file with `git checkout -- {name}`"
    )]
    Header {
        /// The file.
        name: String,
        /// The first line that is not blank, from 1.
        line: usize,
    },
    /// A line that cannot be believed.
    #[error(
        "{name}:{line}: {why}; mend the line or restore the file with `git checkout -- {name}` \
         (without the line, what it paid for would be bought again)"
    )]
    Line {
        /// The file.
        name: String,
        /// From 1.
        line: usize,
        /// Which field, and what is wrong with it.
        why: String,
    },
}

/// A lockfile as read.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The folded records.
    pub lockfile: Lockfile,
    /// The number and text of a torn last line, if there is one.
    pub torn: Option<(usize, String)>,
    /// Whether a header was there; only an empty file, or one torn in its header, has none.
    pub header: bool,
}

/// Reads a lockfile's text.
///
/// A last line without its line break that is no JSON is torn: told in [`Parsed::torn`]; a digest readable in it
/// counts as an intent. A last line that only lacks its line break is a line like others.
///
/// # Errors
/// See [`LockError`]; `name` is the file's name in messages.
pub fn parse(name: &str, text: &str) -> Result<Parsed, LockError> {
    parse_bytes(name, text.as_bytes())
}

/// [`parse`] for bytes as they lie on disk: what is not UTF-8 is a broken line, or a torn one.
///
/// # Errors
/// See [`LockError`].
pub fn parse_bytes(name: &str, bytes: &[u8]) -> Result<Parsed, LockError> {
    // After a loss of power a file may have grown by zeros that were never written.
    let written = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let zeros = written < bytes.len();
    let mut reader = Reader { name, ..Reader::default() };
    let mut number = 0;
    for piece in bytes[..written].split_inclusive(|byte| *byte == b'\n') {
        number += 1;
        let whole = piece.ends_with(b"\n");
        reader.piece(number, piece, whole)?;
        if !whole && zeros {
            let text = String::from_utf8_lossy(piece).into_owned();
            reader.torn.get_or_insert((number, text, false));
        }
    }
    if zeros && (written == 0 || bytes[written - 1] == b'\n') {
        reader.first.get_or_insert(number + 1);
        reader.torn = Some((number + 1, String::new(), false));
    }
    reader.finish()
}

#[derive(Default)]
struct Reader<'name> {
    name: &'name str,
    lockfile: Lockfile,
    last_host: Option<Arc<str>>,
    /// The first line that is not blank.
    first: Option<usize>,
    /// The highest version, and where it stands.
    version: Option<(u64, usize)>,
    broken: Option<(usize, String)>,
    /// Number, text, and whether something has to be saved from it.
    torn: Option<(usize, String, bool)>,
}

impl Reader<'_> {
    fn piece(&mut self, number: usize, piece: &[u8], whole: bool) -> Result<(), LockError> {
        let piece = piece.strip_prefix("\u{feff}".as_bytes()).unwrap_or(piece).trim_ascii();
        if piece.is_empty() {
            return Ok(());
        }
        self.first.get_or_insert(number);
        if is_marker(piece) {
            return Err(LockError::Conflict { name: self.name.to_owned(), line: number });
        }
        let read = match std::str::from_utf8(piece) {
            Ok(text) => line::read(text).map_err(|why| (why, !line::is_json(text))),
            Err(_) => Err(("not UTF-8".to_owned(), true)),
        };
        match read {
            Ok(Line::Header(version)) => {
                if self.version.is_none_or(|(highest, _)| version > highest) {
                    self.version = Some((version, number));
                }
            }
            Ok(Line::Record(record)) => {
                self.last_host = Some(Arc::clone(record.host()));
                self.lockfile.insert(record);
            }
            Err((_, true)) if !whole => {
                self.torn = Some((number, String::from_utf8_lossy(piece).into_owned(), true));
            }
            Err((why, _)) => {
                self.broken.get_or_insert((number, why));
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Parsed, LockError> {
        let name = self.name.to_owned();
        if let Some((version, line)) = self.version.filter(|(version, _)| *version > u64::from(FORMAT_VERSION)) {
            return Err(LockError::Version { name, line, version });
        }
        if let (None, Some(line)) = (self.version, self.first) {
            // Only the very first write can be torn in its header.
            let torn_header =
                self.torn.as_ref().is_some_and(|(number, text, _)| *number == line && begins_header(text));
            if !torn_header {
                return Err(LockError::Header { name, line });
            }
        }
        if let Some((line, why)) = self.broken {
            return Err(LockError::Line { name, line, why });
        }
        if let Some((_, text, true)) = &self.torn {
            torn::salvage(&mut self.lockfile, text, self.last_host.as_ref());
        }
        let torn = self.torn.map(|(line, text, _)| (line, text));
        Ok(Parsed { lockfile: self.lockfile, torn, header: self.version.is_some() })
    }
}

fn begins_header(text: &str) -> bool {
    !text.is_empty() && HEADER.starts_with(text)
}

/// Whether a line is one of git's conflict markers; a line of the lockfile begins with a brace.
pub(super) fn is_marker(line: &[u8]) -> bool {
    marker(line).is_some()
}

/// The character of a conflict marker: seven or more of it, then a blank or the end.
pub(super) fn marker(line: &[u8]) -> Option<u8> {
    let first = *line.first().filter(|byte| matches!(byte, b'<' | b'|' | b'=' | b'>'))?;
    let run = line.iter().take_while(|byte| **byte == first).count();
    let ends = line.get(run).is_none_or(|byte| matches!(byte, b' ' | b'\r' | b'\n'));
    (run >= 7 && ends).then_some(first)
}

/// The text of a lockfile: header, one line a record, sorted; ends in a newline.
///
/// One set has one text: takes by key, time, digest, attempt, host, state, size; then assets by content and host.
pub fn encode(lockfile: &Lockfile) -> String {
    let mut text = String::from(HEADER);
    text.push('\n');
    for take in lockfile.lines() {
        text.push_str(&take.to_line());
        text.push('\n');
    }
    for asset in lockfile.assets() {
        text.push_str(&asset.to_line());
        text.push('\n');
    }
    text
}

/// The text of records as they are appended, each with its line break.
pub fn encode_records(records: &[Record]) -> String {
    records.iter().fold(String::new(), |mut text, record| {
        text.push_str(&record.to_line());
        text.push('\n');
        text
    })
}
