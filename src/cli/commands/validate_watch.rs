//! `validate --watch`: validates again after every change.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::validate::{check, show};
use super::{CliError, Context, runtime, signals};
use crate::catalog::CATALOG_FILE;
use crate::cli::command_args::ValidateArgs;
use crate::cli::exit::Exit;
use crate::cli::format::OutputFormat;
use crate::project::Snapshot;

/// Minimum time between two checks for changes.
const MIN_POLL_INTERVAL: Duration = Duration::from_millis(250);
/// Minimum ratio of that time to the duration of a check, so that a large directory does not keep a core busy.
const POLL_COST_FACTOR: u32 = 20;
/// Time without changes before validation, because editors and `git checkout` write in several steps.
const QUIET_PERIOD: Duration = Duration::from_millis(60);
/// Maximum number of such steps to wait for.
const MAX_QUIET_CHECKS: usize = 30;
/// Maximum number of changed files to list.
const MAX_LISTED: usize = 3;

/// Runs until Ctrl-C or SIGTERM, which end it with exit code 0.
pub fn run(call: &mut Context, args: &ValidateArgs) -> Result<Exit, CliError> {
    if !matches!(call.global.format, OutputFormat::Human | OutputFormat::Json) {
        return Err(CliError::Usage("`validate --watch` writes `human`, `json`".to_owned()));
    }
    let root = call.root()?;
    runtime()?.block_on(async {
        let stopped = signals::first()?;
        tokio::pin!(stopped);
        let (started, began) = (Instant::now(), call.process_env.now);
        let mut besides: Vec<PathBuf> = Vec::new();
        let mut seen = Snapshot::take(&root, &besides);
        let mut changed = None;
        loop {
            call.process_env.now = began.checked_add(started.elapsed()).unwrap_or(began);
            besides.extend(validate(call, args, &root, changed.take())?);
            besides.sort_unstable();
            besides.dedup();
            // Changes since the last check must count, so add the files outside the usual directories to it.
            seen.add_missing(&Snapshot::take(&root, &besides), &besides);
            let mut wait = MIN_POLL_INTERVAL;
            let next = loop {
                tokio::select! {
                    () = &mut stopped => return Ok(Exit::Success),
                    () = tokio::time::sleep(wait) => {}
                }
                let looked = Instant::now();
                let next = Snapshot::take(&root, &besides);
                if next != seen {
                    break wait_until_quiet(&root, &besides, next).await;
                }
                wait = MIN_POLL_INTERVAL.max(looked.elapsed() * POLL_COST_FACTOR);
            };
            changed = Some(words(&next.changes_since(&seen), &root));
            seen = next;
        }
    })
}

/// Waits until a series of changes ends.
async fn wait_until_quiet(root: &Path, besides: &[PathBuf], mut last: Snapshot) -> Snapshot {
    for _ in 0..MAX_QUIET_CHECKS {
        tokio::time::sleep(QUIET_PERIOD).await;
        let next = Snapshot::take(root, besides);
        if next == last {
            break;
        }
        last = next;
    }
    last
}

/// Validates once. Returns the files that it read, and the catalog, which is in a hidden directory.
fn validate(
    call: &mut Context,
    args: &ValidateArgs,
    root: &Path,
    changed: Option<String>,
) -> Result<Vec<PathBuf>, CliError> {
    if call.global.format == OutputFormat::Human && !call.view.shape.quiet {
        if call.view.shape.progress_bars {
            call.view.clear()?;
        } else if changed.is_some() {
            call.view.notice("")?;
        }
    }
    if let Some(changed) = changed {
        call.view.info(&changed)?;
    }
    let mut files = vec![root.join(CATALOG_FILE)];
    match check(call, args) {
        Ok(compiled) => {
            files.extend(compiled.sources.iter().map(|(_, file)| file.path().to_path_buf()));
            show(call, &compiled, true)?;
        }
        Err(failure @ CliError::Stream(_)) => return Err(failure),
        // A deleted manifest may return, and a catalog may be downloaded.
        Err(failure) => call.view.error(&failure.to_string())?,
    }
    call.view.info("watching; Ctrl-C stops")?;
    Ok(files)
}

/// Returns the changed files: `videos/a.yaml, scripts/b.txt and 2 more changed`.
fn words(changed: &[&Path], root: &Path) -> String {
    let names =
        changed.iter().take(MAX_LISTED).map(|path| path.strip_prefix(root).unwrap_or(path).display().to_string());
    let names = crate::source::sanitize(&names.collect::<Vec<_>>().join(", ")).into_owned();
    match changed.len().saturating_sub(MAX_LISTED) {
        0 => format!("{names} changed"),
        more => format!("{names} and {more} more changed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_files_are_named() {
        let root = Path::new("/p");
        let all: Vec<PathBuf> = ["a", "b\u{1b}", "c/d", "e"].iter().map(|name| root.join(name)).collect();
        let all: Vec<&Path> = all.iter().map(PathBuf::as_path).collect();
        assert_eq!(words(&all[..1], root), "a changed");
        assert_eq!(words(&all, root), "a, b␛, c/d and 1 more changed");
    }
}
