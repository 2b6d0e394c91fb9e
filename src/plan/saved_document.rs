//! The saved plan's format 1, field for field, and the way back to a plan.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::saved::{FORMAT_VERSION, SavedSubmission};
use super::summary::summarise;
use super::{Action, Change, FieldChange, Place, Plan, Reason, Relabel};
use crate::fields::VENDOR;
use crate::spec::{Digest, Estimate, SpecText};

/// The file. What can be reckoned from the rest is not in it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    /// Always `plan`; first, so that the file is known by its first line.
    callsheet: String,
    format_version: u32,
    environment: String,
    host: Arc<str>,
    created: Timestamp,
    submissions: Vec<SavedSubmission>,
    known: u64,
    unchanged: u64,
    changes: Vec<ChangeV1>,
    relabels: Vec<RelabelV1>,
    warnings: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeV1 {
    key: Arc<str>,
    action: ActionV1,
    reason: ReasonV1,
    digest: Digest,
    attempt: u32,
    video: Option<usize>,
    before: Option<SpecText>,
    after: Option<SpecText>,
    diff: Vec<FieldV1>,
    estimate: EstimateV1,
    submits: bool,
    known: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ActionV1 {
    Add,
    Change,
    Move,
    Retry,
    Resolve,
    Orphan,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ReasonV1 {
    New,
    ContentChanged,
    TakeRaised,
    SameContent(Arc<str>),
    Failed(String),
    InDoubt(Timestamp),
    KeyGone,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldV1 {
    path: String,
    before: Option<Value>,
    after: Option<Value>,
    origin: Option<PlaceV1>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceV1 {
    file: String,
    line: u32,
    column: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EstimateV1 {
    seconds: Option<f64>,
    credits: Option<f64>,
    credits_at_most: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RelabelV1 {
    key: Arc<str>,
    before: String,
    after: String,
}

impl Document {
    pub(super) fn new(created: Timestamp, submissions: &[SavedSubmission], plan: &Plan) -> Self {
        Self {
            callsheet: "plan".to_owned(),
            format_version: FORMAT_VERSION,
            environment: plan.environment.clone(),
            host: Arc::clone(&plan.host),
            created,
            submissions: submissions.to_vec(),
            known: plan.known,
            unchanged: plan.summary.unchanged,
            changes: plan.changes.iter().map(ChangeV1::from).collect(),
            relabels: plan.relabels.iter().map(RelabelV1::from).collect(),
            warnings: plan.warnings.clone(),
        }
    }

    /// The parts of a saved plan, or what is wrong with one of its fields.
    pub(super) fn into_parts(self) -> Result<(Timestamp, Vec<SavedSubmission>, Plan), String> {
        let changes = self.changes.into_iter().map(Change::try_from).collect::<Result<Vec<_>, _>>()?;
        let plan = Plan {
            environment: self.environment,
            host: self.host,
            summary: summarise(&changes, self.unchanged),
            changes,
            known: self.known,
            relabels: self.relabels.into_iter().map(Relabel::from).collect(),
            warnings: self.warnings,
        };
        Ok((self.created, self.submissions, plan))
    }
}

impl From<&Change> for ChangeV1 {
    fn from(change: &Change) -> Self {
        let Estimate { seconds, credits, credits_at_most } = change.estimate;
        Self {
            key: Arc::clone(&change.key),
            action: (&change.action).into(),
            reason: (&change.reason).into(),
            digest: change.digest,
            attempt: change.attempt,
            video: change.video,
            before: change.before.clone(),
            after: change.after.clone(),
            diff: change.diff.iter().map(FieldV1::from).collect(),
            estimate: EstimateV1 { seconds, credits, credits_at_most },
            submits: change.submits,
            known: change.known,
        }
    }
}

impl TryFrom<ChangeV1> for Change {
    type Error = String;

    fn try_from(change: ChangeV1) -> Result<Self, String> {
        let EstimateV1 { seconds, credits, credits_at_most } = change.estimate;
        Ok(Self {
            key: change.key,
            action: change.action.into(),
            reason: change.reason.into(),
            digest: change.digest,
            attempt: change.attempt,
            video: change.video,
            before: change.before,
            after: change.after,
            diff: change.diff.into_iter().map(FieldChange::try_from).collect::<Result<_, _>>()?,
            estimate: Estimate { seconds, credits, credits_at_most },
            submits: change.submits,
            known: change.known,
        })
    }
}

impl From<&FieldChange> for FieldV1 {
    fn from(field: &FieldChange) -> Self {
        let origin = field.origin.as_ref();
        Self {
            path: field.path.clone(),
            before: field.before.clone(),
            after: field.after.clone(),
            origin: origin.map(|place| PlaceV1 { file: place.file.clone(), line: place.line, column: place.column }),
        }
    }
}

impl TryFrom<FieldV1> for FieldChange {
    type Error = String;

    fn try_from(field: FieldV1) -> Result<Self, String> {
        if VENDOR.field_at(&field.path).is_none() {
            return Err(format!("`{}` is no field", field.path));
        }
        let origin = field.origin.map(|place| Place { file: place.file, line: place.line, column: place.column });
        Ok(Self { path: field.path, before: field.before, after: field.after, origin, declared: None })
    }
}

impl From<&Relabel> for RelabelV1 {
    fn from(relabel: &Relabel) -> Self {
        Self { key: Arc::clone(&relabel.key), before: relabel.before.clone(), after: relabel.after.clone() }
    }
}

impl From<RelabelV1> for Relabel {
    fn from(relabel: RelabelV1) -> Self {
        Self { key: relabel.key, before: relabel.before, after: relabel.after }
    }
}

/// Each variant to its namesake, both ways, so that neither side can gain one unnoticed.
macro_rules! namesakes {
    ($left:ident, $right:ident: $($variant:ident $(($inner:ident))?,)*) => {
        impl From<&$left> for $right {
            fn from(value: &$left) -> Self {
                match value { $($left::$variant $(($inner))? => Self::$variant $(($inner.clone()))?,)* }
            }
        }
        impl From<$right> for $left {
            fn from(value: $right) -> Self {
                match value { $($right::$variant $(($inner))? => Self::$variant $(($inner))?,)* }
            }
        }
    };
}

namesakes!(Action, ActionV1: Add, Change, Move, Retry, Resolve, Orphan,);
namesakes!(Reason, ReasonV1:
    New, ContentChanged, TakeRaised, SameContent(key), Failed(message), InDoubt(since), KeyGone,);
