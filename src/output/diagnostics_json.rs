//! A report as JSON, format version 1: every stored message, including equal ones.

use schemars::JsonSchema;
use serde::Serialize;

use super::diagnostics_human::sorted;
use super::snippet::columns;
use crate::diagnostic::{Diagnostic, Label, Report, Severity};
use crate::source::{LocationRange, RowLocation, Sources};
use crate::vendor::redact_signatures;

/// What `callsheet validate --format json` prints: all messages, by place.
///
/// Fields may be added within one format version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Diagnostics")]
pub struct DiagnosticsV1 {
    /// Whether there are more messages than these: at most 10,000 errors and 10,000 warnings are kept.
    pub cut: bool,
    /// The messages.
    pub diagnostics: Vec<DiagnosticV1>,
}

/// One message. A missing value is `null` or empty, never absent.
// [`Diagnostic`] has origins, and only `Sources` can resolve them to locations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Diagnostic")]
pub struct DiagnosticV1 {
    /// The stable kebab-case code.
    pub code: String,
    /// The severity.
    #[schemars(with = "String", extend("enum" = ["error", "warning"]))]
    pub severity: Severity,
    /// The message.
    pub message: String,
    /// The file, relative to the project root.
    pub file: Option<String>,
    /// From 1.
    pub line: Option<u64>,
    /// From 1, in Unicode scalars.
    pub column: Option<u32>,
    /// The line of the byte after the location.
    pub end_line: Option<u32>,
    /// The column of the byte after the location.
    pub end_column: Option<u32>,
    /// The next steps.
    pub help: Vec<String>,
    /// Labels of locations, the main location first if there is one.
    pub labels: Vec<LabelV1>,
    /// The record of a data file.
    pub row: Option<RowLocation>,
    /// The columns of the record that the locations reference.
    pub columns: Vec<String>,
    /// The video.
    pub key: Option<String>,
}

/// The label of a location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Label")]
pub struct LabelV1 {
    /// The place.
    #[serde(flatten)]
    pub place: LocationRange,
    /// The text.
    pub text: String,
}

impl DiagnosticsV1 {
    /// Converts the report, with locations from the sources.
    pub fn new(report: &Report, sources: &Sources) -> Self {
        let diagnostics = sorted(report).into_iter().map(|one| DiagnosticV1::new(one, sources)).collect();
        Self { cut: report.is_truncated(), diagnostics }
    }
}

impl DiagnosticV1 {
    fn new(one: &Diagnostic, sources: &Sources) -> Self {
        let main = one.primary.as_ref().map(|label| LocationRange::new(sources, label.origin));
        let file = one.file.as_ref();
        let worded = one.primary.iter().filter(|label| !label.text.is_empty());
        let line = file.map(|file| file.line).filter(|line| *line > 0);
        Self {
            code: one.code.name().to_owned(),
            severity: one.severity,
            message: redact_signatures(&one.message).into_owned(),
            line: main.as_ref().map(|main| main.line.into()).or(line),
            column: main.as_ref().map(|main| main.column),
            end_line: main.as_ref().map(|main| main.end_line),
            end_column: main.as_ref().map(|main| main.end_column),
            file: main.map(|main| main.file).or_else(|| file.map(|file| file.file.to_string())),
            help: one.help.iter().map(|help| redact_signatures(help).into_owned()).collect(),
            labels: worded.chain(&one.secondary).map(|one| label(one, sources)).collect(),
            row: one.row.clone(),
            columns: columns(one, sources).into_iter().map(str::to_owned).collect(),
            key: one.key.clone(),
        }
    }
}

fn label(label: &Label, sources: &Sources) -> LabelV1 {
    let place = LocationRange::new(sources, label.origin);
    LabelV1 { place, text: redact_signatures(&label.text).into_owned() }
}
