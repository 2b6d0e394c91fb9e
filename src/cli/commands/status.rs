//! `status`: the state of takes at the vendor, and the expiry of results.

use std::time::Duration;

use super::results_context::{ResultsContext, is_default_row, key_refused};
use super::vendor_session::VendorSession;
use super::{CliError, Context, runtime, signals};
use crate::cli::command_args::StatusArgs;
use crate::cli::exit::Exit;
use crate::output::{StatusDocument, TakeRow, expiry_warnings, status_human, versioned};
use crate::project::Selection;
use crate::results::{Phase, VideoStatus, WaitOutcome, poll};
use crate::vendor::CallError;

/// Time before a result's deletion in which callsheet warns about it.
const SOON: Duration = Duration::from_hours(48);
/// The time limit of `--watch`, which ends when nothing is pending.
const NO_TIMEOUT: Duration = Duration::from_hours(24 * 365);

/// The result of the queries.
enum QueryOutcome {
    /// All responses were received.
    All,
    /// Some responses or none were received, and the reason is already reported.
    Some,
    /// The run ends here.
    Over(Exit),
}

pub fn run(call: &mut Context, args: &StatusArgs) -> Result<Exit, CliError> {
    if args.watch && call.json() {
        return Err(CliError::Usage("--watch is human-readable only; `wait --format json` streams events".to_owned()));
    }
    let selection = Selection::from(&args.select);
    let named = !selection.globs.is_empty();
    // A check that knows nothing of other machines' results would pass.
    let fetch = args.fetch.fetch || (args.fail_on_expiring.is_some() && !args.offline);
    let watch = ResultsContext::open(call, "callsheet status", fetch)?;
    let mut rows = watch.rows(call, &selection)?;
    rows.retain(|row| args.all || is_default_row(row) || (named && row.role != crate::results::StatusRole::Old));
    let open = rows.iter().any(VideoStatus::is_pending) && !args.offline;
    let mut clock = None;
    let told = if open { query(call, &watch, &mut rows, (args.watch, &mut clock))? } else { QueryOutcome::All };
    let asked = !args.offline && matches!(told, QueryOutcome::All);
    if let QueryOutcome::Over(exit @ Exit::ApiKeyRejected) = told {
        return Ok(exit);
    }
    let now = jiff::Timestamp::now();
    let again = call.callsheet(&watch.environment.name);
    let soon =
        jiff::SignedDuration::try_from(args.fail_on_expiring.unwrap_or(SOON)).unwrap_or(jiff::SignedDuration::MAX);
    let expiring = expiry_warnings(&rows, now, soon, &again);
    let alarm =
        args.fail_on_expiring.is_some() && (!expiring.is_empty() || rows.iter().any(|row| row.phase == Phase::Missing));
    let warnings: Vec<String> = watch.invalid.iter().cloned().chain(clock).chain(expiring).collect();
    if call.json() {
        call.view.data(&versioned(&StatusDocument {
            environment: &watch.environment.name,
            host: &watch.environment.host,
            at: now,
            asked,
            takes: rows.iter().map(|row| TakeRow::new(row, now)).collect(),
            warnings: &warnings,
        }))?;
    } else {
        call.view.data(&status_human(&rows, now, call.view.shape.color_out))?;
        for warning in &warnings {
            call.view.warning(warning)?;
        }
    }
    if let QueryOutcome::Over(exit) = told {
        return Ok(exit);
    }
    Ok(if alarm { Exit::Incomplete } else { Exit::Success })
}

/// Queries the vendor, once or until nothing is pending. Sets `clock` to the warning about different clocks.
fn query(
    call: &mut Context,
    watch: &ResultsContext,
    rows: &mut [VideoStatus],
    (again, clock): (bool, &mut Option<String>),
) -> Result<QueryOutcome, CliError> {
    runtime()?.block_on(async {
        let stop = signals::stop()?;
        let session = VendorSession::open(call, &watch.compiled.root, &watch.environment).await?;
        let told = if again {
            match watch.wait(call, (&session, false), rows, (NO_TIMEOUT, &stop)).await {
                WaitOutcome::Finished | WaitOutcome::TimedOut => Ok(QueryOutcome::All),
                WaitOutcome::Stopped => Ok(QueryOutcome::Over(Exit::Interrupted)),
                WaitOutcome::KeyRefused(message) => key_refused(call, &message).map(QueryOutcome::Over),
                WaitOutcome::Unwritten(message) => Err(CliError::Other(message)),
            }
        } else {
            tokio::select! {
                told = query_once(call, watch, &session, rows) => told,
                () = stop.stop_requested() => Ok(QueryOutcome::Over(Exit::Interrupted)),
            }
        };
        *clock = session.clock_warning();
        session.close().await;
        told
    })
}

async fn query_once(
    call: &Context,
    watch: &ResultsContext,
    session: &VendorSession,
    rows: &mut [VideoStatus],
) -> Result<QueryOutcome, CliError> {
    let asked = match poll(&session.vendor, rows, VideoStatus::is_pending, (jiff::Timestamp::now(), None)).await {
        Ok(asked) => asked,
        Err(CallError::Key(message)) => return key_refused(call, &message).map(QueryOutcome::Over),
        Err(error) => return Err(CliError::Other(error.to_string())),
    };
    // The output is still correct, and the next `status` or `wait` records it.
    if let Err(error) = watch.writer.write(&asked.records, !asked.records.is_empty()) {
        call.view.warning(&format!("{error}; the vendor's answers are shown, but not written to the lockfile"))?;
    }
    match asked.error {
        Some(error) => {
            call.view
                .warning(&format!("the vendor could not be queried: {error}; showing the state in the lockfile"))?;
            Ok(QueryOutcome::Some)
        }
        None => Ok(QueryOutcome::All),
    }
}
