//! The published file is current, every error has its message, and our walk agrees with the schema.

mod agreement;
mod check_and_decode;
mod messages;
mod project;

use std::path::Path;

use super::*;
use crate::diagnostic::Report;
use crate::source::{SourceFile, Sources};
use crate::yaml::{Node, parse};

/// The tree of a text and its sources. Panics if the text is not YAML.
fn tree(text: &str) -> (Sources, Node) {
    let mut sources = Sources::new();
    let mut report = Report::new();
    let file = sources.add(SourceFile::new("callsheet.yaml", "/project/callsheet.yaml", text));
    let tree = parse(file, sources.get(file), &mut report);
    (sources, tree.unwrap_or_else(|| panic!("{text}: {report:?}")))
}

#[test]
fn the_published_schema_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/callsheet.schema.json");
    let wanted = to_json_pretty(&identified(manifest_schema(), "callsheet"));
    if std::env::var_os("CALLSHEET_UPDATE").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "schema/callsheet.schema.json is not current; run the test with CALLSHEET_UPDATE=1");
}
