//! What has to happen, and why: specs against takes.

mod compute;
mod model;

pub use compute::{PlanOptions, plan};
pub use model::{Action, Change, FieldChange, Place, Plan, Reason, Relabel, Summary};
