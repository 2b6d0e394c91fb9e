//! The status of each video of a project: not submitted, in doubt, in progress, done, failed, saved, expired.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::lockfile::{Lockfile, Take, TakeSource, TakeState};
use crate::spec::{Digest, Estimate, Video, estimate, stored_estimate};
use crate::vendor::TaskResult;

/// The message of a row that has expired only by the calendar.
const NOT_QUERIED: &str = "older than the 7 days that the vendor keeps results; the vendor was not queried";

/// The state of a take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "State")]
pub enum Phase {
    /// No take of this content is known.
    NotSubmitted,
    /// Sent, but the response was lost.
    InDoubt,
    /// Accepted. The vendor has not been queried since.
    Submitted,
    /// In the vendor's queue.
    Queued,
    /// Being rendered.
    Rendering,
    /// A status without a documented meaning: treated as in progress.
    Unknown(#[serde(skip)] i64),
    /// Finished, but not saved.
    Done,
    /// Failed for good.
    Failed,
    /// Saved.
    Pulled,
    /// Older than the vendor keeps it, and never saved. It may still exist if the vendor was not queried.
    // Certain only if it is also [`VideoStatus::denied`].
    Expired,
    /// The vendor does not have it, although it should.
    Missing,
}

/// The relation of a take to the manifests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Role")]
pub enum StatusRole {
    /// The current content of a video.
    Wanted,
    /// The last take of a key that is no longer in any manifest.
    Orphan,
    /// An earlier content of a key.
    Old,
}

/// One row of `status`.
#[derive(Clone, Debug)]
pub struct VideoStatus {
    /// The key.
    pub key: Arc<str>,
    /// The relation to the manifests.
    pub role: StatusRole,
    /// The content.
    pub digest: Digest,
    /// The take. `None` if nothing was submitted.
    pub take: Option<Take>,
    /// The progress.
    pub phase: Phase,
    /// The reason why it failed, is missing, or is still awaited. Else empty.
    pub message: String,
    /// Whether the vendor itself says that it no longer has it, so that only a new take helps.
    pub denied: bool,
    /// Seconds of video, once rendered.
    pub seconds: Option<f64>,
    /// The time of the submission, if known.
    pub sent: Option<Timestamp>,
    /// The time when the vendor deletes it, by the earlier of the submission and the vendor's own date. Only for videos
    /// that are not saved.
    pub expires: Option<Timestamp>,
    /// The estimated length and price of its content.
    pub estimate: Estimate,
    /// The files, the best first, once the vendor has named them. Their URLs are secret.
    pub results: Vec<TaskResult>,
}

impl VideoStatus {
    /// Returns the row of a video without a take.
    fn not_submitted(key: Arc<str>, digest: Digest) -> Self {
        Self {
            key,
            role: StatusRole::Wanted,
            digest,
            take: None,
            phase: Phase::NotSubmitted,
            message: String::new(),
            denied: false,
            seconds: None,
            sent: None,
            expires: None,
            estimate: Estimate::default(),
            results: Vec::new(),
        }
    }

    /// Returns the row that the lockfile alone gives. `sent` is when the vendor received the take.
    pub(super) fn from_take(
        take: &Take,
        (key, role): (Arc<str>, StatusRole),
        (sent, now): (Timestamp, Timestamp),
    ) -> Self {
        let expires = sent.checked_add(crate::lockfile::VENDOR_RETENTION).ok();
        let old = expires.is_some_and(|end| end <= now);
        let phase = match take.state {
            TakeState::Intent => Phase::InDoubt,
            TakeState::Submitted | TakeState::Done if old => Phase::Expired,
            TakeState::Submitted => Phase::Submitted,
            TakeState::Done => Phase::Done,
            TakeState::Failed => Phase::Failed,
            TakeState::Pulled => Phase::Pulled,
            TakeState::Freed | TakeState::Forgotten => Phase::NotSubmitted,
        };
        Self {
            role,
            phase,
            message: match phase {
                Phase::Expired => NOT_QUERIED.to_owned(),
                _ => take.message.clone().unwrap_or_default(),
            },
            seconds: take.seconds,
            sent: Some(sent),
            expires: expires.filter(|_| matches!(take.state, TakeState::Submitted | TakeState::Done)),
            take: Some(take.clone()),
            ..Self::not_submitted(key, take.digest)
        }
    }

    /// Whether another query may help: the vendor is still rendering it, or was not queried about an old take.
    pub fn is_pending(&self) -> bool {
        self.may_have_expired()
            || matches!(self.phase, Phase::Submitted | Phase::Queued | Phase::Rendering | Phase::Unknown(_))
    }

    /// Whether it has expired only by the calendar.
    pub fn may_have_expired(&self) -> bool {
        self.phase == Phase::Expired && !self.denied
    }

    /// Whether the vendor's retention of its result has ended.
    pub fn is_past_retention(&self, now: Timestamp) -> bool {
        let end = self.expires.or_else(|| self.sent?.checked_add(crate::lockfile::VENDOR_RETENTION).ok());
        end.is_some_and(|end| end <= now)
    }

    /// Whether it was paid for and exists only at the vendor.
    pub fn is_unsaved(&self) -> bool {
        self.is_pending() || matches!(self.phase, Phase::Done | Phase::Expired | Phase::Missing)
    }

    /// Returns the human-readable id at the vendor: the task's, else the video's.
    pub fn id(&self) -> Option<&str> {
        let take = self.take.as_ref()?;
        take.task.as_deref().or(take.video.as_deref())
    }
}

/// Returns one row per declared video, in order, then the other takes by key: orphans, and earlier contents.
pub fn video_statuses(videos: &[Video], lockfile: &Lockfile, host: &str, now: Timestamp) -> Vec<VideoStatus> {
    let mut shown: HashSet<(Digest, u32)> = HashSet::new();
    let mut rows: Vec<VideoStatus> = Vec::with_capacity(videos.len());
    for Video { key, digest, spec, .. } in videos {
        let take = lockfile
            .paid(host, digest, key)
            .or_else(|| lockfile.in_doubt(host, digest))
            .or_else(|| lockfile.failed(host, digest));
        let key = Arc::clone(key);
        let row = match take {
            Some(take) => {
                shown.insert((take.digest, take.attempt));
                VideoStatus::from_take(take, (key, StatusRole::Wanted), (sent(take, lockfile), now))
            }
            None => VideoStatus::not_submitted(key, *digest),
        };
        rows.push(VideoStatus { estimate: estimate(spec), ..row });
    }
    rows.extend(unmatched_takes(videos, lockfile, host, &shown, now));
    rows
}

fn unmatched_takes(
    videos: &[Video],
    lockfile: &Lockfile,
    host: &str,
    shown: &HashSet<(Digest, u32)>,
    now: Timestamp,
) -> Vec<VideoStatus> {
    let wanted: HashSet<&str> = videos.iter().map(|video| &*video.key).collect();
    let sent_out = |take: &Take| !matches!(take.state, TakeState::Freed | TakeState::Forgotten);
    let others = lockfile.takes_where(host, |take| {
        sent_out(take) && take.how != Some(TakeSource::Accepted) && !shown.contains(&(take.digest, take.attempt))
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
    if take.how != Some(TakeSource::Accepted) {
        return take.at;
    }
    let same = |line: &&Take| {
        let task = take.task.is_some() && line.task == take.task;
        let video = take.video.is_some() && line.video == take.video;
        line.how != Some(TakeSource::Accepted) && (task || video)
    };
    lockfile.takes().filter(same).map(|line| line.at).min().unwrap_or(take.at)
}
