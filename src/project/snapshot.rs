//! The state of a project's files at one time. The difference of two snapshots shows which files changed.
//!
//! Snapshots poll the file system and use no change notifications. Polling works on every file system, with every way
//! in which editors save, and for files that do not exist yet.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Maximum number of files that a snapshot contains.
const MAX_FILES: usize = 100_000;

/// The properties that change when a file is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileStamp {
    bytes: u64,
    saved: Option<SystemTime>,
    /// Inode number. It changes in editors that save by replacing the file.
    number: u64,
}

/// The files below a root, and additional files. Leaves out hidden directories, caches and `node_modules`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    files: BTreeMap<PathBuf, FileStamp>,
}

impl Snapshot {
    /// Reads the state of all files. A file that cannot be read counts as missing.
    pub fn take(root: &Path, besides: &[PathBuf]) -> Self {
        let mut files = BTreeMap::new();
        let mut open = vec![root.to_path_buf()];
        while let Some(directory) = open.pop() {
            for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
                let path = entry.path();
                let Ok(kind) = entry.file_type() else { continue };
                if kind.is_dir() {
                    if !is_left_out(&path) {
                        open.push(path);
                    }
                } else if files.len() < MAX_FILES
                    && let Some(state) = state(&path)
                {
                    files.insert(path, state);
                }
            }
        }
        files.extend(besides.iter().filter_map(|path| Some((path.clone(), state(path)?))));
        Self { files }
    }

    /// Adds files from a later snapshot, unless they are known.
    pub fn add_missing(&mut self, later: &Self, paths: &[PathBuf]) {
        for path in paths {
            if let Some(state) = later.files.get(path) {
                self.files.entry(path.clone()).or_insert(*state);
            }
        }
    }

    /// Returns the files that were created, changed or deleted since an earlier snapshot, sorted.
    pub fn changes_since<'a>(&'a self, earlier: &'a Self) -> Vec<&'a Path> {
        let news = self.files.iter().filter(|(path, state)| earlier.files.get(*path) != Some(*state));
        let gone = earlier.files.keys().filter(|path| !self.files.contains_key(*path));
        let mut changed: Vec<&Path> = news.map(|(path, _)| path).chain(gone).map(PathBuf::as_path).collect();
        changed.sort_unstable();
        changed
    }
}

/// Returns `true` for a directory that no glob of a manifest matches, or that other tools generate.
fn is_left_out(directory: &Path) -> bool {
    let name = directory.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.starts_with('.') || name == "node_modules" || directory.join("CACHEDIR.TAG").exists()
}

fn state(path: &Path) -> Option<FileStamp> {
    // Follows links, because the target is the file that callsheet reads.
    let meta = fs::metadata(path).ok().filter(Metadata::is_file)?;
    Some(FileStamp { bytes: meta.len(), saved: meta.modified().ok(), number: number(&meta) })
}

#[cfg(unix)]
fn number(meta: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(meta)
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_saved_is_seen_and_caches_are_not() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        for name in ["videos", ".hidden", "node_modules", "target"] {
            fs::create_dir(root.join(name)).unwrap();
        }
        fs::write(root.join("target/CACHEDIR.TAG"), "").unwrap();
        fs::write(root.join("videos/a.yaml"), "a").unwrap();
        let besides = [root.join(".hidden/named.txt")];
        let first = Snapshot::take(root, &besides);
        assert_eq!(Snapshot::take(root, &besides), first);
        for name in ["videos/new.yaml", ".hidden/named.txt", ".hidden/other", "node_modules/x", "target/x"] {
            fs::write(root.join(name), "x").unwrap();
        }
        // Replaced by a file of the same size, as many editors save.
        fs::write(root.join("fresh"), "b").unwrap();
        fs::rename(root.join("fresh"), root.join("videos/a.yaml")).unwrap();
        let second = Snapshot::take(root, &besides);
        let names: Vec<_> = second.changes_since(&first).iter().map(|path| path.strip_prefix(root).unwrap()).collect();
        assert_eq!(names, [Path::new(".hidden/named.txt"), Path::new("videos/a.yaml"), Path::new("videos/new.yaml")]);
        fs::remove_file(root.join("videos/new.yaml")).unwrap();
        let third = Snapshot::take(root, &besides);
        assert_eq!(third.changes_since(&second), [root.join("videos/new.yaml")]);
    }
}
