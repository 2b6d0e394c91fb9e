//! Everything that callsheet prints. This module makes no decisions.

mod apply_human;
mod apply_json;
mod apply_progress;
mod catalog;
mod diagnostics_human;
mod diagnostics_json;
mod diagnostics_sarif;
#[cfg(test)]
mod diagnostics_tests;
mod doctor;
mod document;
mod event_writer;
mod explain_human;
mod explain_json;
mod explain_preset;
mod explicit_schema;
mod lock;
mod log;
mod plan_field;
mod plan_human;
mod plan_json;
mod plan_markdown;
#[cfg(test)]
mod plan_tests;
mod preview;
mod programs;
mod render;
mod report;
mod results_progress;
mod snippet;
mod status;
mod text;
mod theme;
mod view;

pub use apply_human::{in_doubt_hint, ledger_advice, outcome_hint, outcome_sentence};
pub use apply_json::{AnyEvent, EventV1, SummaryV1};
pub use apply_progress::ApplyProgress;
pub use catalog::{
    CatalogDocument, CatalogRows, SyncedDocument, age, catalog_json, catalog_text, synced_json, synced_sentence,
};
pub use diagnostics_human::{diagnostics_github, diagnostics_text, tally};
pub use diagnostics_json::{DiagnosticV1, DiagnosticsV1, LabelV1};
pub use diagnostics_sarif::diagnostics_sarif;
pub use doctor::{DoctorV1, MeasuredV1, diagnosis_human, diagnosis_json, measured_human};
pub use document::{lenient_schema_of, schema_of, schema_of_line, versioned, versioned_line};
pub use explain_human::explain_text;
pub use explain_json::{ExplainDocument, ExplainView, explain_json};
pub use explain_preset::{PresetDocument, explain_preset_json, explain_preset_text};
pub use lock::{FindingsDocument, TakesDocument, findings_json, findings_text, takes_json, takes_text};
pub use log::start_log;
pub use plan_human::{PlanView, plan_human, plan_sentence};
pub use plan_json::{PlanDocument, plan_json};
pub use plan_markdown::{PlanGithub, plan_github, plan_markdown};
pub use preview::{PreviewV1, frame_bar, preview_json, preview_notices, preview_sentence};
pub use programs::Programs;
pub use render::{RenderDocument, render_curl, render_json, render_yaml};
pub use report::{ReportView, report_csv, report_text};
pub use results_progress::ResultsProgress;
pub use snippet::snippet;
pub use status::{
    StatusDocument, TakeRow, expiry_warnings, pending_lines, pulled_sentence, status_human, unsaved_hint,
    waited_sentence, wordless_warning,
};
pub use text::{format_span, format_timestamp, pluralize, quote};
pub use theme::{Screen, Theme};
pub use view::{CommandEscaper, View, ViewOptions};
