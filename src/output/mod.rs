//! Shows, decides nothing: every word that leaves the process passes here.

mod apply_human;
mod apply_json;
mod catalog;
mod diagnostics;
mod diagnostics_sarif;
#[cfg(test)]
mod diagnostics_tests;
mod diagnostics_v1;
mod explain;
mod explain_json;
mod lock_views;
mod log;
mod plan_field;
mod plan_github;
mod plan_human;
mod plan_json;
mod plan_markdown;
mod plan_summary;
#[cfg(test)]
mod plan_tests;
mod progress;
mod region;
mod render;
mod shell;
mod snippet;
mod text;
mod theme;
mod view;

pub use apply_human::{Again, doubt_advice, outcome_advice, outcome_sentence};
pub use apply_json::{EventV1, SummaryV1, events_schema};
pub use catalog::{EntriesV1, age, catalog_json, catalog_text, synced_json, synced_sentence};
pub use diagnostics::{diagnostics_github, diagnostics_text, tally};
pub use diagnostics_sarif::diagnostics_sarif;
pub use diagnostics_v1::{DiagnosticV1, DiagnosticsV1, LabelV1, RowV1};
pub use explain::{ExplainScreen, Told, explain_text};
pub use explain_json::explain_json;
pub use lock_views::{findings_json, findings_text, takes_json, takes_text};
pub use log::start_log;
pub use plan_github::{PlanGithub, plan_github};
pub use plan_human::{PlanScreen, PlanView, plan_human};
pub use plan_json::{PlanV1, plan_json, plan_schema};
pub use plan_markdown::plan_markdown;
pub use plan_summary::plan_sentence;
pub use progress::RunProgress;
pub use render::{render_curl, render_json, render_yaml};
pub use shell::quote;
pub use snippet::{Screen, snippet};
pub use theme::Theme;
pub use view::{Shape, Stream, View};
