//! A report as SARIF 2.1.0, the format of findings that code hosts and editors read.

use std::collections::BTreeMap;

use serde::Serialize;

use super::diagnostics::{Entry, entries};
use super::region::Region;
use crate::diagnostic::{Code, Diagnostic, Label, Report, Severity};
use crate::source::{Origin, ROOT_MANIFEST, RowPlace, Sources, clean, clean_json};
use crate::vendor::redact_signatures;

/// The published URL of the format's schema.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    /// Columns count Unicode scalars. The default would be UTF-16.
    column_kind: &'static str,
    invocations: [Invocation; 1],
    results: Vec<Finding>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Message,
    help: Message,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    /// The run was completed. Errors in manifests are results, not a failure of the run.
    execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    /// Equal findings are one result with a count.
    #[serde(skip_serializing_if = "Option::is_none")]
    occurrence_count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Properties>,
}

#[derive(Serialize)]
struct Properties {
    /// The key of the video.
    key: String,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    #[serde(rename = "physicalLocation")]
    place: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<RegionV1>,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RegionV1 {
    start_line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u32>,
}

/// Returns the report as one SARIF log. `folder` is the path from the repository's root to the project, such as
/// `videos/`, or empty.
pub fn diagnostics_sarif(report: &Report, sources: &Sources, folder: &str) -> String {
    let writer = Writer { sources, folder };
    let entries = entries(report);
    let mut rules: BTreeMap<Code, usize> = entries.iter().map(|entry| (entry.first.code, 0)).collect();
    for (index, place) in rules.values_mut().enumerate() {
        *place = index;
    }
    let results = entries.iter().map(|entry| writer.finding(entry, rules[&entry.first.code])).collect();
    let cut = report.is_cut().then(|| Notification {
        level: "note",
        message: text("there are more messages than these: at most 10,000 errors and 10,000 warnings are kept"),
    });
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: "callsheet",
                semantic_version: env!("CARGO_PKG_VERSION"),
                rules: rules.keys().map(|code| rule(*code)).collect(),
            },
        },
        column_kind: "unicodeCodePoints",
        invocations: [Invocation {
            execution_successful: true,
            tool_execution_notifications: cut.into_iter().collect(),
        }],
        results,
    };
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run] };
    // The log contains only strings and numbers, so serialization cannot fail.
    let mut json = clean_json(serde_json::to_string_pretty(&log).unwrap_or_default());
    json.push('\n');
    json
}

fn rule(code: Code) -> Rule {
    let meaning = code.meaning();
    Rule {
        id: code.name(),
        short_description: text(meaning),
        help: text(&format!(
            "{meaning}; each result says where and what to do, and `callsheet validate` draws it over the line it is about"
        )),
        default_configuration: Configuration { level: level(code.severity()) },
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn text(words: &str) -> Message {
    Message { text: clean(&redact_signatures(words)).into_owned() }
}

/// Converts diagnostics, and knows the paths of a report's files.
struct Writer<'a> {
    sources: &'a Sources,
    folder: &'a str,
}

impl Writer<'_> {
    fn finding(&self, entry: &Entry<'_>, rule_index: usize) -> Finding {
        let one = entry.first;
        let main = one.primary.as_ref().map(|label| self.location(label.origin));
        let file = one.file.as_ref().map(|row| self.row(row));
        let mut related: Vec<Location> = one.secondary.iter().map(|label| self.related(label)).collect();
        related.extend(one.row.as_ref().map(|row| Location { message: Some(text("the row")), ..self.row(row) }));
        for (index, location) in related.iter_mut().enumerate() {
            location.id = Some(index);
        }
        Finding {
            rule_id: one.code.name(),
            rule_index,
            level: level(one.severity),
            message: Message { text: words(one) },
            // Code hosts drop a result without a location, so a result about the project is located at its manifest.
            locations: vec![
                main.or(file).unwrap_or_else(|| self.row(&RowPlace { file: ROOT_MANIFEST.into(), line: 1 })),
            ],
            related_locations: related,
            occurrence_count: (!entry.further.is_empty()).then(|| entry.further.len() + 1),
            properties: one.key.as_ref().map(|key| Properties { key: clean(key).into_owned() }),
        }
    }

    fn related(&self, label: &Label) -> Location {
        let message = (!label.text.is_empty()).then(|| text(&label.text));
        Location { message, ..self.location(label.origin) }
    }

    fn location(&self, origin: Origin) -> Location {
        let region = Region::of(origin, self.sources);
        self.placed(
            self.sources.get(origin.file).name(),
            Some(RegionV1 {
                start_line: region.line.into(),
                start_column: Some(region.column),
                end_line: Some(region.end_line),
                end_column: Some(region.end_column),
            }),
        )
    }

    /// Returns the location of a line in a data file, or of a complete file.
    fn row(&self, row: &RowPlace) -> Location {
        let region = RegionV1 { start_line: row.line, start_column: None, end_line: None, end_column: None };
        self.placed(&row.file, (row.line > 0).then_some(region))
    }

    fn placed(&self, file: &str, region: Option<RegionV1>) -> Location {
        let artifact_location = ArtifactLocation { uri: reference(&format!("{}{file}", self.folder)) };
        Location { id: None, place: PhysicalLocation { artifact_location, region }, message: None }
    }
}

/// Returns the message, the label and the help.
fn words(one: &Diagnostic) -> String {
    let label = one.primary.iter().map(|label| label.text.as_str()).filter(|words| !words.is_empty());
    let help = one.help.iter().map(|help| format!("help: {help}"));
    let key = one.key.iter().map(|key| format!("video {key}"));
    let lines = std::iter::once(one.message.clone()).chain(label.map(str::to_owned)).chain(help).chain(key);
    lines.map(|line| text(&line).text).collect::<Vec<_>>().join("\n")
}

/// Returns a relative URI reference. Everything except letters, digits, `-._~` and `/` is percent-encoded. That
/// includes the colon, because the text before it would be a scheme.
fn reference(path: &str) -> String {
    use std::fmt::Write as _;
    path.bytes().fold(String::with_capacity(path.len()), |mut made, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            made.push(char::from(byte));
        } else {
            let _infallible = write!(made, "%{byte:02X}");
        }
        made
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

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
                .also(place(8, 9), "this")
                .row(Some(RowPlace { file: "data/p.csv".into(), line: 3 }))
                .key("k[1]"),
        );
        report.push(Diagnostic::bare(Code::NoVideos, "none"));
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
        report.push(Diagnostic::bare(Code::BadUrl, "https://b.example/a?X-Amz-Signature=abcdef is bad").help("sig=1"));
        assert!(!diagnostics_sarif(&report, &Sources::new(), "").contains("abcdef"));
    }
}
