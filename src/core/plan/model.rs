//! The plan as a value.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::field_cause::printed;
use crate::fields::{FieldPath, VENDOR};
use crate::source::{Location, Origin};
use crate::spec::{CanonicalText, Credits, Digest, Estimate, serialize_thousandths};

/// The action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A first take.
    Add,
    /// A take of changed content.
    Change,
    /// Another key has the same content: nothing is sent.
    Move,
    /// It failed at the vendor, and is submitted again only with `--retry-failed`.
    Retry,
    /// Submitted, but the response was lost. `apply` settles it.
    Resolve,
    /// A take whose key is no longer in any manifest, and whose content no video uses.
    Orphan,
}

impl Action {
    /// All actions, in the order of the legend.
    pub const ALL: &'static [Action] = &[Self::Add, Self::Change, Self::Move, Self::Retry, Self::Resolve, Self::Orphan];

    /// Returns the stable name for machines: `add`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Change => "change",
            Self::Move => "move",
            Self::Retry => "retry",
            Self::Resolve => "resolve",
            Self::Orphan => "orphan",
        }
    }

    /// Returns the human-readable symbol: `+`.
    pub const fn symbol(self) -> char {
        match self {
            Self::Add => '+',
            Self::Change => '~',
            Self::Move => '>',
            Self::Retry => '!',
            Self::Resolve => '?',
            Self::Orphan => '.',
        }
    }
}

/// Why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No take of this key or content is known.
    New,
    /// The content differs from that of the key's last take.
    ContentChanged,
    /// `take` was raised and nothing else changed.
    TakeRaised,
    /// Another key has the same content.
    SameContent(Arc<str>),
    /// It failed at the vendor.
    Failed(String),
    /// The response was lost.
    InDoubt(#[schemars(with = "String")] jiff::Timestamp),
    /// The key is in no manifest.
    KeyGone,
}

impl Reason {
    /// Returns the stable name for machines: `content_changed`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::ContentChanged => "content_changed",
            Self::TakeRaised => "take_raised",
            Self::SameContent(_) => "same_content",
            Self::Failed(_) => "failed",
            Self::InDoubt(_) => "in_doubt",
            Self::KeyGone => "key_gone",
        }
    }
}

/// One field of a changed video.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Field")]
pub struct FieldChange {
    /// The dotted path, as in a manifest: `voice.tts.speed`.
    #[serde(deserialize_with = "known_path")]
    pub path: String,
    /// The old value, with an explicit default; null if the field did not exist.
    pub before: Option<Value>,
    /// The new value, with an explicit default; null if the field no longer exists.
    pub after: Option<Value>,
    /// The line of a manifest, script or data file that caused the change; null if no line gives the value any longer.
    pub origin: Option<Location>,
    /// The field, and where a manifest declares its value. `None` in a saved plan, which has no files.
    #[serde(skip)]
    pub declared: Option<(FieldPath, Origin)>,
}

impl FieldChange {
    /// Returns the value before and after as text. A missing value is empty.
    pub fn texts(&self) -> [String; 2] {
        [&self.before, &self.after].map(|value| value.as_ref().map(printed).unwrap_or_default())
    }
}

/// Parses the path of a field that the vendor has.
fn known_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let path = String::deserialize(deserializer)?;
    match VENDOR.field_at(&path) {
        Some(_) => Ok(path),
        None => Err(D::Error::custom(format_args!("`{path}` is not a field"))),
    }
}

/// The change of one key, and its reason, in the form of a saved plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The key.
    pub key: Arc<str>,
    /// The action.
    pub action: Action,
    /// The reason.
    pub reason: Reason,
    /// The declared content. Of an orphan, the take's.
    pub digest: Digest,
    /// The attempt of the submission, if one is made. Of a take in doubt, its attempt.
    pub attempt: u32,
    /// The index of the video in the slice given to `plan`. `None` for orphans and for takes in doubt without a video.
    pub video: Option<usize>,
    /// The canonical spec of the key's last take. `None` in a plan that was made without specs.
    pub before: Option<CanonicalText>,
    /// The declared canonical spec. `None` in a plan that was made without specs.
    pub after: Option<CanonicalText>,
    /// The field changes of a changed video.
    pub diff: Vec<FieldChange>,
    /// Length and price.
    pub estimate: Estimate,
    /// Whether this change sends a submission.
    pub submits: bool,
    /// Whether the key already has a paid take, of any content.
    #[serde(rename = "known")]
    pub previously_paid: bool,
    /// Who has claimed it in a shared ledger, and until when: `claimed by github run 812/1 until …`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
}

impl Change {
    /// Creates a change that submits nothing, of a key whose content nothing else is known about.
    pub(super) fn new(key: &Arc<str>, action: Action, reason: Reason, (digest, attempt): (Digest, u32)) -> Self {
        Self {
            key: Arc::clone(key),
            action,
            reason,
            digest,
            attempt,
            video: None,
            before: None,
            after: None,
            diff: Vec::new(),
            estimate: Estimate::default(),
            submits: false,
            previously_paid: false,
            claim: None,
        }
    }
}

/// A label that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Relabel {
    /// The video's key.
    pub key: Arc<str>,
    /// The label that was submitted.
    pub before: String,
    /// The label that is declared now.
    pub after: String,
}

/// Counts, and the estimate of all submissions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Summary")]
pub struct PlanSummary {
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
    /// Keys of takes that are no longer in any manifest.
    pub orphan: u64,
    /// Submissions whose response was lost.
    pub in_doubt: u64,
    /// Videos that failed at the vendor; submitted only with `--retry-failed`.
    pub failed: u64,
    /// Seconds of video of the submissions whose length is known.
    #[serde(serialize_with = "serialize_thousandths")]
    pub seconds: f64,
    /// Credits of the submissions whose length is known.
    #[serde(serialize_with = "serialize_thousandths")]
    pub credits: f64,
    /// Credits by the upper estimate, including takes in doubt and unknown lengths. Guards use it.
    #[serde(serialize_with = "serialize_thousandths")]
    pub credits_at_most: f64,
    /// Submissions whose length is not known.
    pub unknown_length: u64,
}

impl PlanSummary {
    /// Returns both estimates of the credits.
    pub fn price(&self) -> Credits {
        Credits { likely: self.credits, at_most: self.credits_at_most }
    }
}

/// The plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The environment's name.
    pub environment: String,
    /// The vendor's host, without port.
    pub host: Arc<str>,
    /// The changes in manifest order, orphans last.
    pub changes: Vec<Change>,
    /// Number of the project's videos, selected or not, whose key has a paid take. Guards calculate shares of it.
    pub previously_paid: u64,
    /// Labels that changed.
    pub relabels: Vec<Relabel>,
    /// The counts.
    pub summary: PlanSummary,
    /// Warnings.
    pub warnings: Vec<String>,
}

impl Plan {
    /// Whether an apply would submit or settle anything.
    pub fn has_work(&self) -> bool {
        self.summary.submit > 0 || self.summary.in_doubt > 0
    }

    /// Returns the changes that submit something.
    pub fn submissions(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.submits)
    }
}
