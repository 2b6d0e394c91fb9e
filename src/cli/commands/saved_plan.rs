//! Finds the saved plan for `apply`, and distinguishes it from a key with the same name.

use std::path::Path;

use super::plan::read_saved;
use super::{CliError, Context};
use crate::cli::plan_args::ApplyArgs;
use crate::output::quote;
use crate::plan::{SavedPlan, is_saved_plan};
use crate::project::CompiledProject;

/// Returns the saved plan: that of `--plan`, or the only argument if it is not a key but a file that begins like a
/// plan.
pub fn saved_plan(call: &Context, args: &ApplyArgs, compiled: &CompiledProject) -> Result<Option<SavedPlan>, CliError> {
    let file = match (&args.plan, args.select.globs.as_slice()) {
        (Some(_), [_, ..]) => {
            return Err(CliError::Usage(
                "`--plan` applies a saved plan unchanged; nothing was sent; remove the keys".to_owned(),
            ));
        }
        (Some(file), []) => file.as_path(),
        (None, [name]) => {
            let file = call.working_directory.join(name);
            // A committed link to an endless device is not a plan.
            let is_plan = file.is_file() && std::fs::read_to_string(file).is_ok_and(|text| is_saved_plan(&text));
            if !is_plan {
                return Ok(None);
            }
            if compiled.videos.iter().any(|video| *video.key == **name) {
                call.view.info(&format!(
                    "`{name}` is both a video and a saved plan, so the video is applied; `--plan {name}` applies the plan"
                ))?;
                return Ok(None);
            }
            Path::new(name)
        }
        (None, _) => return Ok(None),
    };
    let select = &args.select;
    if !select.only.is_empty() || !select.except.is_empty() || select.limit.is_some() || args.retry_failed {
        return Err(CliError::Usage(
            "a saved plan is applied unchanged: no --only, --except, --limit or --retry-failed".to_owned(),
        ));
    }
    read_saved(call, file).map(Some)
}

/// Returns the error that replaces `no video matches` if the only argument is a file, or looks like a saved plan.
pub fn no_plan(call: &Context, args: &ApplyArgs) -> Option<CliError> {
    let [file] = args.select.globs.as_slice() else { return None };
    let named = std::path::Path::new(file).extension().is_some_and(|word| word == "plan" || word == "json");
    let exists = call.working_directory.join(file).is_file();
    if !named && !exists {
        return None;
    }
    let words = if exists {
        format!("`{file}` is neither a saved plan nor a video; nothing was sent")
    } else {
        format!("there is no saved plan `{file}`, and no video matches it; nothing was sent")
    };
    Some(CliError::Other(format!("{words}; `callsheet plan --out {}` saves one", quote(file))))
}
