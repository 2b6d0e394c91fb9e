//! Decodes objects of the vendor's table from their mappings.

use super::decoder::Decoder;
use crate::diagnostic::{Code, Diagnostic};
use crate::fields::{RowBody, RowId};
use crate::manifest::Decl;
use crate::yaml::{Entry, Mapping, Node, Value};

/// A member of an object with its row.
pub(super) type Named<'n> = (RowId, &'n Entry);

/// Reads a preset's name, or an object of a group.
pub(super) fn preset_or_object(reader: &mut Decoder<'_>, group: RowId, entry: &Entry) -> Option<Decl> {
    match &entry.value.value {
        Value::String(_) => Some(Decl { base: Some(reader.name(entry)?), ..Decl::new(entry.value.origin) }),
        Value::Map(_) => object(reader, group, &entry.value),
        _ => reader.omit(),
    }
}

/// Reads an object of a group.
pub(super) fn object(reader: &mut Decoder<'_>, group: RowId, node: &Node) -> Option<Decl> {
    let map = reader.map(node)?;
    let mut decl = Decl::new(node.origin);
    if reader.table.has_presets(group) {
        decl.base = map.get("use").and_then(|entry| reader.name(entry));
    }
    members(reader, group, map, &mut decl);
    Some(decl.shrink_to_fit())
}

/// Reads a field, or a group with its members, into a declaration.
pub(super) fn member(reader: &mut Decoder<'_>, row: RowId, entry: &Entry, decl: &mut Decl) {
    match &reader.table[row].body {
        RowBody::Field(field) => {
            let path = reader.table[row].path;
            decl.fields.extend(reader.field(&field.field.ty, path, entry).map(|field| (row, field)));
        }
        RowBody::Group(_) => {
            let Some(map) = reader.map(&entry.value) else { return };
            decl.groups.push((row, entry.value.origin));
            members(reader, row, map, decl);
        }
    }
}

fn members(reader: &mut Decoder<'_>, group: RowId, map: &Mapping, decl: &mut Decl) {
    let table = reader.table;
    // The check reports keys that the table does not have here.
    let is_here = |row: &RowId| table[*row].field().is_none_or(|row| row.field.video_key.is_none());
    let member_of = |entry: &Entry| table.member(Some(group), &entry.key).filter(is_here);
    let named: Vec<Named<'_>> = map.entries.iter().filter_map(|entry| Some((member_of(entry)?, entry))).collect();
    for (row, entry) in &named {
        member(reader, *row, entry, decl);
    }
    reject_conflicts(reader, &format!("`{}`", table[group].path), &named);
}

/// Reports members that exclude each other. An object may have at most one of them.
pub(super) fn reject_conflicts(reader: &mut Decoder<'_>, owner: &str, named: &[Named<'_>]) {
    let table = reader.table;
    for (index, (row, entry)) in named.iter().enumerate() {
        let rivals = table[*row].rivals;
        let Some((_, first)) = named[..index].iter().find(|(other, _)| rivals.contains(*other)) else { continue };
        let parent = table[*row].parent.map(|parent| &table[parent]);
        let is_mode = parent.is_some_and(|parent| parent.parent.is_none());
        let code = if is_mode { Code::VoiceModes } else { Code::ExclusiveFields };
        let message = format!("{owner} has both `{}` and `{}`", first.key, entry.key);
        let mut error = Diagnostic::new(code, message, entry.key_origin)
            .with_secondary(first.key_origin, format!("`{}` is set here", first.key));
        if let Some(group) = parent.and_then(|parent| parent.group()) {
            let keys: Vec<String> = group.choice.iter().map(|row| format!("`{}`", table[row].key)).collect();
            error = error.help(format!("keep exactly one of {}", keys.join(", ")));
        }
        reader.report_error(error);
    }
}
