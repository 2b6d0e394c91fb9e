//! `lock share`, `lock unshare` and `lock fetch`: begin, end and read the shared ledger.

use jiff::Timestamp;

use super::shared_ledger::{self, change};
use super::vendor_session::acquire_apply_lock;
use super::{CliError, Context, runtime};
use crate::cli::exit::Exit;
use crate::ledger::{Branch, LedgerError, run_id};
use crate::lockfile::{Lockfile, Store, TakeState, encode, parse_bytes};
use crate::output::pluralize;
use crate::project::{self, CompiledProject, Environment};

/// Number of tries to create a ledger next to those of other projects on the branch.
const TRIES: u32 = 8;

/// Creates the ledger of every environment, or of the one that `--env` names.
pub fn share(call: &mut Context) -> Result<Exit, CliError> {
    let _held = acquire_apply_lock(call, "callsheet lock share")?;
    let compiled = call.compile_valid()?;
    let branch = branch(&compiled)?;
    let environments = environments(call, &compiled)?;
    let mut files = Vec::new();
    for environment in &environments {
        let (file, lockfile, sources) = collected(&compiled, environment, &branch)?;
        let takes = pluralize(lockfile.takes().count() as u64, "take");
        call.view.info(&format!("{file}: {takes} of {}", sources.join(", ")))?;
        files.push((file, encode(&lockfile)));
    }
    create(&branch, &files).map_err(|error| CliError::Other(format!("{error}; nothing was changed")))?;
    for environment in &environments {
        let mut store = Store::open(&project::lock_path(&compiled.root, &environment.name))?;
        if !store.lockfile.is_empty() {
            store.lockfile.share(&branch.home);
            store.compact()?;
        }
    }
    call.view.info(&format!(
        "shared in {}; protect this branch of `{}` against deletion and force pushes; teammates need this commit of the \
         manifest, then `callsheet plan --fetch`",
        branch.location(),
        branch.home
    ))?;
    Ok(Exit::Success)
}

fn branch(compiled: &CompiledProject) -> Result<Branch, CliError> {
    let Some(setting) = project::ledger_setting(&compiled.root, &compiled.manifest) else {
        return Err(CliError::Other(
            "the manifest sets no ledger; add `ledger: { branch: callsheet/ledger }` to `callsheet.yaml`".to_owned(),
        ));
    };
    Branch::open(&compiled.root, &setting).map_err(CliError::other)
}

/// The environments that have a ledger: the one that the command names, otherwise all.
fn environments(call: &Context, compiled: &CompiledProject) -> Result<Vec<Environment>, CliError> {
    if call.global.env.is_some() {
        let only = call.environment(compiled)?;
        if only.is_sandbox() {
            return Err(CliError::Usage("the sandbox has no ledger: nothing is paid for there".to_owned()));
        }
        return Ok(vec![only]);
    }
    let declared = compiled.manifest.environments.keys().map(|name| &**name);
    let mut names: Vec<&str> = declared.chain([project::PRODUCTION]).collect();
    names.sort_unstable();
    names.dedup();
    let resolved =
        names.into_iter().map(|name| Ok(project::resolve(&compiled.manifest, Some(name), &call.process_env)?));
    resolved.collect()
}

/// The union of the lockfiles here and on all branches of the remote that are known here, with where they were.
fn collected(
    compiled: &CompiledProject,
    environment: &Environment,
    branch: &Branch,
) -> Result<(String, Lockfile, Vec<String>), CliError> {
    let file = project::lock_name(&compiled.root, environment);
    let mut lockfile = project::open_lock(&compiled.root, environment)?.lockfile;
    let mut sources = vec!["this directory".to_owned()];
    let folder = project::path_in_repository(&compiled.root).unwrap_or_default();
    let others = branch.on_all_branches(&format!("{folder}{file}")).map_err(CliError::other)?;
    for (name, text) in others {
        let parsed = parse_bytes(&format!("{name}:{file}"), &text).map_err(CliError::other)?;
        lockfile.union(&parsed.lockfile);
        sources.push(name);
    }
    lockfile.share(&branch.home);
    Ok((file, lockfile, sources))
}

