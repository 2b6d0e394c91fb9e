//! The canonical form, which is hashed, stored and compared: RFC 8785 without fields at their default.

use std::fmt;

use super::Spec;
use crate::fields::{Record, RowBody, RowId, SCHEMES_REVISION, Step, Table, Type, Value};

impl fmt::Debug for Spec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&canonical_json(self, true))
    }
}

/// Returns the spec as RFC 8785 text. URLs have no signatures, local files are their content, and the name is
/// included only with `named`.
///
/// The digest never includes the name.
pub fn canonical_json(spec: &Spec, named: bool) -> String {
    canonical_json_at(spec, named, SCHEMES_REVISION)
}

/// Returns [`canonical_json`] with URLs as an earlier revision of the table of signatures stripped them.
pub(super) fn canonical_json_at(spec: &Spec, named: bool, revision: u8) -> String {
    let mut writer = CanonicalWriter { table: spec.table, named, revision, out: String::with_capacity(512) };
    writer.object(&spec.record, None);
    writer.out
}

struct CanonicalWriter {
    table: &'static Table,
    named: bool,
    revision: u8,
    out: String,
}

impl CanonicalWriter {
    /// Writes the members of a group, or of the complete record, as an object.
    fn object(&mut self, record: &Record, group: Option<RowId>) {
        let (steps, range) = self.table.canonical(group);
        let (mut at, end) = (range.start, range.end);
        self.out.push('{');
        while at < end {
            match steps[at] {
                Step::Open(row) if record.present().contains(row) => {
                    self.member(row);
                    self.out.push('{');
                }
                Step::Open(row) => {
                    // Skip the step that closes the absent group, too.
                    if let RowBody::Group(group) = &self.table[row].body {
                        at = group.steps.end;
                    }
                }
                Step::Field(row) => {
                    if let (Some(value), Some(ty)) = (record.stored(self.table.fields, row), self.table.ty(row))
                        && (self.named || !matches!(ty, Type::Label))
                    {
                        self.member(row);
                        self.value(ty, value);
                    }
                }
                Step::Close => self.out.push('}'),
            }
            at += 1;
        }
        self.out.push('}');
    }

    fn member(&mut self, row: RowId) {
        if !self.out.ends_with('{') {
            self.out.push(',');
        }
        self.out.push_str(&self.table[row].member_prefix);
    }

    fn value(&mut self, ty: &Type, value: &Value) {
        let (Type::Items(list), Value::Items(items)) = (ty, value) else {
            return ty.write_canonical(value, self.revision, &mut self.out);
        };
        let group = self.table.item_rows(list).0;
        self.out.push('[');
        for (index, item) in items.iter().enumerate() {
            self.out.push_str(if index == 0 { "" } else { "," });
            self.object(item, Some(group));
        }
        self.out.push(']');
    }
}
