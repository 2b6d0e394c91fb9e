//! One preset followed down its chain, and all videos expanded again to see which of them go through it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::expand::{Inputs, on_large_stack, prepare};
use super::leaves::Leaves;
use super::parts::Layer;
use crate::diagnostic::Report;
use crate::manifest::{Expr, Manifest, Preset};
use crate::spec::{Beneath, Link, PresetField, PresetHistory, PresetKind, SpecField, Unfollowed};

/// Where the values of a preset came from, and who uses it; nothing when there is no such preset.
///
/// # Errors
/// When the machine refuses a thread.
pub fn preset_history(
    manifest: &Manifest,
    inputs: Inputs<'_>,
    (kind, name): (PresetKind, &str),
) -> std::io::Result<Option<PresetHistory>> {
    let found = match kind {
        PresetKind::Avatar => chain(kind, &manifest.avatars, name),
        PresetKind::Voice => chain(kind, &manifest.voices, name),
        PresetKind::Background => chain(kind, &manifest.backgrounds, name),
    };
    let Some(found) = found else { return Ok(None) };
    Ok(Some(PresetHistory { users: users(manifest, inputs, (kind, name))?, ..found }))
}

/// The keys of the videos without fault that go through a preset.
fn users(manifest: &Manifest, inputs: Inputs<'_>, (kind, name): (PresetKind, &str)) -> std::io::Result<Vec<Arc<str>>> {
    // Their faults, if they have any, were told when all videos were expanded.
    let mut report = Report::new();
    on_large_stack(|| {
        let mut take = |_| ();
        let mut run = prepare(manifest, inputs, &mut report, &mut take);
        run.shelves.watch(kind, name);
        run.users = Some(Vec::new());
        run.all();
        run.users.unwrap_or_default()
    })
}

/// The chain of a preset and the values that hold, its users left out.
fn chain<D: Layer + Leaves>(
    kind: PresetKind,
    presets: &BTreeMap<Arc<str>, Preset<D>>,
    name: &str,
) -> Option<PresetHistory> {
    let (name, first) = presets.get_key_value(name)?;
    let mut chain = vec![Link { name: Arc::clone(name), origin: first.origin, named: first.origin }];
    let mut storeys = vec![&first.decl];
    let mut beneath = None;
    while let Some(field) = storeys.last().and_then(|decl| decl.beneath()) {
        let (text, why) = match &field.value {
            Expr::Template(text) => (&text.text, Unfollowed::Template),
            Expr::Literal(target) if chain.iter().any(|link| link.name == *target) => (target, Unfollowed::Circle),
            Expr::Literal(target) => {
                if let Some((name, preset)) = presets.get_key_value(target) {
                    chain.push(Link { name: Arc::clone(name), origin: preset.origin, named: field.origin });
                    storeys.push(&preset.decl);
                    continue;
                }
                (target, Unfollowed::Unknown)
            }
        };
        beneath = Some(Beneath { text: Arc::clone(text), origin: field.origin, why });
        break;
    }
    Some(PresetHistory { kind, chain, beneath, fields: fields(&storeys), users: Vec::new() })
}

/// The values that hold of declarations that lie over one another, the topmost first.
fn fields<D: Layer + Leaves>(storeys: &[&D]) -> Vec<PresetField> {
    let mut parts = D::Parts::default();
    for decl in storeys.iter().rev() {
        decl.lay(&mut parts);
    }
    let held = D::held(&parts);
    let mut found: Vec<PresetField> = Vec::new();
    for (depth, decl) in storeys.iter().enumerate() {
        for leaf in decl.leaves() {
            // By an alias of YAML one place may stand in several presets: the topmost is meant.
            if held.contains(&leaf.origin) && found.iter().all(|known| known.field != leaf.field) {
                let template = leaf.template.is_some();
                let (field, origin) = (leaf.field, leaf.origin);
                found.push(PresetField { field, value: leaf.value, template, origin, depth });
            }
        }
    }
    let order = |field: SpecField| SpecField::ALL.iter().position(|known| *known == field);
    found.sort_by_key(|one| order(one.field));
    found
}
