//! Provenance on demand: the references of some instances, and the origins of the values of one preset.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;

use serde_json::Value;

use super::expander::Traces;
use super::expansion::{ExpandInputs, on_large_stack, prepare};
use super::layers::{LayerSource, MergedFields};
use crate::diagnostic::Report;
use crate::fields::{RowId, Table};
use crate::manifest::{Expr, Manifest, Preset};
use crate::spec::{
    DeclaredValue, InstanceTrace, NamedPreset, PresetProvenance, Provenance, UnresolvedBase, UnresolvedReason, Video,
};

/// Expands the videos of some keys again, and returns what their templates refer to. Keys without a video, or with an
/// error that `expand` has reported, are left out. `names` are further values to return: `row.city`.
///
/// # Errors
/// If the system cannot start a thread.
#[expect(clippy::implicit_hasher, reason = "the few callers make the set with the usual hasher")]
pub fn trace(
    manifest: &Manifest,
    inputs: ExpandInputs<'_>,
    keys: &HashSet<Arc<str>>,
    names: &[String],
) -> io::Result<HashMap<Arc<str>, InstanceTrace>> {
    let mut report = Report::new();
    on_large_stack(|| {
        let mut take = |_| ();
        let mut run = prepare(manifest, inputs, &mut report, &mut take);
        let bases = keys.iter().filter_map(|key| key.split('[').next()).collect();
        run.traces = Some(Traces { keys, names, bases, found: HashMap::new() });
        run.expand_all();
        run.traces.map(|traces| traces.found).unwrap_or_default()
    })
}

/// Returns where the values of a preset come from, and which videos use it. `None` if the preset does not exist.
///
/// # Errors
/// If the system cannot start a thread.
pub fn preset_provenance(
    manifest: &Manifest,
    inputs: ExpandInputs<'_>,
    group: RowId,
    name: &str,
) -> io::Result<Option<PresetProvenance>> {
    let Some(chain) = declared_chain(manifest, group, name) else { return Ok(None) };
    let (values, unresolved) = (chain.values(manifest.table, group), chain.unresolved);
    let links: Vec<NamedPreset> = chain.links.into_iter().map(|(link, _)| link).collect();
    let used_by = match links.first() {
        Some(preset) => users(manifest, inputs, preset)?,
        None => Vec::new(),
    };
    let table = manifest.table;
    Ok(Some(PresetProvenance { table, group, chain: links, unresolved, values, used_by }))
}

/// Returns the keys of the videos without errors that use a preset.
fn users(manifest: &Manifest, inputs: ExpandInputs<'_>, preset: &NamedPreset) -> io::Result<Vec<Arc<str>>> {
    let mut report = Report::new();
    let mut keys = Vec::new();
    // A name is declared at one location, so the location identifies the group too.
    let uses = |provenance: &Provenance| provenance.presets().any(|link| link.declared_at == preset.declared_at);
    on_large_stack(|| {
        let mut take = |video: Video| keys.extend(uses(&video.provenance).then_some(video.key));
        prepare(manifest, inputs, &mut report, &mut take).expand_all();
    })?;
    Ok(keys)
}

/// A preset with its base presets, down to the first one that a template chooses.
struct DeclaredChain<'m> {
    links: Vec<(NamedPreset, &'m Preset)>,
    unresolved: Option<UnresolvedBase>,
}

fn declared_chain<'m>(manifest: &'m Manifest, group: RowId, name: &str) -> Option<DeclaredChain<'m>> {
    let presets = &manifest.presets.iter().find(|presets| presets.group == group)?.presets;
    let link = |(name, preset): (&Arc<str>, &'m Preset), named_at| {
        (NamedPreset { name: Arc::clone(name), declared_at: preset.origin, named_at }, preset)
    };
    let first = presets.get_key_value(name)?;
    let mut chain = DeclaredChain { links: vec![link(first, first.1.origin)], unresolved: None };
    let mut names: HashSet<&str> = HashSet::from([&**first.0]);
    while let Some(base) = chain.links.last().and_then(|(_, preset)| preset.decl.base.as_ref()) {
        let (text, reason) = match (&base.value, base.literal()) {
            (Expr::Template(text), _) => (&*text.text, UnresolvedReason::Template),
            (_, Some(name)) if names.contains(&**name) => (&**name, UnresolvedReason::Cycle),
            (_, Some(name)) => {
                if let Some(next) = presets.get_key_value(name) {
                    names.insert(&**next.0);
                    chain.links.push(link(next, base.origin));
                    continue;
                }
                (&**name, UnresolvedReason::Unknown)
            }
            (_, None) => break,
        };
        chain.unresolved = Some(UnresolvedBase { text: text.into(), origin: base.origin, reason });
        break;
    }
    Some(chain)
}

impl DeclaredChain<'_> {
    fn values(&self, table: &Table, group: RowId) -> Vec<DeclaredValue> {
        let mut merged = MergedFields::new(table);
        for (depth, (_, preset)) in self.links.iter().enumerate().rev() {
            merged.merge_object(table, group, &preset.decl, LayerSource::Preset(depth as u32));
        }
        let value = |row: RowId| match &merged.get(row)?.field?.value {
            Expr::Template(text) => Some((Value::from(&*text.text), true)),
            Expr::Literal(value) => Some((table.ty(row)?.to_json(value), false)),
            Expr::Rejected => None,
        };
        let values = merged.preset_values(table, group).into_iter().filter_map(|held| {
            let (value, is_template) = value(held.row)?;
            Some(DeclaredValue { row: held.row, value, is_template, origin: held.origin, depth: held.depth })
        });
        values.collect()
    }
}
