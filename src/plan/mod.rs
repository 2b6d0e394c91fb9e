//! Compares specs with takes: the required changes, and their reasons.

mod candidate;
mod cause;
mod decide;
mod diff;
mod field_cause;
mod gone;
mod guard;
mod label;
mod model;
mod month;
mod options;
mod planner;
mod saved;
mod summary;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod trace;
mod word_diff;

pub use cause::{Cause, causes};
pub use decide::plan;
pub use field_cause::{FieldCause, field_cause};
pub use guard::{Budget, Guard, Guards, Limit, LimitOrigin, Refusal, guard, refusal_sentence};
pub use model::{Action, Change, FieldChange, Plan, Reason, Relabel, Summary};
pub use month::Month;
pub use options::{Notes, PlanOptions};
pub use saved::{FORMAT_VERSION as SAVED_FORMAT_VERSION, Saved, SavedError, SavedSubmission, is_saved_plan};
pub use word_diff::{Piece, word_diff};
