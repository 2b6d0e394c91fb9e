//! `--json-into`: the JSON of a plan or an apply in a file, in addition to the output for humans.

use serde_json::Value;

use crate::faults::TEN;
use crate::fixture::Scene;
use crate::server::Server;

fn events(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// The kinds of events in alphabetical order, since submissions end in any order.
fn kinds(text: &str) -> Vec<String> {
    let mut kinds: Vec<_> = events(text).iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect();
    kinds.sort();
    kinds
}

#[test]
fn a_plan_is_written_for_people_and_programs_in_one_run() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    let alone = server.ok(&scene, &["plan", "--format", "json"]).out;
    for format in ["human", "markdown", "json"] {
        let plain = server.ok(&scene, &["plan", "--format", format]);
        let both = server.ok(&scene, &["plan", "--format", format, "--json-into", "plan.json"]);
        assert_eq!((&plain.out, &plain.err), (&both.out, &both.err), "{format}");
        assert_eq!(scene.read("plan.json"), alone, "{format}");
    }
    server.exits(&scene, 2, &["plan", "--detailed-exitcode", "--quiet", "--json-into", "plan.json"]);
    let stdout = server.ok(&scene, &["plan", "--json-into", "/dev/stdout"]).out;
    assert!(stdout.starts_with(&alone) && stdout.len() > alone.len(), "{stdout}");
}

#[test]
fn an_apply_writes_the_events_that_its_json_format_has() {
    let (one, other) = (Scene::manifest(TEN), Scene::manifest(TEN));
    let refuse = ["refuse:402:first=2"];
    let (piped, filed) = (Server::start(&one, &refuse), Server::start(&other, &refuse));
    let stdout = piped.exits(&one, 6, &["apply", "--yes", "--wait", "--format", "json"]).out;
    let shown = filed.exits(&other, 6, &["apply", "--yes", "--wait", "--json-into", "events.jsonl"]);
    assert!(shown.out.starts_with("Applied: 8 submitted, 2 refused"), "{}", shown.out);
    assert!(shown.err.contains("submitted hello[") && shown.err.contains("refused hello["), "{}", shown.err);
    let file = other.read("events.jsonl");
    assert_eq!(kinds(&file), kinds(&stdout));
    let last = events(&file).pop().unwrap();
    assert_eq!(last["event"], "summary");
    assert_eq!((&last["submitted"], &last["refused"], &last["exit_code"]), (&8.into(), &2.into(), &6.into()));
    // Both formats at the same time, over a longer file of an earlier run.
    let both = filed.ok(&other, &["apply", "--yes", "--format", "json", "--json-into", "events.jsonl"]);
    assert_eq!(both.out, other.read("events.jsonl"));
    other.edit("callsheet.yaml", "script:", "skript:");
    let failed = filed.exits(&other, 1, &["apply", "--yes", "--json-into", "events.jsonl"]);
    assert!(failed.err.contains("did you mean `script`?"), "{}", failed.err);
    assert_eq!(kinds(&other.read("events.jsonl")), ["error", "summary"]);
}

#[test]
fn a_file_that_cannot_be_meant_or_written_is_reported_before_anything_is_sent() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["plan", "--out", "saved.plan"]);
    let saved = scene.read("saved.plan");
    for (code, file, says) in [
        (64, "callsheet.lock", "`callsheet.lock` is named like a lockfile or manifest; nothing was sent"),
        (64, "callsheet.yaml", "is named like a lockfile or manifest"),
        (64, "saved.plan", "would overwrite the saved plan `saved.plan`; nothing was sent"),
        (1, "none/events.jsonl", "cannot write `none/events.jsonl`: "),
    ] {
        let refused = server.exits(&scene, code, &["apply", "--yes", "--json-into", file]);
        assert!(refused.err.contains(says), "{file}: {}", refused.err);
    }
    let refused = server.exits(&scene, 64, &["apply", "--yes", "saved.plan", "--json-into", "./saved.plan"]);
    assert!(refused.err.contains("would overwrite the saved plan"), "{}", refused.err);
    let refused = server.exits(&scene, 64, &["plan", "--out", "both.json", "--json-into", "both.json"]);
    assert!(refused.err.contains("both name `both.json`; name two files"), "{}", refused.err);
    let refused = server.exits(&scene, 1, &["plan", "--json-into", "none/plan.json"]);
    assert!(refused.err.contains("cannot write"), "{}", refused.err);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("callsheet.yaml", scene.path().join("linked.json")).unwrap();
        for command in ["plan", "apply"] {
            let refused = server.exits(&scene, 1, &[command, "--json-into", "linked.json"]);
            assert!(refused.err.contains("symbolic link"), "{}", refused.err);
        }
    }
    assert_eq!((scene.read("callsheet.yaml").as_str(), scene.read("saved.plan")), (TEN, saved));
    assert_eq!(server.accepted().len(), 0);
}

/// A full disk must neither stop an apply that pays nor pass for a success.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_the_file_and_not_the_apply() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    let done = server.exits(&scene, 1, &["apply", "--yes", "--json-into", "/dev/full"]);
    assert!(done.out.starts_with("Applied: 10 submitted"), "{}", done.out);
    assert!(done.err.contains("error: `/dev/full` is incomplete: "), "{}", done.err);
    assert_eq!(server.accepted().len(), 10);
    assert!(server.ok(&scene, &["apply", "--yes"]).out.starts_with("Applied: nothing to do, 10 unchanged"));
}
