//! Turns a compiled project into a plan with the causes of its changes, and its submissions. `plan`, `apply` and `lock`
//! share it.

use std::cell::LazyCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::{CompiledProject, Environment, ProcessEnv, ProjectError, load, lock_path, resolve};
use crate::apply::{self, ApplyOptions, DesiredVideo, PlannedSubmission};
use crate::expand::{ExpandInputs, trace};
use crate::fields::pattern::has_template;
use crate::fields::{FieldPath, Table, Type};
use crate::lockfile::{Lockfile, ReadOnlyLockfile, Record, Store, Take, TakeSource, TakeState};
use crate::manifest::{Manifest, Setting};
use crate::plan::{
    Action, Change, FieldCause, FieldChange, Guards, Limit, LimitOrigin, Plan, PlanOptions, TraceScope, field_cause,
    plan,
};
use crate::source::{Location, Origin, Sources};
use crate::spec::{Digest, FieldTrace, InstanceTrace, ReferenceOrigin, Spec, Video, earlier_digests, expiry};
use crate::vendor::{ClientError, HttpOptions, HttpVendor, Tokens};
use crate::yaml::origin_in_literal;

/// The options of a plan.
#[derive(Clone, Debug, Default)]
pub struct PlanRequest {
    /// The selected keys. `None` selects all.
    pub selected: Option<BTreeSet<Arc<str>>>,
    /// Whether failed takes are submitted again.
    pub retry_failed: bool,
    /// The decisions to log with `--verbose`.
    pub trace: TraceScope,
}

/// Opens the lockfile of an environment.
///
/// # Errors
/// If the file cannot be read or is invalid.
pub fn open_lock(root: &Path, environment: &Environment) -> Result<Store, ProjectError> {
    Ok(Store::open(&lock_path(root, &environment.name))?)
}

/// Opens the lockfile of an environment to read only: its specs stay in the file.
///
/// # Errors
/// As [`open_lock`].
pub fn open_lock_to_read(root: &Path, environment: &Environment) -> Result<ReadOnlyLockfile, ProjectError> {
    Ok(ReadOnlyLockfile::open(&lock_path(root, &environment.name))?)
}

/// Compiles a project only to plan it. Opens the lockfile first, so that the content of a paid video is not kept. That
/// saves 0.9 KB of 2.8 KB per explicit video.
///
/// Returns no lockfile if it cannot be opened, because the errors of manifests come first. A shared ledger may overrule
/// the lockfile, so with a ledger all content is kept.
///
/// # Errors
/// If there is no root manifest.
pub fn compile_to_plan(
    root: &Path,
    asked: Option<&str>,
    process_env: &ProcessEnv,
) -> Result<(CompiledProject, Option<ReadOnlyLockfile>), ProjectError> {
    let loaded = load(root, process_env)?;
    // A log has the stages in the order of all commands.
    let early = loaded.manifest.ledger.is_none() && !tracing::enabled!(tracing::Level::DEBUG);
    let environment = resolve(&loaded.manifest, asked, process_env).ok().filter(|_| early);
    let opened = environment.and_then(|environment| Some((open_lock_to_read(root, &environment).ok()?, environment)));
    let Some((store, environment)) = opened else { return Ok((loaded.expand(process_env, &|_| true), None)) };
    let keeps = |video: &Video| {
        !store.lockfile.pays_for_key(&environment.host, &video.digest, &video.key)
            || !earlier_digests(&video.spec).is_empty()
    };
    Ok((loaded.expand(process_env, &keeps), Some(store)))
}

/// Registers the earlier digests of all videos in a lockfile, so that takes under these digests count as paid.
pub fn add_earlier_digests(lockfile: &mut Lockfile, videos: &[Video]) {
    for video in videos {
        for earlier in earlier_digests(&video.spec) {
            lockfile.add_digest_alias(video.digest, earlier);
        }
    }
}

/// Plans a compiled project against a lockfile.
pub fn plan_project(
    compiled: &CompiledProject,
    environment: &Environment,
    lockfile: &Lockfile,
    ask: &PlanRequest,
    process_env: &ProcessEnv,
) -> Plan {
    let options = PlanOptions {
        environment: environment.name.clone(),
        host: Arc::clone(&environment.host),
        retry_failed: ask.retry_failed,
        selected: ask.selected.clone(),
        invalid_base_keys: compiled.invalid.clone(),
        now: Some(process_env.now),
        trace: ask.trace,
    };
    plan(&compiled.videos, &compiled.sources, lockfile, &options)
}

