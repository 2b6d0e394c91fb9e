//! The git repository around a project: its root, and the versions of files that git stores.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use thiserror::Error;

use super::ProcessEnv;
use super::environment::is_lock_name;
use crate::source::REDIRECTING_VARIABLES;

/// Returns the path from the repository's root to the project's, with `/` after each part: `videos/`. Empty if both are
/// equal. Returns `None` if there is no repository.
pub fn path_in_repository(root: &Path) -> Option<String> {
    let real = root.canonicalize().ok()?;
    let top = repository_root(&real)?;
    let parts = real.strip_prefix(top).map(Path::components).into_iter().flatten();
    Some(parts.fold(String::new(), |way, part| way + &part.as_os_str().to_string_lossy() + "/"))
}

/// Returns the nearest ancestor with a repository. In a worktree or a submodule, `.git` is a file.
pub(super) fn repository_root(directory: &Path) -> Option<&Path> {
    directory.ancestors().find(|directory| directory.join(".git").symlink_metadata().is_ok())
}

/// Where git stores a version of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GitVersion {
    /// In the index. `git restore` restores it.
    Tracked,
    /// Only in the last commit. The index has another version, or none.
    Committed,
}

/// git's answer about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GitAnswer {
    /// The file is not in a repository.
    NoRepository,
    /// Neither the last commit nor the index contains the file.
    Unknown,
    /// git has a version, and its lines were visited.
    Kept(GitVersion),
    /// git fails, or is not installed although there is a repository.
    Silent {
        /// Its message.
        why: String,
        /// The next step.
        fix: String,
    },
}

/// The repository that `GIT_DIR` names, if it is another than the one around a folder.
pub fn foreign_git_dir(directory: &Path, working: &Path, process_env: &ProcessEnv) -> Option<String> {
    let named = process_env.var("GIT_DIR")?;
    let real = directory.canonicalize().ok()?;
    let top = repository_root(&real)?;
    let around = top.join(".git").canonicalize().ok()?;
    let other = working.join(named).canonicalize().ok();
    // In a worktree or a submodule, the `.git` file names the repository's directory.
    let link = std::fs::read_to_string(&around).ok();
    let link = link.and_then(|text| top.join(text.strip_prefix("gitdir:")?.trim()).canonicalize().ok());
    let same = other.is_some() && (other == Some(around) || other == link);
    (!same).then(|| named.to_owned())
}

/// Visits the lines of a file's version in git: the last commit's, or else the index's.
///
/// `visit` returns `true` if the file on disk lacks the line.
pub fn visit_git_version(file: &Path, process_env: &ProcessEnv, mut visit: impl FnMut(&[u8]) -> bool) -> GitAnswer {
    // callsheet reads and writes the target of a link, so the target counts.
    let real = file.canonicalize().ok();
    let file = real.as_deref().unwrap_or(file);
    let Some((directory, name)) =
        file.parent().and_then(|directory| directory.canonicalize().ok()).zip(file.file_name())
    else {
        return GitAnswer::NoRepository;
    };
    let around = repository_root(&directory).is_some();
    if !around && process_env.var("GIT_DIR").is_none() {
        return GitAnswer::NoRepository;
    }
    let name = name.to_string_lossy();
    let asked = ask_git(&directory, around, |git| {
        let mut lacks = real.is_none();
        let head = git.version(&format!("HEAD:./{name}"), &mut |line| lacks |= visit(line))?;
        if head.is_some() && !lacks {
            // The index only decides which fix the message names.
            return Ok(GitAnswer::Kept(GitVersion::Tracked));
        }
        let index = git.version(&format!(":./{name}"), &mut |line| {
            if head.is_none() {
                visit(line);
            }
        })?;
        Ok(match (head, index) {
            (None, None) => GitAnswer::Unknown,
            (head, index) if head.is_none() || head == index => GitAnswer::Kept(GitVersion::Tracked),
            _ => GitAnswer::Kept(GitVersion::Committed),
        })
    });
    asked.unwrap_or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => GitAnswer::Silent {
            why: "the project is in a git repository, but `git` is not installed".to_owned(),
            fix: "install git".to_owned(),
        },
        _ => GitAnswer::Silent {
            why: format!("git does not answer: {error}"),
            fix: "see what `git status` says".to_owned(),
        },
    })
}

