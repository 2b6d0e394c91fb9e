//! The shared ledger: one lockfile on a branch of the git remote, in which runs claim what they are about to send.

mod branch;
mod claim;
mod error;
mod git;
mod run;
mod shared_ledger;
#[cfg(test)]
mod tests;

pub use branch::{Branch, BranchSetting, BranchVersion, SwapOutcome, known_ledgers};
pub use claim::{ClaimStatus, can_prove, claim_status, is_elsewhere, open_claims};
pub use error::LedgerError;
pub use run::{RunInfo, home_of, run_id};
pub use shared_ledger::{Ledger, Updated};
