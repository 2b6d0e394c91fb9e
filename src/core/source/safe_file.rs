//! callsheet's own files in a project, opened and created without following a link.
//!
//! A pull request can commit links, so a name under `.callsheet/`, `dist/` or next to the lockfile proves nothing. A
//! directory must be inside its boundary after links are resolved. A file is opened without following a link and must
//! be regular. It is written in place only if it has a single name. New files get mode 0666 minus the umask, private
//! ones 0600.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// Maximum number of attempts to open a file that other processes create and delete.
const MAX_TRIES: usize = 20;

/// The access rights of a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everyone whom the umask permits.
    Shared,
    /// Only the owner, because the file may contain a presigned URL.
    Private,
}

impl Access {
    /// Returns the mode before the umask.
    #[cfg(unix)]
    const fn mode(self) -> u32 {
        match self {
            Self::Shared => 0o666,
            Self::Private => 0o600,
        }
    }
}

/// Returns the directory of a file. For a bare name, this is the working directory.
pub fn parent_directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Returns `None` if the error is that nothing has the name.
///
/// # Errors
/// All other errors of the result.
pub fn if_exists<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

/// Makes a new name durable. Systems other than Unix do it together with the file.
///
/// # Errors
/// If the disk fails.
pub fn sync_directory(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Checks that a directory, with links resolved, is inside `boundary`. Parts that do not exist yet are allowed.
///
/// # Errors
/// If it is outside, or cannot be checked.
pub fn check_inside(boundary: &Path, directory: &Path) -> io::Result<()> {
    let Some(boundary) = if_exists(boundary.canonicalize())? else { return Ok(()) };
    let existing = directory.ancestors().find(|part| part.symlink_metadata().is_ok());
    let existing = existing.unwrap_or(Path::new("."));
    // A dangling link does not exist. A file created through it would be elsewhere.
    if if_exists(existing.canonicalize())?.is_some_and(|real| real.starts_with(&boundary)) {
        return Ok(());
    }
    Err(io::Error::other(format!("`{}` is a link that leads out of `{}`", existing.display(), boundary.display())))
}

/// Creates a directory and its parents inside `boundary`.
///
/// # Errors
/// Those of [`check_inside`], and those of the disk.
pub fn make_directory(boundary: &Path, directory: &Path) -> io::Result<()> {
    check_inside(boundary, directory)?;
    create_directories(directory)
}

/// Creates a directory and its parents, wherever they are.
///
/// # Errors
/// Those of the disk. A file in place of a directory is named.
pub fn create_directories(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory).map_err(|error| match directory.ancestors().find(|part| part.is_file()) {
        Some(file) => {
            let reason = format!("`{}` is a file, not a directory; move it away", file.display());
            io::Error::new(error.kind(), reason)
        }
        None => error,
    })
}

/// Opens a regular file for reading.
///
/// # Errors
/// If it is a link, a FIFO or anything else that is not a regular file, and those of the disk.
pub fn open_regular(path: &Path) -> io::Result<File> {
    // Must precede opening, because opening a device can change its state.
    check_regular(&path.symlink_metadata()?)?;
    let file = options().read(true).open(path)?;
    check_regular(&file.metadata()?)?;
    Ok(file)
}

