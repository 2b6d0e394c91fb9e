//! `apply`: submits the videos of a plan, after confirmation.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::apply_finish::{
    ApplyFinisher, CommandOutcome, exit_of, finish_events, nothing_to_do, reconcile_failed, reconciled_exit,
    takes_in_doubt,
};
use super::confirm::{confirm, not_expired};
use super::json_into::{open_events, written_events};
use super::missing_lockfile::missing_lockfile;
use super::plan::{add_flags, guards, no_plan, print_plan, saved_plan};
use super::results_context::ResultsContext;
use super::vendor_session::{VendorSession, acquire_apply_lock};
use super::wait::wait_for;
use super::{CliError, Context, runtime, shared_ledger, signals};
use crate::apply::{
    ApplyContext, ApplyOptions, Outcome, RoundInput, Sharing, list_and_reconcile, submit_rounds as send,
};
use crate::catalog::Catalog;
use crate::cli::command_args::ApplyArgs;
use crate::cli::exit::Exit;
use crate::ledger::Ledger;
use crate::lockfile::{ApplyLock, Journal, Lockfile, Store};
use crate::output::{ApplyProgress, EventV1};
use crate::plan::{Action, Month, Plan, SavedPlan, TraceScope, guard, violation_sentence};
use crate::project::{self, CompiledProject, Environment, PlanRequest, Selection};
use crate::results::StatusRole;
use crate::vendor::{NoProgress, StopToken, system_random};

/// The context of one apply.
pub struct ApplyCommand<'a> {
    pub args: &'a ApplyArgs,
    pub compiled: &'a CompiledProject,
    pub environment: &'a Environment,
    pub saved: Option<SavedPlan>,
    pub ask: PlanRequest,
}

pub fn run(call: &mut Context, args: &ApplyArgs) -> Result<Exit, CliError> {
    let file = args.json_into.as_deref().map(|file| open_events(call, args, file)).transpose()?;
    let mut keys = None;
    let ended = apply(call, args, &mut keys);
    // The apply lock is already released, so another apply need not wait until the vendor is done.
    let ended = match ended {
        Ok(ended) if args.wait && matches!(ended.exit, Exit::Success | Exit::Incomplete) => {
            wait_for_videos(call, keys.as_ref(), args.timeout.timeout, ended)
        }
        ended => ended,
    };
    let ended = finish_events(call, ended);
    let Some(file) = file else { return ended };
    match ended {
        Ok(exit) => Ok(written_events(call, &file, exit)),
        Err(failure) => {
            written_events(call, &file, failure.exit());
            Err(failure)
        }
    }
}

/// Waits for the videos of the plan, including those that were submitted before.
fn wait_for_videos(
    call: &mut Context,
    keys: Option<&BTreeSet<Arc<str>>>,
    limit: Duration,
    ended: CommandOutcome,
) -> Result<CommandOutcome, CliError> {
    let watch = ResultsContext::open_with_events(call, "callsheet wait", false)?;
    let mut rows = watch.rows(call, &Selection::default())?;
    rows.retain(|row| row.role == StatusRole::Wanted && keys.is_none_or(|keys| keys.contains(&row.key)));
    let waited = wait_for(call, &watch, &mut rows, limit)?;
    let CommandOutcome { exit, mut summary } = ended;
    (summary.done, summary.failed, summary.open) = (waited.summary.done, waited.summary.failed, waited.summary.open);
    // A failure or timeout of the wait determines the exit code. Otherwise that of the apply remains.
    Ok(CommandOutcome { exit: if waited.exit == Exit::Success { exit } else { waited.exit }, summary })
}

