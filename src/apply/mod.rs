//! Executes a plan: reconciles takes in doubt, uploads, submits and reports the outcome. Only this module spends money.

mod event;
mod gate;
mod means;
mod outcome;
mod person;
mod proof;
mod record;
mod rounds;
mod run;
mod settle;
mod submit;
mod submit_all;
mod tasks;
mod upload;
mod wave;

pub use event::Event;
pub use means::{ApplyOptions, Claim, Clock, Ledger, LedgerError, Means, Sharing, SystemClock, Wanted, Work};
pub use outcome::{
    Adoption, Doubtful, Elsewhere, Freed, Halt, LockFailure, NotSent, Outcome, Refused, RunEnd, Settlement,
    SharedOutcome, Submitted, Summary, Unsent,
};
pub use person::{ByHand, KnownAs, PersonError};
pub use record::renamed;
pub use run::{Assignment, Grace, SettleError, list, run, settle_after_grace, settle_first};
pub use settle::{Listing, rebuild, settle};
pub use submit_all::{Known, submit_all};
pub use upload::{Uploads, upload_missing};

#[cfg(test)]
mod tests;
