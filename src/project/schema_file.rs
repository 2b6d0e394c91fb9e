//! `.callsheet/schema.json`: written for the manifests whose first lines name it, and kept current.

use super::modeline::SCHEMA_FILE;
use super::{Compiled, ProjectError, project_names};
use crate::catalog::Catalog;
use crate::schema::{project_schema, to_pretty};
use crate::source::{read_regular, replace_file};

/// The schema of a compiled project, as its file holds it.
///
/// # Errors
/// When there is a catalogue that cannot be read.
pub fn schema_text(compiled: &Compiled) -> Result<String, ProjectError> {
    let catalog = Catalog::load(&compiled.root)?;
    Ok(to_pretty(&project_schema(&project_names(compiled, catalog.as_ref()))))
}

/// Writes the project's schema where a manifest names it and it is not current; true when it was written.
///
/// A project with a file that cannot be read keeps the schema it has: with half of its presets every use of the others
/// would be an error in the editor.
///
/// # Errors
/// When the system refuses, or a catalogue cannot be read. It is only the editor's help: no command fails by it.
pub fn keep_schema(compiled: &Compiled) -> Result<bool, ProjectError> {
    if !compiled.editor.whole || !compiled.editor.named {
        return Ok(false);
    }
    let path = compiled.root.join(SCHEMA_FILE);
    let text = schema_text(compiled)?;
    if read_regular(&path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(false);
    }
    replace_file(&compiled.root, &path, text.as_bytes()).map_err(|error| ProjectError::io("write", &path, error))?;
    Ok(true)
}
