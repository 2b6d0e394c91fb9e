//! A lockfile that is only read, so that it need not be in memory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::store::{FoundFile, locate, log_read, read_file};
use super::stored_spec::{READS_AT_OFFSET, SpecFile};
use super::{Lockfile, StoreError};

/// A lockfile on disk that is only read. The specs of its takes stay in the file and are read on demand.
#[derive(Debug)]
pub struct ReadOnlyLockfile {
    /// All known records.
    pub lockfile: Lockfile,
    /// The number and text of a torn last line, to warn about.
    pub torn: Option<(usize, String)>,
    name: String,
    /// The path with links resolved.
    path: PathBuf,
    specs: Option<Arc<SpecFile>>,
}

impl ReadOnlyLockfile {
    /// Reads the file. A missing file counts as empty. After the last use of a spec, call
    /// [`ReadOnlyLockfile::check_specs`].
    ///
    /// # Errors
    /// If it cannot be read or its text is invalid.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let (name, path) = locate(path)?;
        let (parsed, specs) = match read_file(&path, &name, READS_AT_OFFSET)? {
            Some(FoundFile { parsed, specs, .. }) => (parsed, Some(specs)),
            None => Default::default(),
        };
        log_read(&name, &parsed.lockfile, parsed.torn.as_ref());
        Ok(Self { lockfile: parsed.lockfile, torn: parsed.torn, name, path, specs })
    }

    /// Returns the path of the file with links resolved.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Checks that every requested spec could be read. Whatever was computed from the lockfile is invalid otherwise.
    ///
    /// # Errors
    /// [`StoreError::Changed`] if another program wrote into the file, and a spec was not at its place.
    pub fn check_specs(&self) -> Result<(), StoreError> {
        match &self.specs {
            Some(specs) if specs.is_changed() => Err(StoreError::Changed(self.name.clone())),
            _ => Ok(()),
        }
    }
}
