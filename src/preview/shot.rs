//! What a storyboard shows of a video: its spec, how it stands, and what stood there before.

use std::sync::Arc;

use crate::spec::Spec;

/// One video of a storyboard.
#[derive(Clone, Debug)]
pub struct Shot {
    /// Its key.
    pub key: Arc<str>,
    /// What is wanted.
    pub spec: Spec,
    /// How it stands against what was paid for.
    pub standing: ShotStanding,
    /// What was submitted last, where that is another content.
    pub before: Option<Spec>,
    /// Field by field.
    pub changes: Vec<ShotChange>,
}

/// How a video stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ShotStanding {
    /// Never submitted.
    New,
    /// Submitted with another content.
    Changed,
    /// Submitted as it is.
    Unchanged,
    /// Submitted as it is, under another key.
    Moved,
    /// The vendor failed it.
    Failed,
    /// A submission without an answer.
    InDoubt,
}

impl ShotStanding {
    /// All of them, in the order of the filter.
    pub const ALL: &'static [Self] =
        &[Self::New, Self::Changed, Self::Unchanged, Self::Moved, Self::Failed, Self::InDoubt];

    /// The word for people and programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Moved => "moved",
            Self::Failed => "failed",
            Self::InDoubt => "in doubt",
        }
    }
}

/// One field that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShotChange {
    /// `voice.tts.speed`
    pub path: String,
    /// As text; empty where the field did not exist.
    pub before: String,
    /// As text; empty where it exists no more.
    pub after: String,
    /// `voices.yaml:12`, or empty.
    pub place: String,
}
