//! A report as SARIF 2.1.0, the format of findings that code hosts and editors read.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::diagnostics_human::{DiagnosticGroup, diagnostic_groups, trimmed_range};
use super::document::document;
use crate::diagnostic::{Code, Diagnostic, Report};
use crate::source::{LocationRange, Origin, ROOT_MANIFEST, RowLocation, Sources, percent_encoded, sanitize};
use crate::vendor::redact_signatures;

/// The published URL of the format's schema.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Returns the report as one SARIF log. `folder` is the path from the repository's root to the project: `videos/`, or
/// empty.
pub fn diagnostics_sarif(report: &Report, sources: &Sources, folder: &str) -> String {
    let writer = SarifWriter { sources, folder };
    let entries = diagnostic_groups(report);
    let mut rules: BTreeMap<Code, usize> = entries.iter().map(|entry| (entry.first.code, 0)).collect();
    for (index, place) in rules.values_mut().enumerate() {
        *place = index;
    }
    let results: Vec<Value> = entries.iter().map(|entry| writer.finding(entry, rules[&entry.first.code])).collect();
    let rules: Vec<Value> = rules.keys().map(|code| rule(*code)).collect();
    // The run completed. Errors in manifests are results, not failures of the run.
    let mut invocation = json!({ "executionSuccessful": true });
    if report.is_truncated() {
        let message = text("there are more messages than these: at most 10,000 errors and 10,000 warnings are kept");
        invocation["toolExecutionNotifications"] = json!([{ "level": "note", "message": message }]);
    }
    document(&json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": { "name": "callsheet", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules }
            },
            // Our columns count Unicode scalars. The default would be UTF-16.
            "columnKind": "unicodeCodePoints",
            "invocations": [invocation],
            "results": results,
        }],
    }))
}

fn rule(code: Code) -> Value {
    let meaning = code.meaning();
    let help = format!(
        "{meaning}; each result says where and what to do, and `callsheet validate` draws it over the line it is about"
    );
    json!({
        "id": code.name(),
        "shortDescription": text(meaning),
        "help": text(&help),
        "defaultConfiguration": { "level": code.severity() },
    })
}

/// Returns a SARIF message.
fn text(words: &str) -> Value {
    json!({ "text": shown(words) })
}

fn shown(words: &str) -> String {
    sanitize(&redact_signatures(words)).into_owned()
}

/// Converts diagnostics, and knows the paths of a report's files.
struct SarifWriter<'a> {
    sources: &'a Sources,
    folder: &'a str,
}

impl SarifWriter<'_> {
    fn finding(&self, entry: &DiagnosticGroup<'_>, rule_index: usize) -> Value {
        let one = entry.first;
        let main = one.primary.as_ref().map(|label| self.location(label.origin));
        let file = one.file.as_ref().map(|row| self.row(row));
        // Code hosts drop a result without a location, so a result about the project gets the location of its manifest.
        let place = main.or(file).unwrap_or_else(|| self.row(&RowLocation { file: ROOT_MANIFEST.into(), line: 1 }));
        let mut finding = json!({
            "ruleId": one.code.name(),
            "ruleIndex": rule_index,
            "level": one.severity,
            "message": { "text": words(one) },
            "locations": [{ "physicalLocation": place }],
        });
        let labels = one.secondary.iter().map(|label| (self.location(label.origin), label.text.as_str()));
        let related = labels.chain(one.row.as_ref().map(|row| (self.row(row), "the row")));
        let related = related.enumerate().map(|(id, (place, words))| {
            let mut location = json!({ "id": id, "physicalLocation": place });
            if !words.is_empty() {
                location["message"] = text(words);
            }
            location
        });
        let related: Vec<Value> = related.collect();
        if !related.is_empty() {
            finding["relatedLocations"] = related.into();
        }
        // Equal findings are one result with a count.
        if !entry.further.is_empty() {
            finding["occurrenceCount"] = (entry.further.len() + 1).into();
        }
        if let Some(key) = &one.key {
            finding["properties"] = json!({ "key": sanitize(key) });
        }
        finding
    }

    fn location(&self, origin: Origin) -> Value {
        let LocationRange { file, line, column, end_line, end_column } = trimmed_range(origin, self.sources);
        let region = json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column });
        self.placed(&file, Some(region))
    }

    /// Returns the location of a line of a data file, or of a complete file.
    fn row(&self, row: &RowLocation) -> Value {
        self.placed(&row.file, (row.line > 0).then(|| json!({ "startLine": row.line })))
    }

    fn placed(&self, file: &str, region: Option<Value>) -> Value {
        // A relative reference. A colon is encoded too, because the text before it would be a scheme.
        let uri = percent_encoded(&format!("{}{file}", self.folder), "~/");
        let mut place = json!({ "artifactLocation": { "uri": uri } });
        if let Some(region) = region {
            place["region"] = region;
        }
        place
    }
}

