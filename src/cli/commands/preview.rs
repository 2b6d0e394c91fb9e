//! `preview`: renders frames of the specs and a storyboard, before anything is paid.

use std::path::Path;

use super::{CliError, Context};
use crate::catalog::Catalog;
use crate::cli::command_args::PreviewArgs;
use crate::cli::exit::Exit;
use crate::output::{frame_bar, pluralize, preview_json, preview_notices, preview_sentence};
use crate::preview::{RenderOptions, Shot, can_speak};
use crate::project::{
    self, Environment, PREVIEW_DIRECTORY, PlanRequest, PreviewRequest, ProjectError, RESULTS_DIRECTORY, Selection,
};
use crate::source::make_directory;
use crate::vendor::FileHosts;

pub fn run(call: &mut Context, args: &PreviewArgs) -> Result<Exit, CliError> {
    let compiled = call.compile_valid()?;
    let environment = call.environment(&compiled)?;
    let mut store = project::open_lock(&compiled.root, &environment)?;
    super::shared_ledger::add_known(call, (&compiled, &environment), &mut store.lockfile, false)?;
    project::add_earlier_digests(&mut store.lockfile, &compiled.videos);
    call.warn_torn(store.path(), store.torn.as_ref())?;
    let selected = project::select(&compiled.videos, &Selection::from(&args.select))?;
    let ask = PlanRequest { selected: selected.clone(), ..PlanRequest::default() };
    let mut plan = project::plan_project(&compiled, &environment, &store.lockfile, &ask, &call.process_env);
    project::find_causes(&mut plan, &compiled, &call.process_env);
    let mut shots = project::shots(&compiled, &plan, selected.as_ref());
    let videos = args
        .videos
        .as_ref()
        .map_or_else(|| compiled.root.join(RESULTS_DIRECTORY), |videos| call.working_directory.join(videos));
    if args.videos.is_some() && !videos.is_dir() {
        let shown = videos.display();
        return Err(CliError::Other(format!("`{shown}` is not a directory; name the one that `pull` saved into")));
    }
    project::find_finished_videos(&mut shots, (&store.lockfile, &environment.host), &videos);
    let catalog = listed(call, &compiled.root, &environment)?;
    if let Some(catalog) = &catalog {
        project::name_shots(&mut shots, catalog);
    }
    if args.fetch {
        let hosts = project::file_hosts(&environment, &call.process_env);
        fetch(call, &shots, (&compiled.root, hosts))?;
    }
    let options =
        RenderOptions { scale: args.scale, guides: args.guides, clips: args.video, all_videos: selected.is_none() };
    if args.video && !can_speak() && shots.iter().any(|shot| shot.spec.spoken_texts().next().is_some()) {
        let why = if cfg!(feature = "speech") {
            "`espeak-ng` is not installed"
        } else {
            "this callsheet was built without the feature `speech`"
        };
        call.view.info(&format!("{why}: clips are silent"))?;
    }
    let folder =
        args.out.as_ref().map_or_else(|| compiled.root.join(PREVIEW_DIRECTORY), |out| call.working_directory.join(out));
    if args.out.is_none() {
        make_directory(&compiled.root, &folder).map_err(|error| ProjectError::io("write", &folder, error))?;
    }
    let ask = PreviewRequest { directory: folder, options, draw_in: call.draw_in.clone() };
    let bar = frame_bar(&call.view, shots.len());
    let place = (&*compiled.root, &*environment.name, catalog.as_ref());
    let made = project::preview(place, &shots, &ask, &|ready| bar.set_position(ready as u64));
    bar.finish_and_clear();
    let (index, frames) = made.map_err(CliError::other)?;
    // The path as the user would type it.
    let index = index.strip_prefix(&call.working_directory).unwrap_or(&index).display().to_string();
    if call.json() {
        call.view.data(&preview_json(&index, &shots, &frames))?;
        return Ok(Exit::Success);
    }
    for notice in preview_notices(&frames) {
        call.view.warning(&notice)?;
    }
    call.view.info(&preview_sentence(&frames))?;
    call.view.data(&format!("{index}\n"))?;
    Ok(Exit::Success)
}

/// Returns the catalog of the environment's host, or else the one that editors use. A storyboard does without.
fn listed(call: &mut Context, root: &Path, environment: &Environment) -> Result<Option<Catalog>, CliError> {
    let found = Catalog::load_for(root, &environment.host).and_then(|found| match found {
        Some(found) => Ok(Some(found)),
        None => Catalog::load(root),
    });
    match found {
        Ok(found) => Ok(found),
        Err(error) => {
            call.view.warning(&format!("{error}; the storyboard shows ids"))?;
            Ok(None)
        }
    }
}

fn fetch(call: &mut Context, shots: &[Shot], (root, hosts): (&Path, FileHosts)) -> Result<(), CliError> {
    let fetched = super::runtime()?.block_on(project::fetch_backgrounds(shots, root, hosts));
    let fetched = fetched.map_err(|error| CliError::Other(format!("backgrounds are not fetched: {error}")))?;
    for (url, error) in &fetched.failed {
        call.view.warning(&format!("`{url}` is not fetched: {error}"))?;
    }
    if fetched.new > 0 {
        call.view.info(&format!("fetched {}", pluralize(fetched.new as u64, "picture")))?;
    }
    Ok(())
}
