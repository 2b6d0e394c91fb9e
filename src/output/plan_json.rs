//! A plan for machines, format 1: own types, so that the program's may change.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use super::plan_human::PlanView;
use crate::plan::{Action, Budget, Change, FieldChange, LimitOrigin, Place, Plan, Reason, Refusal, Summary};
use crate::source::clean_json;
use crate::spec::SpecText;

/// What `callsheet plan --format json` prints.
///
/// Seconds and credits are estimates, rounded to a thousandth; fields may be added within one format version.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Plan")]
pub struct PlanV1 {
    /// Always 1.
    #[schemars(extend("const" = 1))]
    pub format_version: u32,
    /// The environment's name.
    pub environment: String,
    /// Counts, and the estimate of all submissions.
    pub summary: SummaryV1,
    /// In manifest order; unchanged videos are left out, takes that no video explains come last.
    pub changes: Vec<ChangeV1>,
    /// Sentences worth a look.
    pub warnings: Vec<String>,
    /// The vendor's host.
    pub host: String,
    /// Labels that changed; nothing is sent for them.
    pub relabels: Vec<RelabelV1>,
    /// What the guards refuse; empty when `apply` may go on.
    pub refusals: Vec<RefusalV1>,
    /// The month's budget; left out where `max_credits_per_month` is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<BudgetV1>,
}

/// The state of a month's budget, by the takes in this lockfile.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Budget")]
pub struct BudgetV1 {
    /// The calendar month, UTC: `2026-12`.
    pub month: String,
    /// The most credits of the month.
    pub limit: f64,
    /// Credits of what was submitted, by the upper estimate; of finished videos, by their length.
    pub spent: f64,
    /// Credits that the plan adds, by the upper estimate; 0 in a report.
    pub planned: f64,
    /// Credits that are left; 0 where nothing is.
    pub left: f64,
    /// Submissions that were counted.
    pub submissions: u64,
    /// Submissions of unknown content, each counted like 10 minutes.
    pub unknown: u64,
}

impl From<&Budget> for BudgetV1 {
    fn from(budget: &Budget) -> Self {
        Self {
            month: budget.month.name(),
            limit: budget.limit,
            spent: rounded(budget.month.credits),
            planned: rounded(budget.planned),
            left: rounded(budget.left()),
            submissions: budget.month.submissions,
            unknown: budget.month.unknown,
        }
    }
}

/// Counts, and the estimate of all submissions.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Summary")]
pub struct SummaryV1 {
    /// Submissions.
    pub submit: u64,
    /// First takes among them.
    pub new: u64,
    /// Changed videos among them.
    pub changed: u64,
    /// Videos with nothing to do.
    pub unchanged: u64,
    /// Videos whose content is paid for, or submitted by this plan, under another key.
    pub moved: u64,
    /// Keys of takes that no manifest has any more.
    pub orphan: u64,
    /// Submissions whose answer was lost.
    pub in_doubt: u64,
    /// Videos that failed at the vendor; submitted only with `--retry-failed`.
    pub failed: u64,
    /// Seconds of video of the submissions whose length is known.
    pub seconds: f64,
    /// Credits of the submissions whose length is known.
    pub credits: f64,
    /// Credits by the dearest reading, doubts and unknown lengths counted: what guards reckon with.
    pub credits_at_most: f64,
    /// Submissions whose length is not known.
    pub unknown_length: u64,
}

/// What happens to one key.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Change")]
pub struct ChangeV1 {
    /// The video's key.
    pub key: String,
    /// What happens.
    pub action: ActionV1,
    /// Why.
    pub reason: ReasonV1,
    /// The wanted content; of an orphan or an unexplained doubt, the take's.
    pub digest: String,
    /// The content of the key's last take, defaults left out; null when there is none.
    #[schemars(with = "Option<Value>")]
    pub before: Option<SpecText>,
    /// The wanted content, defaults left out; null when no video wants one.
    #[schemars(with = "Option<Value>")]
    pub after: Option<SpecText>,
    /// Field by field, for a `change`.
    pub diff: Vec<FieldV1>,
    /// Length and price of this video.
    pub estimate: EstimateV1,
    /// Whether something is sent.
    pub submits: bool,
    /// The number of the submission of this content.
    pub attempt: u32,
    /// The key with the same content, for a `move`; the vendor's words, for a `retry`; the time of the submission, for a `resolve`.
    pub detail: Option<String>,
}