/// Returns the message, the label and the help.
fn words(one: &Diagnostic) -> String {
    let label = one.primary.iter().map(|label| label.text.as_str()).filter(|words| !words.is_empty());
    let help = one.help.iter().map(|help| format!("help: {help}"));
    let key = one.key.iter().map(|key| format!("video {key}"));
    let lines = std::iter::once(one.message.clone()).chain(label.map(str::to_owned)).chain(help).chain(key);
    lines.map(|line| shown(&line)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, SourceFile};

    fn log(report: &Report, sources: &Sources, folder: &str) -> Value {
        serde_json::from_str(&diagnostics_sarif(report, sources, folder)).unwrap()
    }

    #[test]
    fn every_place_is_a_region_and_every_code_a_rule() {
        let mut sources = Sources::new();
        sources.add(SourceFile::new("ü b:1.yaml", "x", "👋: a\nb: 2\n"));
        let place = |start, end| Origin::new(FileId(0), start, end);
        let mut report = Report::new();
        report.push(
            Diagnostic::new(Code::UnknownField, "`a` is not known", place(6, 7))
                .label("did you mean `b`?")
                .help("look")
                .with_secondary(place(8, 9), "this")
                .row(Some(RowLocation { file: "data/p.csv".into(), line: 3 }))
                .key("k[1]"),
        );
        report.push(Diagnostic::without_location(Code::NoVideos, "none"));
        report.push(Diagnostic::in_file(Code::NotUtf8, "`x` is not", "x", 0));
        let log = log(&report, &sources, "sub/");
        let run = &log["runs"][0];
        let ids: Vec<&Value> =
            run["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|rule| &rule["id"]).collect();
        assert_eq!(ids, ["not-utf8", "unknown-field", "no-videos"]);
        for result in run["results"].as_array().unwrap() {
            let index = result["ruleIndex"].as_u64().unwrap() as usize;
            assert_eq!(*ids[index], result["ruleId"]);
        }
        let found = run["results"].as_array().unwrap().iter().find(|one| one["ruleId"] == "unknown-field").unwrap();
        assert_eq!(found["message"]["text"], "`a` is not known\ndid you mean `b`?\nhelp: look\nvideo k[1]");
        assert_eq!(
            found["locations"][0]["physicalLocation"],
            json!({
                "artifactLocation": { "uri": "sub/%C3%BC%20b%3A1.yaml" },
                "region": { "startLine": 1, "startColumn": 4, "endLine": 1, "endColumn": 5 },
            })
        );
        assert_eq!(found["relatedLocations"][0]["physicalLocation"]["region"]["startLine"], 2);
        assert_eq!(
            found["relatedLocations"][1],
            json!({
                "id": 1,
                "physicalLocation": { "artifactLocation": { "uri": "sub/data/p.csv" }, "region": { "startLine": 3 } },
                "message": { "text": "the row" },
            })
        );
        let whole = run["results"].as_array().unwrap().iter().find(|one| one["ruleId"] == "not-utf8").unwrap();
        assert_eq!(whole["locations"][0]["physicalLocation"], json!({ "artifactLocation": { "uri": "sub/x" } }));
    }

    #[test]
    fn many_equal_ones_are_one_with_a_count() {
        let mut sources = Sources::new();
        sources.add(SourceFile::new("a.yaml", "x", "a\n"));
        let mut report = Report::new();
        for row in 0..30 {
            report.push(Diagnostic::new(Code::RowKey, format!("row {row}"), Origin::new(FileId(0), 0, 1)));
        }
        let results = &log(&report, &sources, "")["runs"][0]["results"];
        assert_eq!((results.as_array().unwrap().len(), &results[0]["occurrenceCount"]), (1, &json!(30)));
    }

    #[test]
    fn no_signature_leaves() {
        let mut report = Report::new();
        report.push(
            Diagnostic::without_location(Code::BadUrl, "https://b.example/a?X-Amz-Signature=abcdef is bad")
                .help("sig=1"),
        );
        assert!(!diagnostics_sarif(&report, &Sources::new(), "").contains("abcdef"));
    }
}
