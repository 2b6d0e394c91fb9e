//! Finds the manifests of a directory: the root manifest, then the matches of its `include` globs, sorted.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::DirEntry;
use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobSet};

use crate::diagnostic::{Code, Diagnostic, Report};
use crate::expand::similar_path;
use crate::source::{Origin, ROOT_MANIFEST, has_hidden_part};

/// Maximum length of a glob, in bytes. Its number of alternatives grows with the length, in part exponentially.
const MAX_GLOB_CHARS: usize = 1_000;

/// A file that a glob matched.
#[derive(Debug, PartialEq, Eq)]
pub struct ManifestFile {
    /// Relative to the root, `/` between parts.
    pub name: String,
    /// On disk.
    pub path: PathBuf,
}

/// Returns the files that the globs match, each once, in the order of the globs. The matches of one glob are sorted by
/// name.
pub fn included(root: &Path, globs: &[(String, Origin)], report: &mut Report) -> Vec<ManifestFile> {
    let mut seen = BTreeSet::from([ROOT_MANIFEST.to_owned()]);
    let mut found = Vec::new();
    let mut folders = DirectoryCache::new(root);
    for (glob, origin) in globs {
        let refuse = |message: String| Diagnostic::new(Code::BadInclude, message, *origin);
        if glob.len() > MAX_GLOB_CHARS {
            let message = format!("a glob has {} bytes, more than the {MAX_GLOB_CHARS} that are allowed", glob.len());
            report.push(refuse(message).help("name directories, not all their files"));
            continue;
        }
        if escapes_root(glob) {
            report.push(
                refuse(format!("`{glob}` leaves the project root"))
                    .help("a project's files are below the directory of `callsheet.yaml`"),
            );
            continue;
        }
        if has_hidden_part(Path::new(glob)) {
            report.push(
                refuse(format!("`{glob}` names a hidden file or directory"))
                    .help("no part of an included path may begin with a dot"),
            );
            continue;
        }
        let pattern = glob.strip_prefix("./").unwrap_or(glob);
        let fixed = fixed_directory(pattern);
        if let Some(why) = outside_project(root, &root.join(&fixed)) {
            report.push(refuse(format!("`{fixed}` {why}")));
            continue;
        }
        let names = match folders.matching(pattern) {
            Ok(names) => names,
            Err(error) => {
                report.push(refuse(format!("`{glob}` is not a glob")).label(error.kind().to_string()));
                continue;
            }
        };
        if names.is_empty() {
            let fault = Diagnostic::new(Code::EmptyInclude, format!("`{glob}` matches no file"), *origin);
            let fault = fault.did_you_mean(folders.similar(pattern).as_deref());
            report.push(fault.help("globs are relative to the project root; `**` crosses directories"));
        }
        for name in names {
            let path = root.join(&name);
            if folders.lossy_part(&name).is_some() {
                report.push(
                    Diagnostic::new(Code::NotUtf8, format!("the name of `{name}` is not UTF-8"), *origin)
                        .help("rename the file or directory; `�` stands for the bytes that are not text"),
                );
            } else if let Some(why) = folders.outside_project(&name) {
                report.push(refuse(format!("`{name}` {why}")));
            } else if seen.insert(name.clone()) {
                tracing::debug!(file = name, include = glob, "included");
                found.push(ManifestFile { name, path });
            }
        }
    }
    found
}

fn escapes_root(glob: &str) -> bool {
    Path::new(glob).is_absolute()
        || Path::new(glob).components().any(|part| matches!(part, Component::ParentDir | Component::Prefix(_)))
}

/// Characters that make a part of a glob a pattern.
const GLOB_CHARS: [char; 5] = ['*', '?', '[', '{', '\\'];

/// Returns the leading directories of a glob that contain no pattern, so that only they are walked.
fn fixed_directory(pattern: &str) -> String {
    let folders = pattern.rsplit_once('/').map_or("", |(folders, _)| folders);
    let fixed = folders.split('/').take_while(|part| !part.contains(GLOB_CHARS));
    fixed.collect::<Vec<_>>().join("/")
}

