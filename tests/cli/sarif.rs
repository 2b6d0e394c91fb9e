//! SARIF output, checked against the official schema if available, and against the further requirements of code hosts.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::fixture::{Scene, copy, repository};

/// The path of the official schema. `.ci/run` downloads it from a package registry.
const SCHEMA: &str = "CALLSHEET_SARIF_SCHEMA";

/// Returns every case of the repository that has messages, with its log.
fn logs() -> Vec<(String, Value)> {
    let mut logs = Vec::new();
    for stage in folders(&repository().join("tests/cases")) {
        for case in folders(&stage) {
            if !case.join("callsheet.yaml").exists() || case.join("setup").exists() {
                continue;
            }
            let scene = Scene::new();
            copy(&case, scene.path());
            let shown = scene.run(&["validate", "--format", "sarif"]);
            let name = case.file_name().unwrap().to_string_lossy().into_owned();
            assert!(matches!(shown.code, 0 | 1), "{name}: {}", shown.err);
            logs.push((name, serde_json::from_str(&shown.out).unwrap()));
        }
    }
    assert!(logs.len() > 100, "{}", logs.len());
    logs
}

fn folders(path: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir()).collect()
}

#[test]
fn every_log_is_sarif() {
    let schema = std::env::var_os(SCHEMA).map(|path| {
        let mut schema: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        // The published pattern is not a valid regular expression. We write no languages.
        for part in ["run", "toolComponent"] {
            schema["definitions"][part]["properties"]["language"].as_object_mut().unwrap().remove("pattern");
        }
        jsonschema::validator_for(&schema).unwrap()
    });
    if schema.is_none() {
        println!("{SCHEMA} is not set: the official schema is not asked");
    }
    for (name, log) in logs() {
        if let Some(schema) = &schema {
            let faults: Vec<String> = schema.iter_errors(&log).map(|error| error.to_string()).collect();
            assert!(faults.is_empty(), "{name}: {faults:#?}");
        }
        assert_eq!((&log["version"], log["runs"].as_array().map(Vec::len)), (&"2.1.0".into(), Some(1)), "{name}");
        let run = &log["runs"][0];
        assert_eq!(run["columnKind"], "unicodeCodePoints");
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        for result in run["results"].as_array().unwrap() {
            let rule = &rules[result["ruleIndex"].as_u64().unwrap() as usize];
            assert_eq!(rule["id"], result["ruleId"], "{name}");
            // A text of invisible characters only is an error. Next to other characters, they are a warning. A field
            // that scenes lack is an error in a scene, and a warning in a preset.
            if !["invisible-text", "not-in-scene"].contains(&rule["id"].as_str().unwrap()) {
                assert_eq!(rule["defaultConfiguration"]["level"], result["level"], "{name}");
            }
            assert!(!rule["help"]["text"].as_str().unwrap().is_empty());
            assert!(!result["locations"].as_array().unwrap().is_empty(), "{name}: {result}");
            for place in places(result) {
                check_place(&name, place);
            }
        }
    }
}

fn places(result: &Value) -> impl Iterator<Item = &Value> {
    let lists = [&result["locations"], &result["relatedLocations"]];
    lists.into_iter().filter_map(Value::as_array).flatten().map(|location| &location["physicalLocation"])
}

/// Code hosts drop a file whose path is not relative, and a region that ends before it begins.
fn check_place(name: &str, place: &Value) {
    let uri = place["artifactLocation"]["uri"].as_str().unwrap();
    let plain = uri.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte));
    assert!(plain && !uri.starts_with('/') && !uri.split('/').any(|part| part == ".."), "{name}: {uri}");
    let region = &place["region"];
    if region.is_null() {
        return;
    }
    let number = |field: &str| region[field].as_u64();
    let line = number("startLine").unwrap();
    assert!(line >= 1, "{name}: {region}");
    if let Some(column) = number("startColumn") {
        let (end_line, end_column) = (number("endLine").unwrap(), number("endColumn").unwrap());
        assert!(column >= 1 && (end_line, end_column) >= (line, column), "{name}: {region}");
    }
}

#[test]
fn a_region_is_what_the_text_says() {
    let scene = Scene::manifest("callsheet: 1\nvideos:\n  a: { name: \"👋\", scirpt: x }\n");
    let log: Value = serde_json::from_str(&scene.run(&["validate", "--format", "sarif"]).out).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let found = results.iter().find(|one| one["ruleId"] == "unknown-field").unwrap();
    let region = &found["locations"][0]["physicalLocation"]["region"];
    let text = scene.read("callsheet.yaml");
    let line = text.lines().nth(region["startLine"].as_u64().unwrap() as usize - 1).unwrap();
    let (from, to) = (region["startColumn"].as_u64().unwrap() as usize, region["endColumn"].as_u64().unwrap() as usize);
    assert_eq!(line.chars().skip(from - 1).take(to - from).collect::<String>(), "scirpt");
}
