//! Files put in place whole: a reader, a crash and a full disk see the old one or the new one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// The folder of a file; a bare name lies in the working directory.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Puts a file of bytes in place at once, its folder made if need be. All may read it, as with any program's files.
///
/// It is not synced: for what can be made again. The lockfile and saved videos are written with more care.
///
/// # Errors
/// Those of the disk; then the old file stands.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    let mut fresh = tempfile::Builder::new().prefix(".callsheet-").suffix(".tmp").tempfile_in(folder)?;
    fresh.write_all(bytes)?;
    let_all_read(fresh.as_file())?;
    fresh.persist(path)?;
    Ok(())
}

/// Takes off what a temporary file's mode keeps from others: a web server, another user.
///
/// # Errors
/// Those of the disk.
#[cfg(unix)]
pub fn let_all_read(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

/// Other systems keep no such mode.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn let_all_read(_: &File) -> io::Result<()> {
    Ok(())
}

/// Makes a new name durable.
///
/// # Errors
/// Those of the disk.
#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Makes a new name durable: other systems do it with the file.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_at_once_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/down.txt");
        for text in ["long and old", "new"] {
            replace_file(&path, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(folder_of(&path)).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        }
        // A folder is in its place: the error is told, and no half file stays.
        fs::create_dir(folder.path().join("taken")).unwrap();
        fs::write(folder.path().join("taken/inside"), "").unwrap();
        assert!(replace_file(&folder.path().join("taken"), b"text").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_bare_name_lies_in_the_working_directory() {
        assert_eq!(folder_of(Path::new("a.txt")), Path::new("."));
        assert_eq!(folder_of(Path::new("a/b.txt")), Path::new("a"));
    }
}
