//! What the disk owes us: which file it is, that it is written, that it is replaced as a whole.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::source::{
    OWN_DIRECTORY, check_inside, check_one_name, folder_of, open_regular, sync_folder, temporary_file,
};

/// How many links are followed before a circle is suspected, as Linux does.
const MOST_LINKS: usize = 40;

/// What is written to see whether there is room: more than the lines of a long run.
const TRIAL_BYTES: usize = 512 * 1024;

/// Which file it was, and in what condition: another one, or another length or time, means: read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    file: (u64, u64),
    pub(super) len: u64,
    modified: Option<SystemTime>,
}

impl Identity {
    pub(super) fn of(meta: &Metadata) -> Self {
        Self { file: file_number(meta), len: meta.len(), modified: meta.modified().ok() }
    }

    /// Whether both are one file, whatever was written to it.
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

/// Whether a path still means an open file.
pub(super) fn is_at(file: &File, path: &Path) -> bool {
    let numbers = file.metadata().and_then(|open| Ok((file_number(&open), file_number(&fs::metadata(path)?))));
    numbers.is_ok_and(|(open, there)| open == there)
}

/// The file that a path means, links followed, even when nothing is there yet. It lies in the project.
pub(super) fn follow(path: &Path) -> io::Result<PathBuf> {
    let target = follow_links(path)?;
    let mut root = folder_of(path);
    // The sandbox's lockfile is in it, and it may be a link itself.
    if root.file_name().is_some_and(|name| name == OWN_DIRECTORY) {
        root = folder_of(root);
    }
    look(&target)?;
    let led_out = |_| io::Error::other(format!("it is a link that leads out of `{}`", root.display()));
    check_inside(root, folder_of(&target)).map_err(led_out)?;
    Ok(target)
}

fn follow_links(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::symlink_metadata(&target) {
            Ok(meta) if meta.file_type().is_symlink() => {
                let next = fs::read_link(&target)?;
                target = folder_of(&target).join(next);
            }
            Ok(_) => return Ok(target),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(target),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// What lies at a path, refused unless it is a plain file; none when nothing is there.
pub(super) fn look(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_file() => Ok(Some(meta)),
        Ok(_) => Err(io::Error::other("not a regular file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The bytes of a file with its identity; none when nothing is there.
pub(super) fn read(path: &Path) -> io::Result<Option<(Vec<u8>, Identity)>> {
    let Some((mut file, identity)) = open(path)? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(Some((bytes, identity)))
}

/// Opens a file to read it. `None` if it is missing.
pub(super) fn open(path: &Path) -> io::Result<Option<(File, Identity)>> {
    if look(path)?.is_none() {
        return Ok(None);
    }
    let file = open_regular(path)?;
    // Taken before reading: what is written meanwhile is seen as a change afterwards.
    let identity = Identity::of(&file.metadata()?);
    Ok(Some((file, identity)))
}

/// Opens a file to append, made if need be; true if it was made.
pub(super) fn open_to_append(path: &Path) -> io::Result<(File, bool)> {
    if look(path)?.is_some() {
        return Ok((OpenOptions::new().append(true).open(path)?, false));
    }
    fs::create_dir_all(folder_of(path))?;
    Ok((OpenOptions::new().append(true).create_new(true).open(path)?, true))
}

/// Cuts off what a failed write of `text` left at the end of a file that was `len` bytes long, and nothing else: what
/// another program has appended meanwhile stays, at the price of a torn line. If this fails too, that line is told.
pub(super) fn take_back(file: &File, path: &Path, len: u64, text: &[u8]) {
    let left = open_regular(path).and_then(|mut reader| {
        use std::io::{Read, Seek, SeekFrom};
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

/// Replaces a file by a whole new text, atomically and durably; its mode and owner stay, a new one gets 0666 less the umask.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<Identity> {
    let old = look(path)?;
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    let mut fresh = temporary_file(folder, ".callsheet.lock.", ".tmp")?;
    fresh.write_all(text.as_bytes())?;
    keep_mode(fresh.as_file(), old.as_ref())?;
    fresh.as_file().sync_all()?;
    let file = fresh.persist(path).map_err(|error| error.error)?;
    sync_folder(folder)?;
    Ok(Identity::of(&file.metadata()?))
}

#[cfg(unix)]
fn keep_mode(file: &File, old: Option<&Metadata>) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    if let Some(old) = old {
        let now = file.metadata()?;
        if (now.uid(), now.gid()) != (old.uid(), old.gid()) {
            // Only root may give a file away; for others the file becomes theirs, as with any editor.
            let _unowned = fchown(file, Some(old.uid()), Some(old.gid()));
        }
        file.set_permissions(fs::Permissions::from_mode(old.permissions().mode() & 0o7777))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn keep_mode(file: &File, old: Option<&Metadata>) -> io::Result<()> {
    old.map_or(Ok(()), |old| file.set_permissions(old.permissions()))
}

/// Proves that a file can be appended to and replaced and that there is room, and leaves nothing behind.
pub(super) fn try_out(path: &Path) -> io::Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    if let Some(meta) = look(path)? {
        // A rewrite would give this name another file, and the other names would miss what this one paid for. It is
        // refused before money is spent, and never in the middle of a run, where an answer would be lost.
        check_one_name(&meta)?;
        OpenOptions::new().append(true).open(path)?.sync_data()?;
    }
    let mut trial = temporary_file(folder, ".callsheet.lock.", ".tmp")?;
    trial.write_all(&vec![b'\n'; TRIAL_BYTES])?;
    trial.as_file().sync_all()?;
    trial.close()
}
