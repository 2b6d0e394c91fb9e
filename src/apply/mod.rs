//! Executes a plan: reconciles takes in doubt, uploads, submits and reports the outcome. Only this module spends money.

mod absence_proof;
mod cancellation;
mod context;
mod event;
mod manual_edit;
mod outcome;
mod reconcile;
mod records;
mod run;
mod shared_rounds;
mod submit_all;
mod submit_one;
mod submit_rounds;
mod upload;
mod wave;

pub use context::{ApplyContext, ApplyOptions, Claim, DesiredVideo, PlannedSubmission, RecordWriter, Sharing};
pub use event::ApplyEvent;
pub use manual_edit::{ManualEdit, ManualEditError, VendorId};
pub use outcome::{
    AdoptedTake, ApplySummary, ClaimedElsewhere, FreedTake, LockfileWriteFailure, Outcome, Reconciliation,
    RefusedSubmission, RunEnd, SharedOutcome, SkipReason, SkippedSubmission, Submitted, TakeInDoubt,
};
pub use reconcile::{VendorListing, rebuild, reconcile};
pub use records::renamed;
pub use run::{ReconcileError, RoundInput};
pub use submit_all::submit_all;
pub use submit_rounds::{list_and_reconcile, submit_rounds};
pub use upload::{Uploads, upload_missing};

#[cfg(test)]
mod tests;
