//! The shared ledger: one lockfile on a branch of the git remote, in which runs claim what they are about to send.

mod branch;
mod error;
mod git;
mod run;
mod shared_ledger;
#[cfg(test)]
mod tests;

pub use branch::{Branch, BranchSetting, BranchVersion, known_ledgers};
pub use error::LedgerError;
pub use run::{can_prove, home_of, is_elsewhere, open_claims, run_id};
pub use shared_ledger::{Ledger, Updated};
