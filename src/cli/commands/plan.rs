//! `plan` and `show`: the submissions of an apply, with their reasons.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use super::json_into::{output_path, plan_file};
use super::missing_lockfile::missing_lockfile;
use super::{CliError, Context, shared_ledger};
use crate::apply::ApplyEvent;
use crate::cli::command_args::{ApplyArgs, PlanArgs, ShowArgs};
use crate::cli::exit::Exit;
use crate::cli::format::OutputFormat;
use crate::cli::shared_args::GuardArgs;
use crate::lockfile::Lockfile;
use crate::output::{PlanGithub, PlanView, format_timestamp, plan_github, plan_human, plan_json, plan_markdown, quote};
use crate::plan::{Budget, Guards, Limit, Month, Plan, SavedPlan, guard, is_saved_plan};
use crate::project::{self, CompiledProject, Environment, PlanRequest, ProjectError, Selection};
use crate::source::write_output;
use crate::vendor::redact_signatures;

pub fn run(call: &mut Context, args: &PlanArgs) -> Result<Exit, CliError> {
    let json_into = args.json_into.as_deref().map(|file| plan_file(call, args, file)).transpose()?;
    let out_path = args.out.as_deref().map(|file| output_path(call, "--out", file, is_saved_plan)).transpose()?;
    let (compiled, opened) = project::compile_to_plan(&call.root()?, call.global.env.as_deref(), &call.process_env)?;
    call.show_report(&compiled)?;
    let environment = call.environment(&compiled)?;
    let mut store = match opened {
        Some(store) => store,
        None => project::open_lock_to_read(&compiled.root, &environment)?,
    };
    let old = known_ledger(call, (&compiled, &environment), &mut store.lockfile, args.fetch.fetch)?;
    project::add_earlier_digests(&mut store.lockfile, &compiled.videos);
    let lockfile = &store.lockfile;
    call.refresh_schema(&compiled)?;
    call.warn_torn(store.path(), store.torn.as_ref())?;
    let selected = project::select(&compiled.videos, &Selection::from(&args.select))?;
    let ask = PlanRequest { selected, retry_failed: args.retry_failed, ..PlanRequest::default() };
    // With a shared ledger, this machine's lockfile may lack anything.
    let lost = compiled
        .manifest
        .ledger
        .is_none()
        .then(|| missing_lockfile(call, &compiled.root, &environment, lockfile))
        .flatten();
    let guards = guards(&compiled, &environment, &args.guards);
    let mut month = Month::starting_with(call.process_env.now);
    if guards.max_credits_per_month.is_some() {
        month.add(lockfile, &environment.host);
    }
    let out = out_path.zip(args.out.as_ref().map(|file| file.display().to_string()));
    let is_key = out.as_ref().is_some_and(|(_, name)| compiled.videos.iter().any(|video| *video.key == **name));
    let mut plan = project::plan_project(&compiled, &environment, lockfile, &ask, &call.process_env);
    project::find_causes(&mut plan, &compiled, &call.process_env);
    if let Some(lost) = lost {
        plan.warnings.insert(0, lost.warning());
    }
    plan.warnings.extend(old);
    store.check_specs()?;
    let refusals = guard(&plan, &guards, &month);
    let budget = guards.budget(&plan, &month);
    // A saved plan may be applied from another directory.
    let out = out.map(|(path, name)| (path, name, SavedPlan::new(&plan, call.process_env.now).to_json()));
    add_flags(call, &mut plan);
    let view =
        PlanView { plan: &plan, refusals: &refusals, budget: budget.as_ref(), storyboard: args.storyboard.as_deref() };
    if let Some(file) = json_into {
        write_output(&file, plan_json(&view).as_bytes()).map_err(|error| ProjectError::io("write", &file, error))?;
    }
    show_plan(call, &view)?;
    if let Some((path, name, text)) = out {
        write_output(&path, text.as_bytes()).map_err(|error| ProjectError::io("write", &path, error))?;
        let again = call.callsheet(&environment.name);
        let flag = if is_key { "--plan " } else { "" };
        call.view.info(&format!("saved; `{again} apply {flag}{name}` does exactly this"))?;
    }
    let pending = args.detailed_exitcode && plan.has_work();
    // The process ends here, and dropping a hundred thousand videos would only cost time.
    std::mem::forget((compiled, store, plan));
    Ok(if pending { Exit::Pending } else { Exit::Success })
}

