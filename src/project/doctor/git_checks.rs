//! Checks git's handling of the lockfile. Without git, or without a union merge, the lockfile loses records.

use std::path::Path;

use super::check::Check;
use super::examination::{Examination, GitState, answer};
use crate::project::git::repository_root;
use crate::project::{lock_name, open_ledger};
use crate::source::pluralize;

pub(super) fn repository(facts: &Examination) -> Check {
    let root = facts.root().unwrap_or(Path::new("."));
    match &facts.git {
        GitState::Repository => Check::ok("the project is in a git repository"),
        GitState::NotInstalled if is_sandbox(facts) => Check::ok("not installed; the sandbox needs no git"),
        GitState::NoRepository if is_sandbox(facts) => Check::ok("no repository; the sandbox needs none"),
        GitState::NotInstalled => {
            Check::warning("git is not installed, so the lockfile is not versioned", "install git")
        }
        GitState::NoRepository => Check::warning(
            "the project is not in a git repository, so its lockfile exists only here",
            format!("run `{}`, then commit the project with its lockfile", facts.git_command("init")),
        ),
        GitState::Dubious(words) => {
            let directory = root.canonicalize().unwrap_or_else(|_| root.to_owned());
            let top = repository_root(&directory).unwrap_or(&directory);
            Check::failure(
                format!("git refuses the repository: {words}"),
                format!("if you trust it: `git config --global --add safe.directory {}`", top.display()),
            )
        }
        GitState::Broken(words) => {
            Check::failure(format!("git fails here: {words}"), format!("run `{}`", facts.git_command("status")))
        }
    }
}

fn is_sandbox(facts: &Examination) -> bool {
    facts.environment.as_ref().is_ok_and(crate::project::Environment::is_sandbox)
}

/// Returns the root and the lockfile's name. Fails with a finding if git does not apply.
fn tracked_lockfile(facts: &Examination) -> Result<(&Path, String), Check> {
    if facts.git != GitState::Repository {
        return Err(Check::ok("not checked: there is no repository"));
    }
    let (Some(root), Ok(environment)) = (facts.root(), &facts.environment) else {
        return Err(Check::skipped("needs `project`"));
    };
    if environment.is_sandbox() {
        return Err(Check::ok("not needed: the sandbox's lockfile stays on this machine"));
    }
    Ok((root, lock_name(root, environment)))
}

/// Reads the shared ledger, if the manifest sets one: it takes the place of a lockfile in git.
fn ledger(facts: &Examination) -> Option<Check> {
    let (Some(compiled), Ok(environment)) = (&facts.compiled, &facts.environment) else { return None };
    let fetch = format!("run `{} lock fetch` when the cause is fixed", facts.context.callsheet);
    let ledger = match open_ledger(compiled, environment, &facts.process_env) {
        Ok(ledger) => ledger?,
        Err(error) => {
            return Some(Check::failure(error.to_string(), "make the remote of the ledger known to git"));
        }
    };
    Some(match ledger.read_now() {
        Ok(known) => {
            let takes = pluralize(known.takes().count() as u64, "take");
            Check::ok(format!("the ledger {} is readable: {takes}", ledger.location()))
        }
        Err(error) => Check::failure(error.to_string(), fetch),
    })
}

pub(super) fn lockfile(facts: &Examination) -> Check {
    let (root, name) = match tracked_lockfile(facts) {
        Ok(kept) => kept,
        Err(finding) => return finding,
    };
    if let Some(finding) = ledger(facts) {
        return finding;
    }
    // Of a file that is tracked git does not say that it is ignored.
    if let Some(rule) = answer(root, &["check-ignore", "-v", "--", &name]) {
        let place = rule.split('\t').next().unwrap_or_default();
        return Check::failure(
            format!("git ignores `{name}`, so what was paid is lost with this directory"),
            format!("remove the rule at `{place}`, then run `{}`", facts.git_command(&format!("add {name}"))),
        );
    }
    if !root.join(&name).exists() {
        return Check::ok(format!("`{name}` does not exist yet, and git does not ignore it"));
    }
    if answer(root, &["ls-files", "--error-unmatch", "--", &name]).is_none() {
        return Check::warning(
            format!("git does not track `{name}`, so another clone would pay again"),
            format!("run `{}`, then commit", facts.git_command(&format!("add {name}"))),
        );
    }
    Check::ok(format!("git tracks `{name}`"))
}

pub(super) fn merge(facts: &Examination) -> Check {
    let (root, name) = match tracked_lockfile(facts) {
        Ok(kept) => kept,
        Err(finding) => return finding,
    };
    if facts.compiled.as_ref().is_some_and(|compiled| compiled.manifest.ledger.is_some()) {
        return Check::ok("not needed: the ledger holds the takes");
    }
    let attribute = answer(root, &["check-attr", "merge", "--", &name]).unwrap_or_default();
    if attribute.ends_with(": merge: union") {
        return Check::ok(format!("git merges `{name}` as a union"));
    }
    Check::warning(
        format!("git does not merge `{name}` as a union, so branches that both apply will conflict"),
        format!("add `{}` to `.gitattributes`, then commit", crate::project::LOCK_ATTRIBUTES),
    )
}

pub(super) fn ignore(facts: &Examination) -> Check {
    let (GitState::Repository, Some(root)) = (&facts.git, facts.root()) else {
        return Check::ok("not checked: there is no repository");
    };
    if answer(root, &["check-ignore", "--", ".callsheet/apply.lock"]).is_some() {
        return Check::ok("git ignores `.callsheet/`");
    }
    Check::warning(
        "git does not ignore `.callsheet/`, which holds caches of this machine",
        "add `.callsheet/` to `.gitignore`",
    )
}
