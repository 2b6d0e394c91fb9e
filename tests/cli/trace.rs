//! `-v` reports every decision: tests complete screens, and that `-v` changes nothing else.

use std::fs;
use std::process::Stdio;

use crate::doc_screens::similar_or_panic;
use crate::faults::TEN;
use crate::fixture::{Scene, repository};
use crate::server::Server;

/// Two videos that are sent one after the other, with settings that keep tests fast.
const TWO: &str = "callsheet: 1
defaults: { avatar: { id: A1 }, voice: { tts: { id: V1 } }, background: { color: \"#f4f4f4\" } }
videos:
  one: { script: The first. }
  two: { script: The second. }
environments:
  production: { rate: 0, concurrency: 1, settle_grace: 1s }
";

/// Fields whose values differ from run to run.
const VARYING: [&str; 11] = [
    "at",
    "take_at",
    "sent_at",
    "listed_at",
    "later_one_is_shown",
    "since",
    "wait",
    "task",
    "take_task",
    "video",
    "id",
];

/// Returns a screen without the parts that differ from run to run.
fn scrubbed(screen: &str) -> String {
    let line = |line: &str| {
        let words: Vec<String> = line.split(' ').map(word).collect();
        let mut line = words.join(" ");
        for head in ["as task ", "as video ", "is read again at "] {
            if let Some((kept, _)) = line.split_once(head) {
                line = format!("{kept}{head}…");
            }
        }
        line
    };
    screen.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

fn word(word: &str) -> String {
    match word.split_once('=') {
        Some((field, _)) if VARYING.contains(&field) => format!("{field}=…"),
        _ => word.to_owned(),
    }
}

/// Compares the output with the stored screen. `CALLSHEET_UPDATE=1` rewrites it.
fn is_kept(name: &str, said: &str) {
    let path = repository().join("tests/cli/screens").join(name);
    let now = scrubbed(said);
    if std::env::var_os("CALLSHEET_UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, now).unwrap();
    } else {
        similar_or_panic(name, &fs::read_to_string(path).unwrap_or_default(), &now);
    }
}

#[test]
fn an_apply_tells_how_a_lost_answer_was_found_again() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &["accept-then-drop:first=1"]);
    is_kept("apply-adopted", &server.ok(&scene, &["apply", "--yes", "-v"]).err);
    assert_eq!(server.accepted().len(), 2);
    is_kept("apply-nothing", &server.ok(&scene, &["apply", "--yes", "-v"]).err);
    is_kept("status", &server.ok(&scene, &["status", "-v"]).err);
}

#[test]
fn an_apply_tells_the_proof_by_which_a_take_is_freed() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &["drop-before-accept:first=1"]);
    is_kept("apply-freed", &server.ok(&scene, &["apply", "--yes", "-v"]).err);
    assert_eq!(server.accepted().len(), 2);
}

#[test]
fn an_apply_tells_waits_rates_and_refusals() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &["803@submit:first=1", "refuse:402:first=2"]);
    let said = server.exits(&scene, 6, &["apply", "--yes", "-v"]).err;
    for words in [
        "debug: answer http=200 code=803 rule=\"HTTP 429, or `code` 429 or 803: not accepted\" key=one attempt=1\n",
        "debug: slower: too many requests before=0ns now=125ms key=one attempt=1\n",
        "why=backoff tries=1\n",
        "rule=\"`code` or HTTP 400, 402, 403, 404, 422: refused\" key=",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
}

#[test]
fn what_programs_read_is_the_same_with_it() {
    let scene = Scene::new();
    for file in ["callsheet.yaml", "callsheet.lock"] {
        let text = fs::read_to_string(repository().join("tests/cases/trace/plan").join(file)).unwrap();
        scene.write(file, &text);
    }
    for args in [
        &["validate", "--format", "json"][..],
        &["validate", "--format", "sarif"],
        &["validate", "--format", "github"],
        &["render", "--format", "json"],
        &["render", "--format", "yaml"],
        &["plan", "--format", "json"],
        &["plan", "--format", "markdown"],
        &["plan", "--format", "github"],
        &["plan", "changed", "same", "--format", "json"],
        &["plan", "--env", "sandbox", "--format", "json"],
        &["lock", "show", "--format", "json"],
        &["lock", "report", "--format", "csv"],
        &["explain", "same", "--format", "json"],
        &["explain", "voices.narrator", "--format", "json"],
    ] {
        let (plain, told) = (scene.ok(args), scene.ok(&[args, &["-v"]].concat()));
        assert_eq!(plain.out, told.out, "{args:?}");
        let rest: String = told.err.split_inclusive('\n').filter(|line| !line.starts_with("debug: ")).collect();
        assert_eq!(plain.err, rest, "{args:?}: the rest is what is said without it");
        assert_ne!(rest, told.err, "{args:?}: nothing was told");
    }
}

#[test]
fn a_trace_that_nobody_reads_costs_no_answer() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    let args = ["apply", "--yes", "--format", "json", "-v"];
    let mut child = server.command(&scene, &args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(server.accepted().len(), 10);
    let lock = scene.read("callsheet.lock");
    assert_eq!((lock.matches("\"submitted\"").count(), lock.matches("\"intent\"").count()), (10, 0), "{lock}");
}
