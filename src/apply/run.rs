//! A run after the prompt: the videos that it wants, the known takes, and the outcome so far.

use std::collections::HashSet;

use jiff::Timestamp;
use thiserror::Error;

use super::{
    ApplyContext, ApplyEvent, DesiredVideo, LockfileWriteFailure, Outcome, PlannedSubmission, RecordWriter, SkipReason,
    TakeInDoubt, Uploads, upload_missing,
};
use crate::lockfile::Lockfile;
use crate::spec::Digest;
use crate::vendor::{CallError, Vendor};

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
    /// The shared ledger could not be read, or did not take what was settled.
    #[error(transparent)]
    Unshared(#[from] crate::ledger::LedgerError),
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

/// The takes that a run has sent without an answer: only a proof frees them.
pub(super) type Sent = HashSet<(Digest, u32)>;

/// A run in progress.
pub(super) struct Run<'a, V, L> {
    pub(super) context: ApplyContext<'a, V, L>,
    /// All that is known. Written records are folded into it.
    pub(super) lockfile: &'a mut Lockfile,
    /// The videos of the plan.
    pub(super) wanted: Vec<DesiredVideo>,
    /// Their contents, with earlier digests.
    pub(super) ours: HashSet<Digest>,
    /// The time when it began to submit.
    pub(super) since: Timestamp,
    /// Filled only with a shared ledger.
    pub(super) sent: Sent,
    pub(super) outcome: Outcome,
}

impl<'a, V: Vendor, L: RecordWriter> Run<'a, V, L> {
    /// Begins a run. Also returns the work of its first round.
    pub(super) fn new(
        context: ApplyContext<'a, V, L>,
        lockfile: &'a mut Lockfile,
        input: RoundInput,
    ) -> (Self, Vec<PlannedSubmission>) {
        let since = (context.now)();
        let RoundInput { work, standby, in_doubt } = input;
        let wanted: Vec<DesiredVideo> = work.iter().map(PlannedSubmission::desired).chain(standby).collect();
        let ours: HashSet<Digest> = wanted.iter().flat_map(|one| lockfile.digests_of(one.digest)).collect();
        let in_doubt = in_doubt.into_iter().filter(|doubt| ours.contains(&doubt.digest)).collect();
        let outcome = Outcome { in_doubt, ..Outcome::default() };
        (Self { context, lockfile, wanted, ours, since, sent: Sent::new(), outcome }, work)
    }

    /// Uploads the files that some work needs.
    pub(super) async fn upload(&mut self, work: &[PlannedSubmission]) -> Uploads {
        let uploads = upload_missing(self.context, work, self.lockfile).await;
        uploads.written.iter().for_each(|record| self.lockfile.insert(record.clone()));
        self.outcome.written.extend(uploads.written.iter().cloned());
        if let Some(end) = uploads.ended.clone() {
            self.outcome.end_run(end);
        }
        uploads
    }

    /// Adds the outcome of some submissions.
    pub(super) fn add(&mut self, done: Outcome) {
        done.written.iter().for_each(|record| self.lockfile.insert(record.clone()));
        self.outcome.merge(done);
    }

    /// Returns the submissions of wanted contents that are neither paid for, in doubt nor failed, each content once,
    /// without those that the vendor refused, or that this run chose not to send.
    pub(super) fn free_work(&self) -> Vec<PlannedSubmission> {
        let (host, lockfile) = (&self.context.options.host, &*self.lockfile);
        let unsent = self.outcome.not_sent.iter().filter(|one| one.reason != SkipReason::Duplicate);
        let refused = self.outcome.refused.iter().map(|one| one.digest);
        let mut left_out: HashSet<Digest> = unsent.map(|one| one.digest).chain(refused).collect();
        self.wanted
            .iter()
            .filter(|one| left_out.insert(one.digest) && lockfile.paid(host, &one.digest, &one.key).is_none())
            .filter(|one| {
                lockfile.in_doubt(host, &one.digest).is_none() && lockfile.failed(host, &one.digest).is_none()
            })
            .map(|one| PlannedSubmission::new(one, lockfile.next_attempt(host, &one.digest)))
            .collect()
    }

    /// Ends the run, because takes in doubt could not be settled.
    pub(super) fn end(&mut self, error: ReconcileError) {
        match error {
            ReconcileError::Stopped => {
                self.context.progress.event(&ApplyEvent::Stopping);
                self.outcome.interrupted = true;
            }
            ReconcileError::ListFailed(ref failure) => {
                if let CallError::Key(message) = failure {
                    self.outcome.key_refused = Some(message.clone());
                }
                let message = error.to_string();
                self.context.progress.event(&ApplyEvent::Warning { message: message.clone() });
                self.outcome.warnings.push(message);
            }
            ReconcileError::WriteFailed(failure) => self.outcome.add_write_failure(failure),
            ReconcileError::Unshared(error) => self.outcome.shared.unclaimed = Some(error.to_string()),
        }
    }
}