/// The kind of a directory entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EntryKind {
    Directory,
    File,
    /// A link to a file, or an entry that is neither a file nor a directory.
    Link,
}

/// Returns why a path, with links resolved, is not part of the project: it leaves the root or leads to a hidden file.
/// Returns `None` if it is.
pub(super) fn outside_project(root: &Path, path: &Path) -> Option<&'static str> {
    let (root, real) = (root.canonicalize().ok()?, path.canonicalize().ok()?);
    match real.strip_prefix(root) {
        Ok(inside) if has_hidden_part(inside) => Some("is a link to a hidden file or directory"),
        Ok(_) => None,
        Err(_) => Some("is a link that leaves the project root"),
    }
}

/// The directories of a project. Each is read once for all globs.
struct DirectoryCache<'a> {
    root: &'a Path,
    /// Names and kinds by directory, without links to directories.
    listings: HashMap<String, BTreeMap<String, EntryKind>>,
    /// The reasons why directories are not part of the project.
    strays: HashMap<String, Option<&'static str>>,
    /// Real paths of names that are not UTF-8, by their display names.
    lossy: HashMap<String, PathBuf>,
}

impl<'a> DirectoryCache<'a> {
    fn new(root: &'a Path) -> Self {
        Self { root, listings: HashMap::new(), strays: HashMap::new(), lossy: HashMap::new() }
    }

    /// Returns the names of the files that a glob matches, sorted.
    fn matching(&mut self, pattern: &str) -> Result<Vec<String>, globset::Error> {
        let directory = fixed_directory(pattern);
        if !pattern.contains(GLOB_CHARS) && !pattern.contains(['}', ']']) {
            // A plain name needs no pattern match.
            let name = pattern.rsplit_once('/').map_or(pattern, |(_, name)| name);
            let there = self.listing(&directory).get(name).is_some_and(|kind| *kind != EntryKind::Directory);
            let plain = Path::new(pattern).components().count() == pattern.split('/').count();
            return Ok(if there && plain { vec![pattern.to_owned()] } else { Vec::new() });
        }
        // A set of one, because an oversized glob alone panics, but in a set it is an error.
        let glob = GlobBuilder::new(pattern).literal_separator(true).build()?;
        let matcher = GlobSet::builder().add(glob).build()?;
        let mut names = self.walk(&directory, pattern.contains("**"), pattern.matches('/').count());
        names.retain(|name| matcher.is_match(name));
        names.sort_unstable();
        Ok(names)
    }

    /// Returns a similar glob that matches a file, for one that does not.
    fn similar(&mut self, pattern: &str) -> Option<String> {
        let written = pattern.trim().replace('\\', "/");
        let manifest = self.root.join(ROOT_MANIFEST);
        if !written.contains(GLOB_CHARS) {
            return similar_path(self.root, &manifest, &written).or_else(|| self.matches(written, pattern));
        }
        let (folders, last) = written.rsplit_once('/').unwrap_or(("", &written));
        let (stem, extension) = last.rsplit_once('.').unwrap_or((last, ""));
        let prefix = if folders.is_empty() { String::new() } else { format!("{folders}/") };
        let other = match extension.to_ascii_lowercase().as_str() {
            "yaml" if extension == "yaml" => "yml",
            _ => "yaml",
        };
        let candidates = [written.clone(), written.to_lowercase(), format!("{prefix}{stem}.{other}")];
        candidates.into_iter().find_map(|candidate| self.matches(candidate, pattern))
    }

    /// Returns a candidate if it differs from the glob and matches a file.
    fn matches(&mut self, candidate: String, pattern: &str) -> Option<String> {
        let found = candidate != pattern && !escapes_root(&candidate) && !has_hidden_part(Path::new(&candidate));
        (found && self.matching(&candidate).is_ok_and(|names| !names.is_empty())).then_some(candidate)
    }

