//! The table for the stages: numbered rows, which rows contain or exclude each other, and two orders.

use std::ops::{Index, Range};

use super::{Field, Group, Kind, List, Record, RowId, RowSet, Type, Value};

/// A row, and the properties that follow from its position.
#[derive(Debug)]
pub struct Row {
    /// Its number.
    pub id: RowId,
    /// Path in manifests: `avatar.offset.x`.
    pub path: &'static str,
    /// Last segment of the path: the key in manifests.
    pub key: &'static str,
    /// Key in canonical specs. A local file is stored as `sha256`.
    pub stored_key: &'static str,
    /// Path in canonical specs.
    pub canonical_path: String,
    /// Name of the form part: `avatar[offset][x]`. For a list, the name before the brackets.
    pub part_name: String,
    /// The group that contains it.
    pub parent: Option<RowId>,
    /// All groups that contain it.
    pub ancestors: RowSet,
    /// The groups that must be present for it to apply.
    pub required_ancestors: RowSet,
    /// All rows inside it.
    pub descendants: RowSet,
    /// The rows that it replaces: other members of a choice, and everything inside them.
    pub rivals: RowSet,
    /// Its key as the start of a member of canonical JSON: `"scale":`.
    pub member_prefix: String,
    /// The properties that only a field or only a group has.
    pub body: RowBody,
}

/// A row is a field or a group.
#[derive(Debug)]
pub enum RowBody {
    /// A field.
    Field(FieldRow),
    /// A group.
    Group(GroupRow),
}

/// The properties that only a field has.
#[derive(Debug)]
pub struct FieldRow {
    /// The declaration.
    pub field: &'static Field,
    /// Its default.
    pub default: Option<Value>,
    /// The field and the value that it depends on.
    pub condition: Option<(RowId, Value)>,
    /// `true` if it is the only field of a member of a choice, so that its default represents the member.
    pub stands_for_choice: bool,
}

/// The properties that only a group has.
#[derive(Debug)]
pub struct GroupRow {
    /// The declaration.
    pub group: &'static Group,
    /// Direct members, in the vendor's order.
    pub members: Vec<RowId>,
    /// Members that exclude each other.
    pub choice: RowSet,
    /// `true` if an empty group has no meaning, so that it is present exactly if a member is.
    pub plain: bool,
    /// Its range in the canonical order.
    pub steps: Range<usize>,
}

/// A requirement of the vendor that a record does not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A required group.
    Group(RowId),
    /// A required field.
    Field(RowId),
    /// A member of a choice.
    Choice(RowId),
    /// The removal of all members of a choice except one.
    SingleChoice(RowId),
}

/// A step of the walk in canonical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Start of a group.
    Open(RowId),
    /// A field.
    Field(RowId),
    /// End of a group.
    Close,
}

/// The rows of a table.
#[derive(Debug, Default)]
pub struct Table {
    /// All rows in the vendor's order, a group before its members.
    pub rows: Vec<Row>,
    /// The kinds of videos.
    pub kinds: Vec<KindRows>,
    pub(super) roots: Vec<RowId>,
    /// All fields.
    pub fields: RowSet,
    /// The fields that depend on another field.
    pub conditional: RowSet,
    /// The fields that are lists.
    pub lists: RowSet,
    pub(super) plain: RowSet,
    /// The rows that a record can lack.
    pub(super) needed: RowSet,
    /// The rows of the fields, in the order of their declarations.
    pub(super) by_index: Vec<RowId>,
    pub(super) canonical: Vec<Step>,
}

/// A kind of video and its rows.
#[derive(Clone, Copy, Debug)]
pub struct KindRows {
    /// The declaration.
    pub kind: &'static Kind,
    /// All rows of its videos.
    pub rows: RowSet,
    /// The required groups that only its videos declare.
    pub(super) marks: RowSet,
}

impl Row {
    /// Returns the field, or `None` for a group.
    pub fn field(&self) -> Option<&FieldRow> {
        match &self.body {
            RowBody::Field(field) => Some(field),
            RowBody::Group(_) => None,
        }
    }

    /// Returns the group, or `None` for a field.
    pub fn group(&self) -> Option<&GroupRow> {
        match &self.body {
            RowBody::Group(group) => Some(group),
            RowBody::Field(_) => None,
        }
    }
}

impl Index<RowId> for Table {
    type Output = Row;

    fn index(&self, row: RowId) -> &Row {
        &self.rows[row.index()]
    }
}

impl Table {
    /// Returns the members of a group, or the rows at the top.
    pub fn members(&self, group: Option<RowId>) -> &[RowId] {
        match group.map(|group| &self[group].body) {
            None => &self.roots,
            Some(RowBody::Group(group)) => &group.members,
            Some(RowBody::Field(_)) => &[],
        }
    }

    /// Returns all steps of the canonical order, and the range of a group or of the complete spec.
    pub fn canonical(&self, group: Option<RowId>) -> (&[Step], Range<usize>) {
        let group = group.and_then(|group| self[group].group());
        (&self.canonical, group.map_or(0..self.canonical.len(), |group| group.steps.clone()))
    }

    /// Returns the row of a path.
    pub fn find(&self, path: &str) -> Option<RowId> {
        self.rows.iter().find(|row| row.path == path).map(|row| row.id)
    }

