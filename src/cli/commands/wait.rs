//! `wait`, and the wait of `apply --wait`: waits until the submitted videos are rendered.

use std::time::Duration;

use super::ending::{Ended, close};
use super::follow::{Watch, count, exit_of, key_refused, mine, tell_open};
use super::site::Site;
use super::{Call, Failure, runtime, signals};
use crate::cli::exit::Exit;
use crate::cli::results_args::WaitArgs;
use crate::output::{SummaryV1, waited_sentence};
use crate::project::Selection;
use crate::results::{Phase, VideoStatus, WaitOutcome};

pub fn run(call: &mut Call, args: &WaitArgs) -> Result<Exit, Failure> {
    let ended = wait(call, args);
    close(call, ended)
}

fn wait(call: &mut Call, args: &WaitArgs) -> Result<Ended, Failure> {
    let selection = Selection::from(&args.select);
    let named = !selection.globs.is_empty();
    let mut watch = Watch::open_loud(call, "callsheet wait")?;
    watch.fetch = args.fetch.fetch;
    let mut rows = watch.rows(call, &selection)?;
    rows.retain(|row| mine(row) || (named && row.is_pending()));
    let ended = wait_for(call, &watch, &mut rows, args.timeout.timeout)?;
    if rows.iter().all(|row| row.phase == Phase::NotSubmitted) && !call.json() {
        let again = call.again(&watch.environment).callsheet;
        call.view.info(&format!(
            "none of these videos was submitted yet, so there is nothing to wait for; `{again} apply` submits them"
        ))?;
    }
    Ok(ended)
}

/// Waits for rows and prints the result.
pub fn wait_for(call: &mut Call, watch: &Watch, rows: &mut [VideoStatus], limit: Duration) -> Result<Ended, Failure> {
    let waited = if rows.iter().any(VideoStatus::is_pending) {
        runtime()?.block_on(async {
            let stop = signals::stop()?;
            let site = Site::open(call, &watch.compiled.root, &watch.environment).await?;
            let waited = watch.wait(call, (&site, false), rows, (limit, &stop)).await;
            site.warn_of_clock(call)?;
            site.close().await;
            Ok::<_, Failure>(waited)
        })?
    } else {
        WaitOutcome::Finished
    };
    let mut summary = SummaryV1::default();
    count(rows, &mut summary);
    let exit = match waited {
        WaitOutcome::KeyRefused(message) => key_refused(call, &message)?,
        WaitOutcome::Unwritten(message) => {
            call.fail(&message)?;
            Exit::Failed
        }
        WaitOutcome::Stopped => Exit::Interrupted,
        WaitOutcome::Finished | WaitOutcome::TimedOut => exit_of(rows),
    };
    if !call.json() {
        call.view.data(&format!("{}\n", waited_sentence(rows)))?;
    }
    if matches!(exit, Exit::OutOfTime | Exit::Interrupted) {
        tell_open(call, rows)?;
        let again = call.again(&watch.environment).callsheet;
        let why = if exit == Exit::OutOfTime { "the time ran out" } else { "interrupted" };
        call.view.info(&format!("{why}; `{again} wait` continues, and sends nothing"))?;
    }
    Ok(Ended { exit, summary })
}
