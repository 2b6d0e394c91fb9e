//! A partial download: a hidden file next to its target, with a state file that says how many bytes are valid.
//!
//! `.welcome.mp4.0123456789ab-1.part` has the bytes, `….part.json` the state. Bytes are synced before the state counts
//! them as synced, so even a power failure leaves no gap. If the state is unreadable, the download starts from the
//! beginning. For a complete file, the state has its hash until the lockfile has it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::file_hash::{FileHash, is_same};
use crate::lockfile::Take;
use crate::source::{Access, create_directories, open_in_place, parent_directory, read_regular, write_in_place};
use crate::vendor::ResumePoint;

/// The format version of the state file.
const FORMAT: u32 = 1;

/// The state of a partial download.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct PartialState {
    format: u32,
    /// The server's validator of the file.
    validator: Option<String>,
    /// The quality of the download.
    height: Option<u32>,
    /// Number of bytes that are durably on disk.
    synced: u64,
    /// The hash of the complete file.
    sha256: Option<String>,
    /// The size of the complete file.
    bytes: Option<u64>,
    /// The length of the video in seconds.
    seconds: Option<f64>,
}

/// A partial download.
#[derive(Debug)]
pub(super) struct PartialDownload {
    /// The path of its bytes.
    pub path: PathBuf,
    note_path: PathBuf,
    note: PartialState,
}

impl PartialDownload {
    /// Returns the partial download of a take that will be saved as `target`, as an earlier run left it.
    pub fn beside(target: &Path, take: &Take) -> Self {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let digest = &take.digest.hex()[..12];
        let path = target.with_file_name(format!(".{name}.{digest}-{}.part", take.attempt));
        let mut note_path = path.clone().into_os_string();
        note_path.push(".json");
        let note_path = PathBuf::from(note_path);
        let note = read_regular(&note_path).ok().and_then(|bytes| serde_json::from_slice::<PartialState>(&bytes).ok());
        let note = note.filter(|note| note.format == FORMAT).unwrap_or_default();
        Self { path, note_path, note }
    }

    /// Returns where to resume, if the bytes on disk belong to the same quality and the server can recognize the file.
    pub fn resume(&self, height: Option<u32>) -> Option<ResumePoint> {
        let there = fs::symlink_metadata(&self.path).map_or(0, |meta| meta.len());
        let from = self.note.synced.min(there);
        let validator = self.note.validator.clone()?;
        (from > 0 && self.note.height == height).then_some(ResumePoint { from, validator })
    }

    /// Opens the file for writing at an offset. Bytes after it are removed.
    pub fn open(&mut self, from: u64, validator: Option<String>, height: Option<u32>) -> io::Result<File> {
        create_directories(parent_directory(&self.path))?;
        let file = open_in_place(&self.path, Access::Shared).map_err(|error| named(&self.path, &error))?;
        file.set_len(from)?;
        self.note = PartialState { format: FORMAT, validator, height, synced: from, ..PartialState::default() };
        self.write_state()?;
        Ok(file)
    }

    /// Records that this number of bytes is durably on disk.
    pub fn record_synced(&mut self, bytes: u64) -> io::Result<()> {
        self.note.synced = bytes;
        self.write_state()
    }

    /// Records that the file is complete, before it is moved into place.
    pub fn mark_complete(&mut self, facts: &FileHash, seconds: Option<f64>) -> io::Result<()> {
        self.note.sha256 = Some(facts.sha256.clone());
        (self.note.bytes, self.note.seconds) = (Some(facts.bytes), seconds);
        self.write_state()
    }

    /// Returns the recorded content of the complete file of an earlier run, if that file is now in its place.
    pub fn completed(&self, target: &Path) -> Option<(FileHash, Option<f64>)> {
        let facts = FileHash { sha256: self.note.sha256.clone()?, bytes: self.note.bytes? };
        is_same(target, &facts).ok()?.then_some((facts, self.note.seconds))
    }

    /// Deletes the file and its state.
    pub fn reset(&mut self) {
        self.note = PartialState::default();
        // A file that cannot be deleted is overwritten later, so its state is deleted first.
        drop(fs::remove_file(&self.note_path));
        drop(fs::remove_file(&self.path));
    }

    /// Keeps an invalid file under another name, for inspection by the user.
    pub fn reject(&mut self) -> io::Result<PathBuf> {
        let place = self.path.with_extension("rejected");
        fs::rename(&self.path, &place)?;
        drop(fs::remove_file(&self.note_path));
        Ok(place)
    }

    /// Deletes the state, because the lockfile has all of it.
    pub fn discard_state(&self) {
        drop(fs::remove_file(&self.note_path));
    }

    fn write_state(&self) -> io::Result<()> {
        // The server's validator may be part of a presigned URL.
        let written = write_in_place(&self.note_path, &serde_json::to_vec(&self.note)?, Access::Private);
        written.map_err(|error| named(&self.note_path, &error))
    }
}

/// Returns the error with the name of the file, which the system's message lacks.
fn named(path: &Path, error: &io::Error) -> io::Error {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    io::Error::new(error.kind(), format!("`{name}`: {error}"))
}
