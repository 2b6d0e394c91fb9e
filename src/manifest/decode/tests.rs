//! Decoding and merging: what is kept, what is left out, what only shows here.

mod faults;
mod values;

use super::{Decoded, decode, merge};
use crate::diagnostic::Report;
use crate::manifest::Manifest;
use crate::source::{SourceFile, Sources};
use crate::yaml::parse;

/// Some files, the root first, read and merged without a check.
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
