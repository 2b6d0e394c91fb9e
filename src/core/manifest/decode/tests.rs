//! Tests of decoding and merging: declarations, omissions, and errors that the check cannot find.

mod errors;
mod values;

use super::{Decoded, decode, merge};
use crate::diagnostic::Report;
use crate::manifest::Manifest;
use crate::source::{SourceFile, Sources};
use crate::yaml::parse;

/// Reads and merges files without a check, the root manifest first.
fn project(texts: &[&str]) -> (Sources, Manifest, Report) {
    let mut sources = Sources::new();
    let mut report = Report::new();
    let mut files: Vec<Decoded> = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let name = if index == 0 { "callsheet.yaml".to_owned() } else { format!("{index}.yaml") };
        let file = sources.add(SourceFile::new(name.clone(), format!("/project/{name}"), *text));
        let tree = parse(file, sources.get(file), &mut report).unwrap_or_else(|| panic!("{text}: {report:?}"));
        files.push(decode(&tree, &mut report));
    }
    let manifest = merge(files, &[], &mut report);
    (sources, manifest, report)
}
