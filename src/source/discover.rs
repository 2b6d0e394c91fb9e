//! Finding the project root and reading its text files.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// The name of the root manifest.
pub const ROOT_MANIFEST: &str = "callsheet.yaml";

/// What callsheet keeps of a project, never committed; relative to the root.
pub const OWN_DIRECTORY: &str = ".callsheet";

/// The largest manifest or script file that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Why a text file could not be read, as the end of a sentence that starts with its name.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file is larger than [`MAX_FILE_BYTES`].
    #[error("has {0} bytes, more than the 16 MB that are allowed")]
    TooLarge(u64),
    /// The bytes are not UTF-8: the first bad one and its line, from 1.
    #[error("is not UTF-8 text: line {line} holds the byte 0x{byte:02X}")]
    NotUtf8 {
        /// From 1.
        line: u64,
        /// The first byte that cannot be read.
        byte: u8,
    },
    /// The text begins with the mark of UTF-16.
    #[error("is UTF-16 text, not UTF-8")]
    Utf16,
    /// Not a plain file.
    #[error("is not a regular file")]
    NotAFile,
    /// The system refused.
    #[error("cannot be read: {0}")]
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
    String::from_utf8(bytes).map_err(|error| not_utf8(error.as_bytes(), error.utf8_error().valid_up_to()))
}

fn not_utf8(bytes: &[u8], at: usize) -> ReadError {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return ReadError::Utf16;
    }
    let line = bytes[..=at].split(|byte| *byte == b'\n').count() as u64;
    ReadError::NotUtf8 { line, byte: bytes[at] }
}
