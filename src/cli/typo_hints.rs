//! Suggests the matching option for words of other tools that users type out of habit.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, Error};

/// Replaces clap's tip with ours if the word comes from another tool.
pub(super) fn with_hint(mut error: Error) -> Error {
    let word = [ContextKind::InvalidArg, ContextKind::InvalidSubcommand].into_iter().find_map(|kind| {
        let Some(ContextValue::String(word)) = error.get(kind) else { return None };
        Some(word.split('=').next().unwrap_or(word).to_owned())
    });
    if let Some(tip) = word.and_then(|word| hint(&word)) {
        // clap's tip for an option would not help: `-- --dry-run` would select a video with that name.
        for guess in [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue] {
            error.remove(guess);
        }
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
    }
    error
}

/// Returns the suggestion for a word.
fn hint(word: &str) -> Option<&'static str> {
    Some(match word {
        "--dry-run" | "--check" | "diff" => "`callsheet plan` shows what apply would submit, and sends nothing",
        "--json" => "write `--format json`",
        "--auto-approve" | "--force" | "--assume-yes" => {
            "`--yes` applies without asking; guards are lifted by their own flags"
        }
        "--target" | "--filter" | "--select" => {
            "name the videos as arguments, or with `--only`: keys or globs such as `onboarding[de,*]`"
        }
        "--no-color" | "--no-colour" | "--colour" => "write `--color never`, or set NO_COLOR",
        "--environment" | "--profile" | "--sandbox" => "write `--env NAME`; `--env sandbox` is built in",
        "--watch" => "`callsheet validate --watch` validates whenever a file is saved; it submits nothing",
        "version" => "write `callsheet --version`",
        "check" | "lint" => "`callsheet validate` checks all manifests, scripts and data",
        "run" | "submit" | "deploy" | "up" | "push" | "create" => {
            "`callsheet apply` submits new and changed videos, after confirmation"
        }
        "accept" => "`lock accept` is now `lock reuse`: it keeps the existing video for a changed spec",
        "download" | "fetch" | "get" => "`callsheet pull` saves finished videos",
        "list" | "ls" => "`callsheet status` lists videos with their state; `callsheet render` shows them in full",
        "new" => "`callsheet init` starts a project",
        "destroy" | "delete" | "rm" => {
            "submitted videos are paid for and cannot be undone; a video that is removed from the manifest is no longer submitted"
        }
        "unlock" | "force-unlock" => "the lock of a machine ends with the process that holds it",
        _ => return None,
    })
}
