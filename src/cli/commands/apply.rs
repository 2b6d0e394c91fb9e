//! `apply`: carries a plan out, after asking.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use super::plan::{read_saved, refusals, tell_plan, warn_torn};
use super::signals;
use super::site::{Site, random, take_apply_lock};
use super::{Call, Failure, runtime};
use crate::apply::{
    ApplyOptions, Assignment, Doubtful, LockFailure, Means, NotSent, Outcome, SettleError, Silent, Stop, StopSwitch,
    SystemClock, run as send, settle_first,
};
use crate::cli::args::ApplyArgs;
use crate::cli::exit::Exit;
use crate::lock::{Journal, Lockfile, Store, encode_records, rescue};
use crate::output::{EventV1, RunProgress, SummaryV1, outcome_advice, outcome_sentence, plan_sentence};
use crate::plan::{Action, Plan, Saved, is_saved_plan};
use crate::project::{self, Ask, Compiled, Environment, Selection};
use crate::vendor::CallError;

/// Everything that one apply is about.
struct Run<'a> {
    args: &'a ApplyArgs,
    compiled: &'a Compiled,
    environment: &'a Environment,
    saved: Option<Saved>,
    ask: Ask,
}

pub fn run(call: &mut Call, args: &ApplyArgs) -> Result<Exit, Failure> {
    let root = call.root()?;
    let _held = take_apply_lock(call, &root, "callsheet apply")?;
    let compiled = call.compile_valid()?;
    let environment = call.environment(&compiled)?;
    let saved = saved_plan(call, args)?;
    let ask = match &saved {
        Some(saved) => Ask { selected: Some(saved.keys()), retry_failed: saved.retries() },
        None => Ask {
            selected: project::select(&compiled.videos, &Selection::from(&args.select))?,
            retry_failed: args.retry_failed,
        },
    };
    let run = Run { args, compiled: &compiled, environment: &environment, saved, ask };
    let store = project::open_lock(&compiled.root, &environment)?;
    warn_torn(call, &store)?;
    let plan = run.plan(call, &store.lockfile);
    if let Some(saved) = &run.saved {
        if let Some(reason) = saved.stale(&plan) {
            return Err(Failure::Other(format!(
                "the saved plan is stale: {reason}; make a new one with `callsheet plan --out`"
            )));
        }
    }
    if plan.summary.submit == 0 && plan.summary.in_doubt == 0 {
        return nothing_to_do(call, &plan);
    }
    // A disk that is full or a lockfile that cannot be written must be found out before money is spent.
    store.check_writable()?;
    runtime()?.block_on(async {
        let (switch, stop) = StopSwitch::pair();
        watch(switch)?;
        let site = Site::open(call, &compiled.root, &environment).await?;
        let ended = run.deploy(call, store, &site, &stop).await;
        site.close().await;
        ended
    })
}

/// The first signal stops the run softly; the second one ends the process.
fn watch(switch: StopSwitch) -> Result<(), Failure> {
    let first = signals::first()?;
    tokio::spawn(async move {
        first.await;
        switch.finish();
    });
    Ok(())
}

/// The saved plan, if the only argument is a file that begins as one does.
fn saved_plan(call: &Call, args: &ApplyArgs) -> Result<Option<Saved>, Failure> {
    let [file] = args.select.globs.as_slice() else { return Ok(None) };
    let path = call.folder.join(file);
    let is_plan = std::fs::read_to_string(path).is_ok_and(|text| is_saved_plan(&text));
    if !is_plan {
        return Ok(None);
    }
    if !args.select.only.is_empty() || args.select.limit.is_some() || args.retry_failed {
        return Err(Failure::Usage(
            "a saved plan is applied as it is: no --only, --limit or --retry-failed".to_owned(),
        ));
    }
    read_saved(call, std::path::Path::new(file)).map(Some)
}

fn nothing_to_do(call: &mut Call, plan: &Plan) -> Result<Exit, Failure> {
    if plan.summary.moved + plan.summary.failed + plan.summary.orphan > 0 || !plan.warnings.is_empty() {
        tell_plan(call, plan, &[])?;
    }
    let exit = if plan.summary.failed > 0 { Exit::Unfinished } else { Exit::Ok };
    if call.json() {
        let summary = SummaryV1 {
            format_version: 1,
            unchanged: plan.summary.unchanged,
            exit_code: exit.code(),
            ..SummaryV1::default()
        };
        call.view.data(&EventV1::Summary(summary).to_line())?;
    } else {
        call.view.data(&format!("Applied: nothing to do, {} unchanged\n", plan.summary.unchanged))?;
    }
    Ok(exit)
}

