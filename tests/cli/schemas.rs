//! The published schemas equal the binary's output, and the binary's documents conform to them.

use std::fs;

use serde_json::Value;

use crate::fixture::{Scene, repository};
use crate::server::Server;

fn schema(name: &str) -> jsonschema::Validator {
    let text = Scene::new().ok(&["schema", name]).out;
    jsonschema::validator_for(&serde_json::from_str::<Value>(&text).unwrap()).unwrap()
}

/// Checks that every line is JSON and conforms to the schema.
pub fn valid_lines(name: &str, text: &str) -> Vec<Value> {
    let validator = schema(name);
    let lines = text.lines().map(|line| {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let faults: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?}: {line}");
        value
    });
    lines.collect()
}

/// Shortens all waits, so that the tests are fast.
fn quick(scene: &Scene) {
    let quick = "callsheet: 1\nenvironments: { production: { rate: 0, settle_grace: 3s } }";
    scene.edit("callsheet.yaml", "callsheet: 1", quick);
}

#[test]
fn the_published_schemas_are_what_the_binary_prints() {
    for (name, file) in [
        ("manifest", "callsheet.schema.json"),
        ("lock", "lock.schema.json"),
        ("plan", "plan.schema.json"),
        ("status", "status.schema.json"),
        ("report", "report.schema.json"),
        ("preset", "preset.schema.json"),
        ("events", "events.schema.json"),
        ("diagnostics", "diagnostics.schema.json"),
        ("render", "render.schema.json"),
        ("explain", "explain.schema.json"),
        ("preview", "preview.schema.json"),
        ("takes", "takes.schema.json"),
        ("findings", "findings.schema.json"),
        ("catalog", "catalog.schema.json"),
        ("catalog-sync", "catalog-sync.schema.json"),
        ("doctor", "doctor.schema.json"),
    ] {
        let printed = Scene::new().ok(&["schema", name]).out;
        let path = repository().join("schema").join(file);
        if std::env::var_os("CALLSHEET_UPDATE").is_some() {
            fs::write(&path, &printed).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == printed, "schema/{file} is not current; CALLSHEET_UPDATE=1 rewrites it, read the difference");
    }
}

#[test]
fn lock_lines_and_plans_keep_to_their_schemas() {
    let scene = Scene::example("localized");
    quick(&scene);
    let server = Server::start(&scene, &["accept-then-drop:first=1", "refuse:402:first=1", "late-list:1h"]);
    server.exits(&scene, 6, &["apply", "--yes", "--limit", "3"]);
    let lines = valid_lines("lock", &scene.read("callsheet.lock"));
    let states: Vec<&str> = lines.iter().filter_map(|line| line["state"].as_str()).collect();
    assert!(["intent", "freed", "submitted"].iter().all(|state| states.contains(state)), "{states:?}");
    assert!(!schema("lock").is_valid(&serde_json::json!({ "key": "a" })));

    scene.edit("voices.yaml", "Vm9pY2VEZQ== }", "Vm9pY2VEZQ==, speed: 0.9 }");
    for args in [&["plan", "--format", "json"][..], &["plan", "--format", "json", "--max-submissions", "0"]] {
        let plan: Value = serde_json::from_str(&server.ok(&scene, args).out).unwrap();
        let faults: Vec<String> = schema("plan").iter_errors(&plan).map(|error| error.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?}");
    }
}

#[test]
fn every_event_of_an_apply_keeps_to_the_schema_and_the_last_is_the_summary() {
    let scene = Scene::example("localized");
    let server = Server::start(&scene, &["accept-then-drop:first=1", "803@submit:first=1", "refuse:422:first=2"]);
    quick(&scene);
    let told = |code, args: &[&str]| {
        let shown = server.exits(&scene, code, args);
        let events = valid_lines("events", &shown.out);
        let last = events.last().unwrap().clone();
        assert_eq!((last["event"].as_str(), last["exit_code"].as_i64()), (Some("summary"), Some(i64::from(code))));
        let words: Vec<String> = events.iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect();
        assert_eq!(words.iter().filter(|word| *word == "summary").count(), 1, "{words:?}");
        (words, last)
    };
    let json = ["apply", "--yes", "--format", "json"];
    let (words, _) = told(5, &[&json[..], &["--max-submissions", "0"]].concat());
    assert_eq!(words, ["plan", "error", "summary"]);
    let (words, last) = told(6, &json);
    for word in ["plan", "submitting", "submitted", "in-doubt", "waiting", "refused", "settling", "adopted"] {
        assert!(words.iter().any(|known| known == word), "{word}: {words:?}");
    }
    assert_eq!((&last["submitted"], &last["adopted"], &last["refused"]), (&6.into(), &1.into(), &1.into()), "{last}");
    assert!(last["credits"].as_f64().unwrap() > 0.0);
    let (words, _) = told(1, &["apply", "--format", "json"]);
    assert_eq!(words, ["plan", "error", "summary"], "nobody is there to answer");
    let (words, last) = told(0, &[&json[..], &["--no-check-remote"]].concat());
    assert!(words.iter().any(|word| word == "warning"), "{words:?}");
    assert_eq!((&last["submitted"], &last["unchanged"]), (&1.into(), &7.into()));
    let (words, _) = told(0, &json);
    assert_eq!(words, ["summary"], "nothing to do");
    scene.write("callsheet.yaml", "callsheet: 2\n");
    let (words, _) = told(1, &json);
    assert_eq!(words, ["error", "summary"]);
}

#[test]
fn a_schema_is_written_where_it_is_not_current() {
    let scene = Scene::example("quickstart");
    let told = scene.ok(&["schema", "--write"]);
    assert_eq!((told.out.as_str(), told.err.as_str()), ("", "`.callsheet/schema.json` is written\n"));
    assert_eq!(scene.read(".callsheet/schema.json"), scene.ok(&["schema"]).out);
    assert_eq!(scene.ok(&["schema", "--write"]).err, "");
    assert_eq!(scene.ok(&["schema", "plan", "--out", "sub/plan.json"]).err, "`sub/plan.json` is written\n");
    assert_eq!(scene.ok(&["schema", "plan", "--out", "sub/plan.json"]).err, "");
    assert_eq!(scene.run(&["schema", "plan", "--write"]).code, 64);
}