/// Returns the guards of the manifest for an environment, with their locations.
pub fn guards(manifest: &Manifest, sources: &Sources, environment: &Environment) -> Guards {
    let own = manifest.environments.get(&*environment.name).and_then(|own| own.max_credits_per_month.as_ref());
    Guards {
        max_submissions: limit(manifest.guards.max_submissions.as_ref(), sources),
        max_credits: limit(manifest.guards.max_credits.as_ref(), sources),
        max_share: limit(manifest.guards.max_share.as_ref(), sources),
        max_credits_per_month: limit(own.or(manifest.guards.max_credits_per_month.as_ref()), sources),
    }
}

fn limit<T: Copy>(setting: Option<&Setting<T>>, sources: &Sources) -> Option<Limit<T>> {
    setting.map(|setting| Limit {
        value: setting.value,
        origin: LimitOrigin::Manifest(Location::new(sources, setting.origin)),
    })
}

/// Returns the submissions of a plan in order, and the desired videos whose take is in doubt. The latter are submitted
/// only if the take is freed.
pub fn planned_submissions(plan: &Plan, videos: &[Video]) -> (Vec<PlannedSubmission>, Vec<DesiredVideo>) {
    let mut work = Vec::new();
    let mut standby = Vec::new();
    for change in &plan.changes {
        let Some(video) = change.video.map(|index| &videos[index]) else { continue };
        if change.submits {
            work.push(PlannedSubmission::new(&video.into(), change.attempt));
        } else if change.action == Action::Resolve {
            standby.push(video.into());
        }
    }
    (work, standby)
}

/// Returns the records that save the renames of a plan, so that the next plan has none.
///
/// A take whose key no longer uses its content moves to the first key that does. If no video has the old key, its
/// earlier takes move too. A take from `lock reuse` keeps its key.
pub fn rename_records(plan: &Plan, videos: &[Video], lockfile: &Lockfile) -> Vec<Record> {
    let host = &*plan.host;
    let by_key: LazyCell<HashMap<&str, &Video>, _> =
        LazyCell::new(|| videos.iter().map(|video| (&*video.key, video)).collect());
    let wanted: LazyCell<HashSet<Digest>, _> = LazyCell::new(|| videos.iter().map(|video| video.digest).collect());
    let sent = |take: &&Take| {
        (take.state.is_paid() || take.state == TakeState::Failed) && take.how != Some(TakeSource::Accepted)
    };
    let (mut seen, mut history) = (HashSet::new(), HashSet::new());
    let mut renames = Vec::new();
    for change in &plan.changes {
        let Change { key, digest, .. } = change;
        let take = match change.action {
            Action::Move => lockfile.paid(host, digest, key),
            Action::Retry if !change.submits => lockfile.failed(host, digest),
            _ => None,
        };
        let (Some(take), Some(index)) = (take.filter(|take| take.key != *key && sent(take)), change.video) else {
            continue;
        };
        let old = by_key.get(&*take.key);
        if old.is_some_and(|video| video.digest == *digest) || !seen.insert(*digest) {
            continue;
        }
        renames.push(apply::renamed(take, key, Some(&videos[index].spec)));
        let others = lockfile.takes_of_key(host, &take.key).filter(|_| old.is_none()).filter(sent);
        for earlier in others.filter(|earlier| lockfile.current_digest(&earlier.digest) != *digest) {
            if !wanted.contains(&lockfile.current_digest(&earlier.digest))
                && history.insert((earlier.digest, earlier.attempt))
            {
                renames.push(apply::renamed(earlier, key, None));
            }
        }
    }
    renames.into_iter().map(Record::Take).collect()
}

/// Returns every selected video with its digest.
pub fn desired_videos(compiled: &CompiledProject, selected: Option<&BTreeSet<Arc<str>>>) -> Vec<DesiredVideo> {
    let videos = compiled.videos.iter().filter(|video| selected.is_none_or(|keys| keys.contains(&video.key)));
    videos.map(DesiredVideo::from).collect()
}

/// Returns the key of the first video whose presigned URL has expired, with the time.
pub fn first_expired_url<'a>(
    mut specs: impl Iterator<Item = (&'a Arc<str>, &'a Spec)>,
    now: jiff::Timestamp,
) -> Option<(Arc<str>, jiff::Timestamp)> {
    specs.find_map(|(key, spec)| {
        let end = spec.urls().filter_map(expiry).min()?;
        (end <= now).then(|| (Arc::clone(key), end))
    })
}

/// Returns the apply options of an environment.
pub fn apply_options(environment: &Environment) -> ApplyOptions {
    ApplyOptions {
        host: Arc::clone(&environment.host),
        concurrency: environment.concurrency,
        settle_grace: environment.settle_grace,
        check_remote: true,
        run: None,
    }
}

