//! Layers: determines which of several declarations provides each field.

use crate::fields::{Row, RowId, RowSet, Table};
use crate::manifest::{Decl, Field};
use crate::source::Origin;
use crate::spec::{PresetValue, ValueSource};

/// The declaration of one row, and its layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct LayeredField<'m> {
    /// The field. `None` for a group.
    pub field: Option<&'m Field>,
    /// Where the value is written, or the object of the group.
    pub origin: Origin,
    pub layer: LayerSource,
}

/// The declarer of a layer.
#[derive(Clone, Copy, Debug)]
pub(super) enum LayerSource {
    /// A video or `defaults` itself.
    Own(ValueSource),
    /// The preset at this index of a chain.
    Preset(u32),
}

/// The fields in effect after merging some layers.
#[derive(Clone, Debug)]
pub(super) struct MergedFields<'m> {
    /// The rows in effect.
    pub present: RowSet,
    /// By row. Rows not in effect keep old cells.
    cells: Vec<Option<LayeredField<'m>>>,
}

/// The fields in effect after the layers of a preset, without capacity for other rows.
#[derive(Clone, Debug)]
pub(super) struct PackedFields<'m> {
    present: RowSet,
    cells: Box<[(RowId, LayeredField<'m>)]>,
}

impl<'m> MergedFields<'m> {
    /// Creates the fields of no layer.
    pub(super) fn new(table: &Table) -> Self {
        Self { present: RowSet::default(), cells: vec![None; table.rows.len()] }
    }

    /// Removes all layers, but keeps the capacity.
    pub(super) fn clear(&mut self) {
        self.present = RowSet::default();
    }

    /// Returns the cell of a row in effect.
    pub(super) fn get(&self, row: RowId) -> Option<&LayeredField<'m>> {
        self.cells[row.index()].as_ref().filter(|_| self.present.contains(row))
    }

    /// Merges an object of a group over the current fields. Its own fields win, and a member of a choice replaces the
    /// others.
    pub(super) fn merge_object(&mut self, table: &Table, group: RowId, decl: &'m Decl, layer: LayerSource) {
        self.put(table, group, LayeredField { field: None, origin: decl.origin, layer });
        self.merge(table, decl, layer);
    }

    /// Merges the members of a declaration over the current fields.
    pub(super) fn merge(&mut self, table: &Table, decl: &'m Decl, layer: LayerSource) {
        for (group, origin) in &decl.groups {
            self.put(table, *group, LayeredField { field: None, origin: *origin, layer });
        }
        for (row, field) in &decl.fields {
            self.put(table, *row, LayeredField { field: Some(field), origin: field.origin, layer });
        }
    }

    /// Merges one row over the current fields.
    pub(super) fn put(&mut self, table: &Table, row: RowId, cell: LayeredField<'m>) {
        let Row { rivals, ancestors, .. } = &table[row];
        self.present = self.present.without(*rivals).or(*ancestors).with(row);
        self.cells[row.index()] = Some(cell);
    }

    /// Adds the fields of a preset `deeper` steps down the chain. None of the fields may be in effect yet.
    pub(super) fn add(&mut self, preset: &PackedFields<'m>, deeper: u32) {
        for (row, cell) in &preset.cells {
            let layer = match cell.layer {
                LayerSource::Preset(depth) => LayerSource::Preset(depth + deeper),
                own @ LayerSource::Own(_) => own,
            };
            self.cells[row.index()] = Some(LayeredField { layer, ..*cell });
        }
        self.present = self.present.or(preset.present);
    }

    /// Returns the fields in effect without spare capacity: a project may have ten thousand presets.
    pub(super) fn packed(&self) -> PackedFields<'m> {
        let cells = self.present.iter().filter_map(|row| Some((row, *self.get(row)?)));
        PackedFields { present: self.present, cells: cells.collect() }
    }

    /// Returns the fields of a group that come from presets.
    pub(super) fn preset_values(&self, table: &Table, group: RowId) -> Box<[PresetValue]> {
        let rows = self.present.and(table.fields).and(table[group].descendants);
        let values = rows.iter().filter_map(|row| match self.get(row)? {
            LayeredField { origin, layer: LayerSource::Preset(depth), .. } => {
                Some(PresetValue { row, origin: *origin, depth: *depth })
            }
            _ => None,
        });
        values.collect()
    }
}
