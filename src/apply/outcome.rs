//! What a run came to, and its counts.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::lockfile::{Record, State};
use crate::spec::Digest;
use crate::vendor::UnknownCode;

/// An accepted submission that the lockfile knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// The key.
    pub key: Arc<str>,
    /// The content.
    pub digest: Digest,
    /// The number of the submission of this content.
    pub attempt: u32,
    /// The vendor's task id.
    pub task: String,
}

/// A take found at the vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adoption {
    /// The key.
    pub key: Arc<str>,
    /// The content.
    pub digest: Digest,
    /// The number of the submission of this content.
    pub attempt: u32,
    /// The vendor's id in its list.
    pub video: String,
    /// Whether the vendor failed it.
    pub failed: bool,
}

/// A submission that was refused, given up, or could not be made; surely not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The key.
    pub key: Arc<str>,
    /// The content.
    pub digest: Digest,
    /// The number of the submission of this content.
    pub attempt: u32,
    /// The vendor's code; none when the vendor never said no.
    pub code: Option<i64>,
    /// Why.
    pub message: String,
}

/// A take whose fate is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubtful {
    /// The key.
    pub key: Arc<str>,
    /// The content.
    pub digest: Digest,
    /// The number of the submission of this content.
    pub attempt: u32,
    /// When it was sent last.
    pub since: Timestamp,
    /// Why it is not known, or not settled.
    pub reason: String,
}

/// A take that is proved not to have been accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freed {
    /// The key.
    pub key: Arc<str>,
    /// The content.
    pub digest: Digest,
    /// The number of the submission of this content.
    pub attempt: u32,
}

/// Why something was not sent though nothing is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotSent {
    /// The run was stopped.
    Stopped,
    /// The vendor refused the credentials.
    KeyRefused,
    /// The vendor gave no token, though it did not refuse the credentials.
    NoToken,
    /// The vendor gave the same unknown code several times in a row.
    UnknownCode,
    /// The lockfile could not be written.
    LockFailure,
    /// The vendor could not be reached.
    Unreachable,
    /// The same content stands earlier in the work.
    Duplicate,
    /// The lockfile changed on disk since the plan was made, and knows a submission of it now.
    KnownMeanwhile,
    /// The vendor accepted none of its submissions in this run, and confirmed none of them either.
    LostAgain,
}

/// A submission that was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// The key.
    pub key: Arc<str>,
    /// The content.
    pub digest: Digest,
    /// Why.
    pub reason: NotSent,
}

/// Why a run started nothing further, though the vendor refused no credentials and could be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// The vendor gave no token, for this reason.
    NoToken(String),
    /// The vendor gave this unknown code several times in a row.
    UnknownCode(UnknownCode),
}

/// Why a run ends for all its submissions.
#[derive(Clone, Debug)]
pub enum RunEnd {
    /// The vendor refused the credentials; its message, and what to check.
    KeyRefused(String),
    /// The vendor could not be reached, for this reason.
    Unreachable(String),
    /// The vendor answered, but nothing further can be sent.
    Halted(Halt),
    /// The lockfile could not be written.
    LockFailure(LockFailure),
}

impl RunEnd {
    /// Why the submissions that have not left are not sent.
    pub(super) fn reason(&self) -> NotSent {
        match self {
            Self::KeyRefused(_) => NotSent::KeyRefused,
            Self::Unreachable(_) => NotSent::Unreachable,
            Self::Halted(Halt::NoToken(_)) => NotSent::NoToken,
            Self::Halted(Halt::UnknownCode(_)) => NotSent::UnknownCode,
            Self::LockFailure(_) => NotSent::LockFailure,
        }
    }
}

/// What a listing settled.
#[derive(Clone, Debug, Default)]
pub struct Settlement {
    /// The lines to be written.
    pub records: Vec<Record>,
    /// Takes found at the vendor.
    pub adopted: Vec<Adoption>,
    /// Takes proved not to have been accepted.
    pub freed: Vec<Freed>,
    /// Takes in doubt still; of all keys, wanted or not.
    pub in_doubt: Vec<Doubtful>,
    /// Sentences worth a look.
    pub warnings: Vec<String>,
}

/// The lockfile could not be written.
#[derive(Clone, Debug)]
pub struct LockFailure {
    /// Why.
    pub message: String,
    /// What is known but not durably written: answers that were paid for. Must be saved elsewhere and shown.
    pub records: Vec<Record>,
}

