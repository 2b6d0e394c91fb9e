//! Rescues records that could not be written to the lockfile, and finds the records that a file lacks.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::codec::HEADER;
use super::record_line::{self, ParsedLine, trim_line};
use super::{Lockfile, StoreError, durable_fs, encode, parse_bytes};
use crate::source::{parent_directory, sync_directory};

/// Maximum number of rescue files next to a lockfile. After that, the system's temporary directory is used.
const MAX_RESCUE_FILES: u32 = 100;

/// Returns the lines of a lockfile that its file lacks, whatever its current content. `None` if it lacks none.
///
/// A file that is invalid as a whole (git's conflict markers, a newer format) still counts by its valid lines.
pub fn unsaved_records(path: &Path, known: &Lockfile) -> Option<String> {
    let bytes = durable_fs::read(path).ok().flatten().unwrap_or_default();
    records_lacking_in(fold_readable_lines(&bytes), known)
}

/// Returns the records of a lockfile that another one lacks, as the text of a lockfile. Empty if it lacks none.
///
/// A text that is invalid as a whole counts by its readable lines, so that no record is left out. A torn last line of
/// `own` counts as the intent that it may be.
pub fn records_missing_from(other: &[u8], own: &[u8]) -> String {
    let own = parse_bytes("", own).map_or_else(|_| fold_readable_lines(own), |parsed| parsed.lockfile);
    records_lacking_in(fold_readable_lines(other), &own).map(|lines| format!("{HEADER}\n{lines}")).unwrap_or_default()
}

/// Folds the readable lines of a text, whatever the other lines are.
fn fold_readable_lines(bytes: &[u8]) -> Lockfile {
    let mut lockfile = Lockfile::default();
    for piece in bytes.split(|byte| *byte == b'\n') {
        let text = std::str::from_utf8(trim_line(piece)).unwrap_or_default();
        match record_line::read(text) {
            Ok(ParsedLine::Record(record)) => lockfile.insert(record),
            Ok(ParsedLine::Header(header)) => lockfile.insert_header(&header),
            Err(_) => {}
        }
    }
    lockfile
}

/// Returns the lines of the union that `told` lacks.
fn records_lacking_in(mut told: Lockfile, known: &Lockfile) -> Option<String> {
    let before = encode(&told);
    told.union(known);
    let before: HashSet<&str> = before.lines().collect();
    let lines = encode(&told);
    let lines: String = lines.split_inclusive('\n').filter(|line| !before.contains(line.trim_end())).collect();
    (!lines.is_empty()).then_some(lines)
}

/// Saves lines that could not be written to the lockfile. `lock merge --from FILE` restores them.
///
/// # Errors
/// [`StoreError::Unwritten`] if they cannot be saved anywhere. Then they must be shown.
pub fn write_rescue_file(path: &Path, lines: &str) -> Result<PathBuf, StoreError> {
    let text = format!("{HEADER}\n{lines}");
    write_beside(path, &text).or_else(|_| write_to_temporary_directory(path, &text)).map_err(|error| {
        StoreError::Unwritten { text: lines.into(), cause: Arc::new(StoreError::Io(path.to_owned(), Arc::new(error))) }
    })
}

/// Creates a file with a new name next to the lockfile. An earlier rescue file is never touched.
fn write_beside(path: &Path, text: &str) -> io::Result<PathBuf> {
    for number in 1..=MAX_RESCUE_FILES {
        let mut name = path.as_os_str().to_owned();
        name.push(if number == 1 { ".rescue".to_owned() } else { format!(".rescue.{number}") });
        let name = PathBuf::from(name);
        match OpenOptions::new().write(true).create_new(true).open(&name) {
            Ok(mut file) => {
                let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
                if written.is_err() {
                    // A partial rescue file would look like a complete one. If it cannot be removed, it ends in a torn
                    // line.
                    let _left = fs::remove_file(&name);
                }
                written?;
                sync_directory(parent_directory(&name))?;
                return Ok(name);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("too many rescue files"))
}

fn write_to_temporary_directory(path: &Path, text: &str) -> io::Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut file =
        tempfile::Builder::new().prefix(&format!("{name}.")).suffix(".rescue").tempfile_in(std::env::temp_dir())?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    let (_, place) = file.keep().map_err(|error| error.error)?;
    Ok(place)
}
