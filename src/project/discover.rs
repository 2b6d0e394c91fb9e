//! From a folder to its manifest files: the root manifest, then what its `include` globs match, sorted.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobSet};

use crate::diagnostic::{Code, Diagnostic, Report};
use crate::source::{Origin, ROOT_MANIFEST};

/// The longest glob, in bytes: what a glob may mean grows with its length, and some of it without measure.
const MOST_GLOB: usize = 1_000;

/// A file that a glob matched: its name relative to the root, its place on disk.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// Relative to the root, `/` between parts.
    pub name: String,
    /// On disk.
    pub path: PathBuf,
}

/// The files that the globs match, each once; in the order of the globs, sorted by name within one.
pub fn included(root: &Path, globs: &[(String, Origin)], report: &mut Report) -> Vec<Found> {
    let mut seen = BTreeSet::from([ROOT_MANIFEST.to_owned()]);
    let mut found = Vec::new();
    for (glob, origin) in globs {
        if glob.len() > MOST_GLOB {
            let message = format!("a glob has {} bytes, more than the {MOST_GLOB} that are allowed", glob.len());
            report.push(Diagnostic::new(Code::BadInclude, message, *origin).help("name folders, not all their files"));
            continue;
        }
        if leaves(glob) {
            report.push(
                Diagnostic::new(Code::BadInclude, format!("`{glob}` leaves the project root"), *origin)
                    .help("a project's files lie under the folder of `callsheet.yaml`"),
            );
            continue;
        }
        let pattern = glob.strip_prefix("./").unwrap_or(glob);
        let fixed = fixed_folder(pattern);
        if outside(root, &root.join(&fixed)) {
            let message = format!("`{fixed}` is a link that leaves the project root");
            report.push(Diagnostic::new(Code::BadInclude, message, *origin));
            continue;
        }
        // A set of one: a glob alone panics when what it means is too large, a set refuses.
        let built = GlobBuilder::new(pattern).literal_separator(true).build();
        let matcher = match built.and_then(|glob| GlobSet::builder().add(glob).build()) {
            Ok(matcher) => matcher,
            Err(error) => {
                report.push(
                    Diagnostic::new(Code::BadInclude, format!("`{glob}` is not a glob"), *origin)
                        .label(error.kind().to_string()),
                );
                continue;
            }
        };
        let mut names = Vec::new();
        walk(root, &fixed, pattern.contains("**"), pattern.matches('/').count(), &mut names);
        names.retain(|name| matcher.is_match(name));
        names.sort_unstable();
        if names.is_empty() {
            report.push(
                Diagnostic::new(Code::EmptyInclude, format!("`{glob}` matches no file"), *origin)
                    .help("globs are relative to the project root; `**` crosses folders"),
            );
        }
        for name in names {
            let path = root.join(&name);
            if outside(root, &path) {
                report.push(Diagnostic::new(
                    Code::BadInclude,
                    format!("`{name}` is a link that leaves the project root"),
                    *origin,
                ));
            } else if seen.insert(name.clone()) {
                found.push(Found { name, path });
            }
        }
    }
    found
}

fn leaves(glob: &str) -> bool {
    Path::new(glob).is_absolute()
        || Path::new(glob).components().any(|part| matches!(part, Component::ParentDir | Component::Prefix(_)))
}

fn outside(root: &Path, path: &Path) -> bool {
    match (root.canonicalize(), path.canonicalize()) {
        (Ok(root), Ok(path)) => !path.starts_with(root),
        _ => false,
    }
}

/// The leading folders of a glob that hold no pattern, so that only they are walked.
fn fixed_folder(pattern: &str) -> String {
    let folders = pattern.rsplit_once('/').map_or("", |(folders, _)| folders);
    let fixed = folders.split('/').take_while(|part| !part.contains(['*', '?', '[', '{', '\\']));
    fixed.collect::<Vec<_>>().join("/")
}

/// All files under a folder, hidden folders left out, no deeper than the pattern can match.
fn walk(root: &Path, folder: &str, any_depth: bool, depth: usize, names: &mut Vec<String>) {
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(root.join(&folder)) else { continue };
        for entry in entries.flatten() {
            let Ok(file_name) = entry.file_name().into_string() else { continue };
            let name = if folder.is_empty() { file_name.clone() } else { format!("{folder}/{file_name}") };
            let kind = entry.file_type();
            // Linked folders are not walked: a circle of links would never end.
            if kind.as_ref().is_ok_and(std::fs::FileType::is_dir) {
                if !file_name.starts_with('.') && (any_depth || name.matches('/').count() < depth) {
                    open.push(name);
                }
            } else if !entry.path().is_dir() {
                // What is no plain file is named too: reading it tells why it cannot be.
                names.push(name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x: 1\n").unwrap();
        }
        folder
    }

    fn names(folder: &Path, globs: &[&str]) -> (Vec<String>, Vec<Code>) {
        let globs: Vec<_> = globs.iter().map(|glob| ((*glob).to_owned(), Origin::new(FileId(0), 0, 1))).collect();
        let mut report = Report::new();
        let found = included(folder, &globs, &mut report);
        (found.into_iter().map(|file| file.name).collect(), report.iter().map(|one| one.code).collect())
    }

    #[test]
    fn globs_match_in_order_each_file_once() {
        let folder = tree(&[
            "callsheet.yaml",
            "videos/b.yaml",
            "videos/a.yaml",
            "videos/deep/c.yaml",
            "voices.yaml",
            ".git/x.yaml",
        ]);
        assert_eq!(
            names(folder.path(), &["voices.yaml", "videos/*.yaml", "*.yaml"]).0,
            ["voices.yaml", "videos/a.yaml", "videos/b.yaml"]
        );
        assert_eq!(
            names(folder.path(), &["**/*.yaml"]).0,
            ["videos/a.yaml", "videos/b.yaml", "videos/deep/c.yaml", "voices.yaml"]
        );
    }

    #[test]
    fn a_glob_that_means_too_much_is_refused() {
        let folder = tree(&["callsheet.yaml"]);
        let nested = format!("{}x{}", "{a,".repeat(300), "}".repeat(300));
        let long = "*a".repeat(501);
        let (found, codes) = names(folder.path(), &[&nested, &long, &"*a".repeat(400), "{{{{"]);
        assert!(found.is_empty());
        assert_eq!(codes, [Code::BadInclude, Code::BadInclude, Code::EmptyInclude, Code::BadInclude]);
    }

    #[cfg(unix)]
    #[test]
    fn a_linked_folder_is_not_left_by() {
        let folder = tree(&["callsheet.yaml", "real/a.yaml"]);
        std::os::unix::fs::symlink("/", folder.path().join("out")).unwrap();
        std::os::unix::fs::symlink("real", folder.path().join("in")).unwrap();
        let (found, codes) = names(folder.path(), &["out/**", "in/*.yaml"]);
        assert_eq!((found, codes), (vec!["in/a.yaml".to_owned()], vec![Code::BadInclude]));
    }

    #[test]
    fn a_glob_that_finds_nothing_or_leaves_the_root_is_an_error() {
        let folder = tree(&["callsheet.yaml"]);
        let (found, codes) = names(folder.path(), &["videos/*.yaml", "../*.yaml", "/etc/*.yaml", "a[.yaml"]);
        assert!(found.is_empty());
        assert_eq!(codes, [Code::EmptyInclude, Code::BadInclude, Code::BadInclude, Code::BadInclude]);
    }
}
