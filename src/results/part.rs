//! A file that is still coming: hidden beside its place, with a note of what may be trusted of it.
//!
//! `.welcome.mp4.0123456789ab-1.part` holds the bytes, `….part.json` the note. What the note calls synced was synced
//! before the note was written, so even a loss of power leaves no gap in it. A note that cannot be read means: from
//! the start. Once the file is whole the note keeps its hash until the lockfile knows it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::disk::{Facts, is_same};
use crate::lockfile::Take;
use crate::source::{Access, folder_of, open_in_place, read_regular, write_in_place};
use crate::vendor::Resume;

/// The format of notes.
const FORMAT: u32 = 1;

/// What is known of a file that is coming.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Note {
    format: u32,
    /// What the server knows the file by.
    validator: Option<String>,
    /// The quality that was begun.
    height: Option<u32>,
    /// Bytes that are durably there.
    synced: u64,
    /// The hash of the whole.
    sha256: Option<String>,
    /// Its size.
    bytes: Option<u64>,
    /// Its length.
    seconds: Option<f64>,
}

/// A file that is still coming.
#[derive(Debug)]
pub(super) struct Part {
    /// Where its bytes are.
    pub path: PathBuf,
    note_path: PathBuf,
    note: Note,
}

impl Part {
    /// The part of a take that will be saved as `target`, as a run before left it.
    pub fn of(target: &Path, take: &Take) -> Self {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let digest = &take.digest.hex()[..12];
        let path = target.with_file_name(format!(".{name}.{digest}-{}.part", take.attempt));
        let mut note_path = path.clone().into_os_string();
        note_path.push(".json");
        let note_path = PathBuf::from(note_path);
        let note = read_regular(&note_path).ok().and_then(|bytes| serde_json::from_slice::<Note>(&bytes).ok());
        let note = note.filter(|note| note.format == FORMAT).unwrap_or_default();
        Self { path, note_path, note }
    }

    /// Where to go on, if what is there is the beginning of the same quality and the server can tell the file again.
    pub fn resume(&self, height: Option<u32>) -> Option<Resume> {
        let there = fs::symlink_metadata(&self.path).map_or(0, |meta| meta.len());
        let from = self.note.synced.min(there);
        let validator = self.note.validator.clone()?;
        (from > 0 && self.note.height == height).then_some(Resume { from, validator })
    }

    /// Opens it to write from a place on; what stands behind it is cut off.
    pub fn open(&mut self, from: u64, validator: Option<String>, height: Option<u32>) -> io::Result<File> {
        fs::create_dir_all(folder_of(&self.path))?;
        let file = open_in_place(&self.path, Access::Shared).map_err(|error| named(&self.path, &error))?;
        file.set_len(from)?;
        self.note = Note { format: FORMAT, validator, height, synced: from, ..Note::default() };
        self.write_note()?;
        Ok(file)
    }

    /// Notes that so many bytes are durably there.
    pub fn synced(&mut self, bytes: u64) -> io::Result<()> {
        self.note.synced = bytes;
        self.write_note()
    }

    /// Notes that it is whole, before it gets its name.
    pub fn whole(&mut self, facts: &Facts, seconds: Option<f64>) -> io::Result<()> {
        self.note.sha256 = Some(facts.sha256.clone());
        (self.note.bytes, self.note.seconds) = (Some(facts.bytes), seconds);
        self.write_note()
    }

    /// What a run before noted of the whole file, if that file is in its place now.
    pub fn finished(&self, target: &Path) -> Option<(Facts, Option<f64>)> {
        let facts = Facts { sha256: self.note.sha256.clone()?, bytes: self.note.bytes? };
        is_same(target, &facts).ok()?.then_some((facts, self.note.seconds))
    }

    /// Throws away what is there.
    pub fn reset(&mut self) {
        self.note = Note::default();
        // What cannot be deleted is overwritten: the note that trusted it goes first.
        drop(fs::remove_file(&self.note_path));
        drop(fs::remove_file(&self.path));
    }

    /// Keeps what came, though it is wrong, where a person can look at it.
    pub fn reject(&mut self) -> io::Result<PathBuf> {
        let place = self.path.with_extension("rejected");
        fs::rename(&self.path, &place)?;
        drop(fs::remove_file(&self.note_path));
        Ok(place)
    }

    /// Forgets the note: the lockfile knows all of it.
    pub fn done(&self) {
        drop(fs::remove_file(&self.note_path));
    }

    fn write_note(&self) -> io::Result<()> {
        // The server's validator may be part of a presigned address.
        let written = write_in_place(&self.note_path, &serde_json::to_vec(&self.note)?, Access::Private);
        written.map_err(|error| named(&self.note_path, &error))
    }
}

/// The error with the name of the file, which no message knows.
fn named(path: &Path, error: &io::Error) -> io::Error {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    io::Error::new(error.kind(), format!("`{name}`: {error}"))
}
