//! `lock`: inspects, checks and repairs the lockfile.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::lock_remote::{free_run, rebuild, settle};
use super::lock_share::{fetch, share, unshare};
use super::vendor_session::acquire_apply_lock;
use super::{CliError, Context, shared_ledger};
use crate::apply::{ManualEdit, ManualEditError, VendorId};
use crate::cli::exit::Exit;
use crate::cli::lock_args::LockCommand;
use crate::lockfile::{
    Finding, Level, Lockfile, Record, Store, encode, merge_file, parse_bytes, read_lockfile, records_missing_from,
    unmerged, verify,
};
use crate::output::{Programs, findings_json, findings_text, pluralize, takes_json, takes_text};
use crate::project::{self, ProjectError, StagedLockfile};
use crate::source::{sanitize, sanitize_json};
use crate::spec::{Digest, earlier_digests};

pub fn run(call: &mut Context, command: &LockCommand) -> Result<Exit, CliError> {
    match command {
        LockCommand::Show { globs, fetch } => show(call, globs, fetch.fetch),
        LockCommand::Verify { staged: false, fetch } => verify_project(call, fetch.fetch),
        LockCommand::Verify { staged: true, .. } => verify_staged(call),
        LockCommand::Missing { file } => print_missing(call, file),
        LockCommand::Merge { from } => merge(call, from),
        LockCommand::Forget { keys } => forget(call, keys),
        LockCommand::Adopt { key, task, video, digest } => {
            let known_as = vendor_id(task.as_deref(), video.as_deref()).unwrap_or(VendorId::Task(""));
            manual_edit(call, "adopt", |hand| Ok(vec![hand.adopt(key, digest.as_deref(), known_as)?]))
        }
        LockCommand::Free { run: Some(run), .. } => free_run(call, run),
        LockCommand::Free { key, digest, .. } => {
            let key = key.as_deref().unwrap_or_default();
            manual_edit(call, "free", |hand| Ok(vec![hand.free(key, digest.as_deref())?]))
        }
        LockCommand::Reuse { keys, task, video } => reuse(call, keys, vendor_id(task.as_deref(), video.as_deref())),
        LockCommand::Share => share(call),
        LockCommand::Unshare => unshare(call),
        LockCommand::Fetch => fetch(call),
        LockCommand::Settle => settle(call),
        LockCommand::Rebuild => rebuild(call),
        LockCommand::Report { since, by } => super::report::run(call, since.as_deref(), *by),
    }
}

fn show(call: &mut Context, globs: &[String], fetch: bool) -> Result<Exit, CliError> {
    let (compiled, environment, path) = call.lockfile_context()?;
    let store = shared_ledger::open_known(call, (&compiled, &environment), &path, fetch)?;
    let takes: Vec<_> = store.lockfile.takes().collect();
    let keys = project::match_keys(&takes.iter().map(|take| &take.key), globs)?;
    let chosen = takes.into_iter().filter(|take| keys.as_ref().is_none_or(|keys| keys.contains(&take.key)));
    if call.json() {
        let ledger = project::ledger_setting(&compiled.root, &compiled.manifest);
        call.view.data(&takes_json(chosen, ledger.as_ref().filter(|_| !environment.is_sandbox())))?;
    } else {
        let who = |run: &str| store.lockfile.who(run).to_owned();
        let text = takes_text(chosen, who, call.view.shape.color_out);
        if text.is_empty() {
            call.view.info(&format!("no takes in the lockfile of `{}`", environment.name))?;
        }
        call.view.data(&text)?;
    }
    Ok(Exit::Success)
}

/// Prints the records that are missing from a file. An unreadable line on either side hides no other line.
fn print_missing(call: &mut Context, file: &Path) -> Result<Exit, CliError> {
    let (_, _, path) = call.lockfile_context()?;
    let other = call.working_directory.join(file);
    let other = std::fs::read(&other).map_err(|error| ProjectError::io("read", &other, error))?;
    let own = read_lockfile(&path)?.unwrap_or_default();
    if let Err(error) = parse_bytes(&path.file_name().unwrap_or_default().to_string_lossy(), &own) {
        call.view.warning(&format!("only readable lines are printed: {error}"))?;
    }
    call.view.data(&sanitize_json(records_missing_from(&other, &own)))?;
    Ok(Exit::Success)
}

