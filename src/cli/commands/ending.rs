//! How an apply ends: what was paid for is saved before anything is said, and every stream of events has its summary.

use std::io;
use std::path::Path;

use super::{Call, Failure};
use crate::apply::{LockFailure, Outcome, SettleError};
use crate::cli::exit::Exit;
use crate::lock::{Journal, rescue};
use crate::output::{EventV1, SummaryV1, outcome_advice, outcome_sentence};
use crate::plan::{Action, Plan};
use crate::project::{self, Environment};
use crate::vendor::CallError;

/// What an apply holds that has to be put away.
pub struct Ending<'a> {
    /// The lockfile's journal.
    pub journal: Journal,
    /// The project root.
    pub root: &'a Path,
    /// Where it sends to.
    pub environment: &'a Environment,
}

impl Ending<'_> {
    /// Ends a run that sent nothing; why has been said.
    pub async fn leave(self, call: &Call, plan: &Plan, outcome: &Outcome, exit: Exit) -> Result<Exit, Failure> {
        self.save(call, outcome).await;
        if call.json() {
            heard(call.view.data(&summary(plan, outcome, exit)));
        }
        Ok(exit)
    }

    /// Ends a run, and says what it came to. A stream that nobody reads any more changes nothing of that.
    pub async fn conclude(self, call: &Call, plan: &Plan, outcome: &Outcome, exit: Exit) -> Result<Exit, Failure> {
        let key_env = &self.environment.key_env;
        let advice = outcome_advice(outcome, key_env);
        self.save(call, outcome).await;
        let text = if call.json() {
            summary(plan, outcome, exit)
        } else if outcome.summary() == crate::apply::Summary::default() {
            nothing(plan)
        } else {
            format!("{}\n", outcome_sentence(outcome))
        };
        heard(call.view.data(&text));
        if !advice.is_empty() {
            heard(call.view.tell(&advice));
        }
        Ok(exit)
    }

    /// Saves what the lockfile could not take, then leaves the lockfile sorted and folded.
    async fn save(self, call: &Call, outcome: &Outcome) {
        if let Some(failure) = &outcome.lock_failure {
            let path = project::lock_path(self.root, &self.environment.name);
            save_unwritten(call, &path, failure);
        }
        let Some(mut store) = self.journal.finish().await else { return };
        if let Err(error) = store.compact() {
            // All lines are on disk already; only their order waits for the next run.
            heard(call.view.warning(&format!(
                "the lockfile could not be tidied: {error}; it is whole, the next apply will tidy it"
            )));
        }
    }
}

/// Answers that the lockfile could not take are never lost: a rescue file first, then the screen.
fn save_unwritten(call: &Call, path: &Path, failure: &LockFailure) {
    let saved = (!failure.records.is_empty()).then(|| rescue(path, &failure.records));
    must_say(call, &format!("error: the lockfile could not be written: {}; nothing more was sent\n", failure.message));
    let words = match &saved {
        None => return,
        Some(Ok(file)) => format!(
            "{} lines, paid answers perhaps among them, are saved in `{file}`; bring them back with `callsheet lock merge --from '{file}'` before the next apply",
            failure.records.len(),
            file = file.display()
        ),
        Some(Err(error)) => format!("they could not be saved either ({error}); keep these lines, they were paid for:"),
    };
    must_say(call, &format!("{words}\n"));
    for record in &failure.records {
        must_say(call, &format!("{}\n", record.to_line().trim_end()));
    }
}

/// On stderr, or on stdout when stderr refuses: a log on the disk that is full must not swallow what was paid for.
fn must_say(call: &Call, text: &str) {
    if call.view.tell(text).is_err() {
        heard(call.view.data(text));
    }
}

/// After the money is spent nothing depends on whether somebody reads.
fn heard(said: io::Result<()>) {
    drop(said);
}

/// The last event.
fn summary(plan: &Plan, outcome: &Outcome, exit: Exit) -> String {
    let counts = outcome.summary();
    let summary = SummaryV1 {
        format_version: 1,
        submitted: counts.submitted,
        adopted: counts.adopted,
        refused: counts.refused,
        in_doubt: counts.in_doubt,
        freed: counts.freed,
        not_sent: counts.not_sent,
        unwritten: counts.unwritten,
        unchanged: plan.summary.unchanged,
        interrupted: outcome.interrupted || exit == Exit::Interrupted,
        exit_code: exit.code(),
    };
    EventV1::Summary(summary).to_line()
}

fn nothing(plan: &Plan) -> String {
    format!("Applied: nothing to do, {} unchanged\n", plan.summary.unchanged)
}

/// Ends a run that has nothing to do, before the vendor is asked.
pub fn nothing_to_do(call: &mut Call, plan: &Plan) -> Result<Exit, Failure> {
    if plan.summary.moved + plan.summary.failed + plan.summary.orphan > 0 || !plan.warnings.is_empty() {
        super::plan::tell_plan(call, plan, &[])?;
    }
    let exit = settled_exit(plan);
    let text = if call.json() { summary(plan, &Outcome::default(), exit) } else { nothing(plan) };
    call.view.data(&text)?;
    Ok(exit)
}

/// What it means that the first listing settled nothing; an exit code when the run ends with it.
pub fn unsettled(
    error: SettleError,
    outcome: &mut Outcome,
    call: &Call,
    key_env: &str,
) -> Result<Option<Exit>, Failure> {
    match error {
        SettleError::Stopped => {
            call.view.tell("interrupted; nothing was sent")?;
            Ok(Some(Exit::Interrupted))
        }
        SettleError::Unlisted(CallError::Key(message)) => {
            call.view.error(&format!(
                "the vendor refused the key ({message}): check the variable `{key_env}`; nothing was sent"
            ))?;
            Ok(Some(Exit::KeyRefused))
        }
        SettleError::Unlisted(error) => {
            call.view.warning(&format!(
                "the vendor's videos could not be listed ({error}): what is in doubt stays so, and what another machine submitted is not seen"
            ))?;
            Ok(None)
        }
        SettleError::Unwritten(failure) => {
            outcome.lock_failure = Some(failure);
            Ok(Some(Exit::Failed))
        }
    }
}

/// The exit code of a run that had nothing to send.
pub fn settled_exit(plan: &Plan) -> Exit {
    if plan.summary.failed > 0 { Exit::Unfinished } else { Exit::Ok }
}

/// The exit code of a run that sent; `open` tells that a take of the plan is in doubt still.
pub fn exit_of(plan: &Plan, outcome: &Outcome, open: bool) -> Exit {
    let failed = plan.changes.iter().any(|change| change.action == Action::Retry && !change.submits)
        || outcome
            .adopted
            .iter()
            .any(|one| one.failed && outcome.submitted.iter().all(|sent| sent.digest != one.digest));
    if outcome.interrupted {
        Exit::Interrupted
    } else if outcome.key_refused.is_some() {
        Exit::KeyRefused
    } else if outcome.lock_failure.is_some() {
        Exit::Failed
    } else if !outcome.refused.is_empty() || !outcome.in_doubt.is_empty() || open || failed || known(outcome) {
        Exit::Unfinished
    } else {
        Exit::Ok
    }
}

/// Whether something was not sent because the lockfile had learnt of it meanwhile.
fn known(outcome: &Outcome) -> bool {
    outcome.not_sent.iter().any(|one| one.reason == crate::apply::NotSent::KnownMeanwhile)
}
