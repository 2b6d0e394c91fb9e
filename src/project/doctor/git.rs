//! Checks git's handling of the lockfile. Without git, or without a union merge, the lockfile loses records.

use std::path::Path;

use super::diagnosis::Finding;
use super::examine::{Facts, Git, answer};
use crate::project::{lock_path, open_ledger};

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

/// Returns the directory that contains `.git`, or `folder` itself if there is none.
fn top(folder: &Path) -> &Path {
    folder.ancestors().find(|one| one.join(".git").symlink_metadata().is_ok()).unwrap_or(folder)
}

fn is_sandbox(facts: &Facts<'_>) -> bool {
    facts.local.environment.as_ref().is_ok_and(crate::project::Environment::is_sandbox)
}

/// Returns the root and the lockfile's name. Fails with a finding if git does not apply.
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

/// Reads the shared ledger, if the manifest sets one: it takes the place of a lockfile in git.
fn ledger(facts: &Facts<'_>) -> Option<Finding> {
    let (Some(compiled), Ok(environment)) = (&facts.local.compiled, &facts.local.environment) else { return None };
    let fetch = format!("run `{} lock fetch` once it is", facts.local.callsheet);
    let ledger = match open_ledger(compiled, environment, &facts.local.world) {
        Ok(ledger) => ledger?,
        Err(error) => return Some(Finding::failure(error.to_string(), "make the remote of the ledger known to git")),
    };
    Some(match ledger.read_now() {
        Ok(known) => {
            let takes = known.takes().count();
            Finding::ok(format!(
                "the ledger {} is readable: {takes} take{}",
                ledger.place(),
                if takes == 1 { "" } else { "s" }
            ))
        }
        Err(error) => Finding::failure(error.to_string(), fetch),
    })
}

pub(super) fn lockfile(facts: &Facts<'_>) -> Finding {
    let (root, name) = match kept(facts) {
        Ok(kept) => kept,
        Err(finding) => return finding,
    };
    if let Some(finding) = ledger(facts) {
        return finding;
    }
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
    if facts.local.compiled.as_ref().is_some_and(|compiled| compiled.manifest.ledger.is_some()) {
        return Finding::ok("not needed: the ledger holds the takes");
    }
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