    /// Returns the member of a group, or of the top, with this key.
    pub fn member(&self, group: Option<RowId>, key: &str) -> Option<RowId> {
        self.members(group).iter().copied().find(|row| self[*row].key == key)
    }

    /// Returns the type of a field, or `None` for a group.
    pub fn ty(&self, row: RowId) -> Option<&'static Type> {
        self[row].field().map(|field| &field.field.ty)
    }

    /// Returns the top-level row that contains a row, or the row itself.
    pub fn root(&self, row: RowId) -> RowId {
        self[row].ancestors.iter().next().unwrap_or(row)
    }

    /// Returns the groups that have presets, with the manifest's block of each.
    pub fn preset_groups(&self) -> impl Iterator<Item = (RowId, &'static str)> + '_ {
        self.rows.iter().filter_map(|row| Some((row.id, row.group()?.group.presets?)))
    }

    /// Returns `true` if a group has presets.
    pub fn has_presets(&self, row: RowId) -> bool {
        self[row].group().is_some_and(|group| group.group.presets.is_some())
    }

    /// Returns the kind of a record: the one with its required group present, otherwise the first.
    pub fn kind(&self, present: RowSet) -> &KindRows {
        let marked = self.kinds.iter().find(|kind| !kind.marks.and(present).is_empty());
        marked.unwrap_or(&self.kinds[0])
    }

    /// Returns the row of a field by its path. Fast if the field has this index among the declarations.
    pub(super) fn row_near(&self, path: &str, index: usize) -> Option<RowId> {
        let near = self.by_index.get(index).copied().filter(|row| self[*row].path == path);
        near.or_else(|| self.find(path))
    }

    /// Returns the group of a list's items, and the rows that an item accepts.
    pub fn item_rows(&self, list: &List) -> (RowId, RowSet) {
        let group = self.find(list.group).unwrap_or(RowId(0));
        let without = list.without.iter().filter_map(|path| self.find(&format!("{}.{path}", list.group)));
        (group, self[group].descendants.without(without.collect()))
    }

    /// Returns the group of a list's items, or `None` if the row is not a list.
    pub fn item_group(&self, row: RowId) -> Option<RowId> {
        match self.ty(row) {
            Some(Type::Items(list)) => Some(self.item_rows(list).0),
            _ => None,
        }
    }

    /// Returns `true` if the items of a list lack a field that its group has.
    pub fn is_outside_lists(&self, row: RowId) -> bool {
        self.lists.iter().any(|list| match self.ty(list) {
            Some(Type::Items(list)) => {
                let (group, rows) = self.item_rows(list);
                self[group].descendants.contains(row) && !rows.contains(row)
            }
            _ => false,
        })
    }

    /// Returns the key of a field, or of a video that declares it.
    pub fn declared_path(&self, row: RowId) -> &'static str {
        self[row].field().and_then(|row| row.field.video_key).unwrap_or(self[row].path)
    }

    /// Returns the value of a field: the stored one, otherwise the default if the field applies.
    pub fn get<'a>(&'a self, record: &'a Record, row: RowId) -> Option<&'a Value> {
        record
            .stored(self.fields, row)
            .or_else(|| self[row].field()?.default.as_ref().filter(|_| self.applies(record, row)))
    }

    /// Returns `true` if a field may have a value: its groups are present, and its condition holds.
    pub fn applies(&self, record: &Record, row: RowId) -> bool {
        let condition = self[row].field().and_then(|field| field.condition.as_ref());
        self[row].required_ancestors.without(record.present()).is_empty()
            && condition.is_none_or(|(other, word)| self.get(record, *other) == Some(word))
    }

    /// Returns the missing rows of a record with these groups and fields, in the vendor's order. Rows inside an absent
    /// group do not count.
    pub fn missing(&self, present: RowSet, rows: RowSet) -> impl Iterator<Item = Missing> + use<'_> {
        rows.and(self.needed).iter().filter_map(move |id| {
            let row = &self[id];
            if !row.required_ancestors.and(rows).without(present).is_empty() {
                return None;
            }
            match &row.body {
                RowBody::Field(field) => (field.field.required && !present.contains(id)).then_some(Missing::Field(id)),
                RowBody::Group(group) if !present.contains(id) => group.group.required.then_some(Missing::Group(id)),
                RowBody::Group(group) if group.choice.is_empty() => None,
                RowBody::Group(group) => match group.choice.and(present).count() {
                    0 => Some(Missing::Choice(id)),
                    1 => None,
                    _ => Some(Missing::SingleChoice(id)),
                },
            }
        })
    }

    /// Creates a record in normal form from groups and from values in the order of their rows. The normal form has no
    /// defaults and no fields that do not apply, but every group that contains a value.
    pub fn record(&self, groups: RowSet, mut values: Vec<(RowId, Value)>) -> Record {
        values.retain(|(row, value)| self[*row].field().and_then(|field| field.default.as_ref()) != Some(value));
        let groups = values.iter().fold(groups.without(self.plain), |groups, (row, _)| groups.or(self[*row].ancestors));
        let record = Record::new(groups, values);
        let conditional = record.present().and(self.conditional);
        let unused = conditional.iter().filter(|row| !self.applies(&record, *row)).collect();
        record.without(self.fields, unused)
    }
}
