//! Decodes videos and defaults from their mappings: fields, matrix, rows.

use std::num::NonZeroU32;
use std::sync::Arc;

use encoding_rs::Encoding;
use serde_json::Value as Json;

use super::decl::{Named, member, preset_or_object, reject_conflicts};
use super::decoder::Decoder;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::fields::{RowId, Type};
use crate::manifest::pattern::normalize_name;
use crate::manifest::{
    AxisTemplate, Combination, Decl, Delimiter, MatrixDecl, RowsDecl, SceneDecl, ScenesDecl, ScriptDecl, VideoDecl,
    VideoFields,
};
use crate::source::Origin;
use crate::yaml::{Entry, Mapping, Node, Value, to_json};

/// The keys of a matrix that are not axes.
const RESERVED: [&str; 2] = ["include", "exclude"];

/// The field that `script` overrides.
const SPEECH: &str = "voice.tts.text";

/// Decodes one entry under `videos`.
pub(super) fn video(reader: &mut Decoder<'_>, entry: &Entry) -> Option<VideoDecl> {
    let map = reader.map(&entry.value)?;
    let mut fields = fields(reader, "the video", (map, entry.value.origin));
    fields.scenes = scenes(reader, map).map(Box::new);
    Some(VideoDecl {
        key: normalize_name(&entry.key),
        key_origin: entry.key_origin,
        fields,
        matrix: map.get("matrix").and_then(|entry| matrix(reader, entry)).map(Arc::new),
        rows: map.get("rows").and_then(|entry| rows(reader, entry)).map(Box::new),
    })
}

/// Decodes the fields of a video or of `defaults`.
pub(super) fn fields(reader: &mut Decoder<'_>, owner: &str, (map, origin): (&Mapping, Origin)) -> VideoFields {
    let table = reader.table;
    let mut own = Decl::new(origin);
    let mut made = VideoFields::default();
    let mut named: Vec<Named<'_>> = Vec::new();
    for entry in &map.entries {
        let Some(row) = table.member(None, &entry.key) else { continue };
        named.push((row, entry));
        if table.has_presets(row) {
            made.parts.extend(preset_or_object(reader, row, entry).map(|decl| (row, decl)));
        } else {
            member(reader, row, entry, &mut own);
        }
    }
    reject_conflicts(reader, owner, &named);
    made.parts.shrink_to_fit();
    made.own = Some(own).filter(|own| !own.rows().is_empty()).map(|own| Box::new(own.shrink_to_fit()));
    made.script = map.get("script").and_then(|entry| script(reader, entry));
    script_and_text(reader, owner, map, made.parts.iter().map(|(_, part)| part));
    made
}

/// Reports a script next to the text that it overrides.
fn script_and_text<'d>(
    reader: &mut Decoder<'_>,
    owner: &str,
    map: &Mapping,
    mut parts: impl Iterator<Item = &'d Decl>,
) {
    let speech = reader.table.find(SPEECH).and_then(|row| parts.find_map(|part| part.get(row)));
    if let (Some(entry), Some(text)) = (map.get("script"), speech) {
        let message = format!("{owner} has both `script` and `{SPEECH}`");
        let fault = Diagnostic::new(Code::ExclusiveFields, message, entry.key_origin)
            .with_secondary(text.key_origin, format!("`{SPEECH}` is set here"))
            .help("both set the spoken text: keep `script`");
        reader.report_error(fault);
    }
}

/// Decodes the items of the table's list: `scenes`.
fn scenes(reader: &mut Decoder<'_>, map: &Mapping) -> Option<ScenesDecl> {
    let table = reader.table;
    let row = table.lists.iter().next()?;
    let entry = map.get(table.declared_path(row))?;
    let group = table.item_group(row)?;
    let Some(items) = entry.value.as_list().filter(|_| !reader.has_error(entry)) else { return reader.omit() };
    let scenes = items.iter().filter_map(|item| scene(reader, group, item)).collect();
    Some(ScenesDecl { key_origin: entry.key_origin, scenes })
}

fn scene(reader: &mut Decoder<'_>, group: RowId, node: &Node) -> Option<SceneDecl> {
    let map = reader.map(node)?;
    let voice = map.get(reader.table[group].key).and_then(|entry| preset_or_object(reader, group, entry));
    script_and_text(reader, "the scene", map, voice.iter());
    let script = map.get("script").and_then(|entry| script(reader, entry));
    Some(SceneDecl { origin: node.origin, voice, script })
}

fn script(reader: &mut Decoder<'_>, entry: &Entry) -> Option<ScriptDecl> {
    match &entry.value.value {
        Value::String(_) => reader.field(&Type::Speech, "script", entry).map(ScriptDecl::Text),
        Value::Map(map) => map.get("path").and_then(|path| reader.text_field(path)).map(ScriptDecl::File),
        _ => reader.omit(),
    }
}

