//! Terminals, pipes and signals: the question, a reader that disconnects, Ctrl-C.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::faults::TEN;
use crate::fixture::{Scene, Shown, quoted, shown};
use crate::server::{KEY, Server};

/// Runs the binary on a separate terminal, made by `script` of util-linux, and types `typed`.
fn on_a_terminal(scene: &Scene, server: &Server, args: &str, typed: &str) -> Shown {
    let line = format!("{} {args}", quoted(env!("CARGO_BIN_EXE_callsheet")));
    let log = scene.path().join("typescript");
    let typing = format!("printf {} | script -qec {} {}", quoted(typed), quoted(&line), quoted(log.to_str().unwrap()));
    let mut shell = Command::new("sh");
    shell.args(["-c", &typing]).current_dir(scene.path()).env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
    shown(shell.env("CALLSHEET_BASE_URL", &server.url).env("VIDNOZ_API_KEY", KEY).env("TERM", "dumb"))
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests must know what was left out")]
fn has_script() -> bool {
    let found = Path::new("/usr/bin/script").exists() && cfg!(target_os = "linux");
    if !found {
        eprintln!("skipped: util-linux's `script` is not here, so there is no terminal to ask on");
    }
    found
}

#[test]
fn only_yes_is_taken_as_yes() {
    if !has_script() {
        return;
    }
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    for typed in ["no\\n", "y\\n", "YES\\n", "\\n", "\\004"] {
        let shown = on_a_terminal(&scene, &server, "apply", typed);
        assert_eq!(shown.code, 1, "{typed}: {}", shown.out);
        assert!(shown.out.contains("not applied; nothing was sent"), "{typed}: {}", shown.out);
    }
    assert_eq!(server.accepted().len(), 0);
    let shown = on_a_terminal(&scene, &server, "apply --quiet", "yes\\n");
    assert_eq!(shown.code, 0, "{}", shown.out);
    assert!(shown.out.contains("Plan: 10 to submit"), "what is agreed to is shown even when quiet: {}", shown.out);
    assert_eq!(server.accepted().len(), 10);
}

#[test]
fn a_terminal_that_cannot_draw_over_itself_gets_every_line() {
    if !has_script() {
        return;
    }
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &["refuse:402:first=2"]);
    // `TERM=dumb` draws no progress bar, and lines above a bar that is not drawn would be lost.
    let shown = on_a_terminal(&scene, &server, "apply", "yes\\n");
    assert_eq!(shown.code, 6, "{}", shown.out);
    assert!(shown.out.contains("Submit to 127.0.0.1 (production)?"), "{}", shown.out);
    // The first line follows the question, because the terminal does not echo the typed newline here.
    let lines = |word: &str| shown.out.matches(word).count();
    assert_eq!((lines("submitted hello"), lines("refused hello")), (8, 2), "{}", shown.out);
    let shown = on_a_terminal(&scene, &server, "apply", "yes\\n");
    assert_eq!(shown.code, 0, "{}", shown.out);
    let next = "`callsheet pull --wait` saves finished videos; the vendor keeps them for 7 days";
    assert!(shown.out.contains(next), "{}", shown.out);
}

#[test]
fn a_reader_that_goes_away_ends_a_plan_quietly() {
    let scene = Scene::example("personalized");
    let mut command = scene.command(&["plan", "--env", "sandbox", "--format", "json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}

#[test]
fn a_reader_that_goes_away_costs_no_answer() {
    for (args, code) in [(&["apply", "--yes"][..], 0), (&["apply", "--yes", "--format", "json"], 1)] {
        let scene = Scene::manifest(TEN);
        let server = Server::start(&scene, &[]);
        let mut child = server.command(&scene, args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{args:?}");
        let known = if code == 0 { 10 } else { 0 };
        assert_eq!(server.accepted().len(), known, "{args:?}: before the first event nothing is spent");
        if known > 0 {
            server.ok(&scene, &["plan", "--detailed-exitcode"]);
        }
    }
}

#[test]
fn the_first_signal_awaits_what_is_under_way_and_the_next_apply_goes_on() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &["slow-after-accept:700ms"]);
    let mut command = server.command(&scene, &["apply", "--yes", "--format", "json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut events = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(events.any(|line| line.contains("\"submitting\"")));
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let rest: Vec<String> = events.collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("\"stopping\"")), "{rest:?}");
    let last = rest.last().unwrap();
    assert!(last.contains("\"summary\"") && last.contains("\"interrupted\":true"), "{last}");
    assert!(last.contains("\"in_doubt\":0") && last.contains("\"exit_code\":130"), "{last}");
    let sent = server.accepted().len();
    assert!((1..10).contains(&sent), "{sent}");
    let lock = scene.read("callsheet.lock");
    assert_eq!((lock.matches("\"submitted\"").count(), lock.matches("\"intent\"").count()), (sent, 0), "{lock}");
    drop(server);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["apply", "--yes"]);
    assert_eq!(server.accepted().len(), 10);
}
