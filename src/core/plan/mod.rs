//! Compares specs with takes: the required changes, and their reasons.

mod cause;
mod decide;
mod field_cause;
mod guard;
mod model;
mod monthly_budget;
mod options;
mod planner;
mod saved;
mod summary;
#[cfg(any(test, feature = "test-support"))]
pub mod test_support;
#[cfg(test)]
mod tests;
mod trace;
mod unmatched;
mod word_diff;

pub use cause::{Cause, causes};
pub use decide::plan;
pub use field_cause::{FieldCause, field_cause};
pub use guard::{Budget, Guard, GuardViolation, Guards, Limit, LimitOrigin, guard, violation_sentence};
pub use model::{Action, Change, FieldChange, Plan, PlanSummary, Reason, Relabel};
pub use monthly_budget::Month;
pub use options::{PlanOptions, TraceScope};
pub use saved::{SavedError, SavedPlan, SavedSubmission, is_saved_plan};
pub use word_diff::{DiffSegment, word_diff};
