//! `doctor`: checks the requirements of a project on this machine, and shows the next steps. `doctor --spend` submits one
//! silent second as an ordinary take, and observes how the vendor processes it.

use std::collections::BTreeSet;
use std::time::Duration;

use super::apply::ApplyCommand;
use super::apply_finish::{CommandOutcome, finish_events};
use super::vendor_session::{VendorSession, acquire_apply_lock};
use super::{CliError, Context, runtime, signals};
use crate::cli::command_args::ApplyArgs;
use crate::cli::exit::Exit;
use crate::cli::shared_args::GuardArgs;
use crate::cli::tool_args::DoctorArgs;
use crate::lockfile::Take;
use crate::output::{
    EventV1, MeasuredV1, SummaryV1, diagnosis_human, diagnosis_json, format_timestamp, measured_human,
};
use crate::plan::TraceScope;
use crate::project::{
    self, CheckStatus, DOCTOR_KEY, Environment, Examination, ExaminationContext, ObservationEnd, Observations,
    PlanRequest, SilentVideo, VendorAnswers,
};
use crate::results::PollSchedule;

pub fn run(call: &mut Context, args: &DoctorArgs) -> Result<Exit, CliError> {
    if args.spend {
        let ended = spend(call, args);
        return finish_events(call, ended);
    }
    if args.guards != GuardArgs::default() {
        return Err(CliError::Usage("limits are for `doctor --spend`: without it, nothing is spent".to_owned()));
    }
    let root = call.root().map_err(|failure| call.view.with_flags(&failure.to_string()).into());
    let place = match (&call.global.directory, &root) {
        (Some(directory), _) => directory.display().to_string(),
        (None, Ok(root)) if *root != call.working_directory => root.display().to_string(),
        (None, _) => ".".to_owned(),
    };
    let name = project::environment_name(call.global.env.as_deref(), &call.process_env).to_owned();
    let surroundings =
        ExaminationContext { root, place, environment: call.global.env.clone(), callsheet: call.callsheet(&name) };
    let examined = project::examine(surroundings, &call.process_env);
    let Some(answers) = ask(call, &examined)? else { return Ok(Exit::Interrupted) };
    let diagnosis = examined.diagnosis(answers);
    let text =
        if call.json() { diagnosis_json(&diagnosis) } else { diagnosis_human(&diagnosis, call.view.shape.color_out) };
    call.view.data(&text)?;
    Ok(match diagnosis.count(CheckStatus::Failure) {
        _ if diagnosis.rejected => Exit::ApiKeyRejected,
        0 => Exit::Success,
        _ => Exit::Error,
    })
}

/// Queries the vendor. Returns `None` if the user interrupted it.
fn ask(call: &Context, examined: &Examination) -> Result<Option<VendorAnswers>, CliError> {
    let Ok(environment) = &examined.environment else { return Ok(Some(VendorAnswers::default())) };
    runtime()?.block_on(async {
        let stop = signals::stop()?;
        // A sandbox outside a project has no directory for its state.
        let folder = examined.root().unwrap_or(&call.working_directory);
        let session = match examined.root() {
            None if environment.is_sandbox() => Err("the sandbox needs a project; run `callsheet init`".to_owned()),
            _ => VendorSession::open(call, folder, environment).await.map_err(|failure| failure.to_string()),
        };
        let base_url = session.as_ref().ok().and_then(VendorSession::sandbox_url);
        let base_url = base_url.unwrap_or_else(|| environment.base_url.to_string());
        let vendor = session.as_ref().map(|session| session.vendor.clone().with_few_tries()).map_err(Clone::clone);
        let answers = tokio::select! {
            answers = project::ask_vendor(environment, &base_url, vendor.as_ref().map_err(Clone::clone)) => Some(answers),
            () = stop.stop_requested() => None,
        };
        if let Ok(session) = session {
            session.close().await;
        }
        Ok(answers)
    })
}

/// Maximum time of an observation, by default.
const TIMEOUT: Duration = Duration::from_mins(30);