/// Adds what is known of the shared ledger. A remote that does not answer is only a warning: a plan spends nothing.
fn known_ledger(
    call: &Context,
    of: (&CompiledProject, &Environment),
    lockfile: &mut Lockfile,
    fetch: bool,
) -> Result<Option<String>, CliError> {
    match shared_ledger::know(call, of, lockfile, fetch) {
        Err(CliError::Other(words)) if fetch => {
            let old = shared_ledger::know(call, of, lockfile, false)?;
            Ok(Some(old.map_or_else(|| words.clone(), |old| format!("{words}; {old}"))))
        }
        known => known,
    }
}

pub fn show(call: &mut Context, args: &ShowArgs) -> Result<Exit, CliError> {
    let saved = read_saved(call, &args.file)?;
    show_plan(call, &PlanView { plan: &saved.plan, refusals: &[], budget: None, storyboard: None })?;
    call.view.info(&format!("saved at {}", format_timestamp(saved.created)))?;
    Ok(Exit::Success)
}

/// Reads a plan that `plan --out` saved.
pub fn read_saved(call: &Context, file: &Path) -> Result<SavedPlan, CliError> {
    let path = call.working_directory.join(file);
    let text = std::fs::read_to_string(&path).map_err(|error| ProjectError::io("read", &path, error))?;
    SavedPlan::parse(&text).map_err(|error| CliError::Other(format!("`{}` cannot be used: {error}", file.display())))
}

/// Returns the guards of the manifest and the flags.
pub fn guards(compiled: &CompiledProject, environment: &Environment, flags: &GuardArgs) -> Guards {
    let declared = project::guards(&compiled.manifest, &compiled.sources, environment);
    declared.with_flags(Guards {
        max_submissions: flags.max_submissions.map(Limit::flag),
        max_credits: flags.max_credits.map(Limit::flag),
        max_share: flags.max_share.map(Limit::flag),
        max_credits_per_month: flags.max_credits_per_month.map(Limit::flag),
    })
}

/// Prints the plan to stdout.
fn show_plan(call: &mut Context, view: &PlanView<'_>) -> Result<(), CliError> {
    let text = match call.global.format {
        OutputFormat::Json => plan_json(view),
        OutputFormat::Markdown => plan_markdown(view),
        OutputFormat::Github => {
            // A saved plan may be shown outside its project. Then it has no directory.
            let directory = call.root().ok().map(|root| directory_of(call, &root));
            return print_github(call, &plan_github(view, directory.as_deref()));
        }
        OutputFormat::Human => plan_human(view, call.screen_out()),
        _ => return Err(call.unknown_format()),
    };
    Ok(call.view.data(&text)?)
}

/// Returns the project's directory in its repository. Without a repository, as in a downloaded archive, it is
/// relative to the working directory.
fn directory_of(call: &Context, root: &Path) -> String {
    let from_here = || root.strip_prefix(&call.working_directory).unwrap_or(root).display().to_string();
    project::path_in_repository(root).unwrap_or_else(from_here)
}

