//! Where each value of a video comes from. The expansion records it while it merges layers, so they are merged only once.

use std::sync::Arc;

use serde_json::Value;

use crate::fields::{FieldPath, RowId};
use crate::source::{Origin, RowPlace};

/// Where the values of a video come from. A field that nothing gives is at its default; a name that nothing gives is the key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Provenance {
    /// The presets, one entry for each place that names one.
    pub layers: Box<[Layer]>,
    /// The values that the video or `defaults` gives itself, in the vendor's order.
    pub given: Box<[Given]>,
}

/// A preset that is named, with its base presets.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The list and the index of the item that names it. `None` for the video itself.
    pub item: Option<(RowId, u16)>,
    /// Who names it.
    pub source: ValueSource,
    /// Where the name is written.
    pub named_at: Origin,
    /// The values that it gives, shared by everything that names it.
    pub preset: Arc<ResolvedPreset>,
}

impl PartialEq for Layer {
    fn eq(&self, other: &Self) -> bool {
        (self.item, self.source, self.named_at) == (other.item, other.source, other.named_at)
            && (Arc::ptr_eq(&self.preset, &other.preset) || self.preset == other.preset)
    }
}

/// A preset with its chain of base presets.
#[derive(Clone, Debug)]
pub struct ResolvedPreset {
    /// The presets of its group.
    pub library: Arc<[PresetNode]>,
    /// Index of the preset in the library.
    pub first: u32,
    /// Indices of the base presets that templates chose, in the order of the chain.
    pub chosen: Box<[u32]>,
    /// The values that hold after all layers.
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
    /// Where it is declared.
    pub declared_at: Origin,
    /// Where it names its base preset.
    pub base_named_at: Option<Origin>,
    /// Index of its base preset in the library. `None` if a template chooses it.
    pub base: Option<u32>,
}

/// A value that a preset gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PresetValue {
    /// The row of its field.
    pub row: RowId,
    /// Where the value, or the template that makes it, is written.
    pub origin: Origin,
    /// Index in the chain of the preset that gives it.
    pub depth: u32,
}

/// A value that the video or `defaults` gives itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// Its field.
    pub field: FieldPath,
    /// Who gives it.
    pub source: ValueSource,
    /// Where the value, or the template or path that makes it, is written.
    pub origin: Origin,
}

/// Who gives a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueSource {
    /// The video itself.
    Video,
    /// `defaults` of the root manifest.
    Defaults,
    /// The key of the video, for a name that nothing gives.
    Key,
}

impl ValueSource {
    /// Returns the word: `video`, `defaults`, `key`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Defaults => "defaults",
            Self::Key => "key",
        }
    }
}

/// Where one value comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldProvenance<'a> {
    /// Who gives it, itself or through a preset.
    pub source: ValueSource,
    /// Where the value, or the template or path that makes it, is written.
    pub origin: Origin,
    /// The presets from the one that is named to the one that gives the value. Empty if no preset gives it.
    pub chain: Vec<PresetLink<'a>>,
}

/// A preset in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PresetLink<'a> {
    /// Its name.
    pub name: &'a Arc<str>,
    /// Where it is declared.
    pub declared_at: Origin,
    /// Where it is named: by a video, by `defaults`, by the `use` of another preset.
    pub named_at: Origin,
}

impl ResolvedPreset {
    /// Returns the chain from the preset itself to its last base preset. `named_at` is where the preset is named.
    pub fn chain(&self, named_at: Origin) -> impl Iterator<Item = PresetLink<'_>> {
        let mut chosen = self.chosen.iter();
        let mut next = Some((self.first, named_at));
        std::iter::from_fn(move || {
            let (index, named_at) = next?;
            let node = self.library.get(index as usize)?;
            next = node.base_named_at.and_then(|origin| Some((node.base.or_else(|| chosen.next().copied())?, origin)));
            Some(PresetLink { name: &node.name, declared_at: node.declared_at, named_at })
        })
    }
}

impl Provenance {
    /// Returns where the value of a field comes from. `None` if nothing gives it.
    pub fn get(&self, field: FieldPath) -> Option<FieldProvenance<'_>> {
        if let Some(own) = self.given.iter().find(|given| given.field == field) {
            return Some(FieldProvenance { source: own.source, origin: own.origin, chain: Vec::new() });
        }
        self.layers.iter().filter(|layer| layer.item == field.item).find_map(|layer| {
            let value = layer.preset.values.iter().find(|value| value.row == field.row)?;
            let chain = layer.preset.chain(layer.named_at).take(value.depth as usize + 1).collect();
            Some(FieldProvenance { source: layer.source, origin: value.origin, chain })
        })
    }

    /// Returns where the value of a field, or the template or path that makes it, is written. `None` if nothing gives it.
    pub fn origin(&self, field: FieldPath) -> Option<Origin> {
        let own = self.given.iter().find(|given| given.field == field).map(|given| given.origin);
        own.or_else(|| {
            let layers = self.layers.iter().filter(|layer| layer.item == field.item);
            layers.flat_map(|layer| &layer.preset.values).find(|value| value.row == field.row).map(|value| value.origin)
        })
    }

    /// Returns the presets that the video uses, those that are overridden too.
    pub fn presets(&self) -> impl Iterator<Item = PresetLink<'_>> {
        self.layers.iter().flat_map(|layer| layer.preset.chain(layer.named_at))
    }
}

/// The references of one instance's templates. The expansion records it for the instances that it is asked to trace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InstanceTrace {
    /// The values of the matrix, in the order of the key.
    pub matrix: Vec<Reference>,
    /// The fields that a template or a script file makes.
    pub fields: Vec<FieldTrace>,
}

/// What makes the value of one field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldTrace {
    /// The field.
    pub field: FieldPath,
    /// The template in the manifest: of the value, or of the path of the script file.
    pub template: Option<Arc<str>>,
    /// What that template refers to.
    pub references: Vec<Reference>,
    /// The script file that holds the text.
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

/// A value that a template refers to.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Its name in the template: `matrix.locale`.
    pub path: String,
    /// Its value.
    pub value: Value,
    /// Where the value is written.
    pub origin: Option<ReferenceOrigin>,
}

/// Where the value of a reference is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReferenceOrigin {
    /// In a manifest.
    Manifest(Origin),
    /// In a record of a data file.
    Row(RowPlace),
}
