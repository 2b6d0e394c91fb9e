//! `doctor --format json`: one document, format 1; and the observations of `doctor --spend`, an event.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::doctor_human::grace_text;
use super::document::versioned;
use crate::project::{Check, CheckStatus, Diagnosis, NameChange, ObservationEnd, Observations, SeenStatus, tenths};

/// What `callsheet doctor --format json` prints.
///
/// Fields and checks may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Doctor")]
pub struct DoctorV1<'a> {
    /// The environment's name.
    environment: &'a str,
    /// The vendor's host, if the environment is known.
    host: Option<&'a str>,
    /// The number of checks by result.
    summary: CountsV1,
    /// Every check, in a fixed order.
    checks: &'a [Check],
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

/// Returns `doctor --format json`.
pub fn diagnosis_json(diagnosis: &Diagnosis) -> String {
    versioned(&DoctorV1 {
        environment: &diagnosis.environment,
        host: diagnosis.host.as_deref(),
        summary: CountsV1 {
            ok: diagnosis.count(CheckStatus::Ok),
            warning: diagnosis.count(CheckStatus::Warning),
            failure: diagnosis.count(CheckStatus::Failure),
            skipped: diagnosis.count(CheckStatus::Skipped),
        },
        checks: &diagnosis.checks,
    })
}

/// The observations of `doctor --spend` about one take. It holds no id and no address.
// Half of it is calculated from [`Observations`] and the environment.
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
    name_changes: Option<Vec<NameChange>>,
    /// The number of characters that are left of a cut name.
    name_cut_at: Option<usize>,
    /// Whether the marker can be read from the listed name.
    marker_readable: Option<bool>,
    /// Whether the list's id is the task id.
    list_id_is_task_id: Option<bool>,
    /// The statuses of the list, in order.
    list_statuses: Vec<SeenStatus>,
    /// The statuses of the task, in order.
    task_statuses: Vec<SeenStatus>,
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

impl MeasuredV1 {
    /// Converts the observations of an environment.
    pub fn new(measured: &Observations, (environment, host): (&str, &str), grace: Duration) -> Self {
        let cut = |change: &NameChange| if let NameChange::Cut(left) = change { Some(*left) } else { None };
        Self {
            environment: environment.to_owned(),
            host: host.to_owned(),
            sent: measured.sent.to_string(),
            fresh: measured.fresh,
            settled: measured.end == ObservationEnd::Settled,
            listed_after: measured.listed.filter(|_| measured.fresh).map(tenths),
            not_listed_after: measured.missed.map(tenths),
            name_changes: measured.name.clone(),
            name_cut_at: measured.name.iter().flatten().find_map(cut),
            marker_readable: measured.marker,
            list_id_is_task_id: measured.same_id,
            list_statuses: measured.list_statuses.clone(),
            task_statuses: measured.task_statuses.clone(),
            list_method: measured.by_post.map(|by_post| if by_post { "POST" } else { "GET" }),
            clock_ahead: measured.clock.map(tenths),
            token_life: measured.token_life.map(|life| life.as_secs()),
            settle_grace: grace_text(grace),
            settle_grace_needed: measured.grace(grace).map(grace_text),
            trouble: measured.trouble.clone(),
        }
    }
}
