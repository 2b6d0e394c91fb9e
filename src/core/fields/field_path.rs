//! Fields of a spec: a row of the table and, for a field in a list, the item.

use super::{Row, RowId, RowSet, Table, Type};

/// A field of a spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FieldPath {
    /// The row.
    pub row: RowId,
    /// The list that contains the field, and the index of the item.
    pub item: Option<(RowId, u16)>,
}

impl From<RowId> for FieldPath {
    fn from(row: RowId) -> Self {
        Self { row, item: None }
    }
}

impl Table {
    /// Returns the fields among some rows, in the vendor's order. `count_items` returns the length of a list.
    pub fn field_paths(&self, rows: RowSet, count_items: &dyn Fn(RowId) -> usize) -> Vec<FieldPath> {
        let mut paths = Vec::new();
        for row in rows.and(self.fields).iter() {
            let Some(Type::Items(list)) = self.ty(row) else {
                paths.push(row.into());
                continue;
            };
            let members = self.item_rows(list).1.and(self.fields);
            for number in 0..count_items(row) as u16 {
                paths.extend(members.iter().map(|member| FieldPath { row: member, item: Some((row, number)) }));
            }
        }
        paths
    }

    /// Returns the path in manifests: `template.scenes[0].tts.text`.
    pub fn manifest_path(&self, field: FieldPath) -> String {
        self.compose(field, |row| row.path)
    }

    /// Returns the path in canonical specs.
    pub fn canonical_path(&self, field: FieldPath) -> String {
        self.compose(field, |row| &row.canonical_path)
    }

    /// Returns the name of the form part: `voices[0][tts][text]`.
    pub fn part_name(&self, field: FieldPath) -> String {
        self.compose(field, |row| &row.part_name)
    }

    /// Returns the field of a canonical path, or `None` if the table has no such field.
    pub fn field_at(&self, canonical_path: &str) -> Option<FieldPath> {
        let find = |path: &str| self.fields.iter().find(|row| self[*row].canonical_path == path);
        let Some((list_path, inside)) = canonical_path.split_once('[') else {
            return find(canonical_path).map(Into::into);
        };
        let (number, inside) = inside.split_once("].")?;
        let list = find(list_path)?;
        let group = self.item_group(list)?;
        let row = find(&format!("{}.{inside}", self[group].path))?;
        Some(FieldPath { row, item: Some((list, number.parse().ok()?)) })
    }

    fn compose<'a>(&'a self, field: FieldPath, name_of: impl Fn(&'a Row) -> &'a str) -> String {
        let name = name_of(&self[field.row]);
        let Some((list_row, number)) = field.item else { return name.to_owned() };
        let Some(Type::Items(list)) = self.ty(list_row) else { return name.to_owned() };
        let inside = name.strip_prefix(name_of(&self[self.item_rows(list).0])).unwrap_or(name);
        format!("{}[{number}]{inside}", name_of(&self[list_row]))
    }
}
