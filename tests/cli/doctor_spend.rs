//! `doctor --spend`: pays for one second of silence, once and only on request, and reports what the vendor does with
//! it.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::faults::{TEN, keep};
use crate::fixture::{Scene, Shown};
use crate::schemas::valid_lines;
use crate::server::{KEY, Server};

const SPEND: [&str; 3] = ["doctor", "--spend", "--yes"];

/// Returns the observation among the events of a run.
fn measured(shown: &Shown) -> Option<Value> {
    valid_lines("events", &shown.out).into_iter().find(|event| event["event"] == "measured")
}

fn spend(server: &Server, scene: &Scene, code: i32, more: &[&str]) -> Shown {
    server.exits(scene, code, &[&SPEND[..], &["--format", "json"], more].concat())
}

#[test]
fn one_silent_second_is_submitted_and_a_second_only_on_demand() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    let told = server.ok(&scene, &SPEND);
    assert!(told.err.contains("+ callsheet.doctor  0:01, 0.1 credits"), "the price is shown: {}", told.err);
    let sent = &server.accepted()[..];
    let [one] = sent else { panic!("{sent:?}") };
    assert_eq!((one.part("voice[silence][duration]"), one.part("avatar[id]")), (Some("1"), Some("A1")));
    assert_eq!(one.name.chars().count(), 60, "{}", one.name);
    for secret in [KEY, &one.task, &one.video, &one.name] {
        assert!(!told.out.contains(secret), "{secret}: {}", told.out);
    }
    let again = server.ok(&scene, &SPEND);
    assert!(
        again.err.contains("nothing was sent; `callsheet doctor --spend --retake` submits another"),
        "{}",
        again.err
    );
    assert!(again.out.contains("list         shows it; since when is not known\n"), "{}", again.out);
    server.ok(&scene, &[&SPEND[..], &["--avatar", "B7"]].concat());
    assert_eq!(server.accepted().len(), 1, "another avatar is no reason to pay again");
    server.ok(&scene, &[&SPEND[..], &["--retake", "--avatar", "B7"]].concat());
    server.ok(&scene, &[&SPEND[..], &["--retake", "--avatar", "anna"]].concat());
    let avatars: Vec<String> = server.accepted().iter().map(|one| one.part("avatar[id]").unwrap().to_owned()).collect();
    assert_eq!(avatars, ["A1", "B7", "A1"]);
}

#[test]
fn the_take_that_is_left_disturbs_nothing() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &SPEND);
    let plan = server.ok(&scene, &["plan", "--format", "json"]);
    let plan: Value = serde_json::from_str(&plan.out).unwrap();
    assert_eq!((&plan["summary"]["submit"], &plan["summary"]["orphan"]), (&json!(10), &json!(1)));
    for args in [&["lock", "verify"][..], &["status"], &["apply", "--yes"], &["pull", "hello[*"], &["doctor"]] {
        server.ok(&scene, args);
    }
    assert_eq!(server.accepted().len(), 11);
    server.ok(&scene, &["lock", "forget", "callsheet.doctor"]);
    assert_eq!(server.ok(&scene, &["plan"]).out, "Plan: nothing to submit, 10 unchanged\n");
    server.ok(&scene, &SPEND);
    assert_eq!(server.accepted().len(), 11, "a take that is forgotten was paid all the same");
}

#[test]
fn nothing_is_sent_unasked() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    let told = server.exits(&scene, 1, &["doctor", "--spend"]);
    assert!(told.err.contains("`--yes`") && told.err.contains("nothing was sent"), "{}", told.err);
    server.exits(&scene, 5, &[&SPEND[..], &["--max-submissions", "0"]].concat());
    server.exits(&scene, 5, &[&SPEND[..], &["--max-credits", "0"]].concat());
    scene.edit("callsheet.yaml", "videos:", "guards: { max_submissions: 0 }\nvideos:");
    let told = server.exits(&scene, 5, &SPEND);
    assert!(told.err.contains("nothing was sent"), "{}", told.err);
    scene.write("callsheet.yaml", "callsheet: 1\nvideos: {}\n");
    let told = server.exits(&scene, 1, &SPEND);
    assert!(told.err.contains("name one with `--avatar ID`"), "{}", told.err);
    scene.write("callsheet.yaml", &TEN.replace("  hello:\n", "  callsheet.doctor:\n    script: Hi\n  hello:\n"));
    let told = server.exits(&scene, 1, &SPEND);
    assert!(told.err.contains("rename the video"), "{}", told.err);
    let template = "{ id: \"{{ vars.a }}\" }, b: { use: anna } }\nvars: { a: A1 }";
    scene.write("callsheet.yaml", &TEN.replace("{ id: A1 } }", template));
    let told = server.exits(&scene, 1, &[&SPEND[..], &["--avatar", "b"]].concat());
    assert!(told.err.contains("has no plain id"), "{}", told.err);
    assert_eq!(server.accepted().len(), 0);
}

#[test]
fn an_answer_that_is_lost_is_settled_and_never_paid_again() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &["accept-then-drop", "late-list:1h"]);
    let told = server.exits(&scene, 6, &SPEND);
    assert!(told.err.contains("callsheet lock free callsheet.doctor"), "{}", told.err);
    server.exits(&scene, 6, &[&SPEND[..], &["--retake"]].concat());
    assert_eq!(server.accepted().len(), 1, "what is in doubt is settled first");
    drop(server);
    let server = Server::start(&scene, &[]);
    let told = measured(&spend(&server, &scene, 0, &[])).unwrap();
    assert_eq!((&told["fresh"], &told["listed_after"]), (&json!(false), &Value::Null), "{told}");
    assert_eq!(server.accepted().len(), 1);
}

