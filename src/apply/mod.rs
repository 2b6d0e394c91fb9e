//! Carries a plan out: settle what is in doubt, upload, submit, tell the outcome; the room where money is spent.

mod event;
mod execute;
mod gate;
mod lanes;
mod means;
mod outcome;
mod person;
mod proof;
mod ready;
mod record;
mod run;
mod send;
mod settle;
mod tasks;
mod upload;

pub use event::{Event, Progress, Silent};
pub use execute::{Known, execute};
pub use means::{ApplyOptions, Clock, Ledger, LedgerError, Means, SystemClock, Wanted, Work};
pub use outcome::{
    Adoption, Doubtful, Freed, Halt, LockFailure, NotSent, Outcome, Refused, Submitted, Summary, Unsent,
};
pub use person::{ByHand, KnownAs, PersonError};
pub use record::renamed;
pub use run::{Assignment, Grace, SettleError, list, run, settle_after_grace, settle_first};
pub use settle::{Listing, Settlement, rebuild, settle};
pub use upload::{Uploads, upload_missing};

#[cfg(test)]
mod tests;
