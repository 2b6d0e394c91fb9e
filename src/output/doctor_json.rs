//! `doctor --format json`: one document, format 1; and the observations of `doctor --spend`, an event.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::doctor_human::grace_text;
use super::document::{document, schema_of};
use crate::project::{CheckStatus, Diagnosis, Measured, MeasuredEnd, NameChange, SeenStatus};

/// What `callsheet doctor --format json` prints.
///
/// Fields and checks may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Doctor")]
struct DoctorV1<'a> {
    /// Always 1.
    #[schemars(extend("const" = 1))]
    format_version: u32,
    /// The environment's name.
    environment: &'a str,
    /// The vendor's host, if the environment is known.
    host: Option<&'a str>,
    /// The number of checks by result.
    summary: CountsV1,
    /// Every check, in a fixed order.
    checks: Vec<CheckV1<'a>>,
}

/// The number of checks by result.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Counts")]
struct CountsV1 {
    /// Works, or is not needed.
    ok: usize,
    /// Works, with a risk.
    warning: usize,
    /// Does not work.
    failure: usize,
    /// Not checked, because something that it needs does not work.
    skipped: usize,
}

/// One check.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Check")]
struct CheckV1<'a> {
    /// A stable word: `git-merge`.
    code: &'a str,
    /// The result.
    #[schemars(extend("enum" = ["ok", "warning", "failure", "skipped"]))]
    status: &'static str,
    /// What was found.
    message: &'a str,
    /// The next step, if there is one.
    next: Option<&'a str>,
}

/// `doctor --format json`.
pub fn diagnosis_json(diagnosis: &Diagnosis) -> String {
    let checks = diagnosis.checks.iter().map(|check| CheckV1 {
        code: check.code,
        status: check.status.word(),
        message: &check.message,
        next: check.next.as_deref(),
    });
    document(&DoctorV1 {
        format_version: 1,
        environment: &diagnosis.environment,
        host: diagnosis.host.as_deref(),
        summary: CountsV1 {
            ok: diagnosis.count(CheckStatus::Ok),
            warning: diagnosis.count(CheckStatus::Warning),
            failure: diagnosis.count(CheckStatus::Failure),
            skipped: diagnosis.count(CheckStatus::Skipped),
        },
        checks: checks.collect(),
    })
}

/// The schema of `doctor --format json`.
pub fn diagnosis_schema() -> Value {
    schema_of::<DoctorV1<'_>>()
}

/// The observations of `doctor --spend` about one take. It holds no id and no address.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MeasuredV1 {
    /// The environment's name.
    environment: String,
    /// The vendor's host.
    host: String,
    /// When the take was submitted, UTC.
    sent: String,
    /// Whether this run submitted it. If not, its times are not known.
    fresh: bool,
    /// Whether everything that can be observed was.
    settled: bool,
    /// Seconds until the list showed it.
    listed_after: Option<f64>,
    /// Seconds after which the list did not show it yet.
    not_listed_after: Option<f64>,
    /// How the listed name differs from the submitted one; null if the list does not show it.
    name_changes: Option<Vec<NameChangeV1>>,
    /// The number of characters that are left of a cut name.
    name_cut_at: Option<usize>,
    /// Whether the marker can be read from the listed name.
    marker_readable: Option<bool>,
    /// Whether the list's id is the task id.
    list_id_is_task_id: Option<bool>,
    /// The statuses of the list, in order.
    list_statuses: Vec<SeenStatusV1>,
    /// The statuses of the task, in order.
    task_statuses: Vec<SeenStatusV1>,
    /// The method by which the list is served.
    #[schemars(extend("enum" = ["GET", "POST", null]))]
    list_method: Option<&'static str>,
    /// Seconds that the vendor's clock is ahead of this machine's.
    clock_ahead: Option<f64>,
    /// Seconds that a token lives.
    token_life: Option<u64>,
    /// `settle_grace` of the environment.
    settle_grace: String,
    /// A longer `settle_grace`, if the list is slower than the current one allows.
    settle_grace_needed: Option<String>,
    /// The last question that failed.
    trouble: Option<String>,
}

/// One way in which a listed name differs from the submitted one.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum NameChangeV1 {
    /// In lower case.
    Lowered,
    /// Spaces are missing.
    Trimmed,
    /// Written as for HTML.
    Escaped,
    /// The end is gone.
    Cut,
    /// Something else.
    Other,
}

/// A status when it was first seen.
#[derive(Debug, Serialize, JsonSchema)]
struct SeenStatusV1 {
    /// Seconds after the submission.
    after: f64,
    /// The vendor's number, if it gave one.
    status: Option<i64>,
    /// Whether it came with the address of a file.
    file: bool,
}

impl From<NameChange> for NameChangeV1 {
    fn from(change: NameChange) -> Self {
        match change {
            NameChange::Lowered => Self::Lowered,
            NameChange::Trimmed => Self::Trimmed,
            NameChange::Escaped => Self::Escaped,
            NameChange::Cut(_) => Self::Cut,
            NameChange::Other => Self::Other,
        }
    }
}

impl From<&SeenStatus> for SeenStatusV1 {
    fn from(seen: &SeenStatus) -> Self {
        Self { after: rounded(seen.after), status: seen.status, file: seen.file }
    }
}

impl MeasuredV1 {
    /// Converts the observations of an environment.
    pub fn new(measured: &Measured, (environment, host): (&str, &str), grace: Duration) -> Self {
        let cut = |change: &NameChange| if let NameChange::Cut(left) = change { Some(*left) } else { None };
        Self {
            environment: environment.to_owned(),
            host: host.to_owned(),
            sent: measured.sent.to_string(),
            fresh: measured.fresh,
            settled: measured.end == MeasuredEnd::Settled,
            listed_after: measured.listed.filter(|_| measured.fresh).map(rounded),
            not_listed_after: measured.missed.map(rounded),
            name_changes: measured.name.as_ref().map(|all| all.iter().copied().map(NameChangeV1::from).collect()),
            name_cut_at: measured.name.iter().flatten().find_map(cut),
            marker_readable: measured.marker,
            list_id_is_task_id: measured.same_id,
            list_statuses: measured.list_statuses.iter().map(SeenStatusV1::from).collect(),
            task_statuses: measured.task_statuses.iter().map(SeenStatusV1::from).collect(),
            list_method: measured.by_post.map(|by_post| if by_post { "POST" } else { "GET" }),
            clock_ahead: measured.clock.map(rounded),
            token_life: measured.token_life.map(|life| life.as_secs()),
            settle_grace: grace_text(grace),
            settle_grace_needed: measured.grace(grace).map(grace_text),
            trouble: measured.trouble.clone(),
        }
    }
}

/// Seconds, to a tenth.
fn rounded(span: jiff::SignedDuration) -> f64 {
    (span.as_secs_f64() * 10.0).round() / 10.0
}
