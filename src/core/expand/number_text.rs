//! Unquoted numbers whose printed form differs from the written one: `19.90`, `0800`, `1e3`.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::identifiers::member;
use super::scope::{NumberMisprint, value_of};
use crate::diagnostic::{Code, Diagnostic, Report};
use crate::manifest::{Manifest, MatrixDecl};
use crate::source::{FileId, Origin, SourceFile, Sources};
use crate::yaml::{self, Node, Value, to_json};

impl NumberMisprint {
    fn new(path: &str, json: &Json, written: &str, origin: Option<Origin>) -> Option<Self> {
        let printed = value_of(json).to_string();
        let is_number = written.starts_with(|one: char| one.is_ascii_digit() || "+-.".contains(one));
        (json.is_number() && is_number && printed != written).then(|| Self {
            path: path.into(),
            written: written.into(),
            printed: printed.into(),
            origin,
        })
    }

    pub(super) fn warning(&self, origin: Origin) -> Diagnostic {
        let Self { written, printed, .. } = self;
        let message = format!("the number `{written}` is spoken and printed as `{printed}`");
        Diagnostic::new(Code::NumberNotAsWritten, message, origin)
            .help(format!("to keep its form, quote it: `\"{written}\"`"))
    }
}

/// The trees of manifests, parsed again for the written forms of numbers, and the numbers already reported.
#[derive(Debug, Default)]
pub(super) struct NumberTexts {
    trees: HashMap<FileId, Option<Node>>,
    /// The first template that prints a number of a data file's column, by file and column. Later templates are not reported.
    pub told: HashMap<(Arc<str>, Arc<str>), Origin>,
}

impl NumberTexts {
    fn tree(&mut self, file: FileId, sources: &Sources) -> Option<&Node> {
        let read = || yaml::parse(file, sources.get(file), &mut Report::new());
        self.trees.entry(file).or_insert_with(read).as_ref()
    }

    /// Returns the variables whose numbers print differently.
    pub(super) fn of_vars(&mut self, manifest: &Manifest, sources: &Sources) -> Vec<NumberMisprint> {
        let mut found = Vec::new();
        for (name, variable) in manifest.vars.iter().filter(|(_, variable)| has_number(&variable.value)) {
            let file = variable.origin.file;
            let Some(vars) = self.tree(file, sources).and_then(Node::as_map).and_then(|map| map.get("vars")) else {
                continue;
            };
            let entry = vars.value.as_map().into_iter().flat_map(|map| &map.entries);
            for entry in entry.filter(|entry| entry.key_origin == variable.origin) {
                collect_misprints(&entry.value, &member("vars", name), sources.get(file), &mut found);
            }
        }
        found
    }

    /// Returns the numbers of a matrix that print differently, each with its value.
    pub(super) fn of_matrix(&mut self, matrix: &MatrixDecl, sources: &Sources) -> Vec<(Json, NumberMisprint)> {
        let mut found = Vec::new();
        for (name, values) in &matrix.axes {
            for (value, origin) in values.iter().filter(|(value, _)| value.is_number()) {
                let written = sources.get(origin.file).text().get(origin.span.range()).unwrap_or_default();
                let path = member("matrix", name);
                found.extend(NumberMisprint::new(&path, value, written, Some(*origin)).map(|one| (value.clone(), one)));
            }
        }
        for (entry, origin) in matrix.include.iter().filter(|(entry, _)| entry.iter().any(|(_, one)| one.is_number())) {
            let Some(map) = self.tree(origin.file, sources).and_then(|tree| find(tree, *origin)?.as_map()) else {
                continue;
            };
            for one in map.entries.iter().filter(|one| entry.iter().any(|(name, _)| *name == one.key)) {
                let mut numbers = Vec::new();
                collect_misprints(&one.value, &member("matrix", &one.key), sources.get(origin.file), &mut numbers);
                found.extend(numbers.into_iter().map(|number| (to_json(&one.value), number)));
            }
        }
        found
    }
}

