//! A lockfile that is gone though git has it: without it, all that was paid for looks new.

use std::path::Path;

use super::Call;
use crate::output::quote;
use crate::project::{self, Environment, Kept};

/// A lockfile that git misses.
pub struct Lost {
    name: String,
    restore: String,
    callsheet: String,
}

/// Whether the lockfile of an environment is gone though git has it.
pub fn lost_lock(call: &Call, root: &Path, environment: &Environment) -> Option<Lost> {
    if environment.is_sandbox() {
        // It lies where git does not look, and holds nothing that was paid for.
        return None;
    }
    let path = project::lock_path(root, &environment.name);
    let kept = project::kept_by_git(&path)?;
    let name = path.file_name()?.to_string_lossy().into_owned();
    let folder = match &call.global.directory {
        Some(folder) => Some(folder.as_path()),
        None => Some(root).filter(|root| *root != call.folder),
    };
    let folder = folder.map(|folder| format!("-C {} ", quote(&folder.display().to_string()))).unwrap_or_default();
    let file = quote(&name);
    let restore = match kept {
        Kept::Tracked => format!("git {folder}restore {file}"),
        Kept::Committed => format!("git {folder}checkout HEAD -- {file}"),
    };
    tracing::debug!(file = name, ?kept, "the lockfile is gone, and git has it");
    Some(Lost { name, restore, callsheet: call.again(environment).callsheet })
}

impl Lost {
    /// For a plan, which spends nothing.
    pub fn warning(&self) -> String {
        format!(
            "`{}` is gone, but git has it: what it says was paid for looks new here; {}",
            self.name,
            self.way_back()
        )
    }

    /// For an apply, which would.
    pub fn refusal(&self) -> String {
        format!(
            "`{}` is gone, but git has it: what it says was paid for would be paid for again; nothing was sent. {}; if it is meant to be gone, commit that first",
            self.name,
            self.way_back()
        )
    }

    fn way_back(&self) -> String {
        format!(
            "`{}` brings it back, `{} lock rebuild` finds only what the vendor still lists",
            self.restore, self.callsheet
        )
    }
}
