//! `.callsheet/schema.json`: written if a manifest's modeline names it, and kept current.

use super::modeline::SCHEMA_FILE;
use super::{CompiledProject, ProjectError, project_names};
use crate::catalog::Catalog;
use crate::schema::{project_schema, to_json_pretty};
use crate::source::{read_regular, write_atomically};

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
