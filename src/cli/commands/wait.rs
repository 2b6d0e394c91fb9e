//! `wait`, and the wait of `apply --wait`: waits until the submitted videos are rendered.

use std::time::Duration;

use super::apply_finish::{CommandOutcome, finish_events};
use super::results_context::{ResultsContext, counted, exit_of, is_default_row, key_refused, print_pending};
use super::vendor_session::VendorSession;
use super::{CliError, Context, runtime, signals};
use crate::cli::command_args::WaitArgs;
use crate::cli::exit::Exit;
use crate::output::waited_sentence;
use crate::project::Selection;
use crate::results::{Phase, VideoStatus, WaitOutcome};

pub fn run(call: &mut Context, args: &WaitArgs) -> Result<Exit, CliError> {
    let ended = wait(call, args);
    finish_events(call, ended)
}

fn wait(call: &mut Context, args: &WaitArgs) -> Result<CommandOutcome, CliError> {
    let selection = Selection::from(&args.select);
    let named = !selection.globs.is_empty();
    let watch = ResultsContext::open_with_events(call, "callsheet wait", args.fetch.fetch)?;
    let mut rows = watch.rows(call, &selection)?;
    rows.retain(|row| is_default_row(row) || (named && row.is_pending()));
    let ended = wait_for(call, &watch, &mut rows, args.timeout.timeout)?;
    if rows.iter().all(|row| row.phase == Phase::NotSubmitted) && !call.json() {
        let again = call.callsheet(&watch.environment.name);
        call.view.info(&format!(
            "none of these videos was submitted yet, so there is nothing to wait for; `{again} apply` submits them"
        ))?;
    }
    Ok(ended)
}

/// Waits for rows and prints the result.
pub fn wait_for(
    call: &mut Context,
    watch: &ResultsContext,
    rows: &mut [VideoStatus],
    limit: Duration,
) -> Result<CommandOutcome, CliError> {
    let waited = if rows.iter().any(VideoStatus::is_pending) {
        runtime()?.block_on(async {
            let stop = signals::stop()?;
            let session = VendorSession::open(call, &watch.compiled.root, &watch.environment).await?;
            let waited = watch.wait(call, (&session, false), rows, (limit, &stop)).await;
            session.warn_of_clock(call)?;
            session.close().await;
            Ok::<_, CliError>(waited)
        })?
    } else {
        WaitOutcome::Finished
    };
    let summary = counted(rows);
    let exit = match waited {
        WaitOutcome::KeyRefused(message) => key_refused(call, &message)?,
        WaitOutcome::Unwritten(message) => {
            call.fail(&message)?;
            Exit::Error
        }
        WaitOutcome::Stopped => Exit::Interrupted,
        WaitOutcome::Finished | WaitOutcome::TimedOut => exit_of(rows),
    };
    if !call.json() {
        call.view.data(&format!("{}\n", waited_sentence(rows)))?;
    }
    if matches!(exit, Exit::TimedOut | Exit::Interrupted) {
        print_pending(call, rows)?;
        let again = call.callsheet(&watch.environment.name);
        let why = if exit == Exit::TimedOut { "the time ran out" } else { "interrupted" };
        call.view.info(&format!("{why}; `{again} wait` continues, and sends nothing"))?;
    }
    Ok(CommandOutcome { exit, summary })
}