/// Creates the vendor client of an environment.
///
/// # Errors
/// If the URL or the credentials are invalid, or the credentials must not be sent to this host.
pub fn vendor(environment: &Environment, base_url: &str, tokens: Tokens) -> Result<HttpVendor, ClientError> {
    HttpVendor::new(&HttpOptions {
        timeout: environment.timeout,
        rate: environment.rate,
        allowed_hosts: environment.allowed_hosts.clone(),
        ..HttpOptions::new(base_url, tokens)
    })
}

/// Sets the location of each changed field of a plan to its cause: a line of a script file, a row of a data file, a
/// variable. The plan has the location where a manifest declares the field, but a change is usually elsewhere. If the
/// system cannot start a thread, the locations in the manifest remain.
///
/// Expands a video again only if a template or a script file provides one of its changed fields.
pub fn find_causes(plan: &mut Plan, compiled: &CompiledProject, process_env: &ProcessEnv) {
    // The clone shares the files. Scripts that are read again are added only to the clone.
    let mut sources = compiled.sources.clone();
    let made = plan
        .changes
        .iter()
        .filter(|change| change.diff.iter().any(|field| is_made(field, (compiled.manifest.table, &sources))));
    let keys: HashSet<Arc<str>> = made.map(|change| Arc::clone(&change.key)).collect();
    let traces = if keys.is_empty() {
        HashMap::new()
    } else {
        let env = process_env.visible_variables(&compiled.manifest);
        let inputs = ExpandInputs { root: &compiled.root, sources: &mut sources, env: &env, now: process_env.now };
        trace(&compiled.manifest, inputs, &keys, &[]).unwrap_or_default()
    };
    for change in &mut plan.changes {
        let trace = traces.get(&change.key);
        for field in &mut change.diff {
            if let Some(place) = cause(field, trace, (compiled.manifest.table, &sources)) {
                field.origin = Some(place);
            }
        }
    }
}

/// Returns `true` if a template or a script file provides a field.
fn is_made(field: &FieldChange, (table, sources): (&Table, &Sources)) -> bool {
    let Some((path, origin)) = field.declared else { return false };
    let written = sources.text(origin.file, origin.span);
    let letters = |text: &str| text.chars().filter(|one| one.is_alphanumeric()).collect::<String>();
    let is_elsewhere = || letters(written) != letters(&field.texts()[1]);
    match table.ty(path.row) {
        Some(Type::File(_)) | None => false,
        Some(Type::Speech) => has_template(written) || is_elsewhere(),
        Some(_) => has_template(written),
    }
}

fn cause(field: &FieldChange, trace: Option<&InstanceTrace>, (table, sources): (&Table, &Sources)) -> Option<Location> {
    let (path, origin) = field.declared?;
    let [before, after] = field.texts();
    let trace = trace.and_then(|trace| trace.fields.iter().find(|trace| trace.field == path));
    match (table.ty(path.row)?, trace) {
        // The content of the file changed, but a manifest contains only its path.
        (Type::File(_), _) => None,
        (_, Some(trace)) => traced(trace, (&before, &after), origin, sources),
        (Type::Speech, None) => literal(path, (&before, &after), origin, sources),
        (_, None) => None,
    }
}

fn traced(trace: &FieldTrace, sides: (&str, &str), declared_at: Origin, sources: &Sources) -> Option<Location> {
    let script = trace.script.as_ref().map(|script| script.origin);
    let text = script.map(|script| sources.text(script.file, script.span));
    match field_cause(trace, text, sides)? {
        FieldCause::Reference(reference) => match reference.origin.as_ref()? {
            ReferenceOrigin::Manifest(origin) => Some(Location::new(sources, *origin)),
            ReferenceOrigin::Row(row) => {
                Some(Location { file: row.file.to_string(), line: row.line.try_into().ok()?, column: 1 })
            }
        },
        FieldCause::Text(byte) => {
            let origin = if let Some(script) = script {
                Origin::new(script.file, byte as u32, byte as u32)
            } else {
                let source = sources.get(declared_at.file);
                origin_in_literal(source, declared_at, trace.template.as_ref()?, byte..byte)
            };
            Some(Location::new(sources, origin))
        }
    }
}

/// Returns the location of the changed line of a multi-line text. `None` if it is the first line.
fn literal(field: FieldPath, sides: (&str, &str), declared_at: Origin, sources: &Sources) -> Option<Location> {
    let trace = FieldTrace { field, template: Some(sides.1.into()), references: Vec::new(), script: None };
    let place = traced(&trace, sides, declared_at, sources)?;
    (place.line > Location::new(sources, declared_at).line).then_some(place)
}
