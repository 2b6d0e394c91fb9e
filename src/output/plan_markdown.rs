//! A plan as a pull-request comment: the summary first, a table, and the folded fields, of limited size.
//!
//! Scripts and keys are untrusted texts. They must not open a fence, close a fold, mention a user or render HTML. In
//! running text they are `<code>` with every punctuation mark as an entity, because the forge does not resolve
//! mentions in code. In fences, the fence is longer than any run of backticks inside.

use std::fmt::Write as _;

use super::diagnostics_human::{data, property};
use super::plan_field::{length_change, location, one_line, short_path, value};
use super::plan_human::{PlanView, budget_sentence, cause_sentence, plan_sentence};
use super::text::{cost, truncate, truncate_middle};
use crate::plan::{Action, Change, Plan, Reason, causes, violation_sentence};
use crate::source::{percent_encoded, sanitize};
use crate::spec::rounded_up;

/// Maximum size in bytes. The forge allows 65,536 characters, which is never more bytes, and the notices need space
/// too.
const LIMIT: usize = 64_000;
/// Maximum size of the text before the table, in bytes.
const LISTS: usize = 16_000;
/// Maximum size of the table and the text before it, in bytes.
const TABLE: usize = 32_000;
/// Maximum number of causes, warnings or labels to list. Further ones are counted.
const MAX_LISTED: usize = 20;
/// Maximum number of columns of one value in the fields.
const VALUE: usize = 2_000;

/// Returns the plan as Markdown of fewer than 65,536 bytes, with a final newline.
pub fn plan_markdown(view: &PlanView<'_>) -> String {
    let plan = view.plan;
    let environment: String =
        plan.environment.chars().filter(|one| one.is_ascii_alphanumeric() || "._-".contains(*one)).take(64).collect();
    // A bot finds its own comment by this line and replaces it.
    let mut text = format!("<!-- callsheet plan {environment} -->\n");
    let _infallible = writeln!(text, "### callsheet plan for {}\n", code(&plan.environment, 64));
    let _infallible = writeln!(text, "**{}**", plan_sentence(plan));
    if let Some(budget) = view.budget {
        let _infallible = writeln!(text, "\n{}", code(&budget_sentence(budget), 300));
    }
    if let Some(url) = view.storyboard {
        let _infallible = writeln!(text, "\n[Storyboard: every video as a frame](<{url}>)");
    }
    let refusals: Vec<String> = violation_sentence(view.refusals).into_iter().collect();
    list(&mut text, "`callsheet apply` would be blocked:", &refusals);
    list(&mut text, "Warnings:", &plan.warnings);
    let causes: Vec<String> = causes(plan).iter().map(cause_sentence).collect();
    list(&mut text, "Equal changes:", &causes);
    let relabels: Vec<String> =
        plan.relabels.iter().map(|one| format!("{}: {} → {}", one.key, one.before, one.after)).collect();
    list(&mut text, "Labels that changed (nothing is sent):", &relabels);
    let changes = by_weight(plan);
    table(&mut text, &changes);
    fields(&mut text, &changes);
    text
}

/// Returns the changes in the plan's order, those that cost money first.
fn by_weight(plan: &Plan) -> Vec<&Change> {
    let weighs = |change: &&Change| change.submits || change.action == Action::Resolve;
    let (mut first, rest): (Vec<_>, Vec<_>) = plan.changes.iter().partition(weighs);
    first.extend(rest);
    first
}

fn list(text: &mut String, title: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let _infallible = writeln!(text, "\n{title}");
    for (index, item) in items.iter().enumerate() {
        let line = format!("- {}\n", code(item, 200));
        if index == MAX_LISTED || text.len() + line.len() > LISTS {
            let _infallible = writeln!(text, "- … and {} more", items.len() - index);
            return;
        }
        text.push_str(&line);
    }
}

fn table(text: &mut String, changes: &[&Change]) {
    if changes.is_empty() {
        return;
    }
    text.push_str("\n| | video | what | length and price |\n|:-:|---|---|---|\n");
    for (index, change) in changes.iter().enumerate() {
        let row = format!(
            "| `{}` | {} | {} | {} |\n",
            change.action.symbol(),
            code(&change.key, 120),
            what(change),
            if change.submits { cost(&change.estimate) } else { String::new() }
        );
        if text.len() + row.len() > TABLE {
            let left = changes.len() - index;
            let _infallible = writeln!(text, "\n… and {left} more, omitted here for length.");
            return;
        }
        text.push_str(&row);
    }
}

fn what(change: &Change) -> String {
    match &change.reason {
        Reason::New => "first take".to_owned(),
        Reason::ContentChanged | Reason::TakeRaised if change.diff.is_empty() => "changed".to_owned(),
        Reason::ContentChanged | Reason::TakeRaised => {
            let shown = change
                .diff
                .iter()
                .take(4)
                .map(|field| code(&format!("{} {}", short_path(&field.path), one_line(field, 64)), 90));
            let more = change.diff.len().saturating_sub(4);
            let more = if more > 0 { format!("<br>… and {more} more") } else { String::new() };
            let gain = length_change(change).map(|gain| format!("<br>{gain}")).unwrap_or_default();
            format!("{}{more}{gain}", shown.collect::<Vec<_>>().join("<br>"))
        }
        Reason::SameContent(key) => format!("same content as {}, nothing sent", code(key, 120)),
        Reason::Failed(message) if message.is_empty() => "failed, the vendor gave no reason".to_owned(),
        Reason::Failed(message) => format!("failed: {}", code(message, 120)),
        Reason::InDoubt(since) => format!("in doubt since {since:.0}"),
        Reason::KeyGone => "no longer in any manifest".to_owned(),
    }
}