impl Run<'_> {
    fn plan(&self, call: &Call, lockfile: &Lockfile) -> Plan {
        project::plan_project(self.compiled, self.environment, lockfile, &self.ask, &call.world)
    }

    async fn deploy(&self, call: &mut Call, store: Store, site: &Site, stop: &Stop) -> Result<Exit, Failure> {
        let mut lockfile = store.lockfile.clone();
        let journal = Journal::start(store);
        let options = project::apply_options(self.environment);
        let quiet = Means {
            vendor: &site.vendor,
            ledger: &journal,
            clock: &SystemClock,
            random: &random,
            options: &options,
            progress: &Silent,
            stop,
        };
        let first = RunProgress::new(call.view.streams(), call.view.shape, call.json(), None);
        let mut in_doubt = doubts(&lockfile, &options);
        if !self.args.no_check_remote {
            let wanted = project::wanted(self.compiled, self.ask.selected.as_ref());
            match settle_first(Means { progress: &first, ..quiet }, &mut lockfile, &wanted).await {
                Ok(settled) => in_doubt = settled.in_doubt,
                Err(error) => {
                    if let Some(exit) = self.unsettled(call, error)? {
                        finish_journal(call, journal).await;
                        return Ok(exit);
                    }
                }
            }
        }
        let plan = self.plan(call, &lockfile);
        if let Some(exit) = self.gate(call, &plan, stop).await? {
            finish_journal(call, journal).await;
            return Ok(exit);
        }
        let (work, standby) = project::work(&plan, &self.compiled.videos);
        let bar = call.progress_bars.then_some(work.len() as u64);
        let progress = RunProgress::new(call.view.streams(), call.view.shape, call.json(), bar);
        in_doubt.retain(|doubt| standby.iter().any(|one| one.digest == doubt.digest));
        let assignment = Assignment { work, standby, in_doubt };
        let outcome = send(Means { progress: &progress, ..quiet }, &mut lockfile, assignment).await;
        progress.finish();
        let open = plan.changes.iter().any(|change| {
            change.action == Action::Resolve && lockfile.in_doubt(&options.host, &change.digest).is_some()
        });
        let open = open || self.elsewhere_unpaid(&journal, &outcome).await;
        let exit = exit_of(&outcome, open);
        self.conclude(call, journal, (&plan, &outcome), exit).await
    }

    /// Whether something was left to another run or branch whose take does not count as paid for.
    async fn elsewhere_unpaid(&self, journal: &Journal, outcome: &Outcome) -> bool {
        let left: Vec<_> = outcome.not_sent.iter().filter(|one| one.reason == NotSent::Elsewhere).cloned().collect();
        let host = Arc::clone(&self.environment.host);
        let unpaid =
            move |lockfile: &Lockfile| left.iter().any(|one| lockfile.paid(&host, &one.digest, &one.key).is_none());
        journal.read(unpaid).await.unwrap_or(true)
    }

    /// What it means that the first listing settled nothing; an exit code when the run ends with it.
    fn unsettled(&self, call: &mut Call, error: SettleError) -> Result<Option<Exit>, Failure> {
        match error {
            SettleError::Stopped => {
                call.view.tell("interrupted; nothing was sent")?;
                Ok(Some(Exit::Interrupted))
            }
            SettleError::Unlisted(CallError::Key(message)) => {
                call.view.error(&format!(
                    "the vendor refused the key ({message}): check the variable `{}`; nothing was sent",
                    self.environment.key_env
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
                self.save_unwritten(call, &failure);
                Ok(Some(Exit::Failed))
            }
        }
    }

    /// Shows the plan, asks the guards and the person; an exit code when nothing is to be sent.
    async fn gate(&self, call: &mut Call, plan: &Plan, stop: &Stop) -> Result<Option<Exit>, Failure> {
        let refused = refusals(self.compiled, plan, &self.args.guards);
        if call.json() {
            let summary = &plan.summary;
            let line = EventV1::Plan {
                format_version: 1,
                environment: plan.environment.clone(),
                host: plan.host.to_string(),
                submit: summary.submit,
                in_doubt: summary.in_doubt,
            };
            call.view.data(&line.to_line())?;
        } else {
            tell_plan(call, plan, &refused)?;
        }
        if plan.summary.submit == 0 && plan.summary.in_doubt == 0 {
            return nothing_to_do(call, plan).map(Some);
        }
        if !refused.is_empty() {
            for refusal in &refused {
                call.view.error(&format!("a guard refuses: {refusal}"))?;
            }
            return Ok(Some(Exit::Guarded));
        }
        let (work, _) = project::work(plan, &self.compiled.videos);
        if let Some((key, end)) = project::expired(&work, &call.world) {
            return Err(Failure::Other(format!(
                "`{key}` has a presigned URL that expired at {end}: the vendor could not fetch it; nothing was sent, sign it anew"
            )));
        }
        if !self.args.yes {
            if let Some(exit) = self.confirm(call, plan, stop).await? {
                return Ok(Some(exit));
            }
        }
        Ok(stop.is_finishing().then_some(Exit::Interrupted))
    }

    /// Asks the person; an exit code unless the answer is yes.
    async fn confirm(&self, call: &mut Call, plan: &Plan, stop: &Stop) -> Result<Option<Exit>, Failure> {
        if !call.asks {
            return Err(Failure::Other(
                "nobody is there to answer: `--yes` applies without asking; nothing was sent".to_owned(),
            ));
        }
        let place = &self.environment.host;
        call.view.ask(&format!("{}\nSubmit to {place}? Only `yes` is taken as yes: ", plan_sentence(plan)))?;
        let mut input = std::mem::replace(&mut call.input, Box::new(std::io::empty()));
        let (reply, answer) = tokio::sync::oneshot::channel();
        // A thread of its own: a signal must be heard while nothing is typed. It ends with the process.
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = input.read_line(&mut line).map(|_| line);
            drop(reply.send(read));
        });
        let line = tokio::select! {
            biased;
            () = stop.finishing() => {
                call.view.tell("\ninterrupted; nothing was sent")?;
                return Ok(Some(Exit::Interrupted));
            }
            line = answer => line.unwrap_or_else(|_| Ok(String::new()))?,
        };
        if line.trim() == "yes" {
            return Ok(None);
        }
        call.view.tell("not applied; nothing was sent")?;
        Ok(Some(Exit::Failed))
    }

    async fn conclude(
        &self,
        call: &mut Call,
        journal: Journal,
        (plan, outcome): (&Plan, &Outcome),
        exit: Exit,
    ) -> Result<Exit, Failure> {
        if let Some(failure) = &outcome.lock_failure {
            self.save_unwritten(call, failure);
        }
        finish_journal(call, journal).await;
        match self.tell_outcome(call, plan, outcome, exit) {
            // A stream that refuses must not make a run look better than it was.
            Err(error) if exit == Exit::Ok && error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
            Ok(()) | Err(_) => Ok(exit),
        }
    }

    fn tell_outcome(&self, call: &mut Call, plan: &Plan, outcome: &Outcome, exit: Exit) -> io::Result<()> {
        let told = if call.json() {
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
                interrupted: outcome.interrupted,
                exit_code: exit.code(),
            };
            call.view.data(&EventV1::Summary(summary).to_line())
        } else {
            call.view.data(&format!("{}\n", outcome_sentence(outcome)))
        };
        let advice = outcome_advice(outcome, &self.environment.key_env);
        // Whatever became of stdout: the advice may be all that tells of money.
        told.and(if advice.is_empty() { Ok(()) } else { call.view.tell(&advice) })
    }

    /// Answers that the lockfile could not take are never lost: a rescue file, else the screen.
    ///
    /// First they are saved, then told: the disk that is full may hold stderr as well.
    fn save_unwritten(&self, call: &mut Call, failure: &LockFailure) {
        let head = format!("the lockfile could not be written: {}; nothing more was sent", failure.message);
        let mut text = String::new();
        if !failure.records.is_empty() {
            let count = failure.records.len();
            let path = project::lock_path(&self.compiled.root, &self.environment.name);
            text = match rescue(&path, &failure.records) {
                Ok(file) => format!(
                    "{count} paid answers are saved in `{file}`; bring them back with `callsheet lock merge --from '{file}'` before the next apply\n",
                    file = file.display()
                ),
                Err(error) => {
                    format!("they could not be saved either ({error}); keep these lines, they were paid for:\n")
                }
            };
            text += &encode_records(&failure.records);
        }
        if call.view.error(&head).and_then(|()| call.view.tell(&text)).is_err() {
            // The only stream that is left; if it is gone too, the rescue file and the intents tell the rest.
            drop(call.view.data(&format!("{head}\n{text}")));
        }
    }
}

/// The takes in doubt as the lockfile tells of them, before the vendor was asked.
fn doubts(lockfile: &Lockfile, options: &ApplyOptions) -> Vec<Doubtful> {
    let doubtful = lockfile.doubtful(&options.host).map(|take| Doubtful {
        key: take.key.clone(),
        digest: take.digest.clone(),
        attempt: take.attempt,
        since: take.at,
        reason: "the vendor was not asked".to_owned(),
    });
    doubtful.collect()
}

/// Ends the journal and leaves the lockfile sorted and folded.
async fn finish_journal(call: &mut Call, journal: Journal) {
    let Some(mut store) = journal.finish().await else { return };
    if let Err(error) = store.compact() {
        // All lines that are not told elsewhere are on disk already; only their order waits for the next run.
        drop(call.view.warning(&format!(
            "the lockfile could not be tidied: {error}; what it holds is whole, the next apply will tidy it"
        )));
    }
}

/// `open` tells that a take of the plan is in doubt still.
fn exit_of(outcome: &Outcome, open: bool) -> Exit {
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
