//! YAML: one list of mappings, read completely. Syntax errors are reported with their location.

use crate::diagnostic::{Diagnostic, Report};
use crate::expand::number_text::collect_misprints;
use crate::source::{SourceFile, Sources, conflict_line, is_lfs_pointer, read_text};
use crate::yaml::{self, Node};

use super::{DataFile, DataRow, RowError, json};

/// Returns every mapping of the list. Returns `None` if the text cannot be read, after adding the error to `report`.
pub(in crate::expand) fn load(
    file: DataFile<'_>,
    sources: &mut Sources,
    report: &mut Report,
) -> Option<Vec<Result<DataRow, RowError>>> {
    let text = match read_text(file.path) {
        Ok(text) => text,
        Err(error) => {
            report.push(Diagnostic::unreadable_file(file.name, &error));
            return None;
        }
    };
    if let Some(line) = conflict_line(&text) {
        report.push(Diagnostic::merge_conflict(file.name, line));
        return None;
    }
    if is_lfs_pointer(text.as_bytes()) {
        report.push(Diagnostic::lfs_pointer(file.name));
        return None;
    }
    let id = sources.add(SourceFile::new(file.name, file.path, text));
    let source = sources.get(id);
    let tree = yaml::parse_data(id, source, report)?;
    yaml::each_cut(&tree, &mut |warning| report.push(warning));
    let line = |node: &Node| u64::from(source.position(node.origin.span.start).line);
    let Some(items) = tree.as_list() else {
        return Some(vec![Err(RowError::new(line(&tree), "the data file does not hold a list of mappings"))]);
    };
    let row = |item: &Node| match yaml::to_json(item) {
        serde_json::Value::Object(map) => {
            let mut misprints = Vec::new();
            collect_misprints(item, "row", source, &mut misprints);
            Ok(DataRow { misprints, ..json::row(&map, line(item)) })
        }
        _ => Err(RowError::new(line(item), format!("this row is {}, not a mapping", item.kind_name()))),
    };
    Some(items.iter().map(row).collect())
}
