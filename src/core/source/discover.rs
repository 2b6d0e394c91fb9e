//! Finds the project root and reads its text files.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// The name of the root manifest.
pub const ROOT_MANIFEST: &str = "callsheet.yaml";

/// The directory of callsheet's own files, never committed. Relative to the root.
pub const OWN_DIRECTORY: &str = ".callsheet";

/// Maximum size of a manifest or script file, in bytes.
pub const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// The reason why a text file cannot be read, as text after the file's name.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file is larger than [`MAX_FILE_BYTES`].
    #[error("has {0} bytes, more than the 16 MB that are allowed")]
    TooLarge(u64),
    /// The bytes are not UTF-8.
    #[error("is not UTF-8 text: line {line} holds the byte 0x{byte:02X}")]
    NotUtf8 {
        /// The line of the first invalid byte, from 1.
        line: u64,
        /// The first invalid byte.
        byte: u8,
    },
    /// The text begins with a UTF-16 byte order mark.
    #[error("is UTF-16 text, not UTF-8")]
    Utf16,
    /// The path is not a regular file.
    #[error("is not a regular file")]
    NotAFile,
    /// A system error.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

/// Returns the nearest directory with a root manifest, from `start` upwards.
pub fn find_root(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|folder| folder.join(ROOT_MANIFEST).is_file()).map(Path::to_path_buf)
}

/// Reads a text file: a regular file, within the size limit, in UTF-8. Removes a byte order mark.
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
