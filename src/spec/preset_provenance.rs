//! Where each value of one preset comes from, and which videos use it.

use std::sync::Arc;

use serde_json::Value;

use crate::fields::{RowId, Table};
use crate::source::Origin;

/// One preset with its base presets, its values and its users.
#[derive(Clone, Debug)]
pub struct PresetProvenance {
    /// The table of its rows.
    pub table: &'static Table,
    /// The row of its group.
    pub group: RowId,
    /// From the preset itself to the last base preset that is known.
    pub chain: Vec<NamedPreset>,
    /// The base of the last preset of the chain, if it cannot be followed.
    pub unresolved: Option<UnresolvedBase>,
    /// The values that hold, in the vendor's order.
    pub values: Vec<DeclaredValue>,
    /// The keys of the videos that use it, directly or through other presets, in manifest order.
    pub used_by: Vec<Arc<str>>,
}

/// A preset in a chain; it owns its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPreset {
    /// Its name.
    pub name: Arc<str>,
    /// Where it is declared.
    pub declared_at: Origin,
    /// Where it is named; of the first preset of a chain, where it is declared.
    pub named_at: Origin,
}

/// A base preset that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnresolvedBase {
    /// The name, or the template that makes it.
    pub text: Arc<str>,
    /// Where it is written.
    pub origin: Origin,
    /// Why it cannot be followed.
    pub reason: UnresolvedReason,
}

/// Why a base preset cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnresolvedReason {
    /// A template chooses it, in each video.
    Template,
    /// No preset has this name.
    Unknown,
    /// The preset is in the chain already.
    Cycle,
}

impl UnresolvedReason {
    /// Returns the word in JSON: `template`, `unknown`, `circle`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Unknown => "unknown",
            Self::Cycle => "circle",
        }
    }
}

/// A value that a preset gives, as declared.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredValue {
    /// The row of its field.
    pub row: RowId,
    /// The value in the form of the spec; of a file its path, of a template the template.
    pub value: Value,
    /// Whether it is a template.
    pub is_template: bool,
    /// Where it is written.
    pub origin: Origin,
    /// Index in the chain of the preset that gives it.
    pub depth: u32,
}