/// What happens.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Action")]
pub enum ActionV1 {
    /// A first take.
    Add,
    /// A take of changed content.
    Change,
    /// The content is another key's: nothing is sent.
    Move,
    /// It failed at the vendor; sent again only with `--retry-failed`.
    Retry,
    /// Submitted, the answer was lost; settled by `apply`.
    Resolve,
    /// A take whose key is gone and whose content nobody wants.
    Orphan,
}

/// Why.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Reason")]
pub enum ReasonV1 {
    /// No take of this key or content is known.
    New,
    /// The content differs from that of the key's last take.
    ContentChanged,
    /// `take` was raised and nothing else changed.
    TakeRaised,
    /// Another key has the same content.
    SameContent,
    /// It failed at the vendor.
    Failed,
    /// The answer was lost.
    InDoubt,
    /// The key is in no manifest.
    KeyGone,
}

/// One field of a changed video.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Field")]
pub struct FieldV1 {
    /// The dotted path, as in a manifest: `voice.tts.speed`.
    pub path: String,
    /// The old value, a default made explicit; null when the field did not exist.
    pub before: Option<Value>,
    /// The new value, a default made explicit; null when the field does not exist any more.
    pub after: Option<Value>,
    /// The line that caused the change, of a manifest, a script file or a data file; null if no line gives the value any longer.
    pub origin: Option<PlaceV1>,
}

/// A place in a file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Place")]
pub struct PlaceV1 {
    /// Relative to the project root.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1, in Unicode scalars.
    pub column: u32,
}

/// Length and price of a video.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Estimate")]
pub struct EstimateV1 {
    /// Seconds of video; null when not known.
    pub seconds: Option<f64>,
    /// Credits; null when not known, 0 when nothing is sent for it.
    pub credits: Option<f64>,
}

/// A label that changed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Relabel")]
pub struct RelabelV1 {
    /// The video's key.
    pub key: String,
    /// The label that was submitted.
    pub before: String,
    /// The label that is declared now.
    pub after: String,
}

/// A limit that the plan goes beyond.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Refusal")]
pub struct RefusalV1 {
    /// `max_submissions`, `max_credits`, `max_share` or `max_credits_per_month`.
    pub guard: String,
    /// The limit, as written: `50`, `30%`.
    pub limit: String,
    /// What the plan comes to.
    pub reached: String,
    /// The whole sentence.
    pub message: String,
    /// The flag that lifts it just enough.
    pub lift: String,
    /// The manifest line that sets it; null when a flag does.
    pub origin: Option<PlaceV1>,
}

/// The plan as a JSON document; ends in a newline.
#[expect(clippy::missing_panics_doc, reason = "it cannot")]
pub fn plan_json(view: &PlanView<'_>) -> String {
    let mut document = PlanV1::from(view.plan);
    document.refusals = view.refusals.iter().map(RefusalV1::from).collect();
    document.budget = view.budget.map(BudgetV1::from);
    // Texts, numbers, and maps with text keys: nothing in it can refuse.
    let text = serde_json::to_string_pretty(&document).expect("a plan is always JSON");
    format!("{}\n", clean_json(text))
}

/// The schema that `schema/plan.schema.json` holds.
pub fn plan_schema() -> Value {
    let mut schema = SchemaSettings::draft07().for_serialize().into_generator().into_root_schema_for::<PlanV1>();
    schema.insert("title".to_owned(), "callsheet plan --format json".into());
    schema.to_value()
}

