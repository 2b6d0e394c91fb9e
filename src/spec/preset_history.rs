//! Where every value of one preset came from, and who uses it: made on demand for one preset, never kept for all.

use std::sync::Arc;

use serde_json::Value;

use super::{Link, SpecField};
use crate::source::Origin;

/// What a preset is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PresetKind {
    /// An avatar.
    Avatar,
    /// A voice.
    Voice,
    /// A background.
    Background,
}

impl PresetKind {
    /// All kinds, in the order of manifests.
    pub const ALL: &'static [Self] = &[Self::Avatar, Self::Voice, Self::Background];

    /// The word: `voice`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Avatar => "avatar",
            Self::Voice => "voice",
            Self::Background => "background",
        }
    }

    /// The block of a manifest that declares it: `voices`.
    pub const fn block(self) -> &'static str {
        match self {
            Self::Avatar => "avatars",
            Self::Voice => "voices",
            Self::Background => "backgrounds",
        }
    }

    /// The kind and the name of `voices.narrator-de`, whether there is such a preset or not.
    pub fn of(word: &str) -> Option<(Self, &str)> {
        let (block, name) = word.split_once('.')?;
        Self::ALL.iter().find(|kind| kind.block() == block).map(|kind| (*kind, name))
    }
}

/// The history of one preset.
#[derive(Clone, Debug, PartialEq)]
pub struct PresetHistory {
    /// What it is of.
    pub kind: PresetKind,
    /// From the preset itself down to the last that is known; the first is named by its own declaration.
    pub chain: Vec<Link>,
    /// What the last of the chain lies over, where that is no preset that can be followed.
    pub beneath: Option<Beneath>,
    /// The values that hold, in the order of the vendor's table; what is absent is left to videos and to the schema.
    pub fields: Vec<PresetField>,
    /// The keys of the videos that use it, whether by name, by `use` or through other presets; in manifest order.
    pub users: Vec<Arc<str>>,
}

/// A `use` that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beneath {
    /// What stands there.
    pub text: Arc<str>,
    /// Where.
    pub origin: Origin,
    /// Why it cannot be followed.
    pub why: Unfollowed,
}

/// Why a `use` cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfollowed {
    /// It is a template: each video decides.
    Template,
    /// There is no such preset.
    Unknown,
    /// It leads back into the chain.
    Circle,
}

impl Unfollowed {
    /// The word: `template`, `unknown`, `circle`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Unknown => "unknown",
            Self::Circle => "circle",
        }
    }
}

/// One value of a preset.
#[derive(Clone, Debug, PartialEq)]
pub struct PresetField {
    /// Which field; of a local file the field of its content.
    pub field: SpecField,
    /// The value as written; of a template its text.
    pub value: Value,
    /// Whether it is a template.
    pub template: bool,
    /// The place of the value.
    pub origin: Origin,
    /// The index in the chain of the preset that holds it.
    pub depth: usize,
}

impl PresetField {
    /// The dotted path as manifests write it: `voice.file.path`, not its content.
    pub fn path(&self) -> &'static str {
        match self.field {
            SpecField::FileSha256 => "voice.file.path",
            SpecField::MediaSha256 => "background.media.path",
            field => field.path(),
        }
    }
}
