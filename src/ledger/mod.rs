//! The shared ledger: one lockfile on a branch of the git remote, in which runs claim what they are about to send.

mod branch;
mod claim;
mod error;
mod git;
mod home;
mod run;
mod shared;
#[cfg(test)]
mod tests;

pub use branch::{Branch, BranchSetting, Reading, Swap, known_ledgers};
pub use claim::{Standing, can_prove, is_elsewhere, open_claims, standing};
pub use error::LedgerError;
pub use home::home_of;
pub use run::{RunInfo, run_id};
pub use shared::{Ledger, Updated};
