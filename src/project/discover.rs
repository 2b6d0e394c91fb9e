//! From a folder to its manifest files: the root manifest, then what its `include` globs match, sorted.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::DirEntry;
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
    let mut folders = Folders::new(root);
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
        if folders.leave_by(&fixed) {
            let message = format!("`{fixed}` is a link that leaves the project root");
            report.push(Diagnostic::new(Code::BadInclude, message, *origin));
            continue;
        }
        let names = match folders.matching(pattern) {
            Ok(names) => names,
            Err(error) => {
                report.push(
                    Diagnostic::new(Code::BadInclude, format!("`{glob}` is not a glob"), *origin)
                        .label(error.kind().to_string()),
                );
                continue;
            }
        };
        if names.is_empty() {
            report.push(
                Diagnostic::new(Code::EmptyInclude, format!("`{glob}` matches no file"), *origin)
                    .help("globs are relative to the project root; `**` crosses folders"),
            );
        }
        for name in names {
            let path = root.join(&name);
            if folders.is_outside(&name) {
                report.push(Diagnostic::new(
                    Code::BadInclude,
                    format!("`{name}` is a link that leaves the project root"),
                    *origin,
                ));
            } else if seen.insert(name.clone()) {
                tracing::debug!(file = name, include = glob, "included");
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

/// What makes a part of a glob a pattern.
const MARKS: [char; 5] = ['*', '?', '[', '{', '\\'];

/// The leading folders of a glob that hold no pattern, so that only they are walked.
fn fixed_folder(pattern: &str) -> String {
    let folders = pattern.rsplit_once('/').map_or("", |(folders, _)| folders);
    let fixed = folders.split('/').take_while(|part| !part.contains(MARKS));
    fixed.collect::<Vec<_>>().join("/")
}

/// What lies in a folder under one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Folder,
    File,
    /// A link to a file, or what is neither file nor folder.
    Link,
}

/// The folders of a project, each looked at once however many globs ask.
struct Folders<'a> {
    root: &'a Path,
    real_root: Option<PathBuf>,
    /// Names and kinds by folder; without links to folders.
    listings: HashMap<String, BTreeMap<String, Kind>>,
    /// Whether a folder, links resolved, lies outside the root.
    outside: HashMap<String, bool>,
}

impl<'a> Folders<'a> {
    fn new(root: &'a Path) -> Self {
        let real_root = root.canonicalize().ok();
        Self { root, real_root, listings: HashMap::new(), outside: HashMap::new() }
    }

    /// The names of the files that a glob matches, sorted.
    fn matching(&mut self, pattern: &str) -> Result<Vec<String>, globset::Error> {
        let folder = fixed_folder(pattern);
        if !pattern.contains(MARKS) && !pattern.contains(['}', ']']) {
            // A plain name: no need to try it on every file.
            let name = pattern.rsplit_once('/').map_or(pattern, |(_, name)| name);
            let there = self.listing(&folder).get(name).is_some_and(|kind| *kind != Kind::Folder);
            let plain = Path::new(pattern).components().count() == pattern.split('/').count();
            return Ok(if there && plain { vec![pattern.to_owned()] } else { Vec::new() });
        }
        // A set of one: a glob alone panics when what it means is too large, a set refuses.
        let glob = GlobBuilder::new(pattern).literal_separator(true).build()?;
        let matcher = GlobSet::builder().add(glob).build()?;
        let mut names = self.walk(&folder, pattern.contains("**"), pattern.matches('/').count());
        names.retain(|name| matcher.is_match(name));
        names.sort_unstable();
        Ok(names)
    }

    /// All files under a folder, hidden folders left out, no deeper than the pattern can match.
    fn walk(&mut self, folder: &str, any_depth: bool, depth: usize) -> Vec<String> {
        let mut names = Vec::new();
        let mut open = vec![folder.to_owned()];
        while let Some(folder) = open.pop() {
            for (file_name, kind) in self.listing(&folder) {
                let name = if folder.is_empty() { file_name.clone() } else { format!("{folder}/{file_name}") };
                if *kind != Kind::Folder {
                    names.push(name);
                } else if !file_name.starts_with('.') && (any_depth || name.matches('/').count() < depth) {
                    open.push(name);
                }
            }
        }
        names
    }

    fn listing(&mut self, folder: &str) -> &BTreeMap<String, Kind> {
        let root = self.root;
        self.listings.entry(folder.to_owned()).or_insert_with(|| {
            let entries = std::fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
            entries.filter_map(|entry| Some((entry.file_name().into_string().ok()?, kind(&entry)?))).collect()
        })
    }

    /// Whether a folder, links resolved, lies outside the root, so that not even its names are looked at.
    fn leave_by(&self, folder: &str) -> bool {
        let Some(real_root) = &self.real_root else { return false };
        self.root.join(folder).canonicalize().is_ok_and(|real| !real.starts_with(real_root))
    }

    /// Whether a file, links resolved, lies outside the root.
    fn is_outside(&mut self, name: &str) -> bool {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        let linked = self.listing(folder).get(file) != Some(&Kind::File);
        let (Some(real_root), path) = (&self.real_root, self.root.join(name)) else { return false };
        let outside = |path: &Path| path.canonicalize().is_ok_and(|real| !real.starts_with(real_root));
        if linked {
            return outside(&path);
        }
        *self.outside.entry(folder.to_owned()).or_insert_with(|| outside(&self.root.join(folder)))
    }
}

fn kind(entry: &DirEntry) -> Option<Kind> {
    let kind = entry.file_type().ok()?;
    // Linked folders are not walked: a circle of links would never end.
    match (kind.is_dir(), kind.is_file()) {
        (true, _) => Some(Kind::Folder),
        (_, true) => Some(Kind::File),
        // What is no plain file is named too: reading it tells why it cannot be.
        _ => (!entry.path().is_dir()).then_some(Kind::Link),
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
