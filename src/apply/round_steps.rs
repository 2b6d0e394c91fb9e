//! The steps that the rounds of a run share, with and without a shared ledger.

use std::collections::HashSet;

use thiserror::Error;

use super::{
    ApplyContext, ApplyEvent, DesiredVideo, LockfileWriteFailure, Outcome, PlannedSubmission, Reconciliation,
    RecordWriter, TakeInDoubt, VendorListing,
};
use crate::lockfile::Lockfile;
use crate::spec::Digest;
use crate::vendor::{CallError, Vendor};

/// How often a run sends at most: the work, and what was freed after it.
pub(super) const MAX_ROUNDS: usize = 3;

/// The reason why takes in doubt could not be settled.
#[derive(Debug, Error)]
pub enum ReconcileError {
    /// The run was stopped.
    #[error("stopped before the vendor's list was read")]
    Stopped,
    /// The list could not be read, so takes in doubt remain in doubt.
    #[error("the vendor's list could not be read, so takes in doubt remain in doubt: {0}")]
    ListFailed(#[from] CallError),
    /// The settled records could not be written. They must be saved elsewhere and shown.
    #[error("{}", .0.message)]
    WriteFailed(LockfileWriteFailure),
    /// The shared ledger did not take what was settled.
    #[error(transparent)]
    Unshared(#[from] crate::ledger::LedgerError),
}

/// Writes the settled takes, then reports them.
pub(super) async fn write<V, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
    lockfile: &mut Lockfile,
    settlement: &Reconciliation,
) -> Result<(), LockfileWriteFailure> {
    let records = settlement.records.clone();
    if !records.is_empty() {
        if let Err(error) = context.writer.write(records.clone()).await {
            let message = error.to_string();
            context.progress.event(&ApplyEvent::LockFailure { message: message.clone() });
            return Err(LockfileWriteFailure { message, records });
        }
        for record in records {
            lockfile.insert(record);
        }
    }
    for event in settlement.events() {
        context.progress.event(&event);
    }
    Ok(())
}

/// Returns the submissions of some contents that are neither paid for, in doubt nor failed, each content once.
pub(super) fn free_work(
    host: &str,
    lockfile: &Lockfile,
    wanted: &[DesiredVideo],
    contents: &HashSet<Digest>,
) -> Vec<PlannedSubmission> {
    let mut seen = HashSet::new();
    wanted
        .iter()
        .filter(|one| contents.contains(&one.digest) && seen.insert(&one.digest))
        .filter(|one| lockfile.paid(host, &one.digest, &one.key).is_none())
        .filter(|one| lockfile.in_doubt(host, &one.digest).is_none() && lockfile.failed(host, &one.digest).is_none())
        .map(|one| PlannedSubmission::new(one, lockfile.next_attempt(host, &one.digest)))
        .collect()
}

pub(super) fn unlisted<V, L>(context: ApplyContext<'_, V, L>, outcome: &mut Outcome, error: CallError) {
    if let CallError::Key(message) = &error {
        outcome.key_refused = Some(message.clone());
    }
    let message = ReconcileError::ListFailed(error).to_string();
    context.progress.event(&ApplyEvent::Warning { message: message.clone() });
    outcome.warnings.push(message);
}

/// The input of a run.
#[derive(Clone, Debug, Default)]
pub struct RoundInput {
    /// The submissions of the plan.
    pub work: Vec<PlannedSubmission>,
    /// The declared videos whose content was in doubt when the plan was made. They are sent only if they are freed. The
    /// guards have already counted them.
    pub standby: Vec<DesiredVideo>,
    /// The reasons why they are in doubt, after the first listing.
    pub in_doubt: Vec<TakeInDoubt>,
}

/// Returns the vendor's videos.
///
/// # Errors
/// If the vendor does not list them.
pub async fn list_videos<V: Vendor, L: RecordWriter>(
    context: ApplyContext<'_, V, L>,
) -> Result<VendorListing, CallError> {
    let taken_at = (context.now)();
    let videos = context.vendor.list_videos().await?;
    tracing::debug!(videos = videos.len(), at = %taken_at, "the vendor's videos listed");
    Ok(VendorListing { videos, taken_at })
}
