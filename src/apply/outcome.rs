//! The outcome of a run, and its counts.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::lockfile::{Record, TakeState};
use crate::spec::Digest;
use crate::vendor::{CallError, UnknownCode};

/// An accepted submission that is in the lockfile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct AdoptedTake {
    /// The key.
    pub key: Arc<str>,
    /// The content.
    pub digest: Digest,
    /// The number of the submission of this content.
    pub attempt: u32,
    /// The vendor's id in its list.
    pub video: String,
    /// Whether it failed at the vendor.
    pub failed: bool,
}

/// A submission that was refused, given up, or could not be built. Certainly not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedSubmission {
    /// The key.
    pub key: Arc<str>,
    /// The content.
    pub digest: Digest,
    /// The vendor's code. `None` if the vendor never refused it.
    pub code: Option<i64>,
    /// The reason.
    pub message: String,
}

/// A take in doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakeInDoubt {
    /// The key.
    pub key: Arc<str>,
    /// The content.
    pub digest: Digest,
    /// The attempt.
    pub attempt: u32,
    /// The time of the last try.
    pub since: Timestamp,
    /// The reason why it is in doubt, or still in doubt.
    pub reason: String,
}

/// A take that was proved not to have been accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct FreedTake {
    /// The key.
    pub key: Arc<str>,
    /// The content.
    pub digest: Digest,
    /// The number of the submission of this content.
    pub attempt: u32,
}

/// The reason why a valid submission was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SkipReason {
    /// The run was stopped.
    Stopped,
    /// The vendor refused the credentials.
    KeyRefused,
    /// The vendor issued no token, though it did not refuse the credentials.
    NoToken,
    /// The vendor sent the same unknown code several times in a row.
    UnknownCode,
    /// The lockfile could not be written.
    LockFailure,
    /// The vendor was unreachable.
    Unreachable,
    /// The work contains the same content earlier.
    Duplicate,
    /// The lockfile changed on disk after the plan was made, and now has a submission of it.
    SubmittedElsewhere,
    /// The vendor neither accepted nor confirmed any of its submissions in this run.
    LostAgain,
    /// Its claim in the shared ledger ended before it could leave.
    Late,
    /// The shared ledger took no claim.
    Unclaimed,
    /// Other runs used up the month's budget.
    OverBudget,
}

/// A content that another run has claimed in the shared ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedElsewhere {
    /// The key.
    pub key: Arc<str>,
    /// The run.
    pub run: Arc<str>,
    /// Who runs it.
    pub who: String,
    /// The page of its job.
    pub url: Option<String>,
    /// The end of its claim.
    pub until: Timestamp,
}

/// The part of an outcome that a shared ledger adds.
#[derive(Clone, Debug, Default)]
pub struct SharedOutcome {
    /// The contents that another run submitted.
    pub by_others: HashSet<Digest>,
    /// What another run still has when this one ends.
    pub elsewhere: Vec<ClaimedElsewhere>,
    /// Why no further claim was made, if so.
    pub unclaimed: Option<String>,
    /// Why answers are not in the ledger, with their number, if so.
    pub unpublished: Option<(usize, String)>,
    /// Why the month's budget blocks the rest, if so.
    pub over_budget: Option<String>,
}

/// A submission that was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedSubmission {
    /// The key.
    pub key: Arc<str>,
    /// The content.
    pub digest: Digest,
    /// The reason.
    pub reason: SkipReason,
}

/// Why a run ends for all its submissions.
#[derive(Clone, Debug)]
pub enum RunEnd {
    /// The vendor refused the credentials. The text is its message, and what to check.
    KeyRefused(String),
    /// The vendor was unreachable, for this reason.
    Unreachable(String),
    /// The vendor issued no token, for this reason.
    NoToken(String),
    /// The vendor sent this unknown code several times in a row.
    UnknownCode(UnknownCode),
    /// The lockfile could not be written.
    LockFailure(LockfileWriteFailure),
}

