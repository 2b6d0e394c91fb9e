//! Table cells in spoken texts: surrounding whitespace, and the locations of control characters.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use minijinja::Value;

use super::context::ExpansionContext;
use super::identifiers::{member, visible_name};
use super::rows::{DataFile, parse_when, read_text};
use super::scope::Instance;
use super::scope::TextRow;
use crate::diagnostic::{Code, Diagnostic, Label};
use crate::fields::truncated;
use crate::manifest::{Expr, RowsDecl};
use crate::source::{FileId, Origin, RowLocation, SourceFile};
use crate::spec::Spec;

/// Maximum number of columns that a warning names.
const MAX_LISTED: usize = 5;

/// The cells of all tables that warnings and errors refer to.
#[derive(Debug, Default)]
pub(super) struct TableCells {
    /// Cells whose surrounding whitespace is spoken, by data file.
    padded: BTreeMap<Arc<str>, Padded>,
    /// Data files in which errors are drawn. `None` if a file is too large or not text.
    sources: HashMap<Box<str>, Option<FileId>>,
}

#[derive(Debug)]
struct Padded {
    first: RowLocation,
    columns: BTreeSet<Arc<str>>,
    told: bool,
}

impl TableCells {
    /// Records the cells of an instance's row whose surrounding whitespace gets into a spoken text.
    pub(super) fn record(&mut self, at: &Instance, spec: &Spec) {
        let (Some(row), Some(place)) = (at.scope().row.as_ref(), &at.row) else { return };
        let Some(row) = row.downcast_object_ref::<TextRow>() else { return };
        for (name, cell) in row.columns.names().iter().zip(row.cells.iter()) {
            if cell.trim() != cell && spec.spoken_texts().any(|text| speaks_whitespace(text, cell)) {
                let known = self.padded.entry(Arc::clone(&place.file)).or_insert_with(|| Padded {
                    first: place.clone(),
                    columns: BTreeSet::new(),
                    told: false,
                });
                known.columns.insert(Arc::clone(name));
            }
        }
    }

    /// Returns the warning about a data file, at most once.
    pub(super) fn warning(&mut self, file: &str) -> Option<Diagnostic> {
        let padded = self.padded.get_mut(file).filter(|padded| !padded.told)?;
        padded.told = true;
        let mut names: Vec<String> = padded
            .columns
            .iter()
            .take(MAX_LISTED)
            .map(|name| format!("`{}`", truncated(&visible_name(name))))
            .collect();
        if padded.columns.len() > MAX_LISTED {
            names.push("…".to_owned());
        }
        let column = if let [_] = names[..] { "column" } else { "columns" };
        let message =
            format!("cells of the {column} {} begin or end with whitespace, which is spoken", names.join(", "));
        let RowLocation { file, line } = padded.first.clone();
        let first = padded.columns.first()?;
        let filter = format!("{{{{ {} | trim }}}}", member("row", first));
        let help = format!("remove it from the cells, or write `{filter}`");
        Some(Diagnostic::in_file(Code::PaddedCells, message, file, line).help(help))
    }

    /// Moves errors about control characters from a row's values to the characters in the data file.
    pub(super) fn place_control_characters(
        &mut self,
        context: &mut ExpansionContext<'_, '_>,
        file: DataFile<'_>,
        at: &RowLocation,
        row: &Value,
    ) {
        let Some(row) = row.downcast_object_ref::<TextRow>() else { return };
        let cells: Vec<&str> = row.cells.iter().filter(|cell| cell.contains(is_wrong)).collect();
        let wrong = |one: &Diagnostic| one.code == Code::NulByte && one.row.as_ref() == Some(at);
        if cells.is_empty() || !context.errors.report.iter().any(wrong) {
            return;
        }
        let known = self.sources.get(file.name).copied();
        let source = known.unwrap_or_else(|| {
            let text = read_text(file);
            text.map(|text| context.sources.add(SourceFile::new(file.name, file.path, text)))
        });
        if known.is_none() {
            self.sources.insert(file.name.into(), source);
        }
        let Some(source) = source else { return };
        let (text, line) = (context.sources.get(source).text(), context.sources.get(source).line(at.line as u32));
        // Both slices belong to the same text, so the distance of their starts is the line's offset.
        let start = line.as_ptr() as usize - text.as_ptr() as usize;
        for one in context.errors.report.iter_mut().filter(|one| wrong(one)) {
            let said = |character: &char| one.message.contains(&format!("U+{:04X}", u32::from(*character)));
            let mut characters = cells.iter().flat_map(|cell| cell.chars()).filter(|one| is_wrong(*one));
            let Some(character) = characters.find(said) else { continue };
            let Some(found) = text[start..].find(character) else { continue };
            let from = (start + found) as u32;
            let origin = Origin::new(source, from, from + character.len_utf8() as u32);
            if let Some(primary) = one.primary.as_mut() {
                let template = std::mem::replace(&mut primary.origin, origin);
                one.secondary.push(Label { origin: template, text: "used here".to_owned() });
            }
        }
    }
}

/// Returns `true` if a text contains the cell with whitespace other than one space between words.
fn speaks_whitespace(text: &str, cell: &str) -> bool {
    let (before, after) = (cell.trim_start() != cell, cell.trim_end() != cell);
    let open = |next: Option<char>| next.is_none_or(|next| next.is_whitespace() || ".,;:!?…)]}".contains(next));
    !cell.trim().is_empty()
        && text.match_indices(cell).any(|(start, _)| {
            (before && text[..start].chars().next_back().is_none_or(char::is_whitespace))
                || (after && open(text[start + cell.len()..].chars().next()))
        })
}

impl ExpansionContext<'_, '_> {
    /// Returns `true` if an empty record of a table has a key, and so declares a video or causes an error. Reports
    /// nothing, because spreadsheets leave empty records below a table.
    pub(super) fn names_a_video(&mut self, rows: &RowsDecl, at: &Instance) -> bool {
        let mut quietly = |text: &str| self.engine.compile(text).and_then(|made| self.engine.render(&made, at.value()));
        let counts = match rows.when.as_ref().map(|when| &when.value) {
            Some(Expr::Template(text)) => quietly(&text.text).is_ok_and(|text| parse_when(&text).is_some()),
            _ => true,
        };
        let Expr::Template(key) = &rows.key.value else { return counts };
        counts && quietly(&key.text).is_ok_and(|key| !key.trim().is_empty())
    }
}

/// Returns `true` if a spoken text must not contain a character.
fn is_wrong(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\r' | '\t')
}

#[cfg(test)]
mod tests {
    use super::speaks_whitespace;

    #[test]
    fn whitespace_is_spoken_where_it_does_not_only_part_words() {
        for (text, cell) in [("Hi Ada !", "Ada "), ("Hi  Ada!", " Ada"), (" Ada, hi", " Ada"), ("Hi Ada ", "Ada ")] {
            assert!(speaks_whitespace(text, cell), "{text:?} {cell:?}");
        }
        for (text, cell) in [("Hi Ada!", " Ada"), ("Hi Ada and Bo", "Ada "), ("Hi Ada!", "Ada "), ("Hi  !", " ")] {
            assert!(!speaks_whitespace(text, cell), "{text:?} {cell:?}");
        }
    }
}
