//! The schema of the project for editors.

use std::sync::Arc;

use serde_json::Value;

use super::{CompiledProject, ProjectError, SCHEMA_FILE};
use crate::catalog::{AvatarEntry, Catalog, TemplateEntry, VoiceEntry};
use crate::fields::{self, Row, RowBody, RowId, Table, Type};
use crate::manifest::pattern::is_identifier;
use crate::manifest::{Expr, Field, Manifest, Preset};
use crate::schema::{CatalogEntry, PresetName, ProjectNames, TemplateNames, project_schema, to_json_pretty};
use crate::source::{read_regular, truncate, write_atomically};

/// Returns the content of the schema file of a compiled project.
///
/// # Errors
/// If a catalog exists but cannot be read.
pub fn schema_text(compiled: &CompiledProject) -> Result<String, ProjectError> {
    let catalog = Catalog::load(&compiled.root)?;
    Ok(to_json_pretty(&project_schema(&project_names(compiled, catalog.as_ref()))))
}

/// Writes the project's schema if a manifest names it and it is out of date. Returns `true` if it was written.
///
/// A project with an unreadable file keeps its current schema. A schema without some presets would mark each of their
/// uses as an error in the editor.
///
/// # Errors
/// If the file cannot be written, or a catalog cannot be read. Callers warn and continue, because only editors need
/// the file.
pub fn refresh_schema(compiled: &CompiledProject) -> Result<bool, ProjectError> {
    if !compiled.editor.complete || !compiled.editor.named {
        return Ok(false);
    }
    let path = compiled.root.join(SCHEMA_FILE);
    let text = schema_text(compiled)?;
    if read_regular(&path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(false);
    }
    write_atomically(&compiled.root, &path, text.as_bytes())
        .map_err(|error| ProjectError::io("write", &path, error))?;
    Ok(true)
}

/// Maximum depth of a variable's keys: `vars.a.b.c`.
const MAX_DEPTH: usize = 3;

/// Maximum number of names of one variable.
const MAX_KEYS: usize = 20;

/// Returns the names of a project, with those of the catalog if there is one.
pub fn project_names(compiled: &CompiledProject, catalog: Option<&Catalog>) -> ProjectNames {
    let manifest = &compiled.manifest;
    let mut said = TemplateNames::default();
    for (name, variable) in &manifest.vars {
        paths(&format!("vars.{name}"), &variable.value, MAX_DEPTH, &mut said.vars);
    }
    said.env = manifest.env.iter().map(|(name, _)| format!("env.{name}")).collect();
    said.rows =
        compiled.editor.columns.iter().map(|(video, columns)| (video.to_string(), of("row", columns))).collect();
    for video in &manifest.videos {
        if let Some(matrix) = &video.matrix {
            let mut axes: Vec<String> = matrix.axes.iter().map(|(name, _)| name.to_string()).collect();
            let more = matrix.include.iter().flat_map(|(values, _)| values).map(|(name, _)| name.to_string());
            for name in more {
                if !axes.contains(&name) {
                    axes.push(name);
                }
            }
            said.axes.push((video.key.to_string(), of("matrix", &axes)));
        }
    }
    ProjectNames {
        avatars: presets(manifest, "avatars"),
        voices: presets(manifest, "voices"),
        backgrounds: presets(manifest, "backgrounds"),
        templates: presets(manifest, "templates"),
        template_words: said,
        listed_avatars: catalog.map(|all| all.avatars.iter().map(listed_avatar).collect()).unwrap_or_default(),
        listed_voices: catalog.map(|all| all.voices.iter().map(listed_voice).collect()).unwrap_or_default(),
        listed_templates: catalog.map(|all| all.templates.iter().map(listed_template).collect()).unwrap_or_default(),
    }
}

fn listed_avatar(one: &AvatarEntry) -> CatalogEntry {
    CatalogEntry {
        id: one.id.clone(),
        name: one.name.clone().unwrap_or_else(|| one.id.clone()),
        gender: one.gender.clone(),
        preview: one.preview_video.clone().or_else(|| one.preview_image.clone()),
        ..CatalogEntry::default()
    }
}

fn listed_template(one: &TemplateEntry) -> CatalogEntry {
    CatalogEntry {
        id: one.id.clone(),
        name: one.name.clone().unwrap_or_else(|| one.id.clone()),
        preview: one.preview_video.clone().or_else(|| one.preview_image.clone()),
        scenes: one.scenes,
        ..CatalogEntry::default()
    }
}

