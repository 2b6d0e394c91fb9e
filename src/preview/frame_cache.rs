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
const CACHE_FILE: &str = ".preview.json";
/// The directory of frames of submitted specs.
pub(super) const BEFORE_DIRECTORY: &str = "before";

/// Why drawing a storyboard failed.
#[derive(Debug, Error)]
pub enum FrameError {
    /// The directory contains files that callsheet did not write.
    #[error("`{0}` has an `index.html` that callsheet did not write; choose another directory with `--out`")]
    NotOurDirectory(PathBuf),
    /// The disk failed.
    #[error("cannot write `{0}`: {1}")]
    Disk(PathBuf, io::Error),
    /// Drawing failed.
    #[error("`{0}`: {1}")]
    Draw(String, DrawError),
}

impl FrameError {
    pub(super) fn disk(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Disk(path.to_path_buf(), error)
    }
}

/// The content hash of each file that was written.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FrameCache {
    callsheet: String,
    files: BTreeMap<String, String>,
}

impl FrameCache {
    /// Opens the record of a directory, and creates the directory if missing.
    pub(super) fn open(directory: &Path) -> Result<Self, FrameError> {
        let fresh = || Self { callsheet: "preview".to_owned(), files: BTreeMap::new() };
        fs::create_dir_all(directory).map_err(FrameError::disk(directory))?;
        // Recorded files are written and removed in both directories.
        check_inside(directory, &directory.join(BEFORE_DIRECTORY)).map_err(FrameError::disk(directory))?;
        match read_regular(&directory.join(CACHE_FILE)) {
            // An unreadable record only means that all frames are drawn again.
            Ok(text) => Ok(serde_json::from_slice(&text).unwrap_or_else(|_| fresh())),
            Err(_) if directory.join("index.html").symlink_metadata().is_ok() => {
                Err(FrameError::NotOurDirectory(directory.to_path_buf()))
            }
            Err(_) => Ok(fresh()),
        }
    }

    /// Returns whether a file has this content.
    pub(super) fn has(&self, directory: &Path, name: &str, hash: &str) -> bool {
        self.files.get(name).is_some_and(|known| known == hash)
            && directory.join(name).symlink_metadata().is_ok_and(|meta| meta.is_file())
    }

    /// Saves the record of written files. With `whole`, it also removes files that are no longer drawn.
    pub(super) fn save_record(
        mut self,
        directory: &Path,
        written: BTreeMap<String, String>,
        whole: bool,
    ) -> Result<(), FrameError> {
        if whole {
            for name in self.files.keys().filter(|name| !written.contains_key(*name) && is_cache_path(name)) {
                let path = directory.join(name);
                match fs::remove_file(&path) {
                    Ok(()) => {}
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(FrameError::Disk(path, error)),
                }
            }
            self.files = written;
        } else {
            self.files.extend(written);
        }
        let path = directory.join(CACHE_FILE);
        let text = serde_json::to_vec_pretty(&self);
        write_file(directory, &path, &text.map_err(|error| FrameError::Disk(path.clone(), error.into()))?)
    }
}

/// Returns whether a recorded name may be removed: a plain file name inside the directory.
fn is_cache_path(name: &str) -> bool {
    let bare = name.strip_prefix(BEFORE_DIRECTORY).and_then(|rest| rest.strip_prefix('/')).unwrap_or(name);
    !bare.starts_with('.') && !bare.contains(['/', '\\', ':']) && [".png", ".mp4"].iter().any(|end| bare.ends_with(end))
}

/// Writes a file of a directory atomically.
pub(super) fn write_file(directory: &Path, path: &Path, bytes: &[u8]) -> Result<(), FrameError> {
    write_atomically(directory, path, bytes).map_err(FrameError::disk(path))
}
