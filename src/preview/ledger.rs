//! Records the content hash of each file in a directory of frames, so that unchanged frames are not drawn again and
//! files of other origin are not touched.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::DrawError;
use crate::source::{check_inside, read_regular, write_atomically};

/// The file that marks a directory as written by callsheet.
const LEDGER: &str = ".preview.json";
/// The directory of frames of submitted specs.
pub(super) const BEFORE: &str = "before";

/// Why drawing a storyboard failed.
#[derive(Debug, Error)]
pub enum StudioError {
    /// The directory contains files that callsheet did not write.
    #[error("`{0}` has an `index.html` that callsheet did not write; choose another folder with `--out`")]
    Taken(PathBuf),
    /// The disk failed.
    #[error("cannot write `{0}`: {1}")]
    Disk(PathBuf, io::Error),
    /// Drawing failed.
    #[error("`{0}`: {1}")]
    Draw(String, DrawError),
}

impl StudioError {
    pub(super) fn disk(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Disk(path.to_path_buf(), error)
    }
}

/// The content hash of each file that was written.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ledger {
    callsheet: String,
    files: BTreeMap<String, String>,
}

impl Ledger {
    /// Opens the record of a directory, and creates the directory if missing.
    pub(super) fn open(folder: &Path) -> Result<Self, StudioError> {
        let fresh = || Self { callsheet: "preview".to_owned(), files: BTreeMap::new() };
        fs::create_dir_all(folder).map_err(StudioError::disk(folder))?;
        // Recorded files are written and removed in both directories.
        check_inside(folder, &folder.join(BEFORE)).map_err(StudioError::disk(folder))?;
        match read_regular(&folder.join(LEDGER)) {
            // An unreadable record only means that all frames are drawn again.
            Ok(text) => Ok(serde_json::from_slice(&text).unwrap_or_else(|_| fresh())),
            Err(_) if folder.join("index.html").symlink_metadata().is_ok() => {
                Err(StudioError::Taken(folder.to_path_buf()))
            }
            Err(_) => Ok(fresh()),
        }
    }

    /// Returns whether a file has this content.
    pub(super) fn has(&self, folder: &Path, name: &str, hash: &str) -> bool {
        self.files.get(name).is_some_and(|known| known == hash)
            && folder.join(name).symlink_metadata().is_ok_and(|meta| meta.is_file())
    }

    /// Saves the record of written files. With `whole`, it also removes files that are no longer drawn.
    pub(super) fn close(
        mut self,
        folder: &Path,
        written: BTreeMap<String, String>,
        whole: bool,
    ) -> Result<(), StudioError> {
        if whole {
            for name in self.files.keys().filter(|name| !written.contains_key(*name) && is_ours(name)) {
                let path = folder.join(name);
                match fs::remove_file(&path) {
                    Ok(()) => {}
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(StudioError::Disk(path, error)),
                }
            }
            self.files = written;
        } else {
            self.files.extend(written);
        }
        let path = folder.join(LEDGER);
        let text = serde_json::to_vec_pretty(&self);
        save(folder, &path, &text.map_err(|error| StudioError::Disk(path.clone(), error.into()))?)
    }
}

/// Returns whether a recorded name may be removed: a plain file name inside the directory.
fn is_ours(name: &str) -> bool {
    let bare = name.strip_prefix(BEFORE).and_then(|rest| rest.strip_prefix('/')).unwrap_or(name);
    !bare.starts_with('.') && !bare.contains(['/', '\\', ':']) && [".png", ".mp4"].iter().any(|end| bare.ends_with(end))
}

/// Writes a file of a directory atomically.
pub(super) fn save(folder: &Path, path: &Path, bytes: &[u8]) -> Result<(), StudioError> {
    write_atomically(folder, path, bytes).map_err(StudioError::disk(path))
}