/// `keys` returns the keys of the applied videos, or `None` for all videos.
fn apply(
    call: &mut Context,
    args: &ApplyArgs,
    keys: &mut Option<BTreeSet<Arc<str>>>,
) -> Result<CommandOutcome, CliError> {
    let held = acquire_apply_lock(call, "callsheet apply")?;
    let compiled = call.compile_valid()?;
    let environment = call.environment(&compiled)?;
    let saved = saved_plan(call, args, &compiled)?;
    let notes = TraceScope::BeforeListing;
    let ask = match &saved {
        Some(saved) => PlanRequest { selected: Some(saved.keys()), retry_failed: saved.retries(), trace: notes },
        None => PlanRequest {
            selected: project::select(&compiled.videos, &Selection::from(&args.select))
                .map_err(|error| no_plan(call, args).unwrap_or_else(|| error.into()))?,
            retry_failed: args.retry_failed,
            trace: notes,
        },
    };
    keys.clone_from(&ask.selected);
    ApplyCommand { args, compiled: &compiled, environment: &environment, saved, ask }.carry_out(call, held)
}

/// Refuses videos whose number of scenes the vendor would refuse, by a catalog that is younger than a day.
fn check_scenes(
    call: &Context,
    ApplyCommand { compiled, environment, .. }: &ApplyCommand<'_>,
    plan: &Plan,
) -> Result<(), CliError> {
    // The catalog is a cache. Without a readable one there is nothing to compare.
    let Some(catalog) = Catalog::load_for(&compiled.root, &environment.host).ok().flatten() else { return Ok(()) };
    if call.process_env.now.duration_since(catalog.synced) >= SignedDuration::from_hours(24) {
        return Ok(());
    }
    let keys: BTreeSet<&str> = plan.submissions().map(|change| &*change.key).collect();
    let report = project::check_scene_counts(compiled, &catalog, &keys);
    if !report.has_errors() {
        return Ok(());
    }
    call.view.diagnostics(&report, &compiled.sources, call.screen_err())?;
    Err(CliError::Other("the vendor would refuse videos with another number of scenes; nothing was sent".to_owned()))
}

