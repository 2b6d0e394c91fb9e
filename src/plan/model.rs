//! The plan as a value.

use std::sync::Arc;

use serde_json::Value;

use crate::fields::FieldPath;
use crate::source::{Origin, Sources};
use crate::spec::{Digest, Estimate, SpecText};

/// What happens to one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// `+` A first take.
    Add,
    /// `~` A take of changed content.
    Change,
    /// `>` The same content is paid for under another key, in the lock or earlier in this plan: nothing is sent.
    Move,
    /// `!` The vendor failed it; sent again only with `--retry-failed`.
    Retry,
    /// `?` In doubt; settled by apply.
    Resolve,
    /// `.` A take whose key is gone and whose digest nobody wants.
    Orphan,
}

impl Action {
    /// All actions, in the order of the legend.
    pub const ALL: &'static [Action] = &[Self::Add, Self::Change, Self::Move, Self::Retry, Self::Resolve, Self::Orphan];

    /// The stable word for machines: `add`.
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

    /// The sign for people: `+`.
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No take of this key or content is known.
    New,
    /// The content differs from the last take of the key.
    ContentChanged,
    /// `take` was raised and nothing else changed.
    TakeRaised,
    /// The content is paid for, or shown earlier in this plan, under this key.
    SameContent(Arc<str>),
    /// The vendor's words on why it failed.
    Failed(String),
    /// Since when the answer is missing.
    InDoubt(jiff::Timestamp),
    /// The key is in no manifest.
    KeyGone,
}

impl Reason {
    /// The stable word for machines: `content_changed`.
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

/// A place in a file, as shown.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Relative to the project root.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1, in Unicode scalars.
    pub column: u32,
}

impl Place {
    /// Returns the place of an origin's first byte.
    pub fn new(sources: &Sources, origin: Origin) -> Self {
        let (file, position) = sources.place(origin);
        Self { file: file.to_owned(), line: position.line, column: position.column }
    }
}

/// One field of a changed video.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// `voice.tts.speed`
    pub path: String,
    /// The old value, a default made explicit; none when the field did not exist (another voice mode, no media).
    pub before: Option<Value>,
    /// The new value, a default made explicit; none when the field does not exist any more.
    pub after: Option<Value>,
    /// The line that caused it: of a manifest, a script file or a data file. `None` if no line gives the value any longer.
    pub origin: Option<Place>,
    /// The field, and where a manifest writes its value or what makes it. `None` in a saved plan, which has no files.
    pub declared: Option<(FieldPath, Origin)>,
}

/// What has to happen to one key, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The key.
    pub key: Arc<str>,
    /// What.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// The wanted content; of an orphan, the take's.
    pub digest: Digest,
    /// The number of the submission, if one is made (or the doubtful one's).
    pub attempt: u32,
    /// The index of the video in the slice given to `plan`; none for orphans and for doubts that no video explains.
    pub video: Option<usize>,
    /// The canonical spec of the last take of the key; none in a plan that was made without specs.
    pub before: Option<SpecText>,
    /// The canonical spec that is wanted; none in a plan that was made without specs.
    pub after: Option<SpecText>,
    /// Field by field, for changes.
    pub diff: Vec<FieldChange>,
    /// Length and price.
    pub estimate: Estimate,
    /// Whether this change sends a submission.
    pub submits: bool,
    /// Whether the key has a paid take already, of whatever content.
    pub known: bool,
}

/// A label that changed: costs nothing, sends nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relabel {
    /// The key.
    pub key: Arc<str>,
    /// The label that was submitted.
    pub before: String,
    /// The label that is declared now.
    pub after: String,
}

/// Counts, seconds and credits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Submissions.
    pub submit: u64,
    /// First takes among them.
    pub new: u64,
    /// Changed ones among them.
    pub changed: u64,
    /// Nothing to do.
    pub unchanged: u64,
    /// Paid for under another key.
    pub moved: u64,
    /// Orphans.
    pub orphan: u64,
    /// In doubt.
    pub in_doubt: u64,
    /// Failed at the vendor.
    pub failed: u64,
    /// Seconds of the submissions, audio files not counted.
    pub seconds: f64,
    /// Credits of the submissions, audio files not counted.
    pub credits: f64,
    /// Credits by the dearer reading, takes in doubt counted too; guards reckon with it.
    pub credits_at_most: f64,
    /// Submissions whose length is not known.
    pub unknown_length: u64,
}

/// The plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The environment's name.
    pub environment: String,
    /// The vendor's host, without port.
    pub host: Arc<str>,
    /// In manifest order; orphans last.
    pub changes: Vec<Change>,
    /// The videos of the project, selected or not, whose key has a paid take; guards reckon shares of it.
    pub known: u64,
    /// Labels that changed.
    pub relabels: Vec<Relabel>,
    /// Counts.
    pub summary: Summary,
    /// Sentences worth a look.
    pub warnings: Vec<String>,
}

impl Plan {
    /// Whether an apply has something to do: to send, or to settle.
    pub fn has_work(&self) -> bool {
        self.summary.submit > 0 || self.summary.in_doubt > 0
    }

    /// The changes that send something.
    pub fn submissions(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.submits)
    }
}
