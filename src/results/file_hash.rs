//! The identity of a file: its size and hash.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use crate::source::{self, open_regular};

/// The identity of a file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileHash {
    /// 64 hex digits.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

/// Returns size and hash of a regular file. `None` if it does not exist.
pub(super) fn hash_file(path: &Path) -> io::Result<Option<FileHash>> {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_file() => hash(&mut open_regular(path)?).map(Some),
        Ok(_) => Err(io::Error::other("its path is not a regular file")),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a regular file of this size and hash exists. The size is checked first.
pub(super) fn is_same(path: &Path, wanted: &FileHash) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_file() && meta.len() == wanted.bytes => Ok(hash(&mut open_regular(path)?)? == *wanted),
        _ => Ok(false),
    }
}

/// Returns size and hash of an open file, from its current position.
pub(super) fn hash(file: &mut impl Read) -> io::Result<FileHash> {
    let (sha256, bytes) = source::hash(file)?;
    Ok(FileHash { sha256, bytes })
}
