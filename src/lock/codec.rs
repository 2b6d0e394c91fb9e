//! Lines to records and back: stub, to be written.

use thiserror::Error;

use super::Lockfile;

/// The format that this program writes.
pub const FORMAT_VERSION: u32 = 1;

/// Why a lockfile is refused; the file stays as it is.
#[derive(Debug, Error)]
pub enum LockError {}

/// A lockfile as read.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The folded records.
    pub lockfile: Lockfile,
    /// The number and text of a torn last line, if there is one.
    pub torn: Option<(usize, String)>,
}

/// Reads a lockfile's text.
///
/// # Errors
/// See [`LockError`]; `name` is the file's name in messages.
pub fn parse(_name: &str, _text: &str) -> Result<Parsed, LockError> {
    Ok(Parsed::default())
}

/// The text of a lockfile: header, one line a record, sorted; ends in a newline.
pub fn encode(_lockfile: &Lockfile) -> String {
    String::new()
}
