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
    let mut writer = CanonicalWriter { table: spec.table, named, revision, out: Vec::with_capacity(512) };
    writer.object(&spec.record, None);
    String::from_utf8(writer.out).expect("JSON is UTF-8")
}

struct CanonicalWriter {
    table: &'static Table,
    named: bool,
    revision: u8,
    out: Vec<u8>,
}

impl CanonicalWriter {
    /// Writes the members of a group, or of the complete record, as an object.
    fn object(&mut self, record: &Record, group: Option<RowId>) {
        let (steps, range) = self.table.canonical(group);
        let (mut at, end) = (range.start, range.end);
        self.out.push(b'{');
        while at < end {
            match steps[at] {
                Step::Open(row) if record.present().contains(row) => {
                    self.member(row);
                    self.out.push(b'{');
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
                Step::Close => self.out.push(b'}'),
            }
            at += 1;
        }
        self.out.push(b'}');
    }

    fn member(&mut self, row: RowId) {
        if !self.out.ends_with(b"{") {
            self.out.push(b',');
        }
        self.out.extend_from_slice(self.table[row].member_prefix.as_bytes());
    }

    fn value(&mut self, ty: &Type, value: &Value) {
        let (Type::Items(list), Value::Items(items)) = (ty, value) else {
            return ty.write_canonical(value, self.revision, &mut self.out);
        };
        let group = self.table.item_rows(list).0;
        self.out.push(b'[');
        for (index, item) in items.iter().enumerate() {
            self.out.extend_from_slice(if index == 0 { b"" } else { b"," });
            self.object(item, Some(group));
        }
        self.out.push(b']');
    }
}