impl ApplyCommand<'_> {
    /// Runs the apply from the lockfile to the summary. `held` is the apply lock.
    pub fn carry_out(&self, call: &mut Context, held: ApplyLock) -> Result<CommandOutcome, CliError> {
        let mut store = project::open_lock(&self.compiled.root, self.environment)?.with_lock(held);
        project::add_earlier_digests(&mut store.lockfile, &self.compiled.videos);
        call.warn_torn(store.path(), store.torn.as_ref())?;
        let shared = shared_ledger::open_to_spend(call, self.compiled, self.environment)?;
        let mut known = store.lockfile.clone();
        if let Some((ledger, read)) = &shared {
            known.union(read);
            store.lockfile.share(&ledger.branch().home);
        }
        let plan = self.plan(call, &known, &self.ask);
        self.still_valid(&plan)?;
        if !plan.has_work() {
            let renames = project::rename_records(&plan, &self.compiled.videos, &known);
            if !renames.is_empty() {
                store.append(&renames)?;
                store.compact()?;
            }
            return nothing_to_do(call, &plan);
        }
        check_scenes(call, self, &plan)?;
        // Check before listing: reconciling would create a new lockfile and hide that the old one is missing.
        // With a shared ledger, this machine's lockfile may lack anything.
        let lost = || missing_lockfile(call, &self.compiled.root, self.environment, &store.lockfile);
        if let Some(lost) = shared.is_none().then(lost).flatten() {
            if lost.blocks {
                return Err(CliError::Other(lost.refusal()));
            }
            call.warn(&lost.warning())?;
        }
        // A full disk or an unwritable lockfile must be detected before any money is spent.
        store.check_writable()?;
        runtime()?.block_on(async {
            let stop = signals::stop()?;
            let session = VendorSession::open(call, &self.compiled.root, self.environment).await?;
            let shared = shared.as_ref().map(|(ledger, _)| ledger);
            let ended = Box::pin(self.submit(call, (store, known), (&session, shared), &stop)).await;
            // Without the first listing, only the responses to submissions show the vendor's clock. A closed stderr
            // must not fail the run, because money may be spent already.
            drop(session.warn_of_clock(call));
            session.close().await;
            ended
        })
    }

    fn plan(&self, call: &Context, lockfile: &Lockfile, ask: &PlanRequest) -> Plan {
        project::plan_project(self.compiled, self.environment, lockfile, ask, &call.process_env)
    }

    /// Rejects a saved plan if one of its changes would be different now.
    fn still_valid(&self, plan: &Plan) -> Result<(), CliError> {
        match self.saved.as_ref().and_then(|saved| saved.staleness(plan)) {
            None => Ok(()),
            Some(reason) => Err(CliError::Other(format!(
                "the saved plan is stale: {reason}; nothing was sent; make a new one with `callsheet plan --out FILE`"
            ))),
        }
    }

    async fn submit(
        &self,
        call: &mut Context,
        (store, mut lockfile): (Store, Lockfile),
        (session, ledger): (&VendorSession, Option<&Ledger>),
        stop: &StopToken,
    ) -> Result<CommandOutcome, CliError> {
        let ending =
            ApplyFinisher { journal: Journal::start(store), compiled: self.compiled, environment: self.environment };
        let options = ApplyOptions {
            check_remote: !self.args.no_check_remote,
            run: ledger.map(|ledger| Arc::clone(ledger.run())),
            ..project::apply_options(self.environment)
        };
        let (limits, now) = (guards(self.compiled, self.environment, &self.args.guards), call.process_env.now);
        let budget = |known: &Lockfile| {
            let mut month = Month::starting_with(now);
            month.add(known, &self.environment.host);
            limits.over_month(&month)
        };
        let shared = ledger.map(|ledger| Sharing {
            ledger,
            timeout: self.environment.timeout,
            least: project::least_claim(self.environment, &call.process_env),
            budget: &budget,
        });
        let quiet = ApplyContext {
            vendor: &session.vendor,
            writer: &ending.journal,
            now: &Timestamp::now,
            random: system_random,
            options: &options,
            progress: &NoProgress,
            stop,
            shared,
        };
        let mut outcome = Outcome::default();
        let mut found = 0;
        let mut in_doubt = takes_in_doubt(&lockfile, &options);
        if !self.args.no_check_remote {
            let wanted = project::desired_videos(self.compiled, self.ask.selected.as_ref());
            let first = ApplyProgress::asking(&call.view);
            let settled = list_and_reconcile(ApplyContext { progress: &first, ..quiet }, &mut lockfile, &wanted).await;
            first.finish();
            // A closed stderr must not prevent the run from recording settled takes.
            drop(session.warn_of_clock(call));
            match settled {
                Ok(settled) => {
                    (in_doubt, found) = (settled.in_doubt, settled.adopted.len());
                    (outcome.adopted, outcome.freed) = (settled.adopted, settled.freed);
                }
                Err(error) => {
                    if let Some(exit) = reconcile_failed(error, &mut outcome, call)? {
                        return Ok(ending.finish_unsent(call, &Plan::default(), &outcome, exit).await);
                    }
                }
            }
        }
        let mut plan = self.plan(call, &lockfile, &PlanRequest { trace: TraceScope::AfterListing, ..self.ask.clone() });
        project::find_causes(&mut plan, self.compiled, &call.process_env);
        add_flags(call, &mut plan);
        let mut month = Month::starting_with(call.process_env.now);
        month.add(&lockfile, &self.environment.host);
        let gated = match self.still_valid(&plan) {
            Ok(()) => self.decide(call, (&plan, &month), stop).await,
            Err(stale) => Err(stale),
        };
        let gated = match gated {
            Ok(None) => self.record_renames(&plan, &mut lockfile, &ending.journal).await.map(|()| None),
            shut => shut,
        };
        match gated {
            Ok(None) if plan.has_work() => {}
            Ok(None) => return Ok(ending.finish(call, &plan, (&outcome, found), reconciled_exit(&plan)).await),
            Ok(Some(exit)) => return Ok(ending.finish_unsent(call, &plan, &outcome, exit).await),
            Err(failure) => {
                // Whatever stopped the run, takes that were settled before the plan stay recorded and are counted.
                let ended = ending.finish_unsent(call, &plan, &outcome, failure.exit()).await;
                call.fail(&failure.to_string())?;
                return Ok(ended);
            }
        }
        let (work, standby) = project::planned_submissions(&plan, &self.compiled.videos);
        let progress = ApplyProgress::new(&call.view, Some(work.len() as u64));
        in_doubt.retain(|doubt| standby.iter().any(|one| one.digest == lockfile.current_digest(&doubt.digest)));
        let assignment = RoundInput { work, standby, in_doubt };
        outcome.merge(send(ApplyContext { progress: &progress, ..quiet }, &mut lockfile, assignment).await);
        progress.finish();
        let open = plan.changes.iter().any(|change| {
            change.action == Action::Resolve && lockfile.in_doubt(&options.host, &change.digest).is_some()
        });
        let open = open || ending.has_unpaid_skips(&outcome).await;
        let exit = exit_of(&plan, &outcome, open);
        let ended = ending.finish(call, &plan, (&outcome, found), exit).await;
        self.print_next_step(call, &ended);
        Ok(ended)
    }

    /// Shows the next step to interactive users. A first-time user does not know that the vendor deletes results.
    fn print_next_step(&self, call: &Context, ended: &CommandOutcome) {
        if call.interactive && ended.exit == Exit::Success && ended.summary.counts.submitted > 0 && !self.args.wait {
            let again = call.callsheet(&self.environment.name);
            let text = format!("`{again} pull --wait` saves finished videos; the vendor keeps them for 7 days");
            // A closed stream does not change what was paid for.
            drop(call.view.info(&text));
        }
    }

    /// Records the renames of the plan before anything is sent, so that a full disk costs nothing.
    async fn record_renames(&self, plan: &Plan, lockfile: &mut Lockfile, journal: &Journal) -> Result<(), CliError> {
        let renames = project::rename_records(plan, &self.compiled.videos, lockfile);
        if renames.is_empty() {
            return Ok(());
        }
        let written = journal.write(renames.clone()).await;
        written.map_err(|error| {
            CliError::Other(format!("the renames could not be recorded: {error}; nothing was sent"))
        })?;
        for rename in renames {
            lockfile.insert(rename);
        }
        Ok(())
    }

    /// Shows the plan, and checks the guards and the confirmation. Returns an exit code if nothing may be submitted, whose
    /// reason is already reported.
    ///
    /// `month` contains the submissions before the plan.
    async fn decide(
        &self,
        call: &mut Context,
        (plan, month): (&Plan, &Month),
        stop: &StopToken,
    ) -> Result<Option<Exit>, CliError> {
        let guards = guards(self.compiled, self.environment, &self.args.guards);
        let refused = guard(plan, &guards, month);
        let summary = &plan.summary;
        let line = EventV1::Plan {
            format_version: 1,
            environment: plan.environment.clone(),
            host: plan.host.to_string(),
            submit: summary.submit,
            in_doubt: summary.in_doubt,
        };
        call.view.event(&line)?;
        print_plan(call, plan, guards.budget(plan, month).as_ref())?;
        if !plan.has_work() {
            return Ok(None);
        }
        if self.args.no_check_remote && plan.summary.submit > 0 {
            call.warn(
                "--no-check-remote: the vendor's list is not checked; a video that another machine or a lost lockfile paid for is paid for again",
            )?;
        }
        if let Some(why) = violation_sentence(&refused) {
            let who = if refused.len() == 1 {
                "a guard blocks this plan".to_owned()
            } else {
                format!("{} guards block this plan", refused.len())
            };
            call.fail(&format!("{who}: {why}; nothing was sent"))?;
            return Ok(Some(Exit::GuardBlocked));
        }
        not_expired(self.compiled, plan)?;
        if !self.args.yes {
            let declined = confirm(call, plan, self.environment, stop).await?;
            if declined.is_some() {
                return Ok(declined);
            }
            // Check again, because the user may have waited for hours before confirming.
            not_expired(self.compiled, plan)?;
        }
        if stop.is_stop_requested() {
            call.view.notice("interrupted; nothing was sent")?;
            return Ok(Some(Exit::Interrupted));
        }
        Ok(None)
    }
}