fn spend(call: &mut Context, args: &DoctorArgs) -> Result<CommandOutcome, CliError> {
    let held = acquire_apply_lock(call, "callsheet doctor")?;
    let mut compiled = call.compile_valid()?;
    let environment = call.environment(&compiled)?;
    let store = project::open_lock(&compiled.root, &environment)?;
    let chosen = (args.avatar.as_deref(), args.retake);
    let silence = project::silent_second(&compiled, &environment, &store.lockfile, chosen);
    let SilentVideo { video, known } = silence.map_err(CliError::other)?;
    let digest = video.digest;
    let (ended, fresh) = if let Some(known) = &known {
        drop(held);
        let again = call.callsheet(&environment.name);
        call.view.info(&format!(
            "an earlier `doctor --spend` submitted a silent second at {}; nothing was sent; `{again} doctor --spend --retake` submits another",
            format_timestamp(known.at)
        ))?;
        (CommandOutcome { exit: Exit::Success, summary: SummaryV1::default() }, false)
    } else {
        compiled.videos = vec![video];
        // As with `--wait`, this command reports what happens after the submission.
        let apply = ApplyArgs { yes: args.yes, wait: true, guards: args.guards.clone(), ..ApplyArgs::default() };
        let selected = Some(BTreeSet::from([DOCTOR_KEY.into()]));
        let ask = PlanRequest { selected, retry_failed: false, trace: TraceScope::BeforeListing };
        let run = ApplyCommand { args: &apply, compiled: &compiled, environment: &environment, saved: None, ask };
        let ended = run.carry_out(call, held)?;
        let fresh = ended.summary.counts.submitted > 0;
        (ended, fresh)
    };
    let sent = matches!(ended.exit, Exit::Success | Exit::Incomplete);
    let store = project::open_lock(&compiled.root, &environment)?;
    let take = known.or_else(|| project::silent_take(&store.lockfile, &environment, &digest)).filter(|_| sent);
    let Some(take) = take else { return Ok(ended) };
    let limit = args.timeout.unwrap_or(TIMEOUT);
    let measured = observe(call, &environment, (&take, fresh), limit)?;
    report_event(call, &environment, &measured)?;
    let exit = match measured.end {
        ObservationEnd::Stopped => Exit::Interrupted,
        _ if measured.rejected => Exit::ApiKeyRejected,
        ObservationEnd::OutOfTime => Exit::TimedOut,
        ObservationEnd::Settled => ended.exit,
    };
    Ok(CommandOutcome { exit, summary: ended.summary })
}

fn observe(
    call: &Context,
    environment: &Environment,
    (take, fresh): (&Take, bool),
    limit: Duration,
) -> Result<Observations, CliError> {
    if fresh {
        call.view
            .info("observing the list and the task until both are settled; Ctrl-C stops it, and nothing is lost")?;
    }
    let (first, most) = if environment.rate > 0.0 { (1_000, 10_000) } else { (100, 1_000) };
    let patience = PollSchedule {
        first_interval: Duration::from_millis(first),
        max_interval: Duration::from_millis(most),
        timeout: limit,
    };
    let root = call.root()?;
    runtime()?.block_on(async {
        let stop = signals::stop()?;
        let session = VendorSession::open(call, &root, environment).await?;
        let measured = project::observe(&session.vendor, take, (fresh, patience), &stop).await;
        session.close().await;
        Ok(measured)
    })
}

fn report_event(call: &Context, environment: &Environment, measured: &Observations) -> Result<(), CliError> {
    let grace = environment.settle_grace;
    if call.json() {
        let event = MeasuredV1::new(measured, (&environment.name, &environment.host), grace);
        return Ok(call.view.event(&EventV1::Measured(Box::new(event)))?);
    }
    let text = measured_human(measured, (&environment.name, grace), call.view.shape.color_out);
    call.view.data(&call.view.with_flags(&text))?;
    let again = call.callsheet(&environment.name);
    call.view.info(&format!(
        "the take stays in the lockfile as `{DOCTOR_KEY}`; `{again} lock forget {DOCTOR_KEY}` removes it from plans"
    ))?;
    Ok(())
}