/// Prints annotations to stdout. Writes outputs and summary to the files of the runner, or to stdout without a
/// runner.
fn print_github(call: &mut Context, told: &PlanGithub) -> Result<(), CliError> {
    call.view.verbatim(&redact_signatures(&told.annotations))?;
    for (variable, text) in [("GITHUB_OUTPUT", &told.outputs), ("GITHUB_STEP_SUMMARY", &told.summary)] {
        let Some(file) = call.process_env.var(variable) else {
            call.view.data(text)?;
            continue;
        };
        let path = call.working_directory.join(file);
        let opened = OpenOptions::new().append(true).create(true).open(&path);
        opened
            .and_then(|mut file| file.write_all(redact_signatures(text).as_bytes()))
            .map_err(|error| ProjectError::io("write", &path, error))?;
    }
    Ok(())
}

/// Adds the flags of the current project and environment to the commands in a plan's warnings.
pub fn add_flags(call: &Context, plan: &mut Plan) {
    for warning in &mut plan.warnings {
        *warning = call.view.with_flags(warning).into();
    }
}

/// Shows the plan to the user on stderr. The caller reports blocking guards.
pub fn print_plan(call: &mut Context, plan: &Plan, budget: Option<&Budget>) -> Result<(), CliError> {
    if call.json() || call.view.shape.quiet {
        for warning in &plan.warnings {
            call.warn(warning)?;
        }
        return Ok(());
    }
    for message in &plan.warnings {
        call.view.event(&ApplyEvent::Warning { message: message.clone() })?;
    }
    let text = plan_human(&PlanView { plan, refusals: &[], budget, storyboard: None }, call.screen_err());
    Ok(call.view.info(&text)?)
}

/// Returns the saved plan: that of `--plan`, or the only argument if it is not a key but a file that begins like a
/// plan.
pub fn saved_plan(call: &Context, args: &ApplyArgs, compiled: &CompiledProject) -> Result<Option<SavedPlan>, CliError> {
    let file = match (&args.plan, args.select.globs.as_slice()) {
        (Some(_), [_, ..]) => {
            return Err(CliError::Usage(
                "`--plan` applies a saved plan unchanged; nothing was sent; remove the keys".to_owned(),
            ));
        }
        (Some(file), []) => file.as_path(),
        (None, [name]) => {
            let file = call.working_directory.join(name);
            // A committed link to an endless device is not a plan.
            let is_plan = file.is_file() && std::fs::read_to_string(file).is_ok_and(|text| is_saved_plan(&text));
            if !is_plan {
                return Ok(None);
            }
            if compiled.videos.iter().any(|video| *video.key == **name) {
                call.view.info(&format!(
                    "`{name}` is both a video and a saved plan, so the video is applied; `--plan {name}` applies the plan"
                ))?;
                return Ok(None);
            }
            Path::new(name)
        }
        (None, _) => return Ok(None),
    };
    let select = &args.select;
    if !select.only.is_empty() || !select.except.is_empty() || select.limit.is_some() || args.retry_failed {
        return Err(CliError::Usage(
            "a saved plan is applied unchanged; nothing was sent; remove `--only`, `--except`, `--limit` and `--retry-failed`".to_owned(),
        ));
    }
    let saved = read_saved(call, file).map_err(|error| {
        CliError::Other(format!("{error}; nothing was sent; `callsheet plan --out NEW.plan` saves a plan"))
    })?;
    Ok(Some(saved))
}

/// Returns the error that replaces `no video matches` if the only argument is a file, or looks like a saved plan.
pub fn no_plan(call: &Context, args: &ApplyArgs) -> Option<CliError> {
    let [file] = args.select.globs.as_slice() else { return None };
    let named = std::path::Path::new(file).extension().is_some_and(|word| word == "plan" || word == "json");
    let exists = call.working_directory.join(file).is_file();
    if !named && !exists {
        return None;
    }
    let words = if exists {
        format!("`{file}` is neither a saved plan nor a video; nothing was sent")
    } else {
        format!("there is no saved plan `{file}`, and no video matches it; nothing was sent")
    };
    // An existing file is not to be overwritten.
    let file = if exists { "NEW.plan".into() } else { quote(file) };
    Some(CliError::Other(format!("{words}; `callsheet plan --out {file}` saves one")))
}