/// Creates the files on the branch, unless one of them exists.
fn create(branch: &Branch, files: &[(String, String)]) -> Result<(), LedgerError> {
    let run = run_id();
    let mut last = String::new();
    for _ in 0..TRIES {
        let mut commit = None;
        let mut own = 0;
        for (file, text) in files {
            let reading = branch.read(file)?;
            commit = reading.commit;
            match reading.text {
                // A try whose answer was lost.
                Some(there) if there == text.as_bytes() && !last.is_empty() => own += 1,
                Some(_) => return Err(LedgerError::Present(branch.location(), branch.path(file))),
                None => {}
            }
        }
        if own == files.len() {
            return Ok(());
        }
        match branch.swap(commit.as_deref(), files, ("share", &run)) {
            Ok(_) => return Ok(()),
            Err(words) => last = words,
        }
    }
    Err(LedgerError::Unsettled(branch.location(), last))
}

/// Ends the ledger of every environment: copies all lines into the lockfile, then closes it for all runs.
pub fn unshare(call: &mut Context) -> Result<Exit, CliError> {
    let _held = acquire_apply_lock(call, "callsheet lock unshare")?;
    let compiled = call.compile_valid()?;
    let mut closed = 0;
    for environment in environments(call, &compiled)? {
        let Some(ledger) = shared_ledger::open(call, &compiled, &environment)? else {
            return Err(CliError::Other("the manifest sets no ledger, so there is none to end".to_owned()));
        };
        let mut store = project::open_lock(&compiled.root, &environment)?;
        let known = match runtime()?.block_on(ledger.read()) {
            Ok(known) => known,
            // An environment that was never shared, or was ended by an earlier try.
            Err(LedgerError::Absent(_) | LedgerError::Closed(..)) if call.global.env.is_none() => continue,
            Err(error) => return Err(CliError::Other(format!("{error}; nothing was changed"))),
        };
        let is_open = |known: &Lockfile| {
            let claim = known.lines().find(|take| take.state == TakeState::Intent && take.run.is_some())?;
            let who = known.who(claim.run.as_deref()?);
            known.in_doubt(&claim.host, &claim.digest).map(|_| (claim.key.to_string(), who.to_owned()))
        };
        if let Some((key, who)) = is_open(&known) {
            return Err(CliError::Other(format!(
                "`{key}` is claimed by {who}, and the answer is missing; settle it first with `callsheet lock settle` or \
                 `callsheet lock free`; nothing was changed"
            )));
        }
        store.lockfile.union(&known);
        // Durable here before it ends there.
        store.compact()?;
        let mut last = store.lockfile.clone();
        last.close(Timestamp::now());
        let updated = change(&ledger, &last, "unshare", |known| (Vec::new(), is_open(known)))?;
        store.lockfile.union(&updated.known);
        store.compact()?;
        if let Some((key, who)) = updated.result {
            call.warn(&format!(
                "`{key}` was claimed by {who} while the ledger was closed; it is in doubt until it is settled"
            ))?;
        }
        closed += 1;
        let takes = pluralize(store.lockfile.takes().count() as u64, "take");
        call.view.info(&format!(
            "the ledger {} is closed; {takes} in `{}`",
            ledger.location(),
            project::lock_name(&compiled.root, &environment)
        ))?;
    }
    if closed == 0 {
        return Err(CliError::Other("there is no open ledger to end".to_owned()));
    }
    call.view.info("now remove `ledger:` from `callsheet.yaml`, and commit it with the lockfile")?;
    Ok(Exit::Success)
}

/// Reads the ledger, and publishes what this machine's lockfile knows and the ledger does not. Asks the vendor nothing.
pub fn fetch(call: &mut Context) -> Result<Exit, CliError> {
    let _held = acquire_apply_lock(call, "callsheet lock fetch")?;
    let (compiled, environment, path) = call.lockfile_context()?;
    let Some(ledger) = shared_ledger::open(call, &compiled, &environment)? else {
        return Err(CliError::Other("the manifest sets no ledger, so there is none to fetch".to_owned()));
    };
    let store = Store::open(&path)?;
    let updated = change(&ledger, &store.lockfile, "record", |_| (Vec::new(), ()))?;
    let published = match updated.added {
        0 => "nothing to publish".to_owned(),
        lines => format!("published {}", pluralize(lines as u64, "line")),
    };
    let takes = pluralize(updated.known.takes().count() as u64, "take");
    call.view.info(&format!("{}: {takes}, {published}", ledger.location()))?;
    Ok(Exit::Success)
}
