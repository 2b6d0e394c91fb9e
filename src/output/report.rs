//! The report on paid takes: as a table, CSV or JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::plan_human::budget_sentence;
use super::text::{TableCell, Widths, cell, format_length};
use super::theme::{BOLD, DIM, Theme};
use crate::plan::Budget;
use crate::results::ReportRow;
use crate::source::sanitize;
use crate::spec::{Credits, thousandths};

/// What `callsheet lock report --format json` prints.
///
/// Seconds and credits are rounded to a thousandth; fields may be added within one format version.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Report")]
pub struct ReportView<'a> {
    /// The environment's name.
    pub environment: &'a str,
    /// The vendor's host.
    pub host: &'a str,
    /// The kind of the groups: `month`, `preset`, `locale`.
    pub by: &'a str,
    /// The start of the report, UTC; null for all takes.
    #[schemars(with = "Option<String>")]
    pub since: Option<jiff::Timestamp>,
    /// By name.
    #[serde(serialize_with = "serialize_groups")]
    #[schemars(with = "Vec<ReportGroup<'a>>")]
    pub groups: &'a BTreeMap<String, ReportRow>,
    /// All of them.
    pub total: &'a ReportRow,
    /// Submissions whose response was lost. They may be paid for, and are not counted.
    pub in_doubt: u64,
    /// The month's budget, independent of the report's scope; absent if `max_credits_per_month` is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<&'a Budget>,
}

/// One group.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Group")]
struct ReportGroup<'a> {
    /// Its name.
    name: &'a str,
    /// Its counts.
    counts: &'a ReportRow,
}

fn serialize_groups<S: Serializer>(groups: &BTreeMap<String, ReportRow>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(groups.iter().map(|(name, counts)| ReportGroup { name, counts }))
}

/// Returns `lock report --format csv`: a header and one line per group. It has no total, so that the lines can be
/// summed.
///
/// # Errors
///
/// Returns an error if the CSV writer fails.
pub fn report_csv(view: &ReportView<'_>) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        view.by,
        "takes",
        "failed",
        "measured",
        "unknown",
        "seconds_estimated",
        "seconds",
        "credits_estimated",
        "credits",
        "credits_at_most",
    ])?;
    for (name, row) in view.groups {
        let numbers = [row.seconds_estimated, row.seconds, row.credits_estimated, row.credits, row.credits_at_most]
            .map(thousandths);
        let mut record = vec![inert(name)];
        record.extend([row.takes, row.failed, row.measured, row.unknown].map(|count| count.to_string()));
        record.extend(numbers.map(|number| number.to_string()));
        writer.write_record(record)?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Returns a name that is neither a formula in a spreadsheet nor a command to a runner.
fn inert(name: &str) -> String {
    let name = sanitize(name);
    if name.starts_with(['=', '+', '-', '@', ':']) { format!("'{name}") } else { name.into_owned() }
}

/// Returns a human-readable table with the total at the end.
pub fn report_text(view: &ReportView<'_>, color: bool) -> String {
    let theme = Theme::new(color);
    let head = [view.by, "takes", "failed", "length est.", "length", "credits est.", "credits"].map(str::to_owned);
    let mut rows = vec![cells(head)];
    rows.extend(view.groups.iter().map(|(name, row)| cells(figures(&sanitize(name), row))));
    rows.push(cells(figures("total", view.total)));
    let widths = Widths::of(&rows);
    let last = rows.len() - 1;
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let line = widths.line(row, Theme::new(false));
        let line = match number {
            0 => theme.paint(DIM, &line),
            _ if number == last => theme.paint(BOLD, &line),
            _ => line,
        };
        let _infallible = writeln!(text, "{line}");
    }
    let ReportRow { takes, failed, measured, unknown, .. } = *view.total;
    let mut notes = Vec::new();
    if measured + failed < takes {
        notes.push(format!("{} not measured yet: their length is the estimate", takes - failed - measured));
    }
    if unknown > 0 {
        notes.push(format!("{unknown} of unknown length"));
    }
    if failed > 0 {
        notes.push(format!("{failed} failed, not counted in length and credits"));
    }
    if view.in_doubt > 0 {
        notes.push(format!("{} in doubt, not counted", view.in_doubt));
    }
    if !notes.is_empty() {
        let _infallible = writeln!(text, "\n{}", notes.join(" · "));
    }
    if let Some(budget) = view.budget {
        let _infallible = writeln!(text, "\n{}", budget_sentence(budget));
    }
    text
}

/// Returns a row: the name, and numbers aligned on the right.
fn cells<'a>([name, numbers @ ..]: [String; 7]) -> Vec<TableCell<'a>> {
    std::iter::once(cell(name)).chain(numbers.map(|number| cell(number).right())).collect()
}

fn figures(name: &str, row: &ReportRow) -> [String; 7] {
    [
        name.to_owned(),
        row.takes.to_string(),
        row.failed.to_string(),
        format_length(row.seconds_estimated),
        format_length(row.seconds),
        format!("{:.1}", row.credits_estimated),
        Credits { likely: row.credits, at_most: row.credits_at_most }.without_unit(),
    ]
}
