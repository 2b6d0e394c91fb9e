//! Resolves git's conflict markers to the union of both sides.

use std::path::Path;
use std::sync::Arc;

use thiserror::Error;

use super::codec::conflict_marker;
use super::{LockError, StoreError, durable_fs, encode, parse_bytes};

/// The reason why conflict markers cannot be resolved.
#[derive(Clone, Debug, Error)]
pub enum MergeError {
    /// Conflict markers in the wrong order.
    #[error("{name}:{line}: {why}; restore both sides with `git checkout --merge -- {name}` and try again")]
    Marker {
        /// The file.
        name: String,
        /// From 1.
        line: usize,
        /// The reason.
        why: &'static str,
    },
    /// A side that is invalid by itself.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// An error of the system.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The position of a line in a conflict.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ConflictSide {
    Ours,
    Base,
    Theirs,
}

/// A conflict that is not closed yet.
struct OpenConflict {
    line: usize,
    /// The length of its markers.
    length: usize,
    part: ConflictSide,
}

/// Returns the text without conflict markers. It has every line of every side (diff3's base too) once, in canonical
/// form.
///
/// A text without markers is only sorted.
///
/// # Errors
/// If markers are in the wrong order, or a side is invalid by itself.
pub fn resolve_conflicts(name: &str, text: &str) -> Result<String, MergeError> {
    let mut open: Vec<OpenConflict> = Vec::new();
    let mut lines = String::with_capacity(text.len());
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let bare = line.trim_start_matches('\u{feff}').trim_end();
        match conflict_marker(bare.as_bytes()) {
            Some(byte) => {
                let length = bare.bytes().take_while(|one| *one == byte).count();
                let place = OpenConflict { line: index + 1, length, part: ConflictSide::Ours };
                step(&mut open, byte, place).map_err(|why| MergeError::Marker {
                    name: name.to_owned(),
                    line: index + 1,
                    why,
                })?;
                // An empty line preserves the line numbers of later messages.
                lines.push('\n');
            }
            None => lines.push_str(line),
        }
    }
    if let Some(open) = open.pop() {
        let why = "this conflict has no end";
        return Err(MergeError::Marker { name: name.to_owned(), line: open.line, why });
    }
    Ok(encode(&parse_bytes(name, lines)?.lockfile))
}

/// Resolves the conflicts of a file, adds the records of other files (name and text), and replaces the file. Returns
/// `true` if it changed. This is `lock merge`, with `--from` for the other files.
///
/// # Errors
/// If a text is invalid, or the file cannot be read or replaced. Then it stays unchanged.
pub fn merge_file(path: &Path, others: &[(&str, &str)]) -> Result<bool, MergeError> {
    let unread = |error| StoreError::Read(path.to_owned(), Arc::new(error));
    let target = durable_fs::resolve_links(path).map_err(unread)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let found = durable_fs::read(&target).map_err(unread)?;
    let old = found.as_deref().unwrap_or_default();
    let mut lockfile = match std::str::from_utf8(old) {
        Ok(text) => parse_bytes(&name, resolve_conflicts(&name, text)?)?.lockfile,
        // The text is torn inside a character or invalid. The parser of bytes distinguishes the two.
        Err(_) => parse_bytes(&name, old)?.lockfile,
    };
    for (name, text) in others {
        lockfile.union(&parse_bytes(name, resolve_conflicts(name, text)?)?.lockfile);
    }
    let text = encode(&lockfile);
    if text.as_bytes() == old || (old.trim_ascii().is_empty() && lockfile.is_empty()) {
        return Ok(false);
    }
    durable_fs::replace(&target, &text).map_err(|error| StoreError::Io(target.clone(), Arc::new(error)))?;
    Ok(true)
}

/// Advances by one marker.
///
/// The base of a criss-cross merge is itself a merge. git nests its conflicts there, with longer markers.
fn step(open: &mut Vec<OpenConflict>, byte: u8, place: OpenConflict) -> Result<(), &'static str> {
    if byte == b'<' {
        let fits = open.last().is_none_or(|outer| outer.part == ConflictSide::Base && place.length > outer.length);
        if !fits {
            return Err("a conflict begins inside another one");
        }
        open.push(place);
        return Ok(());
    }
    let Some(inner) = open.last_mut().filter(|inner| inner.length == place.length) else {
        return Err("a conflict marker without a beginning");
    };
    inner.part = match (byte, inner.part) {
        (b'|', ConflictSide::Ours) => ConflictSide::Base,
        (b'=', ConflictSide::Ours | ConflictSide::Base) => ConflictSide::Theirs,
        (b'>', ConflictSide::Theirs) => {
            open.pop();
            return Ok(());
        }
        _ => return Err("a conflict marker out of order"),
    };
    Ok(())
}