/// Runs `git cat-file`, and treats its refusal as an answer.
fn ask_git(
    directory: &Path,
    around: bool,
    talk: impl FnOnce(&mut CatFile) -> io::Result<GitAnswer>,
) -> io::Result<GitAnswer> {
    let mut git = Command::new("git");
    // A query must not run a program that the repository names, wait for a lock or prompt.
    git.args(["-c", "core.fsmonitor=false", "cat-file", "--batch"]).current_dir(directory);
    git.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
    if around {
        for name in REDIRECTING_VARIABLES {
            git.env_remove(name);
        }
    }
    git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = git.spawn()?;
    let out = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let mut git = CatFile { child, out: BufReader::with_capacity(1 << 16, out), line: Vec::new() };
    let answer = talk(&mut git);
    let CatFile { mut child, out, .. } = git;
    drop(child.stdin.take());
    drop(out);
    let mut said = String::new();
    if let Some(mut errors) = child.stderr.take() {
        errors.read_to_string(&mut said)?;
    }
    child.wait()?;
    match answer {
        Err(_) if !said.trim().is_empty() => Ok(refused(&said)),
        answer => answer,
    }
}

/// Converts an error of git to an answer with the next step.
fn refused(said: &str) -> GitAnswer {
    let first = said.lines().next().unwrap_or_default().trim();
    let why = format!("git does not answer: {}", first.strip_prefix("fatal: ").unwrap_or(first));
    // git's own advice, if any: `git config --global --add safe.directory …`.
    let advice = said.lines().map(str::trim).find(|line| line.starts_with("git config "));
    let fix = advice.map_or_else(|| "see what `git status` says".to_owned(), |advice| format!("run `{advice}`"));
    GitAnswer::Silent { why, fix }
}

/// A running `git cat-file --batch`.
struct CatFile {
    child: Child,
    out: BufReader<ChildStdout>,
    line: Vec<u8>,
}

