//! A plan for a workflow of GitHub Actions: annotations, the step's outputs, the step's summary.

use std::fmt::Write as _;

use super::diagnostics::{data, property};
use super::plan_human::PlanView;
use super::plan_markdown::plan_markdown;
use super::plan_summary::plan_sentence;
use crate::source::clean;

/// What a workflow is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanGithub {
    /// Workflow commands, one a line: what a guard would refuse, warnings, the sum.
    pub annotations: String,
    /// `name=value` lines: `changes` (`true` or `false`), `submit`, `credits`, `sentence`.
    pub outputs: String,
    /// Markdown.
    pub summary: String,
}

/// The plan for a workflow.
pub fn plan_github(view: &PlanView<'_>) -> PlanGithub {
    let plan = view.plan;
    let mut annotations = String::new();
    let mut command = |kind: &str, title: &str, text: &str| {
        let _infallible = writeln!(annotations, "::{kind} title={}::{}", property(title), data(&clean(text)));
    };
    for refusal in view.refusals {
        command("error", "apply would refuse", &refusal.to_string());
    }
    for warning in &plan.warnings {
        command("warning", "callsheet", warning);
    }
    let sentence = plan_sentence(plan);
    command("notice", "callsheet plan", &sentence);
    let summary = &plan.summary;
    let outputs = format!(
        "changes={}\nsubmit={}\ncredits={:.1}\nsentence={}\n",
        summary.submit > 0,
        summary.submit,
        summary.credits,
        clean(&sentence),
    );
    PlanGithub { annotations, outputs, summary: plan_markdown(view) }
}
