//! YAML: one list of mappings; what is wrong with the text itself is told with its place.

use crate::diagnostic::{Code, Diagnostic, Report};
use crate::source::{ReadError, SourceFile, Sources, read_text};
use crate::yaml::{self, Node, Value};

use super::{DataFile, Next, RowFault, Take, json};

/// Hands on each mapping of the list; false when the file cannot be read at all.
pub(super) fn read(file: DataFile<'_>, sources: &mut Sources, report: &mut Report, take: Take<'_>) -> bool {
    let text = match read_text(file.path) {
        Ok(text) => text,
        Err(error) => {
            report.push(refused(&error, file.name));
            return false;
        }
    };
    let id = sources.add(SourceFile::new(file.name, file.path, text));
    let Some(tree) = yaml::parse(id, sources.get(id), report) else { return false };
    let source = sources.get(id);
    let line = |node: &Node| u64::from(source.position(node.origin.span.start).line);
    let Some(items) = tree.as_list() else {
        take(Err(RowFault::new(line(&tree), "the data file does not hold a list of mappings")));
        return true;
    };
    for item in items {
        let outcome = match (&item.value, yaml::to_json(item)) {
            (Value::Map(_), serde_json::Value::Object(map)) => Ok(json::row(map, line(item))),
            _ => Err(RowFault::new(line(item), format!("this row is {}, not a mapping", item.kind()))),
        };
        if take(outcome) == Next::Stop {
            break;
        }
    }
    true
}

fn refused(error: &ReadError, name: &str) -> Diagnostic {
    let code = match error {
        ReadError::TooLarge(_) => Code::FileTooLarge,
        ReadError::NotUtf8(_) => Code::NotUtf8,
        ReadError::NotAFile | ReadError::Io(_) => Code::UnreadableFile,
    };
    Diagnostic::in_file(code, error.to_string(), name, 0)
}
