//! The provenance of the values of one preset, and the videos that use it.

use std::sync::Arc;

use serde::Serialize;
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
    /// The preset itself, then its base presets up to the last known one.
    pub chain: Vec<NamedPreset>,
    /// The base of the last preset of the chain, if it cannot be resolved.
    pub unresolved: Option<UnresolvedBase>,
    /// The effective values, in the vendor's order.
    pub values: Vec<DeclaredValue>,
    /// The keys of the videos that use it, directly or through other presets, in manifest order.
    pub used_by: Vec<Arc<str>>,
}

/// A preset in a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPreset {
    /// Its name.
    pub name: Arc<str>,
    /// The location of its declaration.
    pub declared_at: Origin,
    /// The location of the reference to it: in a video, in `defaults`, or in the `use` of another preset. For a preset
    /// that is explained by itself, the location of its declaration.
    pub named_at: Origin,
}

/// A base preset that cannot be resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnresolvedBase {
    /// The name, or the template that returns it.
    pub text: Arc<str>,
    /// The location of the text.
    pub origin: Origin,
    /// The reason why it cannot be resolved.
    pub reason: UnresolvedReason,
}

/// The reason why a base preset cannot be resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UnresolvedReason {
    /// A template selects it for each video.
    Template,
    /// No preset has this name.
    Unknown,
    /// The preset is already in the chain.
    #[serde(rename = "circle")]
    Cycle,
}

/// A value that a preset sets, as declared.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredValue {
    /// The row of its field.
    pub row: RowId,
    /// The value in the form of the spec. For a file it is the path, for a template the template.
    pub value: Value,
    /// `true` if it is a template.
    pub is_template: bool,
    /// The location of the value.
    pub origin: Origin,
    /// Index in the chain of the preset that sets it.
    pub depth: u32,
}
