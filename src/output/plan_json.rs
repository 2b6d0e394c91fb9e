//! A plan for machines, format 1.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::document::versioned;
use super::plan_human::PlanView;
use crate::plan::{Action, Budget, Change, FieldChange, GuardViolation, PlanSummary, Reason, Relabel};
use crate::spec::{CanonicalText, Digest, Estimate};

/// What `callsheet plan --format json` prints.
///
/// Seconds and credits are estimates, rounded to a thousandth; fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Plan", extend("title" = "callsheet plan --format json"))]
pub struct PlanDocument<'a> {
    /// The environment's name.
    environment: &'a str,
    /// Counts, and the estimate of all submissions.
    summary: &'a PlanSummary,
    /// In manifest order, without unchanged videos; takes without a video come last.
    changes: Vec<ChangeRow<'a>>,
    /// Warnings.
    warnings: &'a [String],
    /// The vendor's host.
    host: &'a str,
    /// Labels that changed; nothing is sent for them.
    relabels: &'a [Relabel],
    /// The limits that the plan exceeds; empty if `apply` may continue.
    refusals: &'a [GuardViolation],
    /// The month's budget; absent if `max_credits_per_month` is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<&'a Budget>,
}

/// The change of one key.
// [`Change`] has the form of a saved plan: other fields in another order, exact estimates, and a reason with its detail.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Change")]
struct ChangeRow<'a> {
    /// The video's key.
    key: &'a str,
    /// The action.
    action: Action,
    /// Why.
    #[schemars(with = "Reason")]
    reason: &'static str,
    /// The declared content; of an orphan, or of a take in doubt without a video, the take's.
    digest: Digest,
    /// The content of the key's last take, without defaults; null if there is none.
    #[schemars(with = "Option<Value>")]
    before: Option<&'a CanonicalText>,
    /// The declared content, without defaults; null if no video has one.
    #[schemars(with = "Option<Value>")]
    after: Option<&'a CanonicalText>,
    /// The changed fields, for a `change`.
    diff: &'a [FieldChange],
    /// Length and price of this video.
    estimate: Estimate,
    /// Whether something is sent.
    submits: bool,
    /// The number of the submission of this content.
    attempt: u32,
    /// The key with the same content, for a `move`; the vendor's message, for a `retry`; the time, for a `resolve`.
    detail: Option<String>,
    /// Who has claimed it in the shared ledger, and until when, for a `resolve`; left out where it is not claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<&'a str>,
    /// The kind of video, such as `template-to-video`; left out for avatar videos.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
}

impl<'a> From<&'a Change> for ChangeRow<'a> {
    fn from(change: &'a Change) -> Self {
        let detail = match &change.reason {
            Reason::SameContent(key) => Some(key.to_string()),
            Reason::Failed(message) => Some(message.clone()),
            Reason::InDoubt(since) => Some(since.to_string()),
            Reason::New | Reason::ContentChanged | Reason::TakeRaised | Reason::KeyGone => None,
        };
        Self {
            key: &change.key,
            action: change.action,
            reason: change.reason.word(),
            digest: change.digest,
            before: change.before.as_ref(),
            after: change.after.as_ref(),
            diff: &change.diff,
            estimate: change.estimate.rounded(),
            submits: change.submits,
            attempt: change.attempt,
            detail,
            claim: change.claim.as_deref(),
            kind: change.after.as_ref().or(change.before.as_ref()).and_then(CanonicalText::other_kind),
        }
    }
}

/// Returns the plan as a JSON document.
pub fn plan_json(view: &PlanView<'_>) -> String {
    let plan = view.plan;
    versioned(&PlanDocument {
        environment: &plan.environment,
        summary: &plan.summary,
        changes: plan.changes.iter().map(ChangeRow::from).collect(),
        warnings: &plan.warnings,
        host: &plan.host,
        relabels: &plan.relabels,
        refusals: view.refusals,
        budget: view.budget,
    })
}
