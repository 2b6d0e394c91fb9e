//! The user's decisions about takes: adopt, free, accept, forget. Each is checked and turned into records.

use std::sync::Arc;

use jiff::Timestamp;
use thiserror::Error;

use super::{DesiredVideo, PlannedSubmission, records};
use crate::ledger::{is_elsewhere, open_claims};
use crate::lockfile::{Lockfile, Record, Take, TakeSource, TakeState};
use crate::spec::Digest;

/// The reason why a user's decision is rejected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ManualEditError {
    /// The lockfile has no take of the key.
    #[error("`{0}` has no take at `{1}`")]
    NoTake(Arc<str>, Arc<str>),
    /// The key has no take in doubt.
    #[error("`{0}` is not in doubt")]
    NotInDoubt(Arc<str>),
    /// Several takes of the key are in doubt.
    #[error("`{0}` has several takes in doubt; select one with `--digest` and the beginning of its digest: {list}", list = .1.join(", "))]
    Several(Arc<str>, Vec<String>),
    /// No id.
    #[error("`{0}` is not the id of a task or video")]
    BadTask(String),
    /// The task or video id belongs to another take.
    #[error("the id already belongs to a take of `{0}`")]
    TaskKnown(Arc<str>),
    /// The current content is already paid for.
    #[error("the current content of `{0}` is already paid for")]
    AlreadyPaid(Arc<str>),
    /// The current content is in doubt.
    #[error("`{0}` is in doubt: settle it first (`lock adopt`, `lock free`)")]
    InDoubt(Arc<str>),
    /// A torn line of the take names a response.
    #[error(
        "`{0}` was accepted: a torn line of it names `{1}`; restore it with `callsheet lock settle` or `callsheet lock adopt '{0}' TASK`"
    )]
    Answered(Arc<str>, String),
    /// Its run may still send it.
    #[error(
        "`{0}` is claimed by another run until {1:.0}, which may still send it; it cannot be freed before that time"
    )]
    Claimed(Arc<str>, Timestamp),
    /// The run has no open claim.
    #[error("the ledger has no open claim of a run `{0}`; `callsheet lock show` lists claims")]
    NoClaim(Arc<str>),
    /// No earlier video can be reused.
    #[error("`{0}` has no paid take to reuse; name a video made outside callsheet with `--task` or `--video`")]
    NothingToReuse(Arc<str>),
    /// A manifest still declares the content.
    #[error(
        "`{0}` is still in a manifest, so forgetting its take would bill it again; remove the video first, or raise its `take`"
    )]
    StillWanted(Arc<str>),
}

/// The id by which the user names an accepted take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VendorId<'a> {
    /// The task id from the response.
    Task(&'a str),
    /// The id in the vendor's list of videos.
    Video(&'a str),
}

impl VendorId<'_> {
    fn id(&self) -> &str {
        let (Self::Task(id) | Self::Video(id)) = self;
        id.trim()
    }

    fn check(&self) -> Result<(), ManualEditError> {
        let id = self.id();
        if id.is_empty() || id.chars().any(|one| one.is_control() || one.is_whitespace()) {
            return Err(ManualEditError::BadTask(id.escape_debug().to_string()));
        }
        Ok(())
    }

    /// Returns the task id and the video id, one of which is set.
    fn ids(&self) -> (Option<String>, Option<String>) {
        let id = self.id().to_owned();
        match self {
            Self::Task(_) => (Some(id), None),
            Self::Video(_) => (None, Some(id)),
        }
    }
}

/// A lockfile that the user edits with commands.
#[derive(Clone, Copy, Debug)]
pub struct ManualEdit<'a> {
    /// The known records.
    pub lockfile: &'a Lockfile,
    /// The vendor's host, without port.
    pub host: &'a Arc<str>,
    /// The current time.
    pub now: Timestamp,
}

