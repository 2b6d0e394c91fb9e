//! Durable file operations: identify a file, append to it, and replace it atomically.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::source::{
    OWN_DIRECTORY, check_inside, check_no_hard_links, if_exists, open_regular, parent_directory, read_regular,
    sync_directory, temporary_file,
};

/// Maximum links to follow before a cycle is assumed, as in Linux.
const MAX_LINKS: usize = 40;

/// Number of bytes written to check for free space: more than the lines of a long run.
const PROBE_BYTES: usize = 512 * 1024;

/// The identity and condition of a file. If any field changed, the file must be read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileIdentity {
    file: (u64, u64),
    pub(super) len: u64,
    modified: Option<SystemTime>,
}

impl FileIdentity {
    pub(super) fn from_metadata(meta: &Metadata) -> Self {
        Self { file: file_number(meta), len: meta.len(), modified: meta.modified().ok() }
    }

    /// Whether both are the same file, whatever was written to it.
    pub(super) fn is_file_of(&self, other: &Self) -> bool {
        self.file == other.file
    }
}

#[cfg(unix)]
fn file_number(meta: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (meta.dev(), meta.ino())
}

#[cfg(not(unix))]
fn file_number(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// Whether a path still refers to an open file.
pub(super) fn path_refers_to(file: &File, path: &Path) -> bool {
    let numbers = file.metadata().and_then(|open| Ok((file_number(&open), file_number(&fs::metadata(path)?))));
    numbers.is_ok_and(|(open, there)| open == there)
}

/// Resolves the links of a path, even if no file exists yet. The result is inside the project.
pub(super) fn resolve_links(path: &Path) -> io::Result<PathBuf> {
    let target = resolve_links_of(path)?;
    let mut root = parent_directory(path);
    // The sandbox's lockfile is in this directory, which may itself be a link.
    if root.file_name().is_some_and(|name| name == OWN_DIRECTORY) {
        root = parent_directory(root);
    }
    stat_regular(&target)?;
    let led_out = |_| io::Error::other(format!("it is a link that leads out of `{}`", root.display()));
    check_inside(root, parent_directory(&target)).map_err(led_out)?;
    Ok(target)
}

fn resolve_links_of(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..MAX_LINKS {
        match if_exists(fs::symlink_metadata(&target))? {
            Some(meta) if meta.is_symlink() => target = parent_directory(&target).join(fs::read_link(&target)?),
            _ => return Ok(target),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// Returns the metadata of a regular file, or `None` if it does not exist. Rejects anything else.
pub(super) fn stat_regular(path: &Path) -> io::Result<Option<Metadata>> {
    match if_exists(fs::symlink_metadata(path))? {
        Some(meta) if !meta.is_file() => Err(io::Error::other("not a regular file")),
        found => Ok(found),
    }
}

/// Returns the bytes of a file, or `None` if it does not exist.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    stat_regular(path)?.map(|_| read_regular(path)).transpose()
}

/// Opens a file to read it. `None` if it is missing.
pub(super) fn open(path: &Path) -> io::Result<Option<(File, FileIdentity)>> {
    if stat_regular(path)?.is_none() {
        return Ok(None);
    }
    let file = open_regular(path)?;
    // Taken before reading, so that a write during the read counts as a change afterwards.
    let identity = FileIdentity::from_metadata(&file.metadata()?);
    Ok(Some((file, identity)))
}

/// Opens a file for appending, and creates it if necessary. Returns `true` if it was created.
pub(super) fn open_to_append(path: &Path) -> io::Result<(File, bool)> {
    if stat_regular(path)?.is_some() {
        return Ok((OpenOptions::new().append(true).open(path)?, false));
    }
    fs::create_dir_all(parent_directory(path))?;
    Ok((OpenOptions::new().append(true).create_new(true).open(path)?, true))
}

/// Removes what a failed write of `text` left at the end of a file that was `len` bytes long. Bytes that another
/// program appended since then stay, at the price of a torn line. If the removal fails, that line is reported later.
pub(super) fn undo_append(file: &File, path: &Path, len: u64, text: &[u8]) {
    let left = open_regular(path).and_then(|mut reader| {
        if file_number(&reader.metadata()?) != file_number(&file.metadata()?) {
            return Ok(Vec::new());
        }
        let mut left = Vec::new();
        reader.seek(SeekFrom::Start(len))?;
        reader.take(text.len() as u64 + 1).read_to_end(&mut left)?;
        Ok(left)
    });
    if left.is_ok_and(|left| !left.is_empty() && text.starts_with(&left)) {
        let _torn = file.set_len(len);
    }
}

/// Replaces a file by a complete new text, atomically and durably. Mode and owner stay. A new file gets 0666 minus the
/// umask.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<FileIdentity> {
    let old = stat_regular(path)?;
    let directory = parent_directory(path);
    fs::create_dir_all(directory)?;
    let mut fresh = temporary_file(directory, ".callsheet.lock.", ".tmp")?;
    fresh.write_all(text.as_bytes())?;
    copy_mode(fresh.as_file(), old.as_ref())?;
    fresh.as_file().sync_all()?;
    let file = fresh.persist(path).map_err(|error| error.error)?;
    sync_directory(directory)?;
    Ok(FileIdentity::from_metadata(&file.metadata()?))
}

#[cfg(unix)]
fn copy_mode(file: &File, old: Option<&Metadata>) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    if let Some(old) = old {
        let now = file.metadata()?;
        if (now.uid(), now.gid()) != (old.uid(), old.gid()) {
            // Only root can give a file away. For other users, the file becomes theirs, as with any editor.
            let _unowned = fchown(file, Some(old.uid()), Some(old.gid()));
        }
        file.set_permissions(fs::Permissions::from_mode(old.permissions().mode() & 0o7777))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn copy_mode(file: &File, old: Option<&Metadata>) -> io::Result<()> {
    old.map_or(Ok(()), |old| file.set_permissions(old.permissions()))
}

/// Verifies that a file can be appended to and replaced, and that there is space. Leaves no files.
pub(super) fn probe_writable(path: &Path) -> io::Result<()> {
    let directory = parent_directory(path);
    fs::create_dir_all(directory)?;
    if let Some(meta) = stat_regular(path)? {
        // A rewrite would give this name another file, and the other names would miss what is paid for here. It is
        // rejected before money is spent: a failure during a run would lose a response.
        check_no_hard_links(&meta)?;
        OpenOptions::new().append(true).open(path)?.sync_data()?;
    }
    let mut trial = temporary_file(directory, ".callsheet.lock.", ".tmp")?;
    trial.write_all(&vec![b'\n'; PROBE_BYTES])?;
    trial.as_file().sync_all()?;
    trial.close()
}