#[test]
fn ctrl_c_ends_the_observation_and_keeps_the_take() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &["late-list:1h"]);
    let mut child = server.command(&scene, &SPEND).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let observes = lines.by_ref().map(Result::unwrap).find(|line| line.starts_with("observing the list"));
    assert!(observes.is_some());
    let done = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(done.success());
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(130), "{rest:?}");
    assert!(scene.read("callsheet.lock").contains("\"state\":\"submitted\""));
    assert!(String::from_utf8(done.stdout).unwrap().contains("\nmarker       not known\n"));
}

#[test]
fn the_life_of_a_token_is_told_and_the_token_is_not() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &["token-life:300s"]);
    let mut command = server.command(&scene, &SPEND);
    command.env_remove("VIDNOZ_API_KEY").env("VIDNOZ_CLIENT_ID", "client-4711").env("VIDNOZ_CLIENT_SECRET", KEY);
    let told = crate::fixture::shown(&mut command);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.out.contains("\ntoken        lives 300 s\n"), "{}", told.out);
    assert!(!["sandbox-token-", "client-4711", KEY].iter().any(|secret| told.out.contains(secret)), "{}", told.out);
}

/// The marks around the table in the page.
const MARKS: (&str, &str) = ("<!-- doctor: made by tests/cli/doctor_spend.rs -->\n", "<!-- end of doctor -->\n");

/// Every `--fault` that changes an observation, with the exit code.
const FAULTS: &[(&str, i32)] = &[
    ("", 0),
    ("late-list:3s", 0),
    ("late-list:1h", 4),
    ("name-cut:14", 0),
    ("name-cut:50", 0),
    ("name-lower", 0),
    ("name-trim", 0),
    ("name-escape", 0),
    ("name-lower name-cut:14", 0),
    ("list-task-ids", 0),
    ("list-by-post", 0),
    ("duplicate-list", 0),
    ("clock-skew:-2h", 0),
    ("date-skew:+2h", 0),
    ("late-task:2s", 0),
    ("late-file:2s@detail", 0),
    ("late-file:1h", 4),
    ("other-numbers", 0),
    ("list-draft", 0),
    ("strange-url", 4),
    ("accept-then-drop", 0),
    ("list-error", 4),
];

#[test]
fn each_fault_that_bends_a_fact_is_seen() {
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some((faults, exit)) = FAULTS.get(at) else { break };
                    let row = row(faults, *exit);
                    rows.lock().unwrap().push((at, row));
                }
            });
        }
    });
    let mut rows = rows.into_inner().unwrap();
    rows.sort();
    let mut text = "| fault | list | name | marker | list's id | method | statuses of the list | of the task | clock | `settle_grace` of 4s | exit |\n|---|---|---|---|---|---|---|---|---|---|---|\n".to_owned();
    for (_, row) in &rows {
        writeln!(text, "{row}").unwrap();
    }
    keep(MARKS, &text);
}

fn row(faults: &str, exit: i32) -> String {
    let scene = Scene::manifest(&TEN.replace("settle_grace: 1s", "settle_grace: 4s"));
    let list: Vec<&str> = faults.split(' ').filter(|fault| !fault.is_empty()).collect();
    let server = Server::start(&scene, &list);
    let timeout = if exit == 4 { "3s" } else { "5m" };
    let told = spend(&server, &scene, exit, &["--timeout", timeout]);
    assert_eq!(server.accepted().len(), 1, "{faults}");
    let told = measured(&told).unwrap_or_else(|| panic!("{faults}: {}", told.out));
    let fact = |name: &str, words: [&str; 2]| match told[name].as_bool() {
        Some(known) => words[usize::from(known)].to_owned(),
        None => "not known".to_owned(),
    };
    let shows = match (told["list_statuses"].as_array().unwrap().is_empty(), told["not_listed_after"].is_null()) {
        (true, true) => "cannot be read",
        (true, false) => "never shows it",
        (false, true) => "shows it at the first look",
        (false, false) => "shows it late",
    };
    let name = match told["name_changes"].as_array() {
        None => "not known".to_owned(),
        Some(changes) if changes.is_empty() => "as submitted".to_owned(),
        Some(changes) => {
            let words: Vec<&str> = changes.iter().map(|change| change.as_str().unwrap()).collect();
            let cut = told["name_cut_at"].as_u64().map(|cut| format!(" at {cut}")).unwrap_or_default();
            words.join(", ") + &cut
        }
    };
    let statuses = |name: &str| {
        let seen = told[name].as_array().unwrap().iter().map(|one| {
            let file = if one["file"] == json!(true) { " with a file" } else { "" };
            format!("{}{file}", one["status"])
        });
        let seen = seen.collect::<Vec<_>>().join(", ");
        if seen.is_empty() { "not known".to_owned() } else { seen }
    };
    let clock = told["clock_ahead"].as_f64().map(|ahead| if ahead.abs() <= 60.0 { "agrees" } else { "differs" });
    let grace = told["settle_grace_needed"].as_str().map_or("enough".to_owned(), |longer| format!("set {longer}"));
    let grace = if told["listed_after"].is_null() { "not known".to_owned() } else { grace };
    let faults = if list.is_empty() { "none".to_owned() } else { format!("`{}`", list.join("` `")) };
    format!(
        "| {faults} | {shows} | {name} | {} | {} | {} | {} | {} | {} | {grace} | {exit} |",
        fact("marker_readable", ["lost", "intact"]),
        fact("list_id_is_task_id", ["its own", "the task id"]),
        told["list_method"].as_str().unwrap_or("not known"),
        statuses("list_statuses"),
        statuses("task_statuses"),
        clock.unwrap_or("not known"),
    )
}
