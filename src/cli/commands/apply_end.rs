//! How an apply ends: the last words, the last event, and nothing paid for lost on the way.

use std::collections::HashSet;
use std::io;

use super::apply::Run;
use super::plan::tell_plan;
use super::{Call, Failure};
use crate::apply::{LockFailure, Outcome};
use crate::cli::exit::Exit;
use crate::lock::{Journal, rescue};
use crate::output::{EventV1, SummaryV1, outcome_advice, outcome_sentence};
use crate::plan::Plan;
use crate::project;
use crate::spec::{Digest, Estimate, digest, estimate};

/// How it ended, and its counts.
pub struct Ended {
    /// The exit code.
    pub exit: Exit,
    /// For programs.
    pub summary: SummaryV1,
}

impl Ended {
    /// Without anything sent.
    pub fn unsent(exit: Exit) -> Self {
        Self { exit, summary: SummaryV1::default() }
    }
}

/// The last event, whatever happened; and a run that nobody watches any more is not called a success.
pub fn close(call: &mut Call, ended: Result<Ended, Failure>) -> Result<Exit, Failure> {
    let (mut summary, ended) = match ended {
        Ok(Ended { exit, summary }) => (summary, Ok(exit)),
        Err(Failure::Stream(error)) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Exit::Failed),
        Err(failure) => (SummaryV1::default(), Err(failure)),
    };
    if call.json() {
        if let Err(failure) = &ended {
            call.view.data(&EventV1::Error { message: failure.to_string() }.to_line())?;
        }
        summary.format_version = 1;
        summary.exit_code = ended.as_ref().map_or_else(Failure::exit, |exit| *exit).code();
        // What was done is in the lockfile, whether or not somebody still reads.
        drop(call.view.data(&EventV1::Summary(summary).to_line()));
    }
    ended
}

/// Nothing is sent; `found` takes were found at the vendor before the plan.
pub fn nothing_to_do(call: &mut Call, plan: &Plan, found: usize) -> Result<Ended, Failure> {
    if plan.summary.moved + plan.summary.failed + plan.summary.orphan > 0 || !plan.warnings.is_empty() {
        tell_plan(call, plan)?;
    }
    let exit = if plan.summary.failed > 0 { Exit::Unfinished } else { Exit::Ok };
    if !call.json() {
        let found = if found > 0 { format!("{found} found at the vendor, ") } else { String::new() };
        call.view.data(&format!("Applied: {found}nothing to do, {} unchanged\n", plan.summary.unchanged))?;
    }
    let summary = SummaryV1 { unchanged: plan.summary.unchanged, ..SummaryV1::default() };
    Ok(Ended { exit, summary })
}

/// Ends the journal and leaves the lockfile sorted and folded.
pub async fn finish_journal(call: &mut Call, journal: Journal) -> Result<(), Failure> {
    let Some(mut store) = journal.finish().await else { return Ok(()) };
    if let Err(error) = store.compact() {
        // All lines are on disk already; only their order waits for the next run.
        call.warn(&format!("the lockfile could not be tidied: {error}; it is whole, the next apply will tidy it"))?;
    }
    Ok(())
}

/// `open` tells that a take of the plan is in doubt still.
pub fn exit_of(outcome: &Outcome, open: bool) -> Exit {
    if outcome.interrupted {
        Exit::Interrupted
    } else if outcome.key_refused.is_some() {
        Exit::KeyRefused
    } else if outcome.lock_failure.is_some() {
        Exit::Failed
    } else if outcome.refused.is_empty() && outcome.in_doubt.is_empty() && !open {
        Exit::Ok
    } else {
        Exit::Unfinished
    }
}

