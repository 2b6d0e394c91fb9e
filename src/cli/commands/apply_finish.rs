//! The end of an apply. It saves what was paid for before it prints anything, and completes every event stream with a
//! summary. After the money is spent, the result must not depend on a reader, so errors of streams are ignored.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::plan::print_plan;
use super::{CliError, Context};
use crate::apply::{ApplyOptions, LockfileWriteFailure, Outcome, ReconcileError, SkipReason, TakeInDoubt};
use crate::cli::exit::Exit;
use crate::lockfile::{Journal, Lockfile, Record, Store, StoreError, unsaved_records, write_rescue_file};
use crate::output::{EventV1, SummaryV1, ledger_advice, outcome_hint, outcome_sentence, quote};
use crate::plan::{Action, Plan};
use crate::project::{self, CompiledProject, Environment};
use crate::spec::{Digest, Estimate, estimate, thousandths};
use crate::vendor::CallError;

/// The result of a run, with its counts.
pub struct CommandOutcome {
    /// The exit code.
    pub exit: Exit,
    /// The counts for programs.
    pub summary: SummaryV1,
}

/// Writes the last event, even after an error. If the output is closed, the run does not count as a success.
pub fn finish_events(call: &Context, ended: Result<CommandOutcome, CliError>) -> Result<Exit, CliError> {
    let (mut summary, ended) = match ended {
        Ok(CommandOutcome { exit, summary }) => (summary, Ok(exit)),
        Err(CliError::Stream(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            (SummaryV1::default(), Ok(Exit::Error))
        }
        Err(failure) => (SummaryV1::default(), Err(failure)),
    };
    if let Err(failure) = &ended {
        let message = call.view.with_flags(&failure.to_string()).into();
        drop(call.view.event(&EventV1::Error { message }));
    }
    summary.format_version = 1;
    summary.exit_code = ended.as_ref().map_or_else(CliError::exit, |exit| *exit).code();
    summary.interrupted |= summary.exit_code == Exit::Interrupted.code();
    drop(call.view.event(&EventV1::Summary(summary)));
    ended
}

/// The resources that an apply must release.
pub struct ApplyFinisher<'a> {
    /// The lockfile's journal.
    pub journal: Journal,
    /// The compiled project.
    pub compiled: &'a CompiledProject,
    /// The environment to which it submits.
    pub environment: &'a Environment,
}

impl ApplyFinisher<'_> {
    /// Returns `true` if a video was left to another run or branch, but its take does not count as paid.
    pub async fn has_unpaid_skips(&self, outcome: &Outcome) -> bool {
        let meanwhile = outcome.not_sent.iter().filter(|one| one.reason == SkipReason::SubmittedElsewhere);
        let left: Vec<_> = meanwhile.cloned().collect();
        let host = Arc::clone(&self.environment.host);
        let unpaid = move |known: &Lockfile| left.iter().any(|one| known.paid(&host, &one.digest, &one.key).is_none());
        self.journal.read(unpaid).await.unwrap_or(true)
    }

    /// Ends a run that sent nothing. The reason is already reported.
    pub async fn finish_unsent(self, call: &Context, plan: &Plan, outcome: &Outcome, exit: Exit) -> CommandOutcome {
        let summary = summary(plan, outcome, &[]);
        CommandOutcome { exit: self.save(call, outcome, exit).await, summary }
    }

    /// Ends a run and prints its result. A closed stream does not change that result.
    ///
    /// The first `found` adoptions existed before this run sent anything.
    pub async fn finish(
        self,
        call: &Context,
        plan: &Plan,
        (outcome, found): (&Outcome, usize),
        exit: Exit,
    ) -> CommandOutcome {
        let advice = outcome_hint(outcome, &call.callsheet(&self.environment.name));
        let spent = spent(self.compiled, outcome, found);
        let sandbox = self.environment.is_sandbox();
        show_unpublished(call, outcome);
        let exit = self.save(call, outcome, exit).await;
        if !call.json() {
            let text = if plan.summary.submit == 0 && plan.summary.in_doubt == 0 {
                nothing(plan, found)
            } else {
                format!("{}\n", outcome_sentence(outcome, &spent))
            };
            drop(call.view.data(&text));
        }
        if sandbox && outcome.summary().submitted > 0 {
            drop(call.view.info("on the sandbox: nothing was paid for"));
        }
        if !advice.is_empty() {
            drop(call.view.notice(&advice));
        }
        CommandOutcome { exit, summary: summary(plan, outcome, &spent) }
    }

    /// Saves the records that the lockfile does not have, then leaves the lockfile sorted and folded.
    ///
    /// Returns the exit code of a run that would otherwise end with `exit`.
    async fn save(self, call: &Context, outcome: &Outcome, exit: Exit) -> Exit {
        let path = project::lock_path(&self.compiled.root, &self.environment.name);
        let callsheet = call.callsheet(&self.environment.name);
        let mut store = self.journal.finish().await;
        if let Some(failure) = &outcome.lock_failure {
            let known = store.as_ref().map(|store| store.lockfile.clone()).unwrap_or_default();
            let text =
                format!("error: the lockfile could not be written: {}; nothing more was sent\n", failure.message);
            rescue_or_print(call, &text, (&path, &unwritten(&path, failure, known)), &callsheet);
        }
        let Some(Err(error)) = store.as_mut().map(Store::compact) else { return exit };
        let lines =
            store.filter(|_| outcome.lock_failure.is_none()).and_then(|store| unsaved_records(&path, &store.lockfile));
        let Some(lines) = lines else {
            // All lines are already on disk or saved. The next run restores their order.
            drop(call.warn(&format!("the lockfile could not be compacted: {error}; the next apply compacts it")));
            return exit;
        };
        // Another file replaced the lockfile after the last write, and cannot be merged with these records.
        let message =
            format!("another program changed the lockfile during apply, and it is no longer readable: {error}");
        rescue_or_print(call, &format!("error: {message}\n"), (&path, &lines), &callsheet);
        drop(call.view.event(&EventV1::Error { message }));
        // Some records are only in the rescue file, so the run is not a success.
        if matches!(exit, Exit::Success | Exit::Incomplete) { Exit::Error } else { exit }
    }
}