fn fields(text: &mut String, changes: &[&Change]) {
    const OPEN: &str = "\n<details><summary>Field by field</summary>\n\n";
    let changed: Vec<&&Change> = changes.iter().filter(|change| !change.diff.is_empty()).collect();
    let mut body = String::new();
    let mut left = 0;
    for (index, change) in changed.iter().enumerate() {
        let block = block(change);
        if text.len() + OPEN.len() + body.len() + block.len() > LIMIT {
            left = changed.len() - index;
            break;
        }
        body.push_str(&block);
    }
    if !body.is_empty() {
        let fence = "`".repeat(longest_run(&body).max(2) + 1);
        // A fence of maximum length must not exceed the limit. In that case the fields are omitted.
        if text.len() + OPEN.len() + body.len() + 2 * fence.len() + 40 <= LIMIT + 1_000 {
            let _infallible = writeln!(text, "{OPEN}{fence}diff\n{body}{fence}\n\n</details>");
        } else {
            left = changed.len();
        }
    }
    if left > 0 {
        let _infallible = writeln!(text, "\nThe fields of {left} more changes are omitted here for length.");
    }
}

fn block(change: &Change) -> String {
    let mut block = format!("@@ {} @@\n", truncate(&sanitize(&change.key), 120));
    for field in &change.diff {
        let origin = field.origin.as_ref().map(|origin| format!("   ({})", location(origin))).unwrap_or_default();
        let side = |side| truncate_middle(&value(&field.path, side), VALUE);
        if field.before.is_some() {
            let _infallible = writeln!(block, "- {}: {}", field.path, side(field.before.as_ref()));
        }
        if field.after.is_some() {
            let _infallible = writeln!(block, "+ {}: {}{origin}", field.path, side(field.after.as_ref()));
        }
    }
    block
}

fn longest_run(text: &str) -> usize {
    text.split(|one| one != '`').map(str::len).max().unwrap_or(0)
}

/// Returns an untrusted text as code. The text cannot end the code.
fn code(text: &str, limit: usize) -> String {
    let mut code = String::from("<code>");
    for one in truncate(&sanitize(text), limit).chars() {
        if one.is_ascii_punctuation() && !matches!(one, '-' | ',' | '/') {
            let _infallible = write!(code, "&#{};", u32::from(one));
        } else {
            code.push(one);
        }
    }
    code.push_str("</code>");
    code
}

/// The output for a workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanGithub {
    /// Workflow commands, one per line: blocking guards, warnings, the summary.
    pub annotations: String,
    /// Lines with `name=value`: `changes` (`true` or `false`), `submit`, `credits`, `credits_at_most`, `sentence`, and `marker` if the
    /// project's directory is known.
    pub outputs: String,
    /// The summary in Markdown.
    pub summary: String,
}

/// Returns the plan for a workflow. `directory` is the project's directory in its repository.
pub fn plan_github(view: &PlanView<'_>, directory: Option<&str>) -> PlanGithub {
    let plan = view.plan;
    let mut annotations = String::new();
    let mut command = |kind: &str, title: &str, text: &str| {
        let _infallible = writeln!(annotations, "::{kind} title={}::{}", property(title), data(&sanitize(text)));
    };
    if let Some(refused) = violation_sentence(view.refusals) {
        command("error", "apply would be blocked", &refused);
    }
    if let Some(budget) = view.budget {
        command("notice", "callsheet budget", &budget_sentence(budget));
    }
    for warning in &plan.warnings {
        command("warning", "callsheet", warning);
    }
    let sentence = plan_sentence(plan);
    command("notice", "callsheet plan", &sentence);
    let summary = &plan.summary;
    let mut outputs = format!(
        "changes={}\nsubmit={}\ncredits={:.1}\ncredits_at_most={:.1}\nsentence={}\n",
        plan.has_work(),
        summary.submit,
        summary.credits,
        rounded_up(summary.credits_at_most),
        sanitize(&sentence),
    );
    if let Some(directory) = directory {
        let _infallible = writeln!(outputs, "marker={}", marker(directory, &plan.environment));
    }
    PlanGithub { annotations, outputs, summary: plan_markdown(view) }
}

/// Returns the first line of the comment on a pull request, which identifies it: one comment per directory and
/// environment.
fn marker(directory: &str, environment: &str) -> String {
    let directory = match directory.trim_end_matches('/') {
        "" => ".",
        other => other,
    };
    // Without spaces, line breaks and `>`, neither text can end the comment or the line.
    let encoded = |text| percent_encoded(text, "/");
    format!("<!-- callsheet plan directory={} environment={} -->", encoded(directory), encoded(environment))
}

#[cfg(test)]
mod tests {
    use super::marker;

    #[test]
    fn marker_tells_directories_and_environments_apart_and_cannot_be_ended() {
        assert_eq!(marker("", "production"), "<!-- callsheet plan directory=. environment=production -->");
        assert_eq!(marker("a/b/", "staging"), "<!-- callsheet plan directory=a/b environment=staging -->");
        assert_eq!(
            marker("x --> <b>%\n\u{e9}/", "a=b c"),
            "<!-- callsheet plan directory=x%20--%3E%20%3Cb%3E%25%0A%C3%A9 environment=a%3Db%20c -->"
        );
    }
}