impl Run<'_> {
    /// The last words of a run that sent something.
    pub async fn conclude(
        &self,
        call: &mut Call,
        journal: Journal,
        (plan, outcome): (&Plan, &Outcome),
        exit: Exit,
    ) -> Result<Ended, Failure> {
        // Before any word: a closed stream must not keep the answers from the disk.
        let saved = outcome.lock_failure.as_ref().map(|failure| (failure, self.rescued(failure)));
        let tidied = finish_journal(call, journal).await;
        let spent = self.spent(outcome);
        let said = self.say(call, outcome, &spent, saved);
        match tidied.and(said) {
            // The run is done: its exit code stands, whoever stopped reading.
            Err(Failure::Stream(error)) if error.kind() == io::ErrorKind::BrokenPipe => {}
            other => other?,
        }
        let counts = outcome.summary();
        let summary = SummaryV1 {
            submitted: counts.submitted,
            adopted: counts.adopted,
            refused: counts.refused,
            in_doubt: counts.in_doubt,
            freed: counts.freed,
            not_sent: counts.not_sent,
            unwritten: counts.unwritten,
            unchanged: plan.summary.unchanged,
            seconds: rounded(spent.iter().filter_map(|one| one.seconds).sum()),
            credits: rounded(spent.iter().filter_map(|one| one.credits).sum()),
            interrupted: outcome.interrupted,
            ..SummaryV1::default()
        };
        Ok(Ended { exit, summary })
    }

    fn say(
        &self,
        call: &mut Call,
        outcome: &Outcome,
        spent: &[Estimate],
        saved: Option<(&LockFailure, Rescued)>,
    ) -> Result<(), Failure> {
        if let Some((failure, rescued)) = saved {
            self.tell_unwritten(call, failure, rescued)?;
        }
        if !call.json() {
            call.view.data(&format!("{}\n", outcome_sentence(outcome, spent)))?;
        }
        let advice = outcome_advice(outcome, &call.again(self.environment));
        if !advice.is_empty() {
            call.view.tell(&advice)?;
        }
        Ok(())
    }

    /// What this run sent and the vendor has: its own answers, and what was found of it afterwards.
    fn spent(&self, outcome: &Outcome) -> Vec<Estimate> {
        let unwritten = outcome.lock_failure.iter().flat_map(|failure| &failure.records);
        let unwritten = unwritten.filter_map(|record| match record {
            crate::lock::Record::Take(take) if take.task.is_some() => Some(&take.digest),
            _ => None,
        });
        let submitted = outcome.submitted.iter().map(|one| &one.digest);
        let found = outcome.adopted.iter().map(|one| &one.digest);
        let sent: HashSet<&Digest> = submitted.chain(found).chain(unwritten).collect();
        let mut seen = HashSet::new();
        let videos = self.compiled.videos.iter().map(|video| (digest(&video.spec), &video.spec));
        let videos = videos.filter(|(digest, _)| sent.contains(digest) && seen.insert(digest.clone()));
        videos.map(|(_, spec)| estimate(spec)).collect()
    }

    /// Answers that the lockfile could not take are never lost: a rescue file, else the screen.
    fn rescued(&self, failure: &LockFailure) -> Rescued {
        if failure.records.is_empty() {
            return Rescued::Nothing;
        }
        let path = project::lock_path(&self.compiled.root, &self.environment.name);
        match rescue(&path, &failure.records) {
            Ok(file) => Rescued::File(file),
            Err(error) => Rescued::Nowhere(error.to_string()),
        }
    }

    /// Saves what could not be written, then tells it.
    pub fn save_unwritten(&self, call: &mut Call, failure: &LockFailure) -> Result<(), Failure> {
        let rescued = self.rescued(failure);
        self.tell_unwritten(call, failure, rescued)
    }

    fn tell_unwritten(&self, call: &mut Call, failure: &LockFailure, rescued: Rescued) -> Result<(), Failure> {
        call.view.error(&format!("the lockfile could not be written: {}; nothing more was sent", failure.message))?;
        let count = failure.records.len();
        let lines = format!("{count} paid answer{}", if count == 1 { "" } else { "s" });
        match rescued {
            Rescued::Nothing => return Ok(()),
            Rescued::File(file) => call.view.tell(&format!(
                "{lines} saved in `{}`; bring them back before the next apply:\n  {} lock merge --from {}",
                file.display(),
                call.again(self.environment).callsheet,
                crate::output::quote(&file.display().to_string())
            ))?,
            Rescued::Nowhere(error) => call.view.tell(&format!(
                "{lines} could not be saved elsewhere either ({error}); keep these lines, they were paid for:"
            ))?,
        }
        for record in &failure.records {
            call.view.tell(&record.to_line())?;
        }
        Ok(())
    }
}

/// Where the lines are that the lockfile could not take.
enum Rescued {
    Nothing,
    File(std::path::PathBuf),
    Nowhere(String),
}

/// To a thousandth: what is estimated needs no more.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