impl ManualEdit<'_> {
    /// Records that the vendor accepted a take in doubt, as this task or video. `digest` is the beginning of the take's
    /// digest, needed if the key has several takes.
    ///
    /// # Errors
    /// If the key is not in doubt, or the task cannot belong to it.
    pub fn adopt(&self, key: &str, digest: Option<&str>, known_as: VendorId<'_>) -> Result<Record, ManualEditError> {
        known_as.check()?;
        let doubtful = self.find_in_doubt(key, digest)?;
        self.ensure_unused(known_as)?;
        let (task, video) = known_as.ids();
        Ok(Record::Take(Take {
            state: TakeState::Submitted,
            task,
            video,
            how: Some(TakeSource::Adopted),
            host: self.host.clone(),
            until: None,
            ..doubtful.clone()
        }))
    }

    /// Checks that no take of the lockfile has the id.
    fn ensure_unused(&self, known_as: VendorId<'_>) -> Result<(), ManualEditError> {
        let id = known_as.id();
        // A torn line may name the same task, so takes in doubt are not searched.
        let mut answered = self.lockfile.lines().filter(|line| line.state != TakeState::Intent);
        match answered.find(|line| line.task.as_deref() == Some(id) || line.video.as_deref() == Some(id)) {
            Some(known) => Err(ManualEditError::TaskKnown(known.key.clone())),
            None => Ok(()),
        }
    }

    /// Records that the vendor never accepted a take in doubt: its content may be submitted again.
    ///
    /// # Errors
    /// If the key is not in doubt, or a torn line of the take names a response.
    pub fn free(&self, key: &str, digest: Option<&str>) -> Result<Record, ManualEditError> {
        let doubtful = self.find_in_doubt(key, digest)?.clone();
        if let Some(id) = doubtful.task.as_ref().or(doubtful.video.as_ref()) {
            return Err(ManualEditError::Answered(doubtful.key.clone(), id.clone()));
        }
        if let Some(until) = doubtful.until.filter(|_| is_elsewhere(&doubtful, None, self.now)) {
            return Err(ManualEditError::Claimed(doubtful.key, until));
        }
        Ok(Record::Take(records::freed(Take { host: self.host.clone(), ..doubtful }, self.now)))
    }

    /// The claims of a run of the shared ledger that has ended were not accepted: their contents may be sent again.
    ///
    /// # Errors
    /// When the run has no open claim, or may still send one.
    pub fn free_run(&self, run: &str) -> Result<Vec<Record>, ManualEditError> {
        let open: Vec<&Take> = open_claims(self.lockfile, run).filter(|take| *take.host == **self.host).collect();
        if open.is_empty() {
            return Err(ManualEditError::NoClaim(run.into()));
        }
        if let Some((take, until)) =
            open.iter().find_map(|take| Some((take, take.until.filter(|until| self.now <= *until)?)))
        {
            return Err(ManualEditError::Claimed(take.key.clone(), until));
        }
        Ok(open.into_iter().map(|take| Record::Take(records::freed(take.clone(), self.now))).collect())
    }

    /// The earlier video of the key counts for its current content, for this key only. Nothing is sent.
    ///
    /// `known_as` names a video that is not in the lockfile, because it was made outside callsheet.
    ///
    /// # Errors
    /// If the current content is paid for or in doubt, there is no old video, or the named video belongs to another
    /// take.
    pub fn reuse(&self, wanted: &DesiredVideo, known_as: Option<VendorId<'_>>) -> Result<Record, ManualEditError> {
        let DesiredVideo { key, digest, .. } = wanted;
        if self.lockfile.paid(self.host, digest, key).is_some() {
            return Err(ManualEditError::AlreadyPaid(key.clone()));
        }
        if self.lockfile.in_doubt(self.host, digest).is_some() {
            return Err(ManualEditError::InDoubt(key.clone()));
        }
        let (task, video, name) = if let Some(known_as) = known_as {
            known_as.check()?;
            self.ensure_unused(known_as)?;
            let (task, video) = known_as.ids();
            (task, video, None)
        } else {
            let old = self.lockfile.takes_of_key(self.host, key).filter(|take| take.state.is_paid()).last();
            let old = old.ok_or_else(|| ManualEditError::NothingToReuse(key.clone()))?;
            (old.task.clone(), old.video.clone(), old.name.clone())
        };
        let work = PlannedSubmission::new(wanted, self.lockfile.next_attempt(self.host, digest));
        let intent = records::intent(&work, self.host, self.now);
        let (state, how) = (TakeState::Submitted, Some(TakeSource::Accepted));
        Ok(Record::Take(Take { state, task, video, name, how, ..intent }))
    }

    /// Forgets the takes of the key. `wanted` returns whether any video has a content.
    ///
    /// # Errors
    /// If one of the takes is still declared or in doubt, or there is none.
    pub fn forget(&self, key: &str, wanted: impl Fn(&Digest) -> bool) -> Result<Vec<Record>, ManualEditError> {
        if self.in_doubt(key).next().is_some() {
            return Err(ManualEditError::InDoubt(key.into()));
        }
        let takes = self.lockfile.takes_of_key(self.host, key).filter(|take| take.state != TakeState::Forgotten);
        let takes: Vec<&Take> = takes.collect();
        if takes.is_empty() {
            return Err(ManualEditError::NoTake(key.into(), self.host.clone()));
        }
        if takes.iter().any(|take| wanted(&take.digest) || wanted(&self.lockfile.current_digest(&take.digest))) {
            return Err(ManualEditError::StillWanted(key.into()));
        }
        // The tombstone has too little information to cover the earlier lines. They stay, with the time of the
        // submission, and still count in the month's budget.
        let tombstone = |take: &&Take| Take {
            state: TakeState::Forgotten,
            at: self.now,
            task: None,
            video: None,
            name: None,
            spec: None,
            ..(*take).clone()
        };
        Ok(takes.iter().map(tombstone).map(Record::Take).collect())
    }

    fn in_doubt(&self, key: &str) -> impl Iterator<Item = &Take> {
        self.lockfile.takes_in_doubt(self.host).filter(move |take| *take.key == *key)
    }

    fn find_in_doubt(&self, key: &str, digest: Option<&str>) -> Result<&Take, ManualEditError> {
        let meant = |take: &&Take| digest.is_none_or(|start| digest_starts_with(&take.digest, start));
        let found: Vec<&Take> = self.in_doubt(key).filter(meant).collect();
        match found.as_slice() {
            [one] => Ok(one),
            [] if self.lockfile.takes_of_key(self.host, key).next().is_none() => {
                Err(ManualEditError::NoTake(key.into(), self.host.clone()))
            }
            [] => Err(ManualEditError::NotInDoubt(key.into())),
            several => {
                let digests = several.iter().map(|take| format!("`{}`", take.digest)).collect();
                Err(ManualEditError::Several(key.into(), digests))
            }
        }
    }
}

/// Whether a digest starts with this text, with or without `v1:`.
fn digest_starts_with(digest: &Digest, start: &str) -> bool {
    let text = digest.to_string();
    text.starts_with(start) || text.split_once(':').is_some_and(|(_, hex)| !start.is_empty() && hex.starts_with(start))
}
