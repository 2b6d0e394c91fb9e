//! The status of a project's videos, and the target of their files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::{CompiledProject, Environment, ProjectError, Selection, lock_path, match_selection};
use crate::lockfile::Lockfile;
use crate::results::{DesiredContent, LockfileWriter, StatusRole, VideoStatus, video_statuses};
use crate::spec::estimate;

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
    let desired: Vec<DesiredContent> = compiled
        .videos
        .iter()
        .map(|video| DesiredContent {
            key: Arc::clone(&video.key),
            digest: video.digest,
            estimate: estimate(&video.spec),
        })
        .collect();
    let mut rows = video_statuses(&desired, lockfile, &environment.host, now);
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
