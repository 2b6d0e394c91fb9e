//! Shows, decides nothing.

mod plan_field;
mod plan_human;
mod plan_json;
mod plan_markdown;
mod plan_summary;
#[cfg(test)]
mod plan_tests;
mod text;
mod theme;

pub use plan_human::{PlanView, Screen, plan_human};
pub use plan_json::{PlanV1, plan_json, plan_schema};
pub use plan_markdown::plan_markdown;
pub use plan_summary::plan_sentence;
pub use text::clean;
pub use theme::Theme;
