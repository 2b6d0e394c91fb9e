//! Detects a lockfile without the takes that git has. Paid takes would look new without them.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use super::Context;
use crate::lockfile::{Lockfile, TakeId};
use crate::output::{pluralize, quote};
use crate::project::{self, Environment, GitAnswer, GitVersion};

/// The reason why a lockfile may not contain every paid take.
pub struct MissingLockfile {
    /// The problem, without the next step.
    why: String,
    /// The next step.
    recovery_hint: String,
    /// `true` if an apply must not continue.
    pub blocks: bool,
}

/// Returns the takes in git that the lockfile on disk does not have, or the reason why git returned no answer.
pub fn missing_lockfile(
    call: &Context,
    root: &Path,
    environment: &Environment,
    disk: &Lockfile,
) -> Option<MissingLockfile> {
    if environment.is_sandbox() {
        // git ignores the sandbox's lockfile, which contains nothing paid.
        return None;
    }
    let path = project::lock_path(root, &environment.name);
    let name = path.file_name()?.to_string_lossy().into_owned();
    // A take may have several lines.
    let mut lacking: HashSet<TakeId> = HashSet::new();
    // Compare lines without parsing them while both versions are equal, which is usually almost the complete file.
    let mut same = File::open(&path).ok().map(BufReader::new);
    let mut own = Vec::new();
    let answer = project::visit_git_version(&path, &call.process_env, |line| {
        own.clear();
        let read = same.as_mut().is_some_and(|file| file.read_until(b'\n', &mut own).is_ok());
        if read && own == line {
            return false;
        }
        same = None;
        let id = TakeId::from_line(line).filter(|id| *id.host == *environment.host && !disk.has_take(id));
        id.map(|id| lacking.insert(id)).is_some()
    });
    let foreign = project::foreign_git_dir(root, &call.working_directory, &call.process_env);
    let is_missing = path.symlink_metadata().is_err();
    if answer != GitAnswer::NoRepository {
        tracing::debug!(file = name, ?answer, lacking = lacking.len(), is_missing, "asked git for the lockfile");
    }
    match answer {
        GitAnswer::NoRepository => None,
        GitAnswer::Kept(kept) if is_missing || !lacking.is_empty() => {
            let why = match (is_missing, lacking.len()) {
                (true, 0) => format!("`{name}` is missing, but git tracks it"),
                (true, takes) => {
                    format!("`{name}` is missing, but git tracks it, with {}", pluralize(takes as u64, "take"))
                }
                (false, takes) => format!("`{name}` lacks {} that git has", pluralize(takes as u64, "take")),
            };
            let unset =
                foreign.map(|other| format!("unset `GIT_DIR`, which names another repository (`{other}`), then "));
            let way = recovery_hint(call, (root, environment), &name, (kept, is_missing || disk.is_empty()));
            Some(MissingLockfile { why, recovery_hint: format!("{}{way}", unset.unwrap_or_default()), blocks: true })
        }
        GitAnswer::Kept(_) | GitAnswer::Unknown => {
            let other = foreign.filter(|_| disk.is_empty())?;
            Some(MissingLockfile {
                why: format!(
                    "`GIT_DIR` names another repository (`{other}`), so git cannot tell whether `{name}` was lost"
                ),
                recovery_hint: "unset `GIT_DIR`".to_owned(),
                blocks: true,
            })
        }
        GitAnswer::Silent { why, fix } => Some(MissingLockfile {
            why: format!("{why}, so callsheet cannot tell whether `{name}` lacks takes"),
            recovery_hint: fix,
            blocks: disk.is_empty(),
        }),
    }
}

/// Returns the next steps to a complete lockfile. `whole` is `true` if the command would overwrite nothing on disk.
fn recovery_hint(
    call: &Context,
    (root, environment): (&Path, &Environment),
    name: &str,
    (kept, whole): (GitVersion, bool),
) -> String {
    let folder = match &call.global.directory {
        Some(folder) => Some(folder.as_path()),
        None => Some(root).filter(|root| *root != call.working_directory),
    };
    let folder = folder.map(|folder| format!("-C {} ", quote(&folder.display().to_string()))).unwrap_or_default();
    let (file, callsheet) = (quote(name), call.callsheet(&environment.name));
    let back = match kept {
        GitVersion::Tracked if whole => format!("restore it with `git {folder}restore {file}`"),
        GitVersion::Committed if whole => format!("restore it with `git {folder}checkout HEAD -- {file}`"),
        _ => {
            let (version, copy) = (quote(&format!("HEAD:./{name}")), quote(&format!("{name}.head")));
            format!("unite both with `git {folder}show {version} > {copy}` and `{callsheet} lock merge --from {copy}`")
        }
    };
    format!(
        "{back}; `{callsheet} lock rebuild` finds only what the vendor still lists; to remove takes on purpose, commit the removal first"
    )
}

impl MissingLockfile {
    /// Returns the message for a plan, which spends nothing.
    pub fn warning(&self) -> String {
        let what = if self.blocks { ", so paid videos may look new here" } else { "" };
        format!("{}{what}; {}", self.why, self.recovery_hint)
    }

    /// Returns the message for an apply, which would spend money.
    pub fn refusal(&self) -> String {
        format!("{}, so paid videos could be billed again; nothing was sent; {}", self.why, self.recovery_hint)
    }
}
