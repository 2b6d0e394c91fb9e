//! The git repository around a project: what code hosts count paths from, and whether a file is missed.

use std::path::Path;
use std::process::{Command, Stdio};

/// The way from the repository's root to the project's, `/` after each part: `videos/`; empty where both are one or
/// where there is no repository.
pub fn folder_in_repository(root: &Path) -> String {
    let Ok(real) = root.canonicalize() else { return String::new() };
    // A worktree and a submodule have a file of that name.
    let Some(top) = real.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok()) else {
        return String::new();
    };
    let parts = real.strip_prefix(top).map(Path::components).into_iter().flatten();
    parts.fold(String::new(), |way, part| way + &part.as_os_str().to_string_lossy() + "/")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_count_from_the_nearest_repository() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("a/b c");
        std::fs::create_dir_all(&project).unwrap();
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        assert_eq!(folder_in_repository(&project), "a/b c/");
        assert_eq!(folder_in_repository(folder.path()), "");
        std::fs::write(folder.path().join("a/.git"), "gitdir: elsewhere").unwrap();
        assert_eq!(folder_in_repository(&project), "b c/");
        assert_eq!(folder_in_repository(&project.join("missing")), "");
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
