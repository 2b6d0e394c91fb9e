//! `doctor`, human-readable and as one document of format 1; and the observations of `--spend`, as text and as an event.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::Serialize;

use super::document::versioned;
use super::text::{Widths, cell, format_timestamp, pluralize};
use super::theme::{CYAN, DIM, GREEN, RED, Theme, YELLOW};
use crate::project::{Check, CheckStatus, Diagnosis, NameChange, ObservationEnd, Observations, SeenStatus, tenths};
use crate::source::sanitize;

/// Returns one line per check with the next step below it, and the counts.
pub fn diagnosis_human(diagnosis: &Diagnosis, color: bool) -> String {
    let theme = Theme::new(color);
    let row = |check: &Check| {
        let style = match check.status {
            CheckStatus::Ok => GREEN,
            CheckStatus::Warning => YELLOW,
            CheckStatus::Failure => RED,
            CheckStatus::Skipped => DIM,
        };
        vec![cell(check.status.word()).style(style), cell(check.code)]
    };
    let rows: Vec<_> = diagnosis.checks.iter().map(row).collect();
    let mut widths = Widths::of(&rows).at_least(0, STATUS_COLUMNS);
    let indent = widths.0.iter().map(|width| width + 2).sum();
    widths.0.push(0);
    let mut text = String::new();
    for (check, mut row) in diagnosis.checks.iter().zip(rows) {
        row.push(cell(sanitize(&check.message)));
        let _infallible = writeln!(text, "{}", widths.line(&row, theme));
        if let Some(next) = &check.next {
            let _infallible = writeln!(text, "{:indent$}next: {}", "", sanitize(next));
        }
    }
    let number = |status| diagnosis.count(status) as u64;
    let mut parts = vec![format!("{} ok", number(CheckStatus::Ok))];
    parts.extend(Some(number(CheckStatus::Warning)).filter(|some| *some > 0).map(|some| pluralize(some, "warning")));
    parts.extend(Some(number(CheckStatus::Failure)).filter(|some| *some > 0).map(|some| pluralize(some, "failure")));
    parts.extend(Some(number(CheckStatus::Skipped)).filter(|some| *some > 0).map(|some| format!("{some} skipped")));
    let _infallible = writeln!(text, "\nDoctor: {}", parts.join(", "));
    text
}

/// Number of columns of the longest status.
const STATUS_COLUMNS: usize = 7;

/// Returns the observations, one per line, and then the line to paste if `settle_grace` is too short.
pub fn measured_human(measured: &Observations, (environment, grace): (&str, Duration), color: bool) -> String {
    let theme = Theme::new(color);
    let facts = facts(measured);
    let rows: Vec<_> = facts.iter().map(|(name, fact)| vec![cell(*name).style(CYAN), cell(sanitize(fact))]).collect();
    let widths = Widths::of(&rows);
    let mut text: String = rows.iter().map(|row| widths.line(row, theme) + "\n").collect();
    if measured.marker == Some(false) {
        text.push_str(
            "\nThe listed name has no readable marker, so a take in doubt cannot be found in this vendor's list.\n\
             Settle such takes with `callsheet lock adopt` or `callsheet lock free`.\n",
        );
    }
    if measured.fresh && measured.listed.is_none() {
        text.push_str(
            "\nThe list does not show the take yet. Run `callsheet doctor --spend` again later: it reads the list again and sends nothing.\n",
        );
    }
    if let Some(longer) = measured.grace(grace) {
        let _infallible = write!(
            text,
            "\n`settle_grace` is {}, which is less than twice the time that the list needed.\n\
             Set this for `{environment}` under `environments` in `callsheet.yaml`:\n  settle_grace: {}\n",
            grace_text(grace),
            grace_text(longer)
        );
    } else if measured.fresh && measured.listed.is_some() {
        let _infallible = writeln!(text, "\n`settle_grace` is {}, which is long enough.", grace_text(grace));
    }
    text
}

fn facts(measured: &Observations) -> Vec<(&'static str, String)> {
    let mut facts = vec![("sent", format_timestamp(measured.sent))];
    facts.push(("list", listed(measured)));
    facts.push(("name", measured.name.as_deref().map_or_else(unknown, changes)));
    facts.push(("marker", yes(measured.marker, "intact", "not readable")));
    facts.push(("id", yes(measured.same_id, "the list's id is the task id", "the list's id is not the task id")));
    facts.push(("list status", statuses(&measured.list_statuses, measured.fresh)));
    facts.push(("task status", statuses(&measured.task_statuses, measured.fresh)));
    facts.push(("list method", yes(measured.by_post, "POST: GET is answered with 404 or 405", "GET")));
    facts.push((
        "token",
        measured
            .token_life
            .map_or_else(|| "its lifetime is not known".to_owned(), |life| format!("lives {} s", life.as_secs())),
    ));
    facts.push(("clock", measured.clock.map_or_else(unknown, clock)));
    if let Some(trouble) = &measured.trouble {
        facts.push(("trouble", trouble.clone()));
    }
    facts
}

fn unknown() -> String {
    "not known".to_owned()
}

fn yes(fact: Option<bool>, yes: &str, no: &str) -> String {
    fact.map_or_else(unknown, |fact| if fact { yes } else { no }.to_owned())
}

fn listed(measured: &Observations) -> String {
    match (measured.listed, measured.missed) {
        (Some(_), _) if !measured.fresh => "shows it; since when is not known".to_owned(),
        (Some(listed), None) => format!("shows it after {}", seconds(listed)),
        (Some(listed), Some(missed)) => {
            format!("shows it after {}, not yet after {}", seconds(listed), seconds(missed))
        }
        (None, Some(missed)) => format!("does not show it after {}", seconds(missed)),
        (None, None) => "could not be read".to_owned(),
    }
}

fn changes(changes: &[NameChange]) -> String {
    if changes.is_empty() {
        return "as submitted".to_owned();
    }
    let words = changes.iter().map(|change| match change {
        NameChange::Lowered => "in lower case".to_owned(),
        NameChange::Trimmed => "without its double spaces".to_owned(),
        NameChange::Escaped => "escaped as for HTML".to_owned(),
        NameChange::Cut(left) => format!("cut at {left} characters"),
        NameChange::Other => "replaced by another one".to_owned(),
    });
    words.collect::<Vec<_>>().join(", ")
}

fn statuses(seen: &[SeenStatus], fresh: bool) -> String {
    if seen.is_empty() {
        return unknown();
    }
    let words = seen.iter().map(|one| {
        let number = one.status.map_or_else(|| "none".to_owned(), |number| number.to_string());
        let file = if one.file { " with a file" } else { "" };
        let after = if fresh { format!(" after {}", seconds(one.after)) } else { String::new() };
        format!("{number}{file}{after}")
    });
    words.collect::<Vec<_>>().join(", ")
}

fn clock(ahead: SignedDuration) -> String {
    let seconds = ahead.as_secs();
    match seconds {
        -60..=60 => "agrees with the vendor's within a minute".to_owned(),
        61.. => format!("{seconds} s behind the vendor's"),
        _ => format!("{} s ahead of the vendor's", -seconds),
    }
}

/// Returns seconds with one decimal: `4.2 s`.
fn seconds(span: SignedDuration) -> String {
    format!("{:.1} s", span.as_secs_f64())
}

/// Returns a duration in the format of manifests: `4m`, `90s`.
fn grace_text(grace: Duration) -> String {
    match grace.as_secs() {
        0 => "0s".to_owned(),
        seconds if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

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
