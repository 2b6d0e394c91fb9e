//! The shared ledger of a project: where its manifest says it is, and who this run is in it.

use std::path::Path;
use std::time::Duration;

use super::{CompiledProject, Environment, ProcessEnv, lock_path, path_in_repository};
use crate::ledger::{BranchSetting, Ledger, LedgerError, known_ledgers, run_id};
use crate::lockfile::{Run, parse_bytes};
use crate::manifest::{Manifest, Setting};
use crate::vendor::is_this_machine;

/// The shortest claim.
const LEAST_CLAIM: Duration = Duration::from_mins(5);
/// The variable that shortens claims, for tests: only where the vendor is a sandbox on this machine.
const CLAIM_SECONDS: &str = "CALLSHEET_CLAIM_SECONDS";

/// The ledger of a manifest, defaults filled in. `None` if it sets none.
pub fn ledger_setting(root: &Path, manifest: &Manifest) -> Option<BranchSetting> {
    let decl = manifest.ledger.as_ref()?;
    let text =
        |setting: &Option<Setting<std::sync::Arc<str>>>| setting.as_ref().map(|setting| setting.value.to_string());
    Some(BranchSetting {
        branch: decl.branch.value.to_string(),
        remote: text(&decl.remote).unwrap_or_else(|| "origin".to_owned()),
        name: text(&decl.name).or_else(|| path_in_repository(root)).unwrap_or_default(),
    })
}

/// Opens the ledger of an environment, without network. `None` if the manifest sets none, or for the sandbox.
///
/// # Errors
/// If there is no git, no repository or no such remote.
pub fn open_ledger(
    compiled: &CompiledProject,
    environment: &Environment,
    process_env: &ProcessEnv,
) -> Result<Option<Ledger>, LedgerError> {
    if environment.is_sandbox() {
        return Ok(None);
    }
    let Some(setting) = ledger_setting(&compiled.root, &compiled.manifest) else { return Ok(None) };
    let file = lock_name(&compiled.root, environment);
    Ledger::open(&compiled.root, &setting, &file, (run(process_env), environment.settle_grace)).map(Some)
}

/// Whether a ledger of this project was fetched here and is not closed, although the manifest sets none: an old branch
/// must not spend past it.
pub fn has_forgotten_ledger(root: &Path, environment: &Environment) -> bool {
    if environment.is_sandbox() {
        return false;
    }
    let Some(directory) = path_in_repository(root) else { return false };
    let texts = known_ledgers(root, &format!("{directory}{}", lock_name(root, environment)));
    // Whatever cannot be read may be open. One that was closed is closed, whichever of its versions is known too.
    let parsed: Vec<_> = texts.iter().map(|text| parse_bytes("ledger", text)).collect();
    let closed = parsed.iter().flatten().any(|parsed| parsed.lockfile.closed().is_some());
    !parsed.is_empty() && !closed
}

/// The lockfile's name on the branch and here.
pub fn lock_name(root: &Path, environment: &Environment) -> String {
    lock_path(root, &environment.name).file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The shortest claim of an environment.
pub fn least_claim(environment: &Environment, process_env: &ProcessEnv) -> Duration {
    let asked = process_env.var(CLAIM_SECONDS).filter(|_| is_this_machine(&environment.host));
    let seconds = asked.and_then(|seconds| Duration::try_from_secs_f64(seconds.parse().ok()?).ok());
    seconds.unwrap_or(LEAST_CLAIM)
}

/// Who this run is: the job of a pipeline, else git's user.
fn run(process_env: &ProcessEnv) -> Run {
    let var = |name: &str| process_env.var(name).map(str::to_owned);
    let (run, at) = (run_id().into(), process_env.now);
    let unnamed = Run { run, who: String::new(), url: None, commit: None, clock: None, at };
    if let Some(id) = process_env.var("GITHUB_RUN_ID") {
        let attempt = process_env.var("GITHUB_RUN_ATTEMPT").unwrap_or("1");
        let server = process_env.var("GITHUB_SERVER_URL").unwrap_or("https://github.com");
        let url = process_env.var("GITHUB_REPOSITORY").map(|name| format!("{server}/{name}/actions/runs/{id}"));
        let commit = process_env.var("GITHUB_SHA").map(|sha| sha.chars().take(7).collect());
        return Run { who: format!("github run {id}/{attempt}"), url, commit, ..unnamed };
    }
    if let Some(id) = process_env.var("CI_JOB_ID") {
        let (url, commit) = (var("CI_JOB_URL"), var("CI_COMMIT_SHORT_SHA"));
        return Run { who: format!("gitlab job {id}"), url, commit, ..unnamed };
    }
    unnamed
}