impl RunEnd {
    /// Returns the end of a run that has no token left. The error is one that leaves the token usable.
    pub(super) fn without_token(error: CallError) -> Result<Self, CallError> {
        match error {
            CallError::Key(message) => Ok(Self::KeyRefused(message)),
            CallError::NoToken(reason) => Ok(Self::NoToken(reason)),
            error => Err(error),
        }
    }

    /// Returns the reason for the submissions that have not been sent.
    pub(super) fn reason(&self) -> SkipReason {
        match self {
            Self::KeyRefused(_) => SkipReason::KeyRefused,
            Self::Unreachable(_) => SkipReason::Unreachable,
            Self::NoToken(_) => SkipReason::NoToken,
            Self::UnknownCode(_) => SkipReason::UnknownCode,
            Self::LockFailure(_) => SkipReason::LockFailure,
        }
    }
}

/// The result of a reconciliation.
#[derive(Clone, Debug, Default)]
pub struct Reconciliation {
    /// The records to write.
    pub records: Vec<Record>,
    /// Takes found at the vendor.
    pub adopted: Vec<AdoptedTake>,
    /// Takes that were proved not to have been accepted.
    pub freed: Vec<FreedTake>,
    /// Takes still in doubt, of all keys.
    pub in_doubt: Vec<TakeInDoubt>,
    /// Warnings.
    pub warnings: Vec<String>,
}

/// The lockfile could not be written.
#[derive(Clone, Debug)]
pub struct LockfileWriteFailure {
    /// The reason.
    pub message: String,
    /// Records that are known but not durably written, such as paid responses. They must be saved elsewhere and shown.
    pub records: Vec<Record>,
}

impl LockfileWriteFailure {
    /// Returns the number of records about videos that the vendor has. A freed take has none.
    fn count_at_vendor(&self) -> usize {
        let freed = |record: &&Record| matches!(record, Record::Take(take) if take.state == TakeState::Freed);
        self.records.len() - self.records.iter().filter(freed).count()
    }
}

/// The outcome of a run. Every list is in the order of the work.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Accepted.
    pub submitted: Vec<Submitted>,
    /// Found at the vendor.
    pub adopted: Vec<AdoptedTake>,
    /// Refused, given up, or impossible to build.
    pub refused: Vec<RefusedSubmission>,
    /// Still in doubt.
    pub in_doubt: Vec<TakeInDoubt>,
    /// Proved not to have been accepted. Those that were sent again are in another list too.
    pub freed: Vec<FreedTake>,
    /// Not sent.
    pub not_sent: Vec<SkippedSubmission>,
    /// Warnings.
    pub warnings: Vec<String>,
    /// The text to show if the vendor refused the credentials: its message, and what to check.
    pub key_refused: Option<String>,
    /// The reason why the vendor was unreachable, if it was.
    pub unreachable: Option<String>,
    /// The reason why the vendor issued no token, although it did not refuse the credentials.
    pub no_token: Option<String>,
    /// The code that ended the run, because the vendor sent it several times in a row and no table has it.
    pub unknown_code: Option<UnknownCode>,
    /// Whether the run was stopped.
    pub interrupted: bool,
    /// The failure to write the lockfile, if it failed.
    pub lock_failure: Option<LockfileWriteFailure>,
    /// All records that were durably written.
    pub written: Vec<Record>,
    /// The part of the shared ledger.
    pub shared: SharedOutcome,
}

/// Counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Summary")]
pub struct ApplySummary {
    /// Accepted.
    pub submitted: usize,
    /// Found at the vendor.
    pub adopted: usize,
    /// Refused, given up, or impossible.
    pub refused: usize,
    /// Still in doubt.
    pub in_doubt: usize,
    /// Proved not to have been accepted.
    pub freed: usize,
    /// Not sent.
    pub not_sent: usize,
    /// Accepted, but not in the lockfile.
    pub unwritten: usize,
    /// Claimed or submitted by another run, in a shared ledger.
    #[serde(skip_serializing_if = "is_zero")]
    #[schemars(default)]
    pub elsewhere: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Outcome {
    /// Returns the counts.
    pub fn summary(&self) -> ApplySummary {
        ApplySummary {
            submitted: self.submitted.len(),
            adopted: self.adopted.len(),
            refused: self.refused.len(),
            in_doubt: self.in_doubt.len(),
            freed: self.freed.len(),
            not_sent: self.not_sent.len(),
            unwritten: self.lock_failure.as_ref().map_or(0, LockfileWriteFailure::count_at_vendor),
            elsewhere: self.shared.by_others.len() + self.shared.elsewhere.len(),
        }
    }

    /// Whether nothing new may start after this outcome.
    pub fn must_stop(&self) -> bool {
        let by_token = self.key_refused.is_some() || self.no_token.is_some();
        let by_vendor = by_token || self.unreachable.is_some() || self.unknown_code.is_some();
        let by_ledger = self.shared.unclaimed.is_some() || self.shared.over_budget.is_some();
        self.interrupted || by_vendor || by_ledger || self.lock_failure.is_some()
    }

    /// Adds the outcome of a later round.
    pub fn merge(&mut self, later: Self) {
        self.submitted.extend(later.submitted);
        self.adopted.extend(later.adopted);
        self.refused.extend(later.refused);
        self.in_doubt.extend(later.in_doubt);
        self.freed.extend(later.freed);
        self.not_sent.extend(later.not_sent);
        self.warnings.extend(later.warnings);
        self.key_refused = self.key_refused.take().or(later.key_refused);
        self.unreachable = self.unreachable.take().or(later.unreachable);
        self.no_token = self.no_token.take().or(later.no_token);
        self.unknown_code = self.unknown_code.take().or(later.unknown_code);
        self.interrupted |= later.interrupted;
        self.written.extend(later.written);
        self.shared.by_others.extend(later.shared.by_others);
        self.shared.elsewhere.extend(later.shared.elsewhere);
        self.shared.unclaimed = self.shared.unclaimed.take().or(later.shared.unclaimed);
        self.shared.unpublished = self.shared.unpublished.take().or(later.shared.unpublished);
        self.shared.over_budget = self.shared.over_budget.take().or(later.shared.over_budget);
        if let Some(failure) = later.lock_failure {
            self.add_write_failure(failure);
        }
    }

    /// Adds a reconciliation. Its takes in doubt replace the previous ones, limited to the contents in `ours`, which
    /// belong to this run.
    pub fn add_reconciliation(&mut self, settlement: Reconciliation, ours: &HashSet<Digest>) {
        self.adopted.extend(settlement.adopted);
        self.freed.extend(settlement.freed);
        for warning in settlement.warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
        self.in_doubt = settlement.in_doubt.into_iter().filter(|doubt| ours.contains(&doubt.digest)).collect();
    }

    /// Adds the reason why the run ended. Of several reasons of one kind, the first wins.
    pub(super) fn end_run(&mut self, end: RunEnd) {
        match end {
            RunEnd::KeyRefused(message) => self.key_refused = self.key_refused.take().or(Some(message)),
            RunEnd::Unreachable(reason) => self.unreachable = self.unreachable.take().or(Some(reason)),
            RunEnd::NoToken(reason) => self.no_token = self.no_token.take().or(Some(reason)),
            RunEnd::UnknownCode(unknown) => self.unknown_code = self.unknown_code.take().or(Some(unknown)),
            RunEnd::LockFailure(failure) => self.add_write_failure(failure),
        }
    }

    pub(super) fn add_write_failure(&mut self, later: LockfileWriteFailure) {
        match &mut self.lock_failure {
            Some(failure) => failure.records.extend(later.records),
            None => self.lock_failure = Some(later),
        }
    }
}