fn merge(call: &mut Context, from: &[PathBuf]) -> Result<Exit, CliError> {
    let _held = acquire_apply_lock(call, "callsheet lock merge")?;
    let (compiled, environment, path) = call.lockfile_context()?;
    let mut others = Vec::new();
    for file in from {
        let path = call.working_directory.join(file);
        let text = std::fs::read_to_string(&path).map_err(|error| ProjectError::io("read", &path, error))?;
        others.push((file.display().to_string(), text));
    }
    let others: Vec<(&str, &str)> = others.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let changed = merge_file(&path, &others).map_err(CliError::other)?;
    let store = Store::open(&path)?;
    if let Some(ledger) = shared_ledger::open(call, &compiled, &environment)? {
        shared_ledger::change(&ledger, &store.lockfile, "merge", |_| (Vec::new(), ()))?;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let word = if changed { "merged" } else { "nothing to merge" };
    call.view.info(&format!("{name}: {word}, {}", pluralize(store.lockfile.takes().count() as u64, "take")))?;
    Ok(Exit::Success)
}

/// Writes a user's decisions about takes. Only one apply can run at a time.
fn manual_edit(
    call: &mut Context,
    word: &str,
    say: impl Fn(&ManualEdit<'_>) -> Result<Vec<Record>, ManualEditError> + Sync,
) -> Result<Exit, CliError> {
    let _held = acquire_apply_lock(call, &format!("callsheet lock {word}"))?;
    let (compiled, environment, path) = call.lockfile_context()?;
    let mut store = call.open_lockfile(&path)?;
    let (host, now) = (&environment.host, call.process_env.now);
    let judge = |lockfile: &Lockfile| say(&ManualEdit { lockfile, host, now });
    let said = match shared_ledger::open(call, &compiled, &environment)? {
        None => judge(&store.lockfile),
        // Judged on what the ledger holds, and published with it.
        Some(ledger) => {
            store.lockfile.share(&ledger.branch().home);
            let decide = |known: &Lockfile| {
                let said = judge(known);
                (said.clone().unwrap_or_default(), said)
            };
            shared_ledger::change(&ledger, &store.lockfile, word, decide)?.result
        }
    };
    let records = said.map_err(CliError::other)?;
    store.append(&records)?;
    store.compact()?;
    let takes = records.iter().filter_map(|record| match record {
        Record::Take(take) => Some(take),
        Record::Asset(_) | Record::Run(_) => None,
    });
    for take in takes.clone() {
        let state = take.state.word();
        call.view.info(&format!("{}: attempt {} of {} is now {state}", take.key, take.attempt, take.digest))?;
    }
    if call.json() {
        call.view.data(&takes_json(takes, None))?;
    }
    Ok(Exit::Success)
}

fn forget(call: &mut Context, keys: &[String]) -> Result<Exit, CliError> {
    // An error in any manifest could hide that a content is still in use, so nothing is forgotten then.
    let compiled = call.compile_valid()?;
    let mut wanted: BTreeSet<Digest> = BTreeSet::new();
    for video in &compiled.videos {
        wanted.insert(video.digest);
        wanted.extend(earlier_digests(&video.spec));
    }
    manual_edit(call, "forget", |hand| {
        let lists = keys.iter().map(|key| hand.forget(key, |digest| wanted.contains(digest)));
        Ok(lists.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    })
}

fn vendor_id<'a>(task: Option<&'a str>, video: Option<&'a str>) -> Option<VendorId<'a>> {
    video.map(VendorId::Video).or(task.map(VendorId::Task))
}

fn reuse(call: &mut Context, keys: &[String], known_as: Option<VendorId<'_>>) -> Result<Exit, CliError> {
    let compiled = call.compile_valid()?;
    let chosen = project::match_keys(&compiled.videos.iter().map(|video| &video.key), keys)?;
    let wanted = project::desired_videos(&compiled, chosen.as_ref().map(|keys: &BTreeSet<Arc<str>>| keys));
    if known_as.is_some() && wanted.len() != 1 {
        let message = format!("one id is one video: name one key, not {}", wanted.len());
        return Err(CliError::Usage(message));
    }
    manual_edit(call, "reuse", |hand| wanted.iter().map(|one| hand.reuse(one, known_as)).collect())
}

/// Checks the lockfile of the project and environment, together with the last fetched state of a shared ledger.
fn verify_project(call: &mut Context, fetch: bool) -> Result<Exit, CliError> {
    let (compiled, environment, path) = call.lockfile_context()?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let text = read_lockfile(&path)?;
    if compiled.manifest.ledger.is_some() && !environment.is_sandbox() {
        let own = text.as_deref().map(|text| check(&call.view.programs, &name, text)).unwrap_or_default();
        let of_file = |finding: &Finding| matches!(finding.code, "refused" | "torn" | "unsorted" | "spec-digest");
        let mut checked = vec![(name.clone(), own.into_iter().filter(of_file).collect::<Vec<_>>())];
        let mut union = text.as_deref().and_then(|text| parse_bytes(&name, text).ok()).unwrap_or_default().lockfile;
        shared_ledger::add_known(call, (&compiled, &environment), &mut union, fetch)?;
        let of_ledger =
            check(&call.view.programs, "ledger", encode(&union)).into_iter().filter(|finding| !of_file(finding));
        checked.push(("ledger".to_owned(), of_ledger.map(|finding| Finding { line: None, ..finding }).collect()));
        return report(call, &checked);
    }
    let Some(text) = text else {
        call.view.info(&format!("{name}: does not exist yet"))?;
        return report(call, &[]);
    };
    let findings = check(&call.view.programs, &name, text);
    report(call, &[(name, findings)])
}

/// Checks the content of the next commit in git's index, not the files on disk. Works without a project.
fn verify_staged(call: &mut Context) -> Result<Exit, CliError> {
    let below = call.global.directory.as_deref().unwrap_or(std::path::Path::new("."));
    let staged = project::staged_lockfiles(&call.working_directory, below).map_err(CliError::other)?;
    let mut checked = Vec::new();
    for (name, content) in staged {
        match content {
            StagedLockfile::File(text) => checked.push((name.clone(), check(&programs_of(&name), &name, text))),
            StagedLockfile::Unmerged => {
                let finding = with_flags(&programs_of(&name), &unmerged());
                checked.push((name, vec![finding]));
            }
            StagedLockfile::Link => call.view.warning(&format!("{name}: a symbolic link, not checked"))?,
        }
    }
    if checked.is_empty() {
        call.view.info("no lockfile is staged")?;
    }
    report(call, &checked)
}

/// Returns the findings about a lockfile's text. Their commands act on its project and environment.
fn check(programs: &Programs, name: &str, text: impl AsRef<[u8]>) -> Vec<Finding> {
    verify(name, text).iter().map(|finding| with_flags(programs, finding)).collect()
}

fn with_flags(programs: &Programs, finding: &Finding) -> Finding {
    Finding { message: programs.insert_into(&finding.message).into(), ..finding.clone() }
}

/// Returns the programs for the lockfile at a path from the working directory, by its directory and its name.
fn programs_of(path: &str) -> Programs {
    let (directory, name) = path.rsplit_once('/').map_or((None, path), |(directory, name)| (Some(directory), name));
    let environment = name.strip_prefix("callsheet.").and_then(|rest| rest.strip_suffix(".lock"));
    // Findings name the file with its directory, as git does.
    Programs { git: "git".to_owned(), ..Programs::new(directory, environment) }
}

/// Prints the findings of each file. An error among them fails the command.
fn report(call: &mut Context, checked: &[(String, Vec<Finding>)]) -> Result<Exit, CliError> {
    if call.json() {
        call.view.data(&findings_json(checked))?;
    } else {
        for (name, findings) in checked {
            let name = sanitize(name);
            if findings.is_empty() {
                call.view.info(&format!("{name}: in order"))?;
            } else {
                call.view.notice(&findings_text(&name, findings))?;
            }
        }
    }
    let bad = checked.iter().flat_map(|(_, findings)| findings).any(|finding| finding.level == Level::Error);
    Ok(if bad { Exit::Error } else { Exit::Success })
}
