//! Counts what was paid for: takes, seconds and credits, in groups.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::lockfile::{Lockfile, Take, TakeSource, TakeState};
use crate::spec::{credits_for, estimate, serialize_thousandths, stored_at_most, stored_voices};

/// Counts of takes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Counts")]
pub struct ReportRow {
    /// Takes that the vendor accepted, including failed ones.
    pub takes: u64,
    /// Failed takes. They do not count in seconds and credits.
    // The vendor does not document whether it bills failed videos.
    pub failed: u64,
    /// Takes whose length is certain.
    pub measured: u64,
    /// Takes whose length could not be estimated. They do not count in seconds and credits.
    // An audio file that is not rendered yet.
    pub unknown: u64,
    /// Seconds by the estimates.
    #[serde(serialize_with = "serialize_thousandths")]
    pub seconds_estimated: f64,
    /// Actual seconds; for takes that are not measured, the estimate.
    #[serde(serialize_with = "serialize_thousandths")]
    pub seconds: f64,
    /// Credits by the estimates.
    #[serde(serialize_with = "serialize_thousandths")]
    pub credits_estimated: f64,
    /// Credits by the actual seconds; for takes that are not measured, the estimate.
    #[serde(serialize_with = "serialize_thousandths")]
    pub credits: f64,
    /// The upper estimate of `credits`, with 10 minutes for each take of unknown length.
    #[serde(serialize_with = "serialize_thousandths")]
    pub credits_at_most: f64,
}

/// Groups of takes by name, and their total.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CostReport {
    /// By name.
    pub groups: BTreeMap<String, ReportRow>,
    /// All groups together.
    pub total: ReportRow,
    /// Submissions whose response was lost. They may be paid for, and are not counted.
    pub in_doubt: u64,
}

/// Counts the takes at a host that were sent since a time. `group` returns the group of a take.
///
/// A take that the user accepted for another content was not submitted for it. A forgotten take was paid for.
pub fn report(
    lockfile: &Lockfile,
    host: &str,
    since: Option<Timestamp>,
    group: impl Fn(&Take) -> String,
) -> CostReport {
    let mut report = CostReport::default();
    let counts = |take: &Take| take.how != Some(TakeSource::Accepted) && since.is_none_or(|since| take.at >= since);
    for take in lockfile.takes_where(host, counts) {
        let sent = take.task.is_some() || take.video.is_some();
        match take.state {
            TakeState::Intent => report.in_doubt += 1,
            TakeState::Freed => {}
            TakeState::Forgotten | TakeState::Failed if !sent => {}
            _ => {
                add(&mut report.total, take);
                add(report.groups.entry(group(take)).or_default(), take);
            }
        }
    }
    report
}

fn add(row: &mut ReportRow, take: &Take) {
    row.takes += 1;
    if take.state == TakeState::Failed {
        row.failed += 1;
        return;
    }
    let spec = take.spec_value();
    let heard = spec.as_ref().and_then(stored_voices);
    let thought = heard.as_ref().map(estimate).unwrap_or_default();
    row.measured += u64::from(take.seconds.is_some());
    row.unknown += u64::from(take.seconds.is_none() && thought.seconds.is_none());
    row.seconds_estimated += thought.seconds.unwrap_or_default();
    row.credits_estimated += thought.credits.unwrap_or_default();
    row.seconds += take.seconds.or(thought.seconds).unwrap_or_default();
    row.credits += match (take.seconds, &heard) {
        (Some(seconds), Some(heard)) => credits_for(Some(heard), seconds),
        _ => thought.credits.unwrap_or_default(),
    };
    row.credits_at_most += stored_at_most(spec.as_ref(), take.seconds);
}
