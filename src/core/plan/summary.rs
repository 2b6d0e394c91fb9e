//! The counts of a plan, and its warnings.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Action, Change, PlanSummary};
use crate::source::{pluralize, quoted};

/// Maximum number of keys that a warning names. The rest are counted.
const MAX_LISTED: usize = 3;

pub(super) fn summarize(changes: &[Change], unchanged: u64) -> PlanSummary {
    let mut summary = PlanSummary { unchanged, ..PlanSummary::default() };
    for change in changes {
        let sent = u64::from(change.submits);
        summary.submit += sent;
        match change.action {
            Action::Add => summary.new += sent,
            Action::Change => summary.changed += sent,
            Action::Move => summary.moved += 1,
            Action::Retry => summary.failed += 1,
            Action::Resolve => summary.in_doubt += 1,
            Action::Orphan => summary.orphan += 1,
        }
        if change.submits {
            summary.seconds += change.estimate.seconds.unwrap_or(0.0);
            summary.credits += change.estimate.credits.unwrap_or(0.0);
            summary.unknown_length += u64::from(change.estimate.seconds.is_none());
        }
        if change.submits || change.action == Action::Resolve {
            summary.credits_at_most += change.estimate.credits_at_most;
        }
    }
    summary
}

/// Returns the warning about submissions that are paid for at other hosts and would be paid for again.
pub(super) fn other_host_warning(hosts: &BTreeMap<Arc<str>, u64>, host: &str) -> Option<String> {
    let number: u64 = hosts.values().sum();
    let them = if number == 1 { "it is" } else { "they are" };
    (number > 0).then(|| {
        format!(
            "{number} to submit, but already paid for at {}: takes at one host do not count at another, so at `{host}` {them} paid for again",
            quoted(hosts.keys())
        )
    })
}

/// Returns the warning about declared results that were never saved and that the vendor may have deleted. A plan does
/// not query the vendor.
pub(super) fn expired_warning(keys: &[Arc<str>]) -> Option<String> {
    Some(format!(
        "{} may have expired: never pulled, and older than the 7 days that the vendor keeps results: {}; `callsheet status` queries the vendor",
        results(keys)?,
        names(keys)
    ))
}

/// Returns the warning about declared results that were never saved and that the vendor will soon delete.
pub(super) fn expiring_warning(keys: &[Arc<str>]) -> Option<String> {
    Some(format!(
        "{} deleted by the vendor within 48 h, never pulled: {}; `callsheet pull` saves finished videos",
        results(keys)?,
        names(keys)
    ))
}

fn results(keys: &[Arc<str>]) -> Option<String> {
    (!keys.is_empty()).then(|| pluralize(keys.len() as u64, "result"))
}

fn names(keys: &[Arc<str>]) -> String {
    let named: Vec<String> = keys.iter().take(MAX_LISTED).map(|key| format!("`{key}`")).collect();
    let more = keys.len() - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", named.join(", "))
}
