//! A plan for a workflow of GitHub Actions: annotations, the outputs of the step, and its summary.

use std::fmt::Write as _;

use super::diagnostics_human::{data, property};
use super::plan_human::PlanView;
use super::plan_human::{budget_sentence, plan_sentence};
use super::plan_markdown::plan_markdown;
use crate::plan::violation_sentence;
use crate::source::{percent_encoded, sanitize};
use crate::spec::rounded_up;

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
