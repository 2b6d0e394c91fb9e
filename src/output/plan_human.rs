//! A plan, human-readable: signs, keys, fields with the lines that caused them, the summary.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::Screen;
use super::plan_field::{TextBudget, change as field_change, length_change, location, one_line, short_path};
use super::text::{
    cost, counts, display_width, format_timestamp, padding, pluralize, total_cost, truncate, truncate_middle,
};
use super::theme::{BOLD, CYAN, DIM, RED, Theme, YELLOW};
use crate::plan::{Action, Budget, Cause, Change, GuardViolation, Plan, Reason, causes, violation_sentence};
use crate::source::sanitize;

/// Maximum number of changes per action, of causes and of changed labels to show without `--verbose`.
const MAX_UNFOLDED: usize = 20;
/// Maximum number of columns of a key.
const KEY_COLUMNS: usize = 48;

/// A plan with the guards that block it.
#[derive(Clone, Copy, Debug)]
pub struct PlanView<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The guards that block `apply`.
    pub refusals: &'a [GuardViolation],
    /// The month's budget, if one is set.
    pub budget: Option<&'a Budget>,
    /// The address of a storyboard that the Markdown links.
    pub storyboard: Option<&'a str>,
}

/// Returns the plan as text with a final newline.
pub fn plan_human(view: &PlanView<'_>, screen: Screen) -> String {
    let theme = Theme::new(screen.color);
    let mut blocks = vec![changes(view.plan, screen, theme)];
    blocks.push(cause_lines(view.plan, screen));
    blocks.push(relabels(view.plan, screen));
    let mut end = String::new();
    for warning in &view.plan.warnings {
        let _infallible = writeln!(end, "{} {}", theme.paint(YELLOW, "warning:"), sanitize(warning));
    }
    if let Some(refused) = violation_sentence(view.refusals) {
        let _infallible = writeln!(end, "{} {}", theme.paint(RED, "apply would be blocked:"), sanitize(&refused));
    }
    if let Some(budget) = view.budget {
        let _infallible = writeln!(end, "{}", budget_sentence(budget));
    }
    let _infallible = writeln!(end, "{}", theme.paint(BOLD, &plan_sentence(view.plan)));
    blocks.push(end);
    blocks.retain(|block| !block.is_empty());
    blocks.join("\n")
}

fn changes(plan: &Plan, screen: Screen, theme: Theme) -> String {
    let mut counts: HashMap<Action, usize> = HashMap::new();
    let mut listed = Vec::new();
    for change in &plan.changes {
        let number = counts.entry(change.action).or_default();
        *number += 1;
        if screen.verbose || *number <= MAX_UNFOLDED {
            listed.push(change);
        }
    }
    let longest = listed.iter().map(|change| display_width(&sanitize(&change.key))).max().unwrap_or(0).min(KEY_COLUMNS);
    let mut text = String::new();
    for change in listed {
        one(&mut text, change, longest, screen, theme);
    }
    for action in Action::ALL {
        let more = counts.get(action).copied().unwrap_or(0).saturating_sub(MAX_UNFOLDED);
        if more > 0 && !screen.verbose {
            let _infallible = writeln!(text, "  {} … and {more} more (--verbose shows all)", theme.symbol(*action));
        }
    }
    text
}

fn one(text: &mut String, change: &Change, longest: usize, screen: Screen, theme: Theme) {
    let key = sanitize(&change.key);
    let key = truncate_middle(&key, if screen.verbose { usize::MAX } else { KEY_COLUMNS });
    let says = says(change);
    let room = screen.width.saturating_sub(longest + 6).max(24);
    let says = if screen.verbose { says } else { truncate(&says, room).into_owned() };
    let gap = padding(&key, longest);
    let _infallible = writeln!(text, "  {} {key}{gap}  {}", theme.symbol(change.action), theme.paint(DIM, &says));
    if change.action != Action::Change {
        return;
    }
    if change.diff.is_empty() {
        let _infallible = writeln!(text, "      {}", theme.paint(DIM, "its earlier content is not in the lockfile"));
    }
    fields(text, change, screen, theme);
}