impl CatFile {
    /// Visits the lines of a version of a file. Returns the name of its object, or `None` if there is no such version.
    fn version(&mut self, name: &str, visit: &mut impl FnMut(&[u8])) -> io::Result<Option<String>> {
        let asked = self.child.stdin.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        asked.write_all(format!("{name}\n").as_bytes())?;
        asked.flush()?;
        let mut head = String::new();
        if self.out.read_line(&mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // The header is `OBJECT blob SIZE`, or `NAME missing`.
        let mut words = head.trim_end().rsplit(' ');
        let Some((size, object)) = words.next().and_then(|size| size.parse::<u64>().ok()).zip(words.nth(1)) else {
            return Ok(None);
        };
        let mut left = size;
        while left > 0 {
            self.line.clear();
            let read = (&mut self.out).take(left).read_until(b'\n', &mut self.line)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            left -= read as u64;
            visit(&self.line);
        }
        let object = object.to_owned();
        // A line break follows the content.
        self.out.read_line(&mut head)?;
        Ok(Some(object))
    }
}

/// The reason why git's index could not be read.
#[derive(Debug, Error)]
pub enum GitError {
    /// The program did not start.
    #[error("cannot run git: {0}")]
    Run(#[source] io::Error),
    /// git failed, with its own message.
    #[error("cannot read git's index: {0}")]
    Failed(String),
}

/// The version of a lockfile in git's index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StagedLockfile {
    /// The content for the next commit.
    File(Vec<u8>),
    /// An unresolved merge with several sides.
    Unmerged,
    /// A symbolic link, or another entry without its own content.
    Link,
}

/// Lists every lockfile in git's index below a directory, of all projects and environments. Paths are relative to
/// `folder`.
///
/// # Errors
/// If git cannot be run or fails.
pub fn staged_lockfiles(directory: &Path, below: &Path) -> Result<Vec<(String, StagedLockfile)>, GitError> {
    // Run from `folder`, because within a hook, git names its index relative to the current directory.
    let ask = |args: &[&str], path: Option<&Path>| -> Result<Vec<u8>, GitError> {
        let mut git = Command::new("git");
        git.args(["-c", "core.fsmonitor=false"]).args(args).args(path).current_dir(directory);
        git.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_LITERAL_PATHSPECS", "1").stdin(Stdio::null());
        let done = git.output().map_err(GitError::Run)?;
        if done.status.success() {
            return Ok(done.stdout);
        }
        Err(GitError::Failed(String::from_utf8_lossy(&done.stderr).trim_end().to_owned()))
    };
    // Not a map, because names that are not UTF-8 may look equal.
    let mut found: Vec<(String, StagedLockfile)> = Vec::new();
    for entry in ask(&["ls-files", "--stage", "-z", "--"], Some(below))?.split(|byte| *byte == 0) {
        // The format is `MODE OBJECT STAGE`, a tab, and the path.
        let entry = String::from_utf8_lossy(entry);
        let Some((facts, path)) = entry.split_once('\t') else { continue };
        if !path.rsplit('/').next().is_some_and(is_lock_name) {
            continue;
        }
        let facts: Vec<&str> = facts.split(' ').collect();
        let staged = match facts[..] {
            ["100644" | "100755", object, "0"] => StagedLockfile::File(ask(&["cat-file", "blob", object], None)?),
            [_, _, "0"] => StagedLockfile::Link,
            // An unmerged file has one entry per side.
            _ if found.last().is_some_and(|last| last.0 == path && last.1 == StagedLockfile::Unmerged) => continue,
            _ => StagedLockfile::Unmerged,
        };
        found.push((path.to_owned(), staged));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_count_from_the_nearest_repository() {
        let directory = tempfile::tempdir().unwrap();
        let project = directory.path().join("a/b c");
        std::fs::create_dir_all(&project).unwrap();
        std::fs::create_dir(directory.path().join(".git")).unwrap();
        assert_eq!(path_in_repository(&project).unwrap(), "a/b c/");
        assert_eq!(path_in_repository(directory.path()).unwrap(), "");
        std::fs::write(directory.path().join("a/.git"), "gitdir: elsewhere").unwrap();
        assert_eq!(path_in_repository(&project).unwrap(), "b c/");
        assert_eq!(path_in_repository(&project.join("missing")), None);
    }

    #[test]
    fn what_git_holds_of_a_file_is_visited() {
        let directory = tempfile::tempdir().unwrap();
        let lock = directory.path().join("a b/call*.lock");
        std::fs::create_dir(directory.path().join("a b")).unwrap();
        let git = |args: &[&str]| {
            let mut git = Command::new("git");
            git.args(["-c", "user.name=T", "-c", "user.email=t@example.com"]).args(args).current_dir(directory.path());
            assert!(git.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success(), "{args:?}");
        };
        let process_env = ProcessEnv { env: std::collections::BTreeMap::new(), now: jiff::Timestamp::UNIX_EPOCH };
        let held = || {
            let mut text = Vec::new();
            let answer = visit_git_version(&lock, &process_env, |line| {
                text.extend_from_slice(line);
                true
            });
            (answer, String::from_utf8(text).unwrap())
        };
        let none = |answer| (answer, String::new());
        assert_eq!(held(), none(GitAnswer::NoRepository));
        git(&["init", "-q"]);
        assert_eq!(held(), none(GitAnswer::Unknown), "no commit");
        std::fs::write(directory.path().join("a b/callsheet.lock"), "other").unwrap();
        git(&["add", "-A"]);
        git(&["commit", "-qm", "another"]);
        assert_eq!(held(), none(GitAnswer::Unknown), "a name is no pattern");
        std::fs::write(&lock, "one\ntwo").unwrap();
        git(&["add", "-A"]);
        assert_eq!(held(), (GitAnswer::Kept(GitVersion::Tracked), "one\ntwo".to_owned()), "never committed");
        git(&["commit", "-qm", "one"]);
        std::fs::remove_file(&lock).unwrap();
        assert_eq!(held(), (GitAnswer::Kept(GitVersion::Tracked), "one\ntwo".to_owned()));
        std::fs::write(&lock, "").unwrap();
        git(&["add", "-A"]);
        assert_eq!(held(), (GitAnswer::Kept(GitVersion::Committed), "one\ntwo".to_owned()));
        git(&["commit", "-qm", "meant"]);
        assert_eq!(held(), none(GitAnswer::Kept(GitVersion::Tracked)), "committing that it is empty means it");
        std::fs::remove_dir_all(directory.path().join(".git")).unwrap();
        std::fs::create_dir(directory.path().join(".git")).unwrap();
        let (answer, _) = held();
        assert!(matches!(&answer, GitAnswer::Silent { why, .. } if why.contains("not a git repository")), "{answer:?}");
    }
}
