//! Turns a compiled project into a plan and its submissions. `plan`, `apply` and `lock` share it.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::{CompiledProject, Environment, ProcessEnv, ProjectError, lock_path};
use crate::apply::{self, ApplyOptions, DesiredVideo, PlannedSubmission};
use crate::lockfile::{How, Lockfile, ReadOnlyLockfile, Record, Store, Take, TakeState};
use crate::manifest::{Manifest, Setting};
use crate::plan::{Action, Change, Guards, Limit, LimitOrigin, Plan, PlanOptions, TraceScope, plan};
use crate::source::{Location, Sources};
use crate::spec::{Digest, Spec, Video, earlier_digests, expiry};
use crate::vendor::{ClientError, HttpOptions, HttpVendor, Tokens};

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
    let options = options(environment, &compiled.invalid, ask, process_env);
    plan(&compiled.videos, &compiled.sources, lockfile, &options)
}

fn options(
    environment: &Environment,
    invalid: &BTreeSet<Arc<str>>,
    ask: &PlanRequest,
    process_env: &ProcessEnv,
) -> PlanOptions {
    PlanOptions {
        environment: environment.name.clone(),
        host: Arc::clone(&environment.host),
        retry_failed: ask.retry_failed,
        selected: ask.selected.clone(),
        invalid_base_keys: invalid.clone(),
        now: Some(process_env.now),
        trace: ask.trace,
    }
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
    let wanted = |index: usize, digest: &Digest| DesiredVideo {
        key: Arc::clone(&videos[index].key),
        digest: *digest,
        label: videos[index].spec.name().into(),
        spec: videos[index].spec.clone(),
    };
    let mut work = Vec::new();
    let mut standby = Vec::new();
    for change in &plan.changes {
        let Some(index) = change.video else { continue };
        if change.submits {
            work.push(PlannedSubmission::new(&wanted(index, &change.digest), change.attempt));
        } else if change.action == Action::Resolve {
            standby.push(wanted(index, &change.digest));
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
    let by_key: OnceCell<HashMap<&str, &Video>> = OnceCell::new();
    let wanted: OnceCell<HashSet<Digest>> = OnceCell::new();
    let sent =
        |take: &&Take| (take.state.is_paid() || take.state == TakeState::Failed) && take.how != Some(How::Accepted);
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
        let by_key = by_key.get_or_init(|| videos.iter().map(|video| (&*video.key, video)).collect());
        let old = by_key.get(&*take.key);
        if old.is_some_and(|video| video.digest == *digest) || !seen.insert(*digest) {
            continue;
        }
        renames.push(apply::renamed(take, key, Some(&videos[index].spec)));
        let others = lockfile.takes_of_key(host, &take.key).filter(|_| old.is_none()).filter(sent);
        for earlier in others.filter(|earlier| lockfile.current_digest(&earlier.digest) != *digest) {
            let wanted = wanted.get_or_init(|| videos.iter().map(|video| video.digest).collect());
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
    videos
        .map(|video| DesiredVideo {
            key: Arc::clone(&video.key),
            digest: video.digest,
            label: video.spec.name().into(),
            spec: video.spec.clone(),
        })
        .collect()
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
