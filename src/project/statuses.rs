//! The takes of a project at the vendor: their status, and the settings of `pull`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::select::match_selection;
use super::{CompiledProject, Environment, ProcessEnv, ProjectError, Selection, lock_path};
use crate::expand::{ExpandInputs, trace};
use crate::lockfile::Lockfile;
use crate::manifest::Manifest;
use crate::results::{LockfileWriter, SpeechSegment, StatusRole, VideoStatus, passages, video_statuses};
use crate::spec::{Digest, Video, stored_voices};

/// The directory of results, relative to the project root.
pub const RESULTS_DIRECTORY: &str = "dist";

/// Returns a row for each selected video, in manifest order, then the takes without a video.
///
/// Globs select keys of videos and of takes, so a paid take can be selected after its video left the manifests. While
/// the manifests have errors, a take without a video counts as wanted.
///
/// # Errors
/// If a glob matches nothing.
pub fn project_statuses(
    compiled: &CompiledProject,
    environment: &Environment,
    lockfile: &Lockfile,
    selection: &Selection,
    now: Timestamp,
) -> Result<Vec<VideoStatus>, ProjectError> {
    let mut rows = video_statuses(&compiled.videos, lockfile, &environment.host, now);
    if compiled.report.has_errors() {
        rows.iter_mut().filter(|row| row.role == StatusRole::Orphan).for_each(|row| row.role = StatusRole::Wanted);
    }
    let chosen = match_selection(&rows.iter().map(|row| &row.key), selection)?;
    rows.retain(|row| chosen.as_ref().is_none_or(|keys| keys.contains(&row.key)));
    if let Some(limit) = selection.limit {
        let mut keys: BTreeSet<Arc<str>> = BTreeSet::new();
        rows.retain(|row| keys.contains(&row.key) || (keys.len() < limit && keys.insert(row.key.clone())));
    }
    Ok(rows)
}

/// Returns the writer that records results in the lockfile of an environment, under the lock that `apply` takes.
pub fn lockfile_writer(root: &Path, environment: &Environment, who: &str, command: &str) -> LockfileWriter {
    LockfileWriter {
        lockfile: lock_path(root, &environment.name),
        guard: apply_lock_path(root),
        who: who.to_owned(),
        command: command.to_owned(),
    }
}

/// Returns the path of the machine's apply lock: one apply per project at a time.
pub fn apply_lock_path(root: &Path) -> PathBuf {
    root.join(".callsheet").join("apply.lock")
}

/// Returns the path of the machine's pull lock: one pull per project at a time.
pub fn pull_lock_path(root: &Path) -> PathBuf {
    root.join(".callsheet").join("pull.lock")
}

/// Values of one video by their fields: `matrix.locale`.
pub type NameValues = BTreeMap<String, String>;

/// Returns the values that file names of some keys have, as the manifests say them now.
///
/// The declarations of the keys are expanded again. A key that is no longer in any manifest still names the values of its
/// axes, but nothing of its row.
///
/// # Errors
///
/// Returns an error if the system refuses a thread.
#[expect(clippy::implicit_hasher, reason = "the one caller makes the set with the usual hasher")]
pub fn name_values(
    compiled: &mut CompiledProject,
    keys: &HashSet<Arc<str>>,
    fields: &[String],
    process_env: &ProcessEnv,
) -> Result<HashMap<Arc<str>, NameValues>, ProjectError> {
    if fields.is_empty() || keys.is_empty() {
        return Ok(HashMap::new());
    }
    let env = process_env.visible_variables(&compiled.manifest);
    let inputs = ExpandInputs { root: &compiled.root, sources: &mut compiled.sources, env: &env, now: process_env.now };
    let found = trace(&compiled.manifest, inputs, keys, fields);
    let mut found = found.map_err(|error| ProjectError::io("expand", &compiled.root, error))?;
    let values = keys.iter().map(|key| {
        let named = found.remove(key).map(|trace| trace.named);
        (Arc::clone(key), named.unwrap_or_else(|| axes_of_key(&compiled.manifest, key, fields)))
    });
    Ok(values.collect())
}

/// Returns the values of axes that are parts of a key: `de` for `onboarding[de,pro]`.
fn axes_of_key(manifest: &Manifest, key: &str, fields: &[String]) -> NameValues {
    let Some((base, parts)) = key.strip_suffix(']').and_then(|key| key.split_once('[')) else {
        return NameValues::new();
    };
    let video = manifest.videos.iter().find(|video| &*video.key == base);
    let Some(matrix) = video.and_then(|video| video.matrix.as_ref()) else { return NameValues::new() };
    let parts: Vec<&str> = parts.split(',').collect();
    let value = |field: &String| {
        let axis = field.strip_prefix("matrix.")?;
        let place = matrix.axes.iter().position(|(name, _)| &**name == axis)?;
        Some((field.clone(), (*parts.get(place)?).to_owned()))
    };
    fields.iter().filter_map(value).collect()
}

/// Returns what is heard in a content: by the video of its key, or by the spec that the lockfile stores.
pub fn heard(video: Option<&Video>, digest: Digest, stored: Option<&str>) -> Option<Vec<SpeechSegment>> {
    match video.filter(|video| video.digest == digest) {
        Some(video) => passages(&video.spec),
        None => passages(&stored_voices(&serde_json::from_str(stored?).ok()?)?),
    }
}