    /// Returns all files below a directory, except hidden ones, down to the depth of the pattern.
    fn walk(&mut self, directory: &str, any_depth: bool, depth: usize) -> Vec<String> {
        let mut names = Vec::new();
        let mut open = vec![directory.to_owned()];
        while let Some(directory) = open.pop() {
            for (file_name, kind) in self.listing(&directory) {
                if file_name.starts_with('.') {
                    continue;
                }
                let name = if directory.is_empty() { file_name.clone() } else { format!("{directory}/{file_name}") };
                if *kind != EntryKind::Directory {
                    names.push(name);
                } else if any_depth || name.matches('/').count() < depth {
                    open.push(name);
                }
            }
        }
        names
    }

    fn listing(&mut self, directory: &str) -> &BTreeMap<String, EntryKind> {
        if !self.listings.contains_key(directory) {
            let path = self.path(directory);
            let mut listing = BTreeMap::new();
            for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
                let Some(kind) = kind(&entry) else { continue };
                let name = entry.file_name().into_string().unwrap_or_else(|raw| {
                    let shown = raw.to_string_lossy().into_owned();
                    let name = if directory.is_empty() { shown.clone() } else { format!("{directory}/{shown}") };
                    self.lossy.insert(name, entry.path());
                    shown
                });
                listing.insert(name, kind);
            }
            self.listings.insert(directory.to_owned(), listing);
        }
        &self.listings[directory]
    }

    /// Returns the path on disk of a display name.
    fn path(&self, name: &str) -> PathBuf {
        match self.lossy_part(name) {
            Some((part, real)) => real.join(name[part.len()..].trim_start_matches('/')),
            None => self.root.join(name),
        }
    }

    /// Returns the longest prefix of a display name whose real name is not UTF-8, with its real path.
    fn lossy_part<'b>(&self, name: &'b str) -> Option<(&'b str, &PathBuf)> {
        let ends = std::iter::once(name.len()).chain(name.rmatch_indices('/').map(|(end, _)| end));
        ends.map(|end| &name[..end]).find_map(|part| Some((part, self.lossy.get(part)?)))
    }

    /// Returns why a file, with links resolved, is not part of the project.
    fn outside_project(&mut self, name: &str) -> Option<&'static str> {
        let (directory, file) = name.rsplit_once('/').unwrap_or(("", name));
        let linked = self.listing(directory).get(file) != Some(&EntryKind::File);
        let root = self.root;
        if linked {
            return outside_project(root, &root.join(name));
        }
        *self.strays.entry(directory.to_owned()).or_insert_with(|| outside_project(root, &root.join(directory)))
    }
}