fn has_number(json: &Json) -> bool {
    match json {
        Json::Number(_) => true,
        Json::Array(items) => items.iter().any(has_number),
        Json::Object(map) => map.values().any(has_number),
        _ => false,
    }
}

/// Returns the mapping at an origin.
fn find(node: &Node, origin: Origin) -> Option<&Node> {
    match &node.value {
        Value::Map(_) if node.origin == origin => Some(node),
        Value::Map(map) => map.entries.iter().find_map(|entry| find(&entry.value, origin)),
        Value::List(items) => items.iter().find_map(|item| find(item, origin)),
        _ => None,
    }
}

/// Collects the numbers of a value that print differently.
pub(super) fn collect_misprints(node: &Node, path: &str, source: &SourceFile, found: &mut Vec<NumberMisprint>) {
    match &node.value {
        Value::Int(_) | Value::Float(_) => {
            let written = source.text().get(node.origin.span.range()).unwrap_or_default();
            found.extend(NumberMisprint::new(path, &to_json(node), written, Some(node.origin)));
        }
        Value::List(items) => {
            for (place, item) in items.iter().enumerate() {
                collect_misprints(item, &format!("{path}[{place}]"), source, found);
            }
        }
        Value::Map(map) => {
            for entry in &map.entries {
                collect_misprints(&entry.value, &member(path, &entry.key), source, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// Returns the numbers of a JSON object that print differently.
pub(super) fn of_json(text: &str) -> Vec<NumberMisprint> {
    // Only these characters make a JSON number print differently, and few objects have them after a digit.
    let odd = |pair: &[u8]| (pair[0].is_ascii_digit() && matches!(pair[1], b'.' | b'e' | b'E')) || pair == b"-0";
    if !text.as_bytes().windows(2).any(odd) {
        return Vec::new();
    }
    let members: HashMap<String, &RawValue> = serde_json::from_str(text).unwrap_or_default();
    let number = |(name, raw): (&String, &&RawValue)| {
        let json: Json = serde_json::from_str(raw.get()).ok().filter(Json::is_number)?;
        NumberMisprint::new(&member("row", name), &json, raw.get(), None)
    };
    let mut found: Vec<NumberMisprint> = members.iter().filter_map(number).collect();
    found.sort_by(|left, right| left.path.cmp(&right.path));
    found
}

/// Returns `true` if a text contains a number in its printed form, not as part of another number.
pub(super) fn contains_number(text: &str, printed: &str) -> bool {
    let part = |one: Option<char>| one.is_some_and(char::is_alphanumeric);
    text.match_indices(printed).any(|(start, _)| {
        let (before, after) = (&text[..start], &text[start + printed.len()..]);
        let fraction = after.strip_prefix(['.', ',']).is_some_and(|rest| part(rest.chars().next()));
        let whole =
            before.strip_suffix(['.', ',']).is_some_and(|rest| rest.ends_with(|one: char| one.is_ascii_digit()));
        !part(before.chars().next_back()) && !part(after.chars().next()) && !fraction && !whole
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_json_that_is_printed_differently_is_found() {
        let found = of_json(r#"{"a": 19.90, "b": 19.9, "c": 1e3, "d": "19.90", "e": 1.0, "f": -0, "g": 7}"#);
        let found: Vec<(&str, &str)> = found.iter().map(|one| (&*one.path, &*one.printed)).collect();
        assert_eq!(found, [("row.a", "19.9"), ("row.c", "1000.0"), ("row.f", "-0.0")]);
    }

    #[test]
    fn a_part_of_another_number_is_not_the_number() {
        assert!(contains_number("It is 19.9, or less.", "19.9"));
        assert!(contains_number("v[800]", "800"));
        for text in ["19.90", "119.9", "19.9.1", "3.800"] {
            assert!(!contains_number(text, if text == "3.800" { "800" } else { "19.9" }), "{text}");
        }
    }
}
