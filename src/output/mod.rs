//! Shows, decides nothing: every word that leaves the process passes here.

mod diagnostics;
#[cfg(test)]
mod diagnostics_tests;
mod diagnostics_v1;
mod plan_field;
mod plan_human;
mod plan_json;
mod plan_markdown;
mod plan_summary;
#[cfg(test)]
mod plan_tests;
mod snippet;
mod text;
mod theme;
mod visible;

pub use diagnostics::{diagnostics_github, diagnostics_text, tally};
pub use diagnostics_v1::{DiagnosticV1, DiagnosticsV1, LabelV1, RowV1};
pub use plan_human::{PlanScreen, PlanView, plan_human};
pub use plan_json::{PlanV1, plan_json, plan_schema};
pub use plan_markdown::plan_markdown;
pub use plan_summary::plan_sentence;
pub use snippet::{Screen, snippet};
pub use text::clean;
pub use theme::Theme;
