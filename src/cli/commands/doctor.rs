//! `doctor`: checks the requirements of a project on this machine, and shows the next steps.

use super::vendor_session::VendorSession;
use super::{CliError, Context, doctor_spend, runtime, signals};
use crate::cli::run::Exit;
use crate::cli::shared_args::GuardArgs;
use crate::cli::tool_args::DoctorArgs;
use crate::output::{diagnosis_human, diagnosis_json};
use crate::project::{self, CheckStatus, Examination, ExaminationContext, VendorAnswers};

pub fn run(call: &mut Context, args: &DoctorArgs) -> Result<Exit, CliError> {
    if args.spend {
        return doctor_spend::run(call, args);
    }
    if args.guards != GuardArgs::default() {
        return Err(CliError::Usage("limits are for `doctor --spend`: without it, nothing is spent".to_owned()));
    }
    let root = call.root().map_err(|failure| failure.to_string());
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
    let diagnosis = examined.diagnosis(&answers);
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
