//! `apply`: carries a plan out, after asking.

use super::apply_end::{Ended, close, exit_of, finish_journal, nothing_to_do};
use super::plan::{read_saved, refusals, tell_plan, warn_torn};
use super::signals;
use super::site::{Site, random, take_apply_lock};
use super::{Call, Failure, runtime};
use crate::apply::{
    ApplyOptions, Assignment, Doubtful, Means, SettleError, Silent, Stop, StopSwitch, SystemClock, run as send,
    settle_first,
};
use crate::cli::args::ApplyArgs;
use crate::cli::exit::Exit;
use crate::lock::{Journal, Lockfile, Store};
use crate::output::{EventV1, RunProgress, plan_sentence};
use crate::plan::{Action, Plan, Saved, is_saved_plan};
use crate::project::{self, Ask, Compiled, Environment, Selection};
use crate::vendor::CallError;

/// Everything that one apply is about.
pub struct Run<'a> {
    args: &'a ApplyArgs,
    /// What is wanted.
    pub compiled: &'a Compiled,
    /// Where.
    pub environment: &'a Environment,
    saved: Option<Saved>,
    ask: Ask,
}

pub fn run(call: &mut Call, args: &ApplyArgs) -> Result<Exit, Failure> {
    let ended = apply(call, args);
    close(call, ended)
}

fn apply(call: &mut Call, args: &ApplyArgs) -> Result<Ended, Failure> {
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
    if let Some(reason) = run.saved.as_ref().and_then(|saved| saved.stale(&plan)) {
        return Err(Failure::Other(format!(
            "the saved plan is stale: {reason}; nothing was sent; make a new one with `callsheet plan --out`"
        )));
    }
    if plan.summary.submit == 0 && plan.summary.in_doubt == 0 {
        return nothing_to_do(call, &plan, 0);
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

impl Run<'_> {
    fn plan(&self, call: &Call, lockfile: &Lockfile) -> Plan {
        project::plan_project(self.compiled, self.environment, lockfile, &self.ask, &call.world)
    }

    async fn deploy(&self, call: &mut Call, store: Store, site: &Site, stop: &Stop) -> Result<Ended, Failure> {
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
        let mut in_doubt = doubts(&lockfile, &options);
        let mut found = 0;
        if !self.args.no_check_remote {
            let wanted = project::wanted(self.compiled, self.ask.selected.as_ref());
            let first = RunProgress::asking(call.view.streams(), call.view.shape, call.json(), call.progress_bars);
            let settled = settle_first(Means { progress: &first, ..quiet }, &mut lockfile, &wanted).await;
            first.finish();
            match settled {
                Ok(settled) => (in_doubt, found) = (settled.in_doubt, settled.adopted.len()),
                Err(error) => {
                    if let Some(exit) = self.unsettled(call, error)? {
                        finish_journal(call, journal).await?;
                        return Ok(Ended::unsent(exit));
                    }
                }
            }
        }
        let plan = self.plan(call, &lockfile);
        match self.gate(call, &plan, found, stop).await {
            Ok(None) => {}
            // What was settled before the plan is kept, whatever the gate said.
            Ok(Some(mut ended)) => {
                finish_journal(call, journal).await?;
                ended.summary.adopted = found;
                return Ok(ended);
            }
            Err(failure) => {
                finish_journal(call, journal).await?;
                return Err(failure);
            }
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
        let exit = exit_of(&outcome, open);
        self.conclude(call, journal, (&plan, &outcome), exit).await
    }

    /// What it means that the first listing settled nothing; an exit code when the run ends with it.
    fn unsettled(&self, call: &mut Call, error: SettleError) -> Result<Option<Exit>, Failure> {
        match error {
            SettleError::Stopped => {
                call.view.tell("interrupted; nothing was sent")?;
                Ok(Some(Exit::Interrupted))
            }
            SettleError::Unlisted(CallError::Key(message)) => {
                call.fail(&format!(
                    "the vendor refused the key ({message}): check the variable `{}`; nothing was sent",
                    self.environment.key_env
                ))?;
                Ok(Some(Exit::KeyRefused))
            }
            SettleError::Unlisted(error) => {
                call.warn(&format!(
                    "the vendor's videos could not be listed ({error}): what is in doubt stays so, and what another machine submitted is not seen"
                ))?;
                Ok(None)
            }
            SettleError::Unwritten(failure) => {
                self.save_unwritten(call, &failure)?;
                Ok(Some(Exit::Failed))
            }
        }
    }

    /// Shows the plan, asks the guards and the person; an exit code when nothing is to be sent.
    async fn gate(&self, call: &mut Call, plan: &Plan, found: usize, stop: &Stop) -> Result<Option<Ended>, Failure> {
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
        }
        if plan.summary.submit == 0 && plan.summary.in_doubt == 0 {
            return nothing_to_do(call, plan, found).map(Some);
        }
        tell_plan(call, plan)?;
        if self.args.no_check_remote && plan.summary.submit > 0 {
            call.warn(
                "--no-check-remote: the vendor is not asked what it has; a video that another machine or a lost lockfile paid for is paid for again",
            )?;
        }
        if !refused.is_empty() {
            for refusal in &refused {
                call.fail(&format!("a guard refuses: {refusal}; nothing was sent"))?;
            }
            return Ok(Some(Ended::unsent(Exit::Guarded)));
        }
        let (work, _) = project::work(plan, &self.compiled.videos);
        if let Some((key, end)) = project::expired(&work, &call.world) {
            return Err(Failure::Other(format!(
                "`{key}` has a presigned URL that expired at {end}: the vendor could not fetch it; nothing was sent, sign it anew"
            )));
        }
        if !self.args.yes
            && let Some(exit) = self.confirm(call, plan, stop).await?
        {
            return Ok(Some(Ended::unsent(exit)));
        }
        Ok(stop.is_finishing().then(|| Ended::unsent(Exit::Interrupted)))
    }

    /// Asks the person; an exit code unless the answer is yes.
    async fn confirm(&self, call: &mut Call, plan: &Plan, stop: &Stop) -> Result<Option<Exit>, Failure> {
        if !call.asks {
            return Err(Failure::Other(
                "nobody is there to answer: `--yes` applies without asking; nothing was sent".to_owned(),
            ));
        }
        let place = &self.environment.host;
        // What is agreed to stands above the question, even when quiet.
        let plan = if call.view.shape.quiet { format!("{}\n", plan_sentence(plan)) } else { String::new() };
        call.view.ask(&format!("{plan}Submit to {place}? Only `yes` is taken as yes: "))?;
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
