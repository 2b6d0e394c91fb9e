//! Suggests an existing path for one that does not exist.

use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization as _;

use crate::diagnostic::nearest;
use crate::source::confine;

/// Maximum number of entries of a directory. Larger directories are not searched.
const MAX_ENTRIES: usize = 10_000;

/// Returns the path of an existing file that was probably meant, relative to `naming_file`.
///
/// Compares the path part by part with the directory entries. Matches other separators (`\`), case, normal forms of
/// Unicode and extensions, and typos. Also finds a path that is relative to the root.
pub fn similar_path(root: &Path, naming_file: &Path, path: &str) -> Option<String> {
    let directory = naming_file.parent().unwrap_or(root);
    let written = path.trim().replace('\\', "/");
    let depth = directory.strip_prefix(root).map_or(0, |inside| inside.components().count());
    let from_root = format!("{}{written}", "../".repeat(depth));
    [written, from_root].into_iter().find_map(|written| {
        let found = resolve(root, directory, &written)?;
        (found != path && confine(root, naming_file, &found).is_ok()).then_some(found)
    })
}

/// Returns a path with each part as it is spelled on disk.
fn resolve(root: &Path, directory: &Path, written: &str) -> Option<String> {
    let mut at: PathBuf = directory.to_path_buf();
    let mut depth = directory.strip_prefix(root).map_or(0, |inside| inside.components().count());
    let mut found: Vec<String> = Vec::new();
    let parts: Vec<&str> = written.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    for (index, part) in parts.iter().enumerate() {
        if *part == ".." {
            // Never reads a directory outside the project.
            depth = depth.checked_sub(1)?;
            at.push("..");
            found.push("..".to_owned());
            continue;
        }
        let last = index + 1 == parts.len();
        let name = if at.join(part).symlink_metadata().is_ok() { (*part).to_owned() } else { entry(&at, part, last)? };
        at.push(&name);
        depth += 1;
        found.push(name);
    }
    Some(found.join("/"))
}

/// Returns the directory entry that a name probably refers to.
fn entry(directory: &Path, name: &str, is_file: bool) -> Option<String> {
    let entries = std::fs::read_dir(directory).ok()?.flatten().take(MAX_ENTRIES);
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort_unstable();
    let folded = fold(name);
    if let Some(same) = names.iter().find(|other| fold(other) == folded) {
        return Some(same.clone());
    }
    if is_file {
        let mut others = names.iter().filter(|other| stem(&fold(other)) == stem(&folded));
        if let (Some(other), None) = (others.next(), others.next()) {
            return Some(other.clone());
        }
    }
    nearest(&folded, names.iter().map(String::as_str)).map(str::to_owned)
}

/// Returns a name without the differences between file systems and keyboards.
fn fold(name: &str) -> String {
    name.trim().nfc().flat_map(char::to_lowercase).collect()
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::similar_path;

    #[test]
    fn a_path_is_compared_with_what_lies_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        std::fs::create_dir_all(root.join("Scripts/deep")).unwrap();
        for name in ["Scripts/intro.txt", "Scripts/Caf\u{e9}.md", "Scripts/deep/a.txt", "Scripts/.secret.txt"] {
            std::fs::write(root.join(name), "x").unwrap();
        }
        let manifest = root.join("callsheet.yaml");
        for (asked, meant) in [
            ("scripts\\intro.txt", Some("Scripts/intro.txt")),
            ("scripts/Intro.TXT", Some("Scripts/intro.txt")),
            ("Scripts/Cafe\u{301}.md", Some("Scripts/Caf\u{e9}.md")),
            ("Scripts/intro.md", Some("Scripts/intro.txt")),
            ("Scripts/intro", Some("Scripts/intro.txt")),
            ("Scripts/intor.txt", Some("Scripts/intro.txt")),
            ("Scripts/other.txt", None),
            ("Scripts/secret.txt", None),
            ("..\\..\\etc\\passwd", None),
        ] {
            assert_eq!(similar_path(root, &manifest, asked).as_deref(), meant, "{asked}");
        }
        let nested = root.join("Scripts/deep/videos.yaml");
        assert_eq!(similar_path(root, &nested, "Scripts/intro.txt").as_deref(), Some("../../Scripts/intro.txt"));
    }
}
