//! Tests of the parser with valid and hostile texts.

mod expansion_limits;
mod hostile;
mod locations;
mod messages;
mod properties;
mod tree;

use crate::diagnostic::Report;
use crate::source::{FileId, SourceFile};
use crate::yaml::{Node, parse};

/// Returns the tree and the errors, each as `code line:column`.
fn read(text: &str) -> (Option<Node>, Vec<String>) {
    let source = SourceFile::new("test.yaml", "test.yaml", text);
    let mut report = Report::new();
    let tree = parse(FileId(0), &source, &mut report);
    let faults = report
        .iter()
        .map(|one| {
            let at = source.position(one.primary.as_ref().map_or(0, |label| label.origin.span.start));
            format!("{} {}:{}", one.code, at.line, at.column)
        })
        .collect();
    (tree, faults)
}