/// Returns the lines that could not be written, and those that the file no longer has. Another file may have replaced
/// it, without the lines of this run.
fn unwritten(path: &Path, failure: &LockfileWriteFailure, mut known: Lockfile) -> String {
    for record in &failure.records {
        known.insert(record.clone());
    }
    let mut lines = unsaved_records(path, &known).unwrap_or_default();
    let there: HashSet<String> = lines.lines().map(str::to_owned).collect();
    let others = failure.records.iter().map(Record::to_line).filter(|line| !there.contains(line));
    lines.extend(others.map(|line| line + "\n"));
    lines
}

/// Saves records that are not in the lockfile to a rescue file, or prints them if that fails, so that none is lost.
fn rescue_or_print(call: &Context, why: &str, (path, lines): (&Path, &str), callsheet: &str) {
    let mut text = why.to_owned();
    if !lines.is_empty() {
        text.push_str(&rescue_message(write_rescue_file(path, lines), lines.lines().count(), callsheet));
        text.push_str(lines);
    }
    // If the log is on the full disk too, stdout must still show what was paid for.
    if call.view.notice(&text).is_err() {
        drop(call.view.data(&text));
    }
}

fn rescue_message(saved: Result<PathBuf, StoreError>, count: usize, callsheet: &str) -> String {
    let lines = format!("{count} line{}", if count == 1 { "" } else { "s" });
    match saved {
        Ok(file) => {
            let shown = file.display().to_string();
            format!(
                "{lines}, possibly of paid videos, saved in `{shown}`; restore them before the next apply:\n  {callsheet} lock merge --from {}\n",
                quote(&shown)
            )
        }
        Err(error) => {
            format!("{lines} could not be saved elsewhere either ({error}); keep these lines, they were paid for:\n")
        }
    }
}

