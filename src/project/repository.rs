//! The git repository around a project: what code hosts count paths from, and whether a file is missed.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use thiserror::Error;

use super::environment::is_lock_name;

/// The way from the repository's root to the project's, `/` after each part: `videos/`; empty where both are one.
/// Returns `None` if there is no repository.
pub fn folder_in_repository(root: &Path) -> Option<String> {
    let real = root.canonicalize().ok()?;
    // A worktree and a submodule have a file of that name.
    let top = real.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok())?;
    let parts = real.strip_prefix(top).map(Path::components).into_iter().flatten();
    Some(parts.fold(String::new(), |way, part| way + &part.as_os_str().to_string_lossy() + "/"))
}

/// What git has of a file that is not on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is tracked: only the disk lacks it.
    Tracked,
    /// The last commit has it; its removal is staged.
    Committed,
}

/// What git has of a file that is gone; nothing where the file is there, nobody tracks it, or there is no git to ask.
///
/// A file that is there costs one look at it, and a folder in no repository a few; only else a process is started.
pub fn kept_by_git(file: &Path) -> Option<Kept> {
    if file.symlink_metadata().is_ok() {
        return None;
    }
    let (folder, name) = (file.parent()?.canonicalize().ok()?, file.file_name()?);
    folder.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok())?;
    let lists = |more: &[&str]| {
        let mut git = Command::new("git");
        // A question runs no program that the repository names, and waits for no lock.
        git.args(["-c", "core.fsmonitor=false", "ls-files", "--error-unmatch"]).args(more).arg("--").arg(name);
        git.current_dir(&folder).env("GIT_OPTIONAL_LOCKS", "0").env("GIT_LITERAL_PATHSPECS", "1");
        git.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        git.status().ok()?.code()
    };
    match lists(&[])? {
        0 => Some(Kept::Tracked),
        // It knows no such file; any other code is trouble of its own, and no word on the file.
        1 => (lists(&["--with-tree=HEAD"])? == 0).then_some(Kept::Committed),
        _ => None,
    }
}

/// Why git's index could not be read.
#[derive(Debug, Error)]
pub enum GitError {
    /// The program did not start.
    #[error("cannot run git: {0}")]
    Run(#[source] io::Error),
    /// It failed, with its own message.
    #[error("cannot read git's index: {0}")]
    Failed(String),
}

/// What git's index has of a lockfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Staged {
    /// The content that the next commit would have.
    File(Vec<u8>),
    /// Several sides of a merge, none of them chosen yet.
    Unmerged,
    /// A symbolic link, or another entry without its own content.
    Link,
}

/// Lists every lockfile in git's index below a directory, by path relative to `folder`; of all projects and environments.
///
/// # Errors
/// If git cannot be run or fails.
pub fn staged_lockfiles(folder: &Path, below: &Path) -> Result<Vec<(String, Staged)>, GitError> {
    // Run from `folder`: within a hook, git names its index relative to the current directory.
    let ask = |args: &[&str], path: Option<&Path>| -> Result<Vec<u8>, GitError> {
        let mut git = Command::new("git");
        git.args(["-c", "core.fsmonitor=false"]).args(args).args(path).current_dir(folder);
        git.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_LITERAL_PATHSPECS", "1").stdin(Stdio::null());
        let done = git.output().map_err(GitError::Run)?;
        if done.status.success() {
            return Ok(done.stdout);
        }
        Err(GitError::Failed(String::from_utf8_lossy(&done.stderr).trim_end().to_owned()))
    };
    // No map: names that are not UTF-8 may look equal.
    let mut found: Vec<(String, Staged)> = Vec::new();
    for entry in ask(&["ls-files", "--stage", "-z", "--"], Some(below))?.split(|byte| *byte == 0) {
        // MODE OBJECT STAGE, a tab, the path.
        let entry = String::from_utf8_lossy(entry);
        let Some((facts, path)) = entry.split_once('\t') else { continue };
        if !path.rsplit('/').next().is_some_and(is_lock_name) {
            continue;
        }
        let facts: Vec<&str> = facts.split(' ').collect();
        let staged = match facts[..] {
            ["100644" | "100755", object, "0"] => Staged::File(ask(&["cat-file", "blob", object], None)?),
            [_, _, "0"] => Staged::Link,
            // One entry for each side.
            _ if found.last().is_some_and(|last| last.0 == path && last.1 == Staged::Unmerged) => continue,
            _ => Staged::Unmerged,
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
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("a/b c");
        std::fs::create_dir_all(&project).unwrap();
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        assert_eq!(folder_in_repository(&project).unwrap(), "a/b c/");
        assert_eq!(folder_in_repository(folder.path()).unwrap(), "");
        std::fs::write(folder.path().join("a/.git"), "gitdir: elsewhere").unwrap();
        assert_eq!(folder_in_repository(&project).unwrap(), "b c/");
        assert_eq!(folder_in_repository(&project.join("missing")), None);
    }

    #[test]
    fn a_file_that_git_has_is_missed_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("a b/call*.lock");
        std::fs::create_dir(folder.path().join("a b")).unwrap();
        let git = |args: &[&str]| {
            let mut git = Command::new("git");
            git.args(["-c", "user.name=T", "-c", "user.email=t@example.com"]).args(args).current_dir(folder.path());
            assert!(git.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success(), "{args:?}");
        };
        assert_eq!(kept_by_git(&lock), None, "no repository");
        git(&["init", "-q"]);
        assert_eq!(kept_by_git(&lock), None, "no commit");
        std::fs::write(folder.path().join("a b/callsheet.lock"), "").unwrap();
        git(&["add", "-A"]);
        git(&["commit", "-qm", "another"]);
        assert_eq!(kept_by_git(&lock), None, "a name is no pattern");
        std::fs::write(&lock, "").unwrap();
        git(&["add", "-A"]);
        assert_eq!(kept_by_git(&lock), None, "there");
        std::fs::remove_file(&lock).unwrap();
        assert_eq!(kept_by_git(&lock), Some(Kept::Tracked));
        git(&["commit", "-qm", "one"]);
        assert_eq!(kept_by_git(&lock), Some(Kept::Tracked));
        git(&["add", "-A"]);
        assert_eq!(kept_by_git(&lock), Some(Kept::Committed));
        git(&["commit", "-qm", "meant"]);
        assert_eq!(kept_by_git(&lock), None, "whoever commits that it is gone means it");
        std::fs::remove_dir_all(folder.path().join(".git")).unwrap();
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        assert_eq!(kept_by_git(&lock), None, "no repository after all");
    }
}
