//! Where every value of one video came from: made on demand for one key, never kept for all.

use std::sync::Arc;

use serde_json::Value;

use super::SpecField;
use crate::source::{Origin, RowPlace};

/// The history of one video. Fields that are absent here are at the schema's default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// What the matrix gave this instance, in the order of its key.
    pub matrix: Vec<Used>,
    /// The fields that were given.
    pub fields: Vec<FieldHistory>,
}

/// The history of one value.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldHistory {
    /// Which field.
    pub field: SpecField,
    /// Who gave it.
    pub giver: Giver,
    /// The place of the value, or of the template that made it; none for the key.
    pub origin: Option<Origin>,
    /// The presets from the one that the giver names down to the one that holds the value; empty for own values.
    pub chain: Vec<Link>,
    /// The template that made it.
    pub template: Option<Arc<str>>,
    /// What its template asked for.
    pub uses: Vec<Used>,
    /// The script file that holds the text.
    pub script: Option<ScriptHistory>,
}

/// Who gave a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Giver {
    /// The video itself.
    Video,
    /// `defaults` of the root manifest.
    Defaults,
    /// The video's key, which is its name unless another is declared.
    Key,
}

impl Giver {
    /// The word: `video`, `defaults`, `key`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Defaults => "defaults",
            Self::Key => "key",
        }
    }
}

/// A preset in a chain of `use`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The preset's name.
    pub name: Arc<str>,
    /// Where it is declared.
    pub origin: Origin,
    /// Where its name stands: a video's field, or a `use`.
    pub named: Origin,
}

/// A value that a template asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Used {
    /// As the template names it: `matrix.locale`.
    pub path: String,
    /// Its value.
    pub value: Value,
    /// Where it was declared.
    pub place: Option<UsedPlace>,
}

/// Where a value of a template was declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsedPlace {
    /// In a manifest.
    Manifest(Origin),
    /// In a record of a data file.
    Row(RowPlace),
}

/// A script file.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptHistory {
    /// The whole file.
    pub origin: Origin,
    /// What it asked for, where it is a template.
    pub uses: Vec<Used>,
}