/// Returns the content of a regular file.
///
/// # Errors
/// Those of [`open_regular`].
pub fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_regular(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns the SHA-256 of the rest of a reader, as 64 hex digits, and its size in bytes.
///
/// # Errors
/// Those of the reader.
pub fn hash(reader: &mut impl Read) -> io::Result<(String, u64)> {
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; 256 << 10];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok((data_encoding::HEXLOWER.encode(&hash.finalize()), bytes)),
            Ok(count) => {
                hash.update(&buffer[..count]);
                bytes += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Opens a regular file with a single name for reading and for writing in place, or creates it.
///
/// # Errors
/// If it is a link, is not a regular file or has several hard links, and those of the disk.
pub fn open_in_place(path: &Path, access: Access) -> io::Result<File> {
    for _ in 0..MAX_TRIES {
        let opened = match if_exists(path.symlink_metadata())? {
            Some(meta) => check_regular(&meta).and_then(|()| options().read(true).write(true).open(path)),
            None => create(path, access),
        };
        match opened {
            Ok(file) => {
                let meta = file.metadata()?;
                check_regular(&meta)?;
                check_no_hard_links(&meta)?;
                return Ok(file);
            }
            // Another process deleted or created the file after the check.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists) => {
                if !parent_directory(path).is_dir() {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("other processes create and delete it all the time"))
}

/// Overwrites a file in place, or creates it.
///
/// # Errors
/// Those of [`open_in_place`].
pub fn write_in_place(path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
    let mut file = open_in_place(path, access)?;
    file.set_len(0)?;
    file.write_all(bytes)
}

/// Atomically replaces a file, and creates its directory inside `boundary`. If the name is a link, replaces the link
/// itself.
///
/// After a crash or on a full disk, readers see the old file or the new one. The file is not synced, because callsheet
/// can create it again. The lockfile and saved videos are written with more care.
///
/// # Errors
/// Those of [`check_inside`], and those of the disk. Then the old file is unchanged.
pub fn write_atomically(boundary: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    make_directory(boundary, parent_directory(path))?;
    replace(path, bytes)
}

/// Writes a file that the user named. Rejects a link, but writes to a stream (`/dev/stdout`, a FIFO).
///
/// # Errors
/// If it is a link outside `/dev` and `/proc`, and those of the disk. Then the old file is unchanged.
pub fn write_output(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match open_stream(path)? {
        Some(mut stream) => stream.write_all(bytes),
        None => replace(path, bytes),
    }
}

/// Opens a file that the user named, to be written over time: empty if it exists. Takes what [`write_output`] takes.
///
/// # Errors
/// As [`write_output`], and when the file has several hard links.
pub fn open_output(path: &Path) -> io::Result<File> {
    if let Some(stream) = open_stream(path)? {
        return Ok(stream);
    }
    let file = open_in_place(path, Access::Shared)?;
    file.set_len(0)?;
    Ok(file)
}

/// Opens a stream for writing. `None` if the name is unused or belongs to a regular file.
fn open_stream(path: &Path) -> io::Result<Option<File>> {
    // Names of the system, such as `/dev/stdout`, are links themselves. Any other link can be a committed one, and what
    // it leads to can be a disk.
    let open = || OpenOptions::new().write(true).open(path).map(Some);
    if path.starts_with("/dev") || path.starts_with("/proc") {
        return open();
    }
    match if_exists(path.symlink_metadata())? {
        Some(meta) if !meta.is_file() && !meta.is_symlink() => open(),
        Some(meta) => check_regular(&meta).map(|()| None),
        None => Ok(None),
    }
}

/// Creates a temporary file in `directory`, with the mode of a new file.
///
/// # Errors
/// Those of the disk.
pub fn temporary_file(directory: &Path, prefix: &str, suffix: &str) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix).suffix(suffix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(Access::Shared.mode()));
    }
    builder.tempfile_in(directory)
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut fresh = temporary_file(parent_directory(path), ".callsheet-", ".tmp")?;
    fresh.write_all(bytes)?;
    if let Some(old) = path.symlink_metadata().ok().filter(Metadata::is_file) {
        fresh.as_file().set_permissions(old.permissions())?;
    }
    fresh.persist(path)?;
    Ok(())
}

fn create(path: &Path, access: Access) -> io::Result<File> {
    let mut options = options();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, access.mode());
    #[cfg(not(unix))]
    let _: Access = access;
    options.open(path)
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits().cast_signed());
    }
    options
}

fn check_regular(meta: &Metadata) -> io::Result<()> {
    match meta.file_type() {
        kind if kind.is_file() => Ok(()),
        kind if kind.is_symlink() => Err(io::Error::other("it is a symbolic link, which is not followed here")),
        _ => Err(io::Error::other("it is not a regular file")),
    }
}

/// Checks that a file has a single name. A write through another name could change another project, or a secret.
///
/// # Errors
/// If it has several hard links.
#[cfg(unix)]
pub fn check_no_hard_links(meta: &Metadata) -> io::Result<()> {
    match std::os::unix::fs::MetadataExt::nlink(meta) {
        0 | 1 => Ok(()),
        links => Err(io::Error::other(format!("it has {links} hard links, and a write would change all of them"))),
    }
}

/// Does nothing: other systems do not report the number of names.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn check_no_hard_links(_: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests;