fn fields(text: &mut String, change: &Change, screen: Screen, theme: Theme) {
    let names = change.diff.iter().map(|field| display_width(&short_path(&field.path))).max().unwrap_or(0);
    let indent = 6 + names + 2;
    for field in &change.diff {
        let name = short_path(&field.path);
        let origin = field.origin.as_ref().map(location).unwrap_or_default();
        let taken = indent + if origin.is_empty() { 0 } else { display_width(&origin) + 3 };
        let width = screen.width.saturating_sub(taken).max(24);
        let room = if screen.verbose { TextBudget::unlimited(width) } else { TextBudget::for_screen(width) };
        let lines = field_change(field, room, theme).join(&format!("\n{}", " ".repeat(indent)));
        let origin = if origin.is_empty() { origin } else { format!("   {}", theme.paint(CYAN, &origin)) };
        let _infallible = writeln!(text, "      {name}{}  {lines}{origin}", padding(&name, names));
    }
}

/// Returns the text next to a key.
fn says(change: &Change) -> String {
    let cost = || cost(&change.estimate);
    match &change.reason {
        Reason::New | Reason::ContentChanged | Reason::TakeRaised => match length_change(change) {
            Some(gain) => format!("{} · {gain}", cost()),
            None => cost(),
        },
        Reason::SameContent(key) => format!("same content as `{}`, nothing sent", sanitize(key)),
        Reason::Failed(message) => {
            let message = if message.is_empty() { "the vendor gave no reason".into() } else { sanitize(message) };
            if change.submits {
                format!("{}, sent again; it failed: {message}", cost())
            } else {
                format!("failed: {message}")
            }
        }
        Reason::InDoubt(since) if change.video.is_none() => {
            format!("in doubt since {}, with content that no video uses", format_timestamp(*since))
        }
        Reason::InDoubt(since) => match &change.claim {
            Some(claim) => sanitize(claim).into_owned(),
            None => format!("in doubt since {}", format_timestamp(*since)),
        },
        Reason::KeyGone => "no longer in any manifest".to_owned(),
    }
}

fn cause_lines(plan: &Plan, screen: Screen) -> String {
    let causes = causes(plan);
    let shown = if screen.verbose { causes.len() } else { causes.len().min(MAX_UNFOLDED) };
    let mut text = String::new();
    for cause in &causes[..shown] {
        let _infallible = writeln!(text, "{}", cause_sentence(cause));
    }
    if shown < causes.len() {
        let _infallible = writeln!(text, "… and {} more (--verbose shows all)", causes.len() - shown);
    }
    text
}

/// Returns a cause: `voices.yaml:12 speed 1.0 → 1.1 changes 47 videos · about 188.0 credits (at most 402.3)`.
pub fn cause_sentence(cause: &Cause<'_>) -> String {
    let origin = cause.field.origin.as_ref().map(|place| format!("{}:{} ", sanitize(&place.file), place.line));
    let price = if cause.price.at_most > 0.0 { format!(" · {}", cause.price) } else { String::new() };
    format!(
        "{}{} {} changes {}{price}",
        origin.unwrap_or_default(),
        short_path(&cause.field.path),
        one_line(cause.field, 64),
        pluralize(cause.keys.len() as u64, "video"),
    )
}

fn relabels(plan: &Plan, screen: Screen) -> String {
    if plan.relabels.is_empty() {
        return String::new();
    }
    let shown = if screen.verbose { plan.relabels.len() } else { plan.relabels.len().min(MAX_UNFOLDED) };
    let mut text = String::from("Labels that changed; nothing is sent:\n");
    for relabel in &plan.relabels[..shown] {
        let (before, after) = (sanitize(&relabel.before), sanitize(&relabel.after));
        let _infallible =
            writeln!(text, "    {}  {} → {}", sanitize(&relabel.key), truncate(&before, 60), truncate(&after, 60));
    }
    if shown < plan.relabels.len() {
        let _infallible = writeln!(text, "    … and {} more (--verbose shows all)", plan.relabels.len() - shown);
    }
    text
}

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
        parts.push(pluralize(summary.orphan, "orphan"));
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
        1 => ", 1 take of unknown content counted as 10 minutes".to_owned(),
        count => format!(", {count} takes of unknown content counted as 10 minutes each"),
    };
    format!(
        "Budget {month}: up to {spent:.1} of {limit} credits spent and {planned:.1} planned, {left:.1} left; counts what this lockfile knows{unknown}"
    )
}