/// Returns the estimates of this run's takes at the vendor: accepted responses, and takes that were adopted later.
fn spent(compiled: &CompiledProject, outcome: &Outcome, found: usize) -> Vec<Estimate> {
    let sent: HashSet<Digest> = outcome
        .submitted
        .iter()
        .map(|one| one.digest)
        .chain(outcome.adopted.iter().skip(found).map(|one| one.digest))
        .chain(outcome.lock_failure.iter().flat_map(|failure| &failure.records).filter_map(|record| match record {
            Record::Take(take) if take.task.is_some() => Some(take.digest),
            _ => None,
        }))
        .collect();
    if sent.is_empty() {
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let videos = compiled.videos.iter().map(|video| (video.digest, &video.spec));
    let videos = videos.filter(|(digest, _)| sent.contains(digest) && seen.insert(*digest));
    videos.map(|(_, spec)| estimate(spec)).collect()
}

fn summary(plan: &Plan, outcome: &Outcome, spent: &[Estimate]) -> SummaryV1 {
    SummaryV1 {
        counts: outcome.summary(),
        unchanged: plan.summary.unchanged,
        seconds: thousandths(spent.iter().filter_map(|one| one.seconds).sum()),
        credits: thousandths(spent.iter().filter_map(|one| one.credits).sum()),
        credits_at_most: thousandths(spent.iter().map(|one| one.credits_at_most).sum()),
        interrupted: outcome.interrupted,
        ..SummaryV1::default()
    }
}

/// `found` takes were found at the vendor before the plan.
fn nothing(plan: &Plan, found: usize) -> String {
    let found = if found > 0 { format!("{found} found at the vendor, ") } else { String::new() };
    let moved = if plan.summary.moved > 0 { format!(", {} moved", plan.summary.moved) } else { String::new() };
    format!("Applied: {found}nothing to do, {} unchanged{moved}\n", plan.summary.unchanged)
}

/// Ends a run that has nothing to do, without a query to the vendor.
pub fn nothing_to_do(call: &mut Context, plan: &Plan) -> Result<CommandOutcome, CliError> {
    if plan.summary.moved + plan.summary.failed + plan.summary.orphan > 0 || !plan.warnings.is_empty() {
        print_plan(call, plan, None)?;
    }
    if !call.json() {
        call.view.data(&nothing(plan, 0))?;
    }
    Ok(CommandOutcome { exit: reconciled_exit(plan), summary: summary(plan, &Outcome::default(), &[]) })
}

/// Reports why the first listing settled nothing. Returns an exit code if the run ends with it.
pub fn reconcile_failed(
    error: ReconcileError,
    outcome: &mut Outcome,
    call: &Context,
) -> Result<Option<Exit>, CliError> {
    match error {
        ReconcileError::Stopped => {
            call.view.notice("interrupted; nothing was sent")?;
            Ok(Some(Exit::Interrupted))
        }
        ReconcileError::ListFailed(CallError::Key(message)) => {
            call.fail(&format!("{message}; nothing was sent"))?;
            Ok(Some(Exit::ApiKeyRejected))
        }
        // Without a token, no other request can succeed.
        ReconcileError::ListFailed(error @ CallError::NoToken(_)) => {
            call.fail(&format!("{error}; nothing was sent"))?;
            Ok(Some(Exit::Error))
        }
        ReconcileError::ListFailed(error) => {
            call.warn(&format!(
                "the vendor's videos could not be listed ({error}): takes in doubt remain in doubt, and submissions of other machines are not seen"
            ))?;
            Ok(None)
        }
        ReconcileError::Unshared(error) => {
            call.fail(&format!("{error}; nothing was sent; {}", ledger_advice("callsheet")))?;
            Ok(Some(Exit::Error))
        }
        ReconcileError::WriteFailed(failure) => {
            outcome.lock_failure = Some(failure);
            Ok(Some(Exit::Error))
        }
    }
}

/// Returns the exit code of a run that had nothing to send.
pub fn reconciled_exit(plan: &Plan) -> Exit {
    if plan.summary.failed > 0 { Exit::Incomplete } else { Exit::Success }
}

/// Returns the exit code of a run that sent something. `open` is `true` if a take of the plan is still in doubt.
pub fn exit_of(plan: &Plan, outcome: &Outcome, open: bool) -> Exit {
    let failed = plan.changes.iter().any(|change| change.action == Action::Retry && !change.submits)
        || outcome
            .adopted
            .iter()
            .any(|one| one.failed && outcome.submitted.iter().all(|sent| sent.digest != one.digest));
    let failed = failed || outcome.not_sent.iter().any(|one| one.reason == SkipReason::LostAgain);
    let shared = &outcome.shared;
    let unfinished = shared.unclaimed.is_some() || shared.unpublished.is_some() || !shared.elsewhere.is_empty();
    let counts = outcome.summary();
    let spent = counts.submitted + counts.in_doubt + counts.unwritten > 0;
    if outcome.interrupted {
        Exit::Interrupted
    } else if outcome.key_refused.is_some() {
        Exit::ApiKeyRejected
    } else if outcome.lock_failure.is_some() {
        Exit::Error
    } else if shared.over_budget.is_some() {
        Exit::GuardBlocked
    } else if shared.unclaimed.is_some() && !spent {
        // No claim, so nothing was sent.
        Exit::Error
    } else if unfinished || !outcome.refused.is_empty() || !outcome.in_doubt.is_empty() || open || failed {
        Exit::Incomplete
    } else if outcome.unreachable.is_some() || outcome.no_token.is_some() || outcome.unknown_code.is_some() {
        // Exit code 6 means a failed take or one in doubt. Here there is neither.
        Exit::Error
    } else {
        Exit::Success
    }
}

/// Prints the answers that are not in the shared ledger where the machine is gone after the run.
fn show_unpublished(call: &Context, outcome: &Outcome) {
    if outcome.shared.unpublished.is_none() || call.process_env.var("CI").is_none() {
        return;
    }
    let lines = outcome.written.iter().fold(String::new(), |lines, record| lines + &record.to_line() + "\n");
    drop(call.view.notice(&format!("the answers, as lines for `callsheet lock merge --from FILE`:\n{lines}")));
}

/// Returns the takes in doubt in the lockfile, before callsheet queries the vendor.
pub fn takes_in_doubt(lockfile: &Lockfile, options: &ApplyOptions) -> Vec<TakeInDoubt> {
    let doubtful = lockfile.takes_in_doubt(&options.host).map(|take| TakeInDoubt {
        key: take.key.clone(),
        digest: take.digest,
        attempt: take.attempt,
        since: take.at,
        reason: "the vendor was not queried".to_owned(),
    });
    doubtful.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::SkippedSubmission;

    #[test]
    fn what_is_lost_in_each_round_is_no_success() {
        let not_sent =
            |reason| vec![SkippedSubmission { key: "a".into(), digest: Digest::from_canonical("{}"), reason }];
        let ended = |reason| {
            let outcome = Outcome { not_sent: not_sent(reason), ..Outcome::default() };
            exit_of(&Plan::default(), &outcome, false)
        };
        assert_eq!(ended(SkipReason::LostAgain), Exit::Incomplete);
        assert_eq!(ended(SkipReason::Duplicate), Exit::Success);
    }
}
