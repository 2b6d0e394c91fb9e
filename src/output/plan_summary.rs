//! Summarizes a plan in one sentence.

use super::text::{count, counts, total_cost};
use crate::plan::{Budget, Plan};

/// Returns the summary, such as:
/// `Plan: 2 to submit (1 new, 1 changed), 40 unchanged, 1 orphan · about 0:54 of video, about 6.3 credits (at most 12.1)`
///
/// Parts that are zero are omitted. Videos of unknown length are counted.
pub fn plan_sentence(plan: &Plan) -> String {
    let summary = &plan.summary;
    let retried = summary.submit.saturating_sub(summary.new + summary.changed);
    let unsent = summary.failed.saturating_sub(retried);
    let mut parts = vec![if summary.submit == 0 {
        "nothing to submit".to_owned()
    } else {
        let kinds = counts(&[(summary.new, "new"), (summary.changed, "changed"), (retried, "failed before")]);
        format!("{} to submit ({kinds})", summary.submit)
    }];
    parts.push(counts(&[
        (summary.unchanged, "unchanged"),
        (summary.moved, "moved"),
        (unsent, "failed (send again with --retry-failed)"),
        (summary.in_doubt, "in doubt"),
    ]));
    if summary.orphan > 0 {
        parts.push(count(summary.orphan, "orphan"));
    }
    parts.retain(|part| !part.is_empty());
    let cost = || total_cost(summary.submit, summary.unknown_length, summary.seconds, summary.price());
    let cost = if summary.submit == 0 { String::new() } else { format!(" · {}", cost()) };
    format!("Plan: {}{cost}", parts.join(", "))
}

/// Returns the budget, such as:
/// `Budget 2026-12: at most 12.3 of 1000 credits spent and 6.3 planned, 981.4 left; counts what this lockfile knows`
pub fn budget_sentence(budget: &Budget) -> String {
    let Budget { month, limit, spent, planned, left, .. } = budget;
    let unknown = match budget.unknown {
        0 => String::new(),
        1 => ", 1 take of unknown content counted like 10 minutes".to_owned(),
        count => format!(", {count} takes of unknown content counted like 10 minutes each"),
    };
    format!(
        "Budget {month}: up to {spent:.1} of {limit} credits spent and {planned:.1} planned, {left:.1} left; counts what this lockfile knows{unknown}"
    )
}
