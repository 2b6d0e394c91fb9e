//! Shows, decides nothing.

mod diagnostics;
#[cfg(test)]
mod diagnostics_tests;
mod diagnostics_v1;
mod snippet;
mod visible;

pub use diagnostics::{diagnostics_github, diagnostics_text, tally};
pub use diagnostics_v1::{DiagnosticV1, DiagnosticsV1, LabelV1, RowV1};
pub use snippet::{Screen, snippet};
