//! Presets by name. Each chain of base presets is resolved once per run, without recursion.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::context::{ExpansionContext, TemplatePurpose};
use super::errors::ErrorReporter;
use super::identifiers::normalize;
use super::layers::{LayerSource, MergedFields, PackedFields};
use super::scope::Instance;
use super::undefined::listing;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::fields::{RowId, Table, truncated};
use crate::manifest::{Decl, Expr, Field, InvalidDecl, Manifest, Preset, PresetGroup};
use crate::source::Origin;
use crate::spec::{Layer, PresetNode, ResolvedPreset, ValueSource};

/// Maximum number of presets of a cycle that a message names.
const MAX_LISTED: usize = 8;

/// The presets of one group.
#[derive(Debug)]
pub(super) struct PresetResolver<'m> {
    table: &'static Table,
    pub(super) group: RowId,
    /// The key of the manifest that declares them: `voices`.
    block: &'static str,
    /// Indices by name.
    names: HashMap<&'m str, u32>,
    declared: Vec<&'m Preset>,
    library: Arc<[PresetNode]>,
    states: Vec<PresetState<'m>>,
}

/// State of a preset.
#[derive(Clone, Debug)]
enum PresetState<'m> {
    /// All its layers are merged.
    Resolved(Resolved<'m>),
    /// An error in its chain was reported.
    Invalid,
    /// A template in its chain names a base preset, so each instance resolves it.
    PerInstance,
}

/// A preset with its base presets.
#[derive(Clone, Debug)]
struct Resolved<'m> {
    fields: PackedFields<'m>,
    preset: Arc<ResolvedPreset>,
    incomplete: bool,
}

impl<'m> PresetResolver<'m> {
    /// Resolves the presets of each group in the vendor's order, used or not. Reports the errors of chains.
    pub(super) fn resolve_groups(manifest: &'m Manifest, faults: &mut ErrorReporter<'_>) -> Vec<Self> {
        manifest.presets.iter().map(|presets| Self::new(manifest.table, presets, faults)).collect()
    }

    fn new(table: &'static Table, presets: &'m PresetGroup, faults: &mut ErrorReporter<'_>) -> Self {
        let PresetGroup { group, block, presets } = presets;
        let names: HashMap<&'m str, u32> =
            presets.keys().enumerate().map(|(index, name)| (&**name, index as u32)).collect();
        let node = |(name, preset): (&Arc<str>, &Preset)| {
            let base = preset.decl.base.as_ref();
            PresetNode {
                name: Arc::clone(name),
                declared_at: preset.origin,
                base_named_at: base.map(|base| base.origin),
                base: base.and_then(|base| names.get(&**base.literal()?).copied()),
            }
        };
        let library = presets.iter().map(node).collect();
        let declared: Vec<&'m Preset> = presets.values().collect();
        let mut resolver = Self { table, group: *group, block, names, declared, library, states: Vec::new() };
        resolver.resolve_all(faults);
        resolver
    }

    fn resolve_all(&mut self, faults: &mut ErrorReporter<'_>) {
        let mut states: Vec<Option<PresetState<'m>>> = vec![None; self.declared.len()];
        // The first preset of the chain that visited each preset last, and the position in that chain.
        let mut places: Vec<Option<(u32, usize)>> = vec![None; self.declared.len()];
        let mut merged = MergedFields::new(self.table);
        for first in 0..self.declared.len() as u32 {
            let mut chain: Vec<u32> = Vec::new();
            let mut next = first;
            // `None` if all layers are known.
            let end = loop {
                match &states[next as usize] {
                    Some(PresetState::Resolved(_)) => break None,
                    Some(end) => break Some(end.clone()),
                    None => {}
                }
                if let Some((_, place)) = places[next as usize].filter(|(walk, _)| *walk == first) {
                    faults.report_in_declaration(self.cycle_error(&chain[place..]));
                    break Some(PresetState::Invalid);
                }
                places[next as usize] = Some((first, chain.len()));
                chain.push(next);
                match (&self.declared[next as usize].decl.base, self.library[next as usize].base) {
                    (None, _) => break None,
                    (Some(_), Some(base)) => next = base,
                    (Some(Field { value: Expr::Template(_), .. }), None) => break Some(PresetState::PerInstance),
                    (Some(base), None) => {
                        let name = base.literal().map_or("", |name| &**name);
                        self.unknown(name, base.origin, faults, None);
                        break Some(PresetState::Invalid);
                    }
                }
            };
            for index in chain.into_iter().rev() {
                states[index as usize] = Some(if let Some(end) = &end {
                    end.clone()
                } else {
                    let base = self.library[index as usize].base.map(|base| &states[base as usize]);
                    merged.clear();
                    let mut incomplete = self.is_incomplete(index, faults);
                    if let Some(Some(PresetState::Resolved(base))) = base {
                        merged.add(&base.fields, 1);
                        incomplete |= base.incomplete;
                    }
                    merged.merge_object(self.table, self.group, self.decl(index), LayerSource::Preset(0));
                    let preset = self.resolved_preset(index, &[], &merged);
                    PresetState::Resolved(Resolved { fields: merged.packed(), preset, incomplete })
                });
            }
        }
        self.states = states.into_iter().map(|state| state.unwrap_or(PresetState::Invalid)).collect();
    }