fn listed_voice(one: &VoiceEntry) -> CatalogEntry {
    CatalogEntry {
        id: one.id.clone(),
        name: one.name.clone().unwrap_or_else(|| one.id.clone()),
        language: one.language.clone(),
        gender: one.gender.clone(),
        preview: one.preview_audio.clone(),
        emotions: one.emotions.clone(),
        scenes: None,
    }
}

/// Returns names in template syntax. Leaves out names that need brackets.
fn of(root: &str, names: &[String]) -> Vec<String> {
    names.iter().filter(|name| is_identifier(name)).map(|name| format!("{root}.{name}")).collect()
}

/// Collects the paths to the values of a variable.
fn paths(path: &str, value: &Value, depth: usize, all: &mut Vec<String>) {
    match value {
        Value::Object(map) if depth > 1 && !map.is_empty() && map.keys().all(|key| is_identifier(key)) => {
            for (key, inner) in map.iter().take(MAX_KEYS) {
                paths(&format!("{path}.{key}"), inner, depth - 1, all);
            }
        }
        _ => all.push(path.to_owned()),
    }
}

fn presets(manifest: &Manifest, block: &str) -> Vec<PresetName> {
    let Some(group) = manifest.preset_block(block) else { return Vec::new() };
    let table = manifest.table;
    let name = |(name, preset): (&Arc<str>, &Preset)| {
        let base = preset.decl.base.as_ref().map(|base| one_line("over", &Type::Id, base));
        let mut given: Vec<(RowId, &Type, &Field)> = table[group.group]
            .descendants
            .iter()
            .filter_map(|row| Some((row, table.ty(row)?, preset.decl.get(row)?)))
            .collect();
        given.sort_by_key(|(row, ty, _)| prominence(table, *row, ty));
        let fields = given.into_iter().map(|(row, ty, field)| one_line(&short_name(table, row), ty, field));
        let parts: Vec<String> = base.into_iter().chain(fields).collect();
        let holds = if parts.is_empty() { "empty".to_owned() } else { parts.join(", ") };
        PresetName { name: name.to_string(), summary: holds }
    };
    group.presets.iter().map(name).collect()
}

/// Returns the sort order of a field: distinctive fields first, long ones last.
fn prominence(table: &Table, row: RowId, ty: &Type) -> u8 {
    let is_choice =
        table[row].parent.and_then(|parent| table[parent].group()).is_some_and(|group| group.choice.contains(row));
    match ty {
        Type::Id if !is_choice => 0,
        Type::Speech => 2,
        _ => 1,
    }
}

/// Returns the shortest unambiguous path within a preset: `speed`, `offset.x`, `media`.
fn short_name(table: &Table, row: RowId) -> String {
    let Row { key, parent, body, .. } = &table[row];
    let Some(parent) = parent.map(|parent| &table[parent]) else { return (*key).to_owned() };
    let stands_for_parent = matches!(body, RowBody::Field(field) if field.stands_for_choice);
    match parent.group() {
        Some(group) if group.choice.contains(row) || stands_for_parent => parent.key.to_owned(),
        Some(group) if group.plain => format!("{}.{key}", parent.key),
        _ => (*key).to_owned(),
    }
}

/// Formats a field on one line: its name, and its value or template.
fn one_line(name: &str, ty: &Type, field: &Field) -> String {
    let value = match &field.value {
        Expr::Literal(fields::Value::Number(number)) => number.to_string(),
        Expr::Literal(literal) => match ty.to_json(literal) {
            Value::String(text) => truncate_value(&text),
            other => other.to_string(),
        },
        Expr::Template(text) => truncate_value(&text.text),
        Expr::Rejected => String::new(),
    };
    format!("{name} `{value}`")
}

/// Returns the beginning of a text. Cuts long texts, further lines, and the query of a URL, which may be signed.
fn truncate_value(text: &str) -> String {
    let text = text.split_once("://").map_or(text, |_| text.split(['?', '#']).next().unwrap_or_default());
    let line: String = text.chars().map(|one| if one.is_control() || one == '`' { ' ' } else { one }).collect();
    truncate(&line, 60).into_owned()
}