fn kind(entry: &DirEntry) -> Option<EntryKind> {
    let kind = entry.file_type().ok()?;
    // Linked directories are skipped, because a cycle of links never ends.
    match (kind.is_dir(), kind.is_file()) {
        (true, _) => Some(EntryKind::Directory),
        (_, true) => Some(EntryKind::File),
        // Irregular files are listed too. Reading them reports why they cannot be used.
        _ => (!entry.path().is_dir()).then_some(EntryKind::Link),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for file in files {
            let path = directory.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x: 1\n").unwrap();
        }
        directory
    }

    fn names(directory: &Path, globs: &[&str]) -> (Vec<String>, Vec<Code>) {
        let globs: Vec<_> = globs.iter().map(|glob| ((*glob).to_owned(), Origin::new(FileId(0), 0, 1))).collect();
        let mut report = Report::new();
        let found = included(directory, &globs, &mut report);
        (found.into_iter().map(|file| file.name).collect(), report.iter().map(|one| one.code).collect())
    }

    #[test]
    fn globs_match_in_order_each_file_once() {
        let directory = tree(&[
            "callsheet.yaml",
            "videos/b.yaml",
            "videos/a.yaml",
            "videos/deep/c.yaml",
            "voices.yaml",
            ".git/x.yaml",
        ]);
        assert_eq!(
            names(directory.path(), &["voices.yaml", "videos/*.yaml", "*.yaml"]).0,
            ["voices.yaml", "videos/a.yaml", "videos/b.yaml"]
        );
        assert_eq!(
            names(directory.path(), &["**/*.yaml"]).0,
            ["videos/a.yaml", "videos/b.yaml", "videos/deep/c.yaml", "voices.yaml"]
        );
    }

    #[test]
    fn a_glob_that_means_too_much_is_refused() {
        let directory = tree(&["callsheet.yaml"]);
        let nested = format!("{}x{}", "{a,".repeat(300), "}".repeat(300));
        let long = "*a".repeat(501);
        let (found, codes) = names(directory.path(), &[&nested, &long, &"*a".repeat(400), "{{{{"]);
        assert!(found.is_empty());
        assert_eq!(codes, [Code::BadInclude, Code::BadInclude, Code::EmptyInclude, Code::BadInclude]);
    }

    #[cfg(unix)]
    #[test]
    fn no_glob_reaches_a_hidden_file() {
        let directory = tree(&["callsheet.yaml", ".git/a.yaml", ".env", "videos/.secret.yaml", "videos/a.yaml"]);
        std::os::unix::fs::symlink(".git", directory.path().join("linked")).unwrap();
        std::os::unix::fs::symlink("../.env", directory.path().join("videos/env.yaml")).unwrap();
        for glob in [".git/*.yaml", "./.git/a.yaml", "videos/.secret.yaml", ".*", "linked/*.yaml", "videos/env.yaml"] {
            assert_eq!(names(directory.path(), &[glob]), (Vec::new(), vec![Code::BadInclude]), "{glob}");
        }
        for glob in ["[.]git/*.yaml", "{.git,.env}", "[.]env"] {
            assert_eq!(names(directory.path(), &[glob]), (Vec::new(), vec![Code::EmptyInclude]), "{glob}");
        }
        std::fs::remove_file(directory.path().join("videos/env.yaml")).unwrap();
        assert_eq!(names(directory.path(), &["**/*"]), (vec!["videos/a.yaml".to_owned()], Vec::new()));
        // Hidden parts above the project root do not matter.
        let nested = tree(&[".work/callsheet.yaml", ".work/videos/a.yaml"]);
        assert_eq!(names(&nested.path().join(".work"), &["videos/*.yaml"]).0, ["videos/a.yaml"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_that_is_not_utf8_is_reported() {
        use std::os::unix::ffi::OsStrExt;
        let directory = tree(&["callsheet.yaml", "videos/a.yaml"]);
        let videos = directory.path().join("videos");
        std::fs::write(videos.join(std::ffi::OsStr::from_bytes(b"caf\xe9.yaml")), "x: 1").unwrap();
        assert_eq!(
            names(directory.path(), &["videos/*.yaml"]),
            (vec!["videos/a.yaml".to_owned()], vec![Code::NotUtf8])
        );
        assert_eq!(names(directory.path(), &["videos/a.yaml"]).1, [], "no glob asks for it");
        let deep = videos.join(std::ffi::OsStr::from_bytes(b"d\xe9/deep"));
        std::fs::create_dir_all(&deep).unwrap();
        assert_eq!(names(directory.path(), &["**/*.txt", "**/a.yaml"]).1, [Code::EmptyInclude]);
        std::fs::write(deep.join("b.txt"), "").unwrap();
        assert_eq!(names(directory.path(), &["**/*.txt"]), (Vec::new(), vec![Code::NotUtf8]));
    }

    #[cfg(unix)]
    #[test]
    fn a_linked_folder_is_not_left_by() {
        let directory = tree(&["callsheet.yaml", "real/a.yaml"]);
        std::os::unix::fs::symlink("/", directory.path().join("out")).unwrap();
        std::os::unix::fs::symlink("real", directory.path().join("in")).unwrap();
        let (found, codes) = names(directory.path(), &["out/**", "in/*.yaml"]);
        assert_eq!((found, codes), (vec!["in/a.yaml".to_owned()], vec![Code::BadInclude]));
    }

    #[test]
    fn a_glob_that_finds_nothing_or_leaves_the_root_is_an_error() {
        let directory = tree(&["callsheet.yaml"]);
        let (found, codes) = names(directory.path(), &["videos/*.yaml", "../*.yaml", "/etc/*.yaml", "a[.yaml"]);
        assert!(found.is_empty());
        assert_eq!(codes, [Code::EmptyInclude, Code::BadInclude, Code::BadInclude, Code::BadInclude]);
    }
}