    fn decl(&self, index: u32) -> &'m Decl {
        &self.declared[index as usize].decl
    }

    fn name(&self, index: u32) -> &Arc<str> {
        &self.library[index as usize].name
    }

    fn is_incomplete(&self, index: u32, faults: &ErrorReporter<'_>) -> bool {
        faults.is_invalid(&InvalidDecl::Preset(self.group, Arc::clone(self.name(index))))
    }

    fn resolved_preset(&self, first: u32, chosen: &[u32], merged: &MergedFields<'m>) -> Arc<ResolvedPreset> {
        let values = merged.preset_values(self.table, self.group);
        Arc::new(ResolvedPreset { library: Arc::clone(&self.library), first, chosen: chosen.into(), values })
    }

    /// Merges a declaration of a video, or of the item of a list, over its base preset. Returns whether a layer is incomplete, so that what is absent may only
    /// have been rejected; `None` if an error was reported.
    pub(super) fn merge(
        &self,
        decl: &'m Decl,
        (item, source): (Option<(RowId, u16)>, ValueSource),
        (context, at): (&mut ExpansionContext<'m, '_>, &Instance),
        merged: &mut MergedFields<'m>,
    ) -> Option<bool> {
        let mut incomplete = false;
        if let Some(base) = &decl.base {
            let (preset, is_incomplete) = self.resolve(base, context, at, merged)?;
            context.layers.push(Layer { item, source, named_at: base.origin, preset });
            incomplete = is_incomplete;
        }
        merged.merge_object(self.table, self.group, decl, LayerSource::Own(source));
        Some(incomplete)
    }

    /// Merges the preset that a field names, with its base presets.
    fn resolve(
        &self,
        field: &'m Field,
        context: &mut ExpansionContext<'m, '_>,
        at: &Instance,
        merged: &mut MergedFields<'m>,
    ) -> Option<(Arc<ResolvedPreset>, bool)> {
        let (mut chain, mut chosen): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        let mut field = field;
        let mut incomplete = loop {
            let is_template = field.template().is_some();
            let name = context.text(field, at, TemplatePurpose::Content)?;
            let Some(index) = self.names.get(&*normalize(&name)).copied() else {
                self.unknown(&name, field.origin, &mut context.errors, is_template.then_some(at));
                return None;
            };
            if is_template && !chain.is_empty() {
                chosen.push(index);
            }
            match &self.states[index as usize] {
                PresetState::Resolved(Resolved { fields, preset, incomplete }) => {
                    merged.add(fields, chain.len() as u32);
                    if chain.is_empty() {
                        return Some((Arc::clone(preset), *incomplete));
                    }
                    break *incomplete;
                }
                PresetState::Invalid => {
                    context.errors.count_only();
                    return None;
                }
                PresetState::PerInstance if seen.insert(index) => chain.push(index),
                PresetState::PerInstance => {
                    let start = chain.iter().position(|known| *known == index).unwrap_or_default();
                    context.errors.report_in_instance(self.cycle_error(&chain[start..]), at);
                    return None;
                }
            }
            // Without a base preset, it is never resolved per instance.
            let Some(base) = &self.decl(index).base else { break false };
            field = base;
        };
        for (depth, index) in chain.iter().enumerate().rev() {
            let layer = LayerSource::Preset(depth as u32);
            merged.merge_object(self.table, self.group, self.decl(*index), layer);
            incomplete |= self.is_incomplete(*index, &context.errors);
        }
        let first = chain.first().copied()?;
        Some((self.resolved_preset(first, &chosen, merged), incomplete))
    }

    fn unknown(&self, name: &str, origin: Origin, faults: &mut ErrorReporter<'_>, at: Option<&Instance>) {
        if faults.may_be_unread(&InvalidDecl::Preset(self.group, name.into())) {
            faults.count_only();
            return;
        }
        let word = self.table[self.group].key;
        let shown = truncated(name);
        let diagnostic = Diagnostic::new(Code::UnknownPreset, format!("there is no {word} preset `{shown}`"), origin);
        let known = || self.library.iter().map(|node| &*node.name);
        let diagnostic = match nearest(name, known()) {
            meant @ Some(_) => diagnostic.did_you_mean(meant),
            None if self.library.is_empty() => diagnostic.help(format!("declare it under `{}`", self.block)),
            None => diagnostic.help(format!("the {word} presets are {}", listing(known()))),
        };
        match at {
            Some(at) => faults.report_in_instance(diagnostic, at),
            None => faults.report_in_declaration(diagnostic),
        }
    }

    /// Returns the error for a cycle of presets, starting with the first one in name order.
    fn cycle_error(&self, chain: &[u32]) -> Diagnostic {
        let word = self.table[self.group].key;
        let mut names: Vec<&str> = chain.iter().map(|index| &**self.name(*index)).collect();
        let least = names.iter().enumerate().min_by_key(|(_, name)| **name).map_or(0, |(place, _)| place);
        names.rotate_left(least);
        let fields: Vec<Origin> =
            chain.iter().filter_map(|index| self.decl(*index).base.as_ref()).map(|field| field.origin).collect();
        let listed = names.iter().take(MAX_LISTED).copied().collect::<Vec<_>>().join(" → ");
        let words = match names.len().checked_sub(MAX_LISTED) {
            Some(more) if more > 0 => format!("{listed} → {more} more"),
            _ => listed,
        };
        let first = names.first().copied().unwrap_or_default();
        let message = format!("{word} presets use one another in a cycle: `{words} → {first}`");
        let mut diagnostic = match fields.get(least) {
            Some(origin) => Diagnostic::new(Code::PresetCircle, message, *origin),
            None => Diagnostic::without_location(Code::PresetCircle, message),
        };
        diagnostic = diagnostic.help("remove `use` from one of them");
        for (place, origin) in fields.iter().enumerate().filter(|(place, _)| *place != least).take(10) {
            diagnostic = diagnostic.with_secondary(*origin, format!("`{}` uses the next", self.name(chain[place])));
        }
        diagnostic
    }
}
