//! The rows of `status`: compares the declared videos with the lockfile.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::{StatusRole, VideoStatus};
use crate::lockfile::{How, Lockfile, Take, TakeState};
use crate::spec::{Digest, Estimate, stored_estimate};

/// A video that the manifests declare.
#[derive(Clone, Debug)]
pub struct DesiredContent {
    /// Its key.
    pub key: Arc<str>,
    /// Its content.
    pub digest: Digest,
    /// The estimated length and price.
    pub estimate: Estimate,
}

/// Returns one row per declared video, in order, then the other takes by key: orphans, and earlier contents.
pub fn video_statuses(desired: &[DesiredContent], lockfile: &Lockfile, host: &str, now: Timestamp) -> Vec<VideoStatus> {
    let mut shown: HashSet<(Digest, u32)> = HashSet::new();
    let mut rows: Vec<VideoStatus> = Vec::with_capacity(desired.len());
    for one in desired {
        let take = lockfile
            .paid(host, &one.digest, &one.key)
            .or_else(|| lockfile.in_doubt(host, &one.digest))
            .or_else(|| lockfile.failed(host, &one.digest));
        let key = Arc::clone(&one.key);
        rows.push(match take {
            Some(take) => {
                shown.insert((take.digest, take.attempt));
                let row = VideoStatus::from_take(take, (key, StatusRole::Wanted), (sent(take, lockfile), now));
                VideoStatus { estimate: one.estimate, ..row }
            }
            None => VideoStatus::not_submitted(key, one.digest, one.estimate),
        });
    }
    rows.extend(unmatched_takes(desired, lockfile, host, &shown, now));
    rows
}

fn unmatched_takes(
    desired: &[DesiredContent],
    lockfile: &Lockfile,
    host: &str,
    shown: &HashSet<(Digest, u32)>,
    now: Timestamp,
) -> Vec<VideoStatus> {
    let wanted: HashSet<&str> = desired.iter().map(|one| &*one.key).collect();
    let sent_out = |take: &Take| !matches!(take.state, TakeState::Freed | TakeState::Forgotten);
    let others = lockfile.takes_where(host, |take| {
        sent_out(take) && take.how != Some(How::Accepted) && !shown.contains(&(take.digest, take.attempt))
    });
    let mut by_key: BTreeMap<&Arc<str>, Vec<&Take>> = BTreeMap::new();
    for take in others {
        by_key.entry(&take.key).or_default().push(take);
    }
    let mut rows = Vec::new();
    for (key, takes) in by_key {
        let last = takes.iter().map(|take| (take.at, take.attempt)).max();
        for take in takes {
            let orphan = !wanted.contains(&**key) && Some((take.at, take.attempt)) == last;
            let role = if orphan { StatusRole::Orphan } else { StatusRole::Old };
            let row = VideoStatus::from_take(take, (Arc::clone(key), role), (sent(take, lockfile), now));
            let spec = take.spec_value();
            rows.push(VideoStatus { estimate: stored_estimate(spec.as_ref().unwrap_or(&Value::Null)), ..row });
        }
    }
    rows
}

/// Returns when the vendor received a take. A take that the user accepted for another content has the time of the old
/// take.
fn sent(take: &Take, lockfile: &Lockfile) -> Timestamp {
    if take.how != Some(How::Accepted) {
        return take.at;
    }
    let same = |line: &&Take| {
        let task = take.task.is_some() && line.task == take.task;
        let video = take.video.is_some() && line.video == take.video;
        line.how != Some(How::Accepted) && (task || video)
    };
    lockfile.takes().filter(same).map(|line| line.at).min().unwrap_or(take.at)
}