fn rows(reader: &mut Decoder<'_>, entry: &Entry) -> Option<RowsDecl> {
    let map = reader.map(&entry.value)?;
    let path = map.get("path").and_then(|entry| reader.text_field(entry));
    let key = map.get("key").and_then(|entry| reader.text_field(entry));
    let when = map.get("when").and_then(|entry| reader.field(&Type::Flag, "when", entry));
    let encoding = map.get("encoding").and_then(|entry| encoding(reader, entry));
    let delimiter = map.get("delimiter").and_then(|entry| {
        let text: Arc<str> = reader.plain(entry)?;
        Some((Delimiter::from_setting(&text)?, entry.value.origin))
    });
    let (Some(path), Some(key)) = (path, key) else { return reader.omit() };
    Some(RowsDecl { path, key, when, encoding, delimiter, origin: entry.key_origin })
}

fn encoding(reader: &mut Decoder<'_>, entry: &Entry) -> Option<(&'static Encoding, Origin)> {
    let name: Arc<str> = reader.plain(entry)?;
    let known = Encoding::for_label_no_replacement(name.as_bytes());
    if known.is_none() {
        let message = format!("`encoding` must be the name of an encoding, not `{name}`");
        let fault = Diagnostic::new(Code::UnknownValue, message, entry.value.origin);
        reader.report_error(fault.help("spreadsheets write `utf-8`, `utf-16le`, `windows-1252` or `macintosh`"));
    }
    Some((known?, entry.value.origin))
}

/// Decodes the matrix of a video or of `defaults`.
pub(super) fn matrix(reader: &mut Decoder<'_>, entry: &Entry) -> Option<MatrixDecl> {
    reader.warn_of_cuts(&entry.value);
    let map = reader.map(&entry.value)?;
    reader.check_names(map);
    let mut made = MatrixDecl {
        axes: Vec::new(),
        templates: Vec::new(),
        aliases: Vec::new(),
        include: Vec::new(),
        exclude: Vec::new(),
        origin: entry.key_origin,
    };
    for axis in map.entries.iter().filter(|axis| !RESERVED.contains(&&*axis.key)) {
        if let Value::String(text) = &axis.value.value {
            let (text, origin) = (text.clone(), axis.value.origin);
            made.templates.push(AxisTemplate { axis: made.axes.len(), text, origin });
            made.axes.push((normalize_name(&axis.key), Vec::new()));
            continue;
        }
        let Some(items) = axis.value.as_list().filter(|items| !items.is_empty()) else { return reader.omit() };
        let values: Option<Vec<_>> = items.iter().map(|item| Some((scalar(item)?, item.origin))).collect();
        let Some(values) = values else { return reader.omit() };
        for item in items {
            let alias = item.alias.or(axis.value.alias).or(entry.value.alias).map(NonZeroU32::get);
            made.aliases.extend(alias.map(|at| (item.origin, Origin::new(item.origin.file, at, at + 1))));
        }
        made.axes.push((normalize_name(&axis.key), values));
    }
    made.include = map.get("include").map_or(Some(Vec::new()), |entry| combinations(reader, entry))?;
    made.exclude = map.get("exclude").map_or(Some(Vec::new()), |entry| combinations(reader, entry))?;
    if let Some(exclude) = map.get("exclude") {
        excludes_name_axes(reader, &made, exclude);
    }
    // Only `defaults.matrix` gives an empty one a meaning, and it may be in another file.
    let is_opt_out = map.entries.is_empty();
    if made.axes.is_empty() && made.include.is_empty() && !is_opt_out && !reader.has_error(entry) {
        let fault = Diagnostic::new(Code::BadMatrix, "`matrix` declares no video", entry.key_origin)
            .help("give it an axis, such as `locale: [en, de]`, or a combination under `include`");
        reader.report_error(fault);
    }
    Some(made)
}

fn combinations(reader: &mut Decoder<'_>, entry: &Entry) -> Option<Vec<Combination>> {
    let Some(items) = entry.value.as_list() else { return reader.omit() };
    let mut made = Vec::with_capacity(items.len());
    for item in items {
        let map = reader.map(item)?;
        reader.check_names(map);
        let values: Option<Vec<_>> =
            map.entries.iter().map(|entry| Some((normalize_name(&entry.key), scalar(&entry.value)?))).collect();
        match values {
            Some(values) if !values.is_empty() => made.push((values, item.origin)),
            _ => return reader.omit(),
        }
    }
    Some(made)
}

/// Reports exclusions by a name that is not an axis, because they never exclude anything.
fn excludes_name_axes(reader: &mut Decoder<'_>, matrix: &MatrixDecl, exclude: &Entry) {
    let axes: Vec<&str> = matrix.axes.iter().map(|(name, _)| &**name).collect();
    for entry in exclude.value.as_list().into_iter().flatten().filter_map(Node::as_map).flat_map(|map| &map.entries) {
        if axes.contains(&&*normalize_name(&entry.key)) || reader.has_error(entry) {
            continue;
        }
        let message = format!("`exclude` names `{}`, which is not an axis of the matrix", entry.key);
        let fault = Diagnostic::new(Code::BadMatrix, message, entry.key_origin);
        reader.report_error(fault.did_you_mean(nearest(&entry.key, axes.iter().copied())));
    }
}

fn scalar(node: &Node) -> Option<Json> {
    match node.value {
        Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::String(_) => Some(to_json(node)),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}
