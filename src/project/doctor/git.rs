//! What git knows of the project: a lockfile that is not in git, or not merged as a union, is a lockfile half lost.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::checks::Facts;
use super::diagnosis::Finding;
use crate::project::lock_path;

/// The repository around a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Git {
    /// git is missing on this machine.
    NotInstalled,
    /// The project is in no repository.
    NoRepository,
    /// git refuses the repository: another user owns it.
    Dubious(String),
    /// git fails, with this message.
    Broken(String),
    /// A repository that git can use.
    Repository,
}

impl Git {
    pub(super) fn of(root: &Path) -> Self {
        let Some(done) = git(root, &["rev-parse", "--is-inside-work-tree"]) else { return Self::NotInstalled };
        if done.status.success() {
            // Inside `.git` there is a repository, and no files that it could track.
            let inside = String::from_utf8_lossy(&done.stdout).trim() == "true";
            return if inside { Self::Repository } else { Self::NoRepository };
        }
        let words = String::from_utf8_lossy(&done.stderr).trim().to_owned();
        let first = words.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_owned();
        if words.contains("dubious ownership") {
            Self::Dubious(first)
        } else if words.contains("not a git repository") {
            Self::NoRepository
        } else {
            Self::Broken(first)
        }
    }
}

/// Runs git in a folder. Returns `None` if there is none.
fn git(root: &Path, args: &[&str]) -> Option<Output> {
    let mut git = Command::new("git");
    // A question runs no program that the repository names, and waits for no lock.
    git.args(["-c", "core.fsmonitor=false"]).args(args).current_dir(root);
    // `check-ignore` knows no literal pathspecs, and no lockfile has a name that is a pattern.
    git.env("GIT_OPTIONAL_LOCKS", "0").env_remove("GIT_LITERAL_PATHSPECS").env("LC_ALL", "C");
    // Inside a hook these name the repository of the hook, which may be another one.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"] {
        git.env_remove(variable);
    }
    git.stdin(Stdio::null()).output().ok()
}

/// What git prints for a question that it answers with success.
fn answer(root: &Path, args: &[&str]) -> Option<String> {
    let done = git(root, args).filter(|done| done.status.success())?;
    Some(String::from_utf8_lossy(&done.stdout).trim().to_owned())
}

pub(super) fn repository(facts: &Facts<'_>) -> Finding {
    let local = facts.local;
    let root = local.root().unwrap_or(Path::new("."));
    match &local.git {
        Git::Repository => Finding::ok("the project is in a git repository"),
        Git::NotInstalled if is_sandbox(facts) => Finding::ok("not installed; the sandbox needs no git"),
        Git::NoRepository if is_sandbox(facts) => Finding::ok("no repository; the sandbox needs none"),
        Git::NotInstalled => Finding::warning("git is not installed, so the lockfile is not versioned", "install git"),
        Git::NoRepository => Finding::warning(
            "the project is not in a git repository, so its lockfile exists only here",
            format!("run `{}`, then commit the project with its lockfile", local.git_command("init")),
        ),
        Git::Dubious(words) => {
            let folder = root.canonicalize().unwrap_or_else(|_| root.to_owned());
            Finding::failure(
                format!("git refuses the repository: {words}"),
                format!("if you trust it: `git config --global --add safe.directory {}`", top(&folder).display()),
            )
        }
        Git::Broken(words) => {
            Finding::failure(format!("git fails here: {words}"), format!("run `{}`", local.git_command("status")))
        }
    }
}

/// The folder that holds `.git`; `folder` itself if none does.
fn top(folder: &Path) -> &Path {
    folder.ancestors().find(|one| one.join(".git").symlink_metadata().is_ok()).unwrap_or(folder)
}

fn is_sandbox(facts: &Facts<'_>) -> bool {
    facts.local.environment.as_ref().is_ok_and(crate::project::Environment::is_sandbox)
}

/// The root and the lockfile's name, where git has something to say of it.
fn kept<'a>(facts: &'a Facts<'_>) -> Result<(&'a Path, String), Finding> {
    if facts.local.git != Git::Repository {
        return Err(Finding::ok("not checked: there is no repository"));
    }
    let (Some(root), Ok(environment)) = (facts.local.root(), &facts.local.environment) else {
        return Err(Finding::skipped("needs `project`"));
    };
    if environment.is_sandbox() {
        return Err(Finding::ok("not needed: the sandbox's lockfile stays on this machine"));
    }
    let path = lock_path(root, &environment.name);
    Ok((root, path.file_name().unwrap_or_default().to_string_lossy().into_owned()))
}

pub(super) fn lockfile(facts: &Facts<'_>) -> Finding {
    let (root, name) = match kept(facts) {
        Ok(kept) => kept,
        Err(finding) => return finding,
    };
    // Of a file that is tracked git does not say that it is ignored.
    if let Some(rule) = answer(root, &["check-ignore", "-v", "--", &name]) {
        let place = rule.split('\t').next().unwrap_or_default();
        return Finding::failure(
            format!("git ignores `{name}`, so what was paid is lost with this folder"),
            format!("remove the rule at `{place}`, then run `{}`", facts.local.git_command(&format!("add {name}"))),
        );
    }
    if !root.join(&name).exists() {
        return Finding::ok(format!("`{name}` does not exist yet, and git does not ignore it"));
    }
    if answer(root, &["ls-files", "--error-unmatch", "--", &name]).is_none() {
        return Finding::warning(
            format!("git does not track `{name}`, so another clone would pay again"),
            format!("run `{}`, then commit", facts.local.git_command(&format!("add {name}"))),
        );
    }
    Finding::ok(format!("git tracks `{name}`"))
}

pub(super) fn merge(facts: &Facts<'_>) -> Finding {
    let (root, name) = match kept(facts) {
        Ok(kept) => kept,
        Err(finding) => return finding,
    };
    let attribute = answer(root, &["check-attr", "merge", "--", &name]).unwrap_or_default();
    if attribute.ends_with(": merge: union") {
        return Finding::ok(format!("git merges `{name}` as a union"));
    }
    Finding::warning(
        format!("git does not merge `{name}` as a union, so branches that both apply will conflict"),
        format!("add `{}` to `.gitattributes`, then commit", crate::project::LOCK_ATTRIBUTES),
    )
}

pub(super) fn ignore(facts: &Facts<'_>) -> Finding {
    let (Git::Repository, Some(root)) = (&facts.local.git, facts.local.root()) else {
        return Finding::ok("not checked: there is no repository");
    };
    if answer(root, &["check-ignore", "--", ".callsheet/apply.lock"]).is_some() {
        return Finding::ok("git ignores `.callsheet/`");
    }
    Finding::warning(
        "git does not ignore `.callsheet/`, which holds caches of this machine",
        "add `.callsheet/` to `.gitignore`",
    )
}