impl LockFailure {
    /// How many of the records tell of something that the vendor has; a freed one tells of nothing.
    fn known(&self) -> usize {
        let freed = |record: &&Record| matches!(record, Record::Take(take) if take.state == State::Freed);
        self.records.len() - self.records.iter().filter(freed).count()
    }
}

/// What a run came to; every list in the order of the work.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Accepted.
    pub submitted: Vec<Submitted>,
    /// Found at the vendor.
    pub adopted: Vec<Adoption>,
    /// Refused, given up, or impossible.
    pub refused: Vec<Refused>,
    /// In doubt still.
    pub in_doubt: Vec<Doubtful>,
    /// Proved not to have been accepted; those sent again stand in another list too.
    pub freed: Vec<Freed>,
    /// Not sent.
    pub not_sent: Vec<Unsent>,
    /// Sentences worth a look.
    pub warnings: Vec<String>,
    /// What to show if the vendor refused the credentials: its message, and what to check.
    pub key_refused: Option<String>,
    /// Why the vendor could not be reached, if it could not.
    pub unreachable: Option<String>,
    /// Why else nothing further was started.
    pub halted: Option<Halt>,
    /// Whether the run was stopped.
    pub interrupted: bool,
    /// Whether, and why, the lockfile could not be written.
    pub lock_failure: Option<LockFailure>,
    /// Everything that was durably written.
    pub written: Vec<Record>,
}

/// Counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    /// Accepted.
    pub submitted: usize,
    /// Found at the vendor.
    pub adopted: usize,
    /// Refused, given up, or impossible.
    pub refused: usize,
    /// In doubt still.
    pub in_doubt: usize,
    /// Proved not to have been accepted.
    pub freed: usize,
    /// Not sent.
    pub not_sent: usize,
    /// Accepted, but not in the lockfile.
    pub unwritten: usize,
}

impl Outcome {
    /// The counts.
    pub fn summary(&self) -> Summary {
        Summary {
            submitted: self.submitted.len(),
            adopted: self.adopted.len(),
            refused: self.refused.len(),
            in_doubt: self.in_doubt.len(),
            freed: self.freed.len(),
            not_sent: self.not_sent.len(),
            unwritten: self.lock_failure.as_ref().map_or(0, LockFailure::known),
        }
    }

    /// Whether nothing more may be started after this.
    pub fn is_over(&self) -> bool {
        let by_vendor = self.key_refused.is_some() || self.unreachable.is_some() || self.halted.is_some();
        self.interrupted || by_vendor || self.lock_failure.is_some()
    }

    /// Takes in what came after.
    pub fn absorb(&mut self, later: Self) {
        self.submitted.extend(later.submitted);
        self.adopted.extend(later.adopted);
        self.refused.extend(later.refused);
        self.in_doubt.extend(later.in_doubt);
        self.freed.extend(later.freed);
        self.not_sent.extend(later.not_sent);
        self.warnings.extend(later.warnings);
        self.key_refused = self.key_refused.take().or(later.key_refused);
        self.unreachable = self.unreachable.take().or(later.unreachable);
        self.halted = self.halted.take().or(later.halted);
        self.interrupted |= later.interrupted;
        self.written.extend(later.written);
        if let Some(failure) = later.lock_failure {
            self.fail(failure.message, failure.records);
        }
    }

    /// Takes in what the vendor's list settled; what it left in doubt replaces what was in doubt before, as far as
    /// `ours` says that this run is about it.
    pub fn settle(&mut self, settlement: Settlement, ours: &HashSet<Digest>) {
        self.adopted.extend(settlement.adopted);
        self.freed.extend(settlement.freed);
        for warning in settlement.warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
        self.in_doubt = settlement.in_doubt.into_iter().filter(|doubt| ours.contains(&doubt.digest)).collect();
    }

    /// Adds why the run ended; of several reasons of one kind the first holds.
    pub(super) fn end(&mut self, end: RunEnd) {
        match end {
            RunEnd::KeyRefused(message) => self.key_refused = self.key_refused.take().or(Some(message)),
            RunEnd::Unreachable(reason) => self.unreachable = self.unreachable.take().or(Some(reason)),
            RunEnd::Halted(halt) => self.halted = self.halted.take().or(Some(halt)),
            RunEnd::LockFailure(failure) => self.fail(failure.message, failure.records),
        }
    }

    pub(super) fn fail(&mut self, message: String, records: Vec<Record>) {
        match &mut self.lock_failure {
            Some(failure) => failure.records.extend(records),
            None => self.lock_failure = Some(LockFailure { message, records }),
        }
    }
}
