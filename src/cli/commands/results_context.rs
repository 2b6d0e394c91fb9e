//! The parts that `status`, `wait`, `pull` and `apply --wait` share: the rows, the lockfile writer, the queries.

use std::time::Duration;

use super::vendor_session::VendorSession;
use super::{CliError, Context, shared_ledger};
use crate::cli::exit::Exit;
use crate::output::{self, ResultsProgress, SummaryV1};
use crate::project::{self, CompiledProject, Environment, Selection};
use crate::results::{
    LockfileWriter, Phase, PollSchedule, ResultsEvent, StatusRole, VideoStatus, WaitContext, WaitOutcome, wait,
};
use crate::vendor::StopToken;

/// A project with its takes.
pub struct ResultsContext {
    pub compiled: CompiledProject,
    pub environment: Environment,
    pub writer: LockfileWriter,
    /// The report of manifests with errors. They do not stop the command, because paid videos must remain accessible.
    pub invalid: Option<String>,
    fetch: bool,
}

impl ResultsContext {
    /// Opens the project, even with errors. With `fetch`, reads a shared ledger from its remote first.
    pub fn open(call: &Context, command: &str, fetch: bool) -> Result<Self, CliError> {
        let compiled = call.compile()?;
        let invalid = compiled.report.has_errors().then(|| {
            let errors = output::pluralize(compiled.report.errors() as u64, "error");
            format!(
                "the manifests have {errors}, which `callsheet validate` shows; takes of invalid videos come from the lockfile alone"
            )
        });
        let environment = call.environment(&compiled)?;
        let writer = project::lockfile_writer(&compiled.root, &environment, call.user(), command);
        Ok(Self { compiled, environment, writer, invalid, fetch })
    }

    /// Opens the project for a command that streams events, and reports errors immediately. See [`ResultsContext::open`].
    pub fn open_with_events(call: &Context, command: &str, fetch: bool) -> Result<Self, CliError> {
        let watch = Self::open(call, command, fetch)?;
        if let Some(words) = &watch.invalid {
            call.warn(words)?;
        }
        Ok(watch)
    }

    /// Returns the selected rows from the lockfile.
    pub fn rows(&self, call: &mut Context, selection: &Selection) -> Result<Vec<VideoStatus>, CliError> {
        let of = (&self.compiled, &self.environment);
        let store = shared_ledger::open_known(call, of, &self.writer.lockfile, self.fetch)?;
        let now = call.process_env.now;
        Ok(project::project_statuses(&self.compiled, &self.environment, &store.lockfile, selection, now)?)
    }

    /// Waits for the open rows, and shows progress where possible. Also queries the `addresses` of finished videos, if
    /// set.
    pub async fn wait(
        &self,
        call: &Context,
        (session, addresses): (&VendorSession, bool),
        rows: &mut [VideoStatus],
        (limit, stop): (Duration, &StopToken),
    ) -> WaitOutcome {
        let progress = ResultsProgress::new(&call.view, rows.iter().filter(|row| row.is_pending()).count());
        let context =
            WaitContext { vendor: &session.vendor, writer: &self.writer, stop, clock: jiff::Timestamp::now, addresses };
        let waited = wait(&context, rows, self.poll_schedule(limit), &progress).await;
        progress.finish();
        waited
    }

    /// Returns the limit and the interval of queries. Without a rate limit, callsheet queries more often.
    pub fn poll_schedule(&self, limit: Duration) -> PollSchedule {
        let (first, most) = if self.environment.rate > 0.0 { (2_000, 20_000) } else { (150, 1_000) };
        PollSchedule {
            first_interval: Duration::from_millis(first),
            max_interval: Duration::from_millis(most),
            timeout: limit,
        }
    }
}

/// Reports that the vendor rejected the credentials.
pub fn key_refused(call: &Context, message: &str) -> Result<Exit, CliError> {
    call.fail(message)?;
    Ok(Exit::ApiKeyRejected)
}

/// Returns `true` for the rows that a command covers by default: videos in the manifests, and orphans that are
/// unsaved or in doubt.
pub fn is_default_row(row: &VideoStatus) -> bool {
    row.role == StatusRole::Wanted
        || (row.role == StatusRole::Orphan && (row.is_unsaved() || row.phase == Phase::InDoubt))
}

/// Returns the exit code of a wait. Failures at the vendor count, but videos that were never sent do not.
pub fn exit_of(rows: &[VideoStatus]) -> Exit {
    let lost = |row: &VideoStatus| {
        matches!(row.phase, Phase::Failed | Phase::InDoubt | Phase::Missing | Phase::Expired)
            && row.role == StatusRole::Wanted
    };
    if rows.iter().any(VideoStatus::is_pending) {
        Exit::TimedOut
    } else if rows.iter().any(lost) {
        Exit::Incomplete
    } else {
        Exit::Success
    }
}

/// Lists the videos that were not finished in time: ids on stdout, events for programs.
pub fn print_pending(call: &Context, rows: &[VideoStatus]) -> Result<(), CliError> {
    for row in rows.iter().filter(|row| row.is_pending()) {
        let (key, task) = (row.key.clone(), row.id().map(str::to_owned));
        call.view.event(&ResultsEvent::StillOpen { key, phase: row.phase, task })?;
    }
    if call.json() { Ok(()) } else { Ok(call.view.data(&output::pending_lines(rows))?) }
}

/// Returns a summary for programs, with the counts of the rows.
pub fn counted(rows: &[VideoStatus]) -> SummaryV1 {
    let of = |phase: Phase| rows.iter().filter(|row| row.phase == phase).count();
    let open = rows.iter().filter(|row| row.is_pending()).count();
    SummaryV1 { done: of(Phase::Done) + of(Phase::Pulled), failed: of(Phase::Failed), open, ..SummaryV1::default() }
}
