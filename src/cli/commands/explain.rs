//! `explain`: the values of one video or preset, with their provenance.

use super::{CliError, Context};
use crate::cli::command_args::ExplainArgs;
use crate::cli::exit::Exit;
use crate::lockfile::{Lockfile, Take};
use crate::output::{ExplainView, explain_json, explain_preset_json, explain_preset_text, explain_text, pluralize};
use crate::project::{self, CompiledProject, ExplainTarget, ProjectError};
use crate::spec::{InstanceTrace, Video};

pub fn run(call: &mut Context, args: &ExplainArgs) -> Result<Exit, CliError> {
    let mut compiled = call.compile()?;
    let subject = match project::explain(&mut compiled, &args.key, &call.process_env) {
        Ok(found) => found,
        Err(error @ (ProjectError::NothingNamed(..) | ProjectError::BaseKey(..))) if compiled.report.has_errors() => {
            // The declaration may have errors, so the diagnostics come first.
            call.view.diagnostics(&compiled.report, &compiled.sources, call.screen_err())?;
            let base = args.key.split('[').next().unwrap_or_default();
            if compiled.invalid.contains(base) {
                return Err(CliError::Other(format!("`{}` cannot be explained: `{base}` has errors", args.key)));
            }
            return Err(error.into());
        }
        Err(error) => return Err(error.into()),
    };
    let errors = compiled.report.errors();
    if errors > 0 {
        let errors = pluralize(errors as u64, "error");
        call.view.warning(&format!("the manifests have {errors}; `callsheet validate` shows them"))?;
    }
    let text = match &subject {
        ExplainTarget::Video(video, trace) => explained(call, &compiled, video, trace)?,
        ExplainTarget::Preset(provenance) => {
            let sources = &compiled.sources;
            if call.json() {
                explain_preset_json(provenance, sources)
            } else {
                explain_preset_text(provenance, sources, call.screen_out())
            }
        }
    };
    call.view.data(&text)?;
    Ok(Exit::Success)
}

fn explained(
    call: &mut Context,
    compiled: &CompiledProject,
    video: &Video,
    trace: &InstanceTrace,
) -> Result<String, CliError> {
    let environment = call.environment(compiled)?;
    let digest = video.digest;
    // Without a readable lockfile, the video is explained without its takes.
    let mut lockfile = match project::open_lock(&compiled.root, &environment) {
        Ok(store) => store.lockfile,
        Err(error) => {
            call.view.warning(&format!("the takes are left out: {error}"))?;
            Lockfile::default()
        }
    };
    super::shared_ledger::add_known(call, (compiled, &environment), &mut lockfile, false)?;
    project::add_earlier_digests(&mut lockfile, std::slice::from_ref(video));
    let host = &environment.host;
    let takes: Vec<&Take> = lockfile.takes_of(host, &digest).collect();
    let earlier: Vec<&Take> = lockfile
        .takes_of_key(host, &video.key)
        .filter(|take| lockfile.current_digest(&take.digest) != digest)
        .collect();
    let view = ExplainView { video, trace, sources: &compiled.sources, takes, earlier };
    Ok(if call.json() { explain_json(&view) } else { explain_text(&view, call.screen_out()) })
}
