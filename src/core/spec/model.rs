//! The spec: a record of the vendor's table.

use super::{key, without_signature};
use crate::fields::{FieldPath, Key, KindRows, LocalFile, ReadValue, Record, RowId, RowSet, Table, Type, Value};

/// All values that are sent for one video: the table's fields, without those at their default.
#[derive(Clone)]
pub struct Spec {
    /// The vendor's table, or another one in tests.
    pub table: &'static Table,
    /// The values.
    pub record: Record,
}

impl PartialEq for Spec {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.table, other.table) && self.record == other.record
    }
}

impl Spec {
    /// Creates a spec from groups and values in any order. `groups` need not include the groups of a value.
    pub fn new(table: &'static Table, groups: RowSet, mut values: Vec<(RowId, Value)>) -> Self {
        values.sort_by_key(|(row, _)| *row);
        Self { table, record: table.record(groups, values) }
    }

    /// Returns the label at the vendor. The digest does not include it.
    pub fn name(&self) -> &str {
        self.read(key::NAME).unwrap_or_default()
    }

    /// Returns the spec with only what the digest does not include.
    pub(super) fn label_only(&self) -> Self {
        let labels = self.record.values(self.table.fields);
        let labels = labels.filter(|(row, _)| matches!(self.table.ty(*row), Some(Type::Label)));
        Self::new(self.table, RowSet::default(), labels.map(|(row, value)| (row, value.clone())).collect())
    }

    /// Returns the kind of video with its rows.
    pub fn kind(&self) -> &'static KindRows {
        self.table.kind(self.record.present())
    }

    /// Returns the name of the kind, or `None` for the first kind of the table. Documents of avatar videos do not name
    /// theirs.
    pub fn other_kind(&self) -> Option<&'static str> {
        let kind = self.kind().kind;
        let is_first = self.table.kinds.first().is_some_and(|first| first.kind.endpoint == kind.endpoint);
        (!is_first).then(|| kind.name())
    }

    /// Returns the value of a field or its default, or `None` if the field does not apply.
    pub fn read<'a, T: ReadValue<'a>>(&'a self, key: Key<T::Of>) -> Option<T> {
        self.table.read(&self.record, key)
    }

    /// Returns a field's values or defaults in the video and in each list item, with their paths.
    pub fn read_all<'a, T: ReadValue<'a>>(&'a self, key: Key<T::Of>) -> impl Iterator<Item = (FieldPath, T)> {
        let row = self.table.row_of(key);
        let read = move |record: &'a Record, item| Some((FieldPath { row: row?, item }, self.table.read(record, key)?));
        let lists = self.table.lists.and(self.record.present());
        let numbered =
            move |list: RowId| self.items(list).iter().zip(0..).map(move |(item, number)| (item, list, number));
        let items = lists.iter().flat_map(numbered);
        read(&self.record, None)
            .into_iter()
            .chain(items.filter_map(move |(item, list, number)| read(item, Some((list, number)))))
    }

    /// Returns the items of a list.
    pub fn items(&self, list: RowId) -> &[Record] {
        match self.record.stored(self.table.fields, list) {
            Some(Value::Items(items)) => items,
            _ => &[],
        }
    }

    /// Returns every field of the spec's kind, in the vendor's order.
    pub fn field_paths(&self) -> Vec<FieldPath> {
        self.table.field_paths(self.kind().rows, &|list| self.items(list).len())
    }

    /// Returns the value of a field or its default, or `None` if the field does not apply.
    pub fn get(&self, field: FieldPath) -> Option<&Value> {
        self.table.get(self.record_of(field)?, field.row)
    }

    /// Returns the stored value of a field, or `None` if the field is at its default or does not apply.
    pub fn stored(&self, field: FieldPath) -> Option<&Value> {
        self.record_of(field)?.stored(self.table.fields, field.row)
    }

    /// Returns the local files, which are uploaded before the video is submitted.
    pub fn files(&self) -> impl Iterator<Item = &LocalFile> {
        self.values().filter_map(|(_, value)| match value {
            Value::File(file) => Some(&**file),
            _ => None,
        })
    }

    /// Returns the URLs, which may be presigned.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        self.values().filter_map(|(row, value)| match (self.table.ty(row), value) {
            (Some(Type::Url), Value::Text(text)) => Some(&**text),
            _ => None,
        })
    }

    /// Returns the spec with every URL stripped of its signature.
    #[must_use]
    pub fn without_signatures(&self) -> Self {
        let record = self.record.map(self.table.fields, &|row, value| match (self.table.ty(row), value) {
            (Some(Type::Url), Value::Text(url)) => Value::Text(without_signature(url).into()),
            _ => value.clone(),
        });
        Self { table: self.table, record }
    }

    /// Returns the stored values, including those in lists.
    fn values(&self) -> impl Iterator<Item = (RowId, &Value)> {
        let lists = self.table.lists.and(self.record.present());
        let items = lists.iter().flat_map(|list| self.items(list));
        std::iter::once(&self.record).chain(items).flat_map(|record| record.values(self.table.fields))
    }

    fn record_of(&self, field: FieldPath) -> Option<&Record> {
        match field.item {
            Some((list, index)) => self.items(list).get(usize::from(index)),
            None => Some(&self.record),
        }
    }
}