impl From<&Plan> for PlanV1 {
    fn from(plan: &Plan) -> Self {
        let relabels = plan.relabels.iter().map(|relabel| RelabelV1 {
            key: relabel.key.to_string(),
            before: relabel.before.clone(),
            after: relabel.after.clone(),
        });
        Self {
            format_version: 1,
            environment: plan.environment.clone(),
            summary: (&plan.summary).into(),
            changes: plan.changes.iter().map(ChangeV1::from).collect(),
            warnings: plan.warnings.clone(),
            host: plan.host.to_string(),
            relabels: relabels.collect(),
            refusals: Vec::new(),
            budget: None,
        }
    }
}

impl From<&Summary> for SummaryV1 {
    fn from(summary: &Summary) -> Self {
        Self {
            submit: summary.submit,
            new: summary.new,
            changed: summary.changed,
            unchanged: summary.unchanged,
            moved: summary.moved,
            orphan: summary.orphan,
            in_doubt: summary.in_doubt,
            failed: summary.failed,
            seconds: rounded(summary.seconds),
            credits: rounded(summary.credits),
            credits_at_most: rounded(summary.credits_at_most),
            unknown_length: summary.unknown_length,
        }
    }
}

impl From<&Change> for ChangeV1 {
    fn from(change: &Change) -> Self {
        let detail = match &change.reason {
            Reason::SameContent(key) => Some(key.to_string()),
            Reason::Failed(message) => Some(message.clone()),
            Reason::InDoubt(since) => Some(since.to_string()),
            Reason::New | Reason::ContentChanged | Reason::TakeRaised | Reason::KeyGone => None,
        };
        Self {
            key: change.key.to_string(),
            action: change.action.into(),
            reason: (&change.reason).into(),
            digest: change.digest.to_string(),
            before: change.before.clone(),
            after: change.after.clone(),
            diff: change.diff.iter().map(FieldV1::from).collect(),
            estimate: EstimateV1 {
                seconds: change.estimate.seconds.map(rounded),
                credits: change.estimate.credits.map(rounded),
            },
            submits: change.submits,
            attempt: change.attempt,
            detail,
        }
    }
}

impl From<Action> for ActionV1 {
    fn from(action: Action) -> Self {
        match action {
            Action::Add => Self::Add,
            Action::Change => Self::Change,
            Action::Move => Self::Move,
            Action::Retry => Self::Retry,
            Action::Resolve => Self::Resolve,
            Action::Orphan => Self::Orphan,
        }
    }
}

impl From<&Reason> for ReasonV1 {
    fn from(reason: &Reason) -> Self {
        match reason {
            Reason::New => Self::New,
            Reason::ContentChanged => Self::ContentChanged,
            Reason::TakeRaised => Self::TakeRaised,
            Reason::SameContent(_) => Self::SameContent,
            Reason::Failed(_) => Self::Failed,
            Reason::InDoubt(_) => Self::InDoubt,
            Reason::KeyGone => Self::KeyGone,
        }
    }
}

impl From<&FieldChange> for FieldV1 {
    fn from(field: &FieldChange) -> Self {
        Self {
            path: field.path.clone(),
            before: field.before.clone(),
            after: field.after.clone(),
            origin: field.origin.as_ref().map(PlaceV1::from),
        }
    }
}

impl From<&Place> for PlaceV1 {
    fn from(place: &Place) -> Self {
        Self { file: place.file.clone(), line: place.line, column: place.column }
    }
}

impl From<&Refusal> for RefusalV1 {
    fn from(refusal: &Refusal) -> Self {
        Self {
            guard: refusal.guard.name().to_owned(),
            limit: refusal.limit.clone(),
            reached: refusal.reached.clone(),
            message: refusal.to_string(),
            lift: refusal.lift.clone(),
            origin: match &refusal.origin {
                LimitOrigin::Flag => None,
                LimitOrigin::Manifest(place) => Some(place.into()),
            },
        }
    }
}

/// To a thousandth: what is estimated needs no more, and equal plans give equal bytes.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
