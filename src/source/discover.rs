//! Finding the project root and reading its text files.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// The name of the root manifest.
pub const ROOT_MANIFEST: &str = "callsheet.yaml";

/// The largest manifest or script file that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Why a text file could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file is larger than [`MAX_FILE_BYTES`].
    #[error("the file has {0} bytes, more than the {MAX_FILE_BYTES} that are allowed")]
    TooLarge(u64),
    /// The bytes are not UTF-8; the number is the offset of the first bad byte.
    #[error("the file is not UTF-8: byte {0} is wrong")]
    NotUtf8(usize),
    /// Not a plain file.
    #[error("not a regular file")]
    NotAFile,
    /// The system refused.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// The nearest folder, from `start` upwards, that holds a root manifest.
pub fn find_root(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|folder| folder.join(ROOT_MANIFEST).is_file()).map(Path::to_path_buf)
}

/// Reads a text file: a plain file, within the size limit, UTF-8; a byte order mark is dropped.
///
/// # Errors
/// See [`ReadError`].
pub fn read_text(path: &Path) -> Result<String, ReadError> {
    let meta = path.metadata()?;
    if !meta.is_file() {
        return Err(ReadError::NotAFile);
    }
    if meta.len() > MAX_FILE_BYTES {
        return Err(ReadError::TooLarge(meta.len()));
    }
    let mut bytes = Vec::with_capacity(meta.len() as usize + 1);
    File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(ReadError::TooLarge(bytes.len() as u64));
    }
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        bytes.drain(..3);
    }
    String::from_utf8(bytes).map_err(|error| ReadError::NotUtf8(error.utf8_error().valid_up_to()))
}
