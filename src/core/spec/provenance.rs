//! The provenance of a video's values. The expansion records it while it merges layers, so they are merged only once.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::NamedPreset;
use crate::fields::{FieldPath, RowId};
use crate::source::{Origin, RowLocation};

/// The provenance of a video's values. A field without an entry is at its default, and a name without an entry is the
/// key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Provenance {
    /// The presets, one entry per reference.
    pub layers: Box<[Layer]>,
    /// The values that the video or `defaults` sets itself, in the vendor's order.
    pub given: Box<[OwnValue]>,
}

/// A reference to a preset, with its base presets.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// The list, and the index of the item with the reference. `None` for the video itself.
    pub item: Option<(RowId, u16)>,
    /// The owner of the reference.
    pub source: ValueSource,
    /// The location of the reference.
    pub named_at: Origin,
    /// The values of the preset, shared by all references to it.
    pub preset: Arc<ResolvedPreset>,
}

/// A preset with its chain of base presets.
#[derive(Clone, Debug)]
pub struct ResolvedPreset {
    /// The presets of its group.
    pub library: Arc<[PresetNode]>,
    /// Index of the preset in the library.
    pub first: u32,
    /// Indices of the base presets that templates selected, in the order of the chain.
    pub chosen: Box<[u32]>,
    /// The effective values after all layers.
    pub values: Box<[PresetValue]>,
}

impl PartialEq for ResolvedPreset {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.library, &other.library) && (self.first, &self.chosen) == (other.first, &other.chosen)
    }
}

/// A preset of a library, and its base preset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresetNode {
    /// Its name.
    pub name: Arc<str>,
    /// The location of its declaration.
    pub declared_at: Origin,
    /// The location of the reference to its base preset.
    pub base_named_at: Option<Origin>,
    /// Index of its base preset in the library. `None` if a template selects it.
    pub base: Option<u32>,
}

/// A value that a preset sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PresetValue {
    /// The row of its field.
    pub row: RowId,
    /// The location of the value, or of the template that returns it.
    pub origin: Origin,
    /// Index in the chain of the preset that sets it.
    pub depth: u32,
}

/// A value that the video or `defaults` sets itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnValue {
    /// Its field.
    pub field: FieldPath,
    /// The owner of the value.
    pub source: ValueSource,
    /// The location of the value, or of the template or path that returns it.
    pub origin: Origin,
}

/// The owner of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueSource {
    /// The video itself.
    Video,
    /// `defaults` of the root manifest.
    Defaults,
    /// The key of the video, which is the default of its name.
    Key,
}

impl ValueSource {
    /// Returns the owner in JSON: `video`, `defaults`, `key`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Defaults => "defaults",
            Self::Key => "key",
        }
    }
}

/// The provenance of one value.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldProvenance {
    /// The owner of the value, or of the reference to the preset.
    pub source: ValueSource,
    /// The location of the value, or of the template or path that returns it.
    pub origin: Origin,
    /// The presets from the referenced one to the one that sets the value. Empty if no preset sets it.
    pub chain: Vec<NamedPreset>,
}

impl ResolvedPreset {
    /// Returns the chain from the preset itself to its last base preset. `named_at` is the location of the reference.
    pub fn chain(&self, named_at: Origin) -> impl Iterator<Item = NamedPreset> {
        let mut chosen = self.chosen.iter();
        let mut next = Some((self.first, named_at));
        std::iter::from_fn(move || {
            let (index, named_at) = next?;
            let node = self.library.get(index as usize)?;
            next = node.base_named_at.and_then(|origin| Some((node.base.or_else(|| chosen.next().copied())?, origin)));
            Some(NamedPreset { name: Arc::clone(&node.name), declared_at: node.declared_at, named_at })
        })
    }
}

impl Provenance {
    /// Returns the provenance of a field's value, or `None` if the field is at its default.
    pub fn get(&self, field: FieldPath) -> Option<FieldProvenance> {
        if let Some(own) = self.given.iter().find(|given| given.field == field) {
            return Some(FieldProvenance { source: own.source, origin: own.origin, chain: Vec::new() });
        }
        self.layers.iter().filter(|layer| layer.item == field.item).find_map(|layer| {
            let value = layer.preset.values.iter().find(|value| value.row == field.row)?;
            let chain = layer.preset.chain(layer.named_at).take(value.depth as usize + 1).collect();
            Some(FieldProvenance { source: layer.source, origin: value.origin, chain })
        })
    }

    /// Returns the location of a field's value, or of the template or path that returns it. `None` if the field is at
    /// its default.
    pub fn origin(&self, field: FieldPath) -> Option<Origin> {
        self.get(field).map(|found| found.origin)
    }

    /// Returns the presets that the video uses, including overridden ones.
    pub fn presets(&self) -> impl Iterator<Item = NamedPreset> {
        self.layers.iter().flat_map(|layer| layer.preset.chain(layer.named_at))
    }
}

/// The references in the templates of one instance. The expansion records them only for instances to trace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InstanceTrace {
    /// The values of the matrix, in the order of the key.
    pub matrix: Vec<Reference>,
    /// The fields with a value from a template or a script file.
    pub fields: Vec<FieldTrace>,
    /// Texts, numbers and flags of the scope that the caller requested, by their names: `row.city`.
    pub named: BTreeMap<String, String>,
}

/// The template or script file that returns a field's value.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldTrace {
    /// The field.
    pub field: FieldPath,
    /// The template in the manifest, for the value or for the path of the script file.
    pub template: Option<Arc<str>>,
    /// The references of that template.
    pub references: Vec<Reference>,
    /// The script file with the text.
    pub script: Option<ScriptTrace>,
}

/// A script file.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptTrace {
    /// The complete file.
    pub origin: Origin,
    /// Its references, if it is a template.
    pub references: Vec<Reference>,
}

/// A value that a template references.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Its name in the template: `matrix.locale`.
    pub path: String,
    /// Its value.
    pub value: Value,
    /// The location of the value.
    pub origin: Option<ReferenceOrigin>,
}

/// The location of a reference's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReferenceOrigin {
    /// In a manifest.
    Manifest(Origin),
    /// In a record of a data file.
    Row(RowLocation),
}
