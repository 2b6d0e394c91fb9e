//! Compares two specs, field by field in the vendor's order, with explicit defaults.

use serde_json::Value as Json;

use super::FieldChange;
use crate::fields::{FieldPath, RowSet, Type, Value};
use crate::source::{Location, Sources};
use crate::spec::{Spec, Video, stored_partial};

/// Returns the fields that differ, and where the declared values are written. The label is not part of the content, so
/// it is left out.
///
/// A default is shown as its value (`1.0`), so that a reader need not know it. A field of a group that only one side
/// has (another voice mode, media) shows as removed or added, but not if it has its default.
pub(super) fn diff(before: &Json, video: &Video, sources: &Sources) -> Vec<FieldChange> {
    let after = &video.spec;
    let table = after.table;
    let Some(before) = stored_partial(table, before) else { return Vec::new() };
    let all = table.kinds.iter().fold(RowSet::default(), |all, kind| all.or(kind.rows));
    let fields = table.field_paths(all, &|list| before.items(list).len().max(after.items(list).len()));
    let change = |field: FieldPath| {
        let ty = table.ty(field.row).filter(|ty| !matches!(ty, Type::Label))?;
        let (old, new) = (FieldState::new(&before, field), FieldState::new(after, field));
        let only_default = !(old.is_written || new.is_written) && (old.value.is_none() || new.value.is_none());
        if old.value == new.value || only_default {
            return None;
        }
        let declared = new.value.and_then(|_| Some((field, video.provenance.origin(field)?)));
        let origin = declared.map(|(_, origin)| Location::new(sources, origin));
        let json = |value: Option<&Value>| value.map(|value| ty.to_json(value));
        let path = table.canonical_path(field);
        Some(FieldChange { path, before: json(old.value), after: json(new.value), origin, declared })
    };
    fields.into_iter().filter_map(change).collect()
}

/// The value of a field in a spec.
struct FieldState<'a> {
    /// The value, its default included. `None` if the field does not apply.
    value: Option<&'a Value>,
    /// Whether the spec sets it, not the table. The only field of a choice's member is set by the choice.
    is_written: bool,
}

impl<'a> FieldState<'a> {
    fn new(spec: &'a Spec, field: FieldPath) -> Self {
        let value = spec.get(field);
        let stands_for_choice = spec.table[field.row].field().is_some_and(|row| row.stands_for_choice);
        Self { value, is_written: spec.stored(field).is_some() || value.is_some() && stands_for_choice }
    }
}
