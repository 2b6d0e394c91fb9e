//! The vendor as it really is: both readings of statuses, files and tasks that appear late, clocks that are off.

use std::fmt::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::fixture::Scene;
use crate::results::{TWO, all_good, saved};
use crate::schemas::valid_lines;
use crate::server::Server;

/// If a limit of one second does not cover the pauses, the run ends minutes later, long after this timeout.
const WATCHDOG: Duration = Duration::from_mins(1);

/// Words of advice to pay again.
const ADVICE: [&str; 4] = ["take costs", "raise", "new take", "missing"];

#[test]
fn whatever_the_vendor_says_meanwhile_each_apply_ends_with_the_right_files() {
    let faults: &[&[&str]] = &[
        &["other-numbers"],
        &["late-file:8s"],
        &["late-file:4s@detail", "other-numbers"],
        &["late-file:4s@list"],
        &["late-task:3s"],
        &["late-task:3s", "late-list:3s"],
        &["list-draft", "other-numbers"],
        &["strange-url@detail"],
        &["strange-url@list", "list-draft"],
        &["http:400@result:first=1"],
        &["gzip"],
        &["date-skew:+3h"],
        &["clock-skew:-14h"],
    ];
    std::thread::scope(|scope| {
        for faults in faults {
            scope.spawn(move || {
                let scene =
                    Scene::manifest(&TWO.replace(" of some length, so that it can be cut in the middle of it", ""));
                let server = Server::start(&scene, faults);
                let mut shown = String::new();
                for args in [&["apply", "--yes", "--wait"][..], &["status"], &["pull", "--wait"]] {
                    let done = server.ok(&scene, args);
                    write!(shown, "{args:?}\n{}{}", done.out, done.err).unwrap();
                }
                for words in ADVICE {
                    assert!(!shown.contains(words), "{faults:?}: {words}\n{shown}");
                }
                assert_eq!(saved(&scene.path().join("dist")).len(), 2, "{faults:?}\n{shown}");
                all_good(&scene.path().join("dist"), &scene.read("callsheet.lock"));
                assert_eq!(server.accepted().len(), 2, "{faults:?}");
            });
        }
    });
}

#[test]
fn an_address_of_a_strange_kind_is_none_and_the_video_still_awaited() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &["strange-url"]);
    let done = server.exits(&scene, 4, &["apply", "--yes", "--wait", "--timeout", "2s"]);
    assert!(done.out.contains("Waited: 2 not rendered yet\n"), "{}", done.out);
    let status = server.ok(&scene, &["status"]);
    assert!(
        status.out.contains("rendering     0:06  the vendor reports it as done, but names no file yet"),
        "{}",
        status.out
    );
    assert!(server.exits(&scene, 4, &["pull"]).out.starts_with("Pulled: 2 not rendered yet"));
}

#[test]
fn a_failure_is_told_with_the_vendors_message_in_both_readings() {
    for faults in [&[][..], &["other-numbers"]] {
        let scene = Scene::manifest(&TWO.replace("Hello {{", "[[fail]] Hello {{"));
        let server = Server::start(&scene, faults);
        let done = server.exits(&scene, 6, &["apply", "--yes", "--wait"]);
        assert!(done.err.contains("failed hello[en]: the script holds [[fail]]"), "{faults:?}: {}", done.err);
        let status = server.ok(&scene, &["status"]);
        assert!(status.out.contains("failed           the script holds [[fail]]"), "{faults:?}: {}", status.out);
    }
}

#[test]
fn a_missing_take_does_not_end_the_waiting_for_the_others() {
    let scene = Scene::manifest(TWO);
    let server = Server::with(&scene, &["--render", "3000"]);
    server.ok(&scene, &["apply", "--yes"]);
    // A take that the vendor has never received, sent an hour ago.
    let lock = scene.read("callsheet.lock");
    let mut lines: Vec<Value> = lock.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let hour = jiff::SignedDuration::from_hours(1);
    let sent: jiff::Timestamp = lines[1]["at"].as_str().unwrap().parse().unwrap();
    (lines[1]["task"], lines[1]["at"]) = ("T-unknown".into(), (sent - hour).to_string().into());
    lines[1]["digest"] = format!("v1:{}", "0".repeat(32)).into();
    let key = lines[1]["key"].as_str().unwrap().to_owned();
    scene.write("callsheet.lock", &lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n"));
    scene.edit("callsheet.yaml", "[en, de]", if key == "hello[de]" { "[en]" } else { "[de]" });
    let events = server.ok(&scene, &["wait", "--format", "json"]).out;
    let events = valid_lines("events", &events);
    let states: Vec<(&str, &str)> = events
        .iter()
        .filter(|event| event["event"] == "state")
        .map(|event| (event["key"].as_str().unwrap(), event["state"].as_str().unwrap()))
        .collect();
    assert!(states.contains(&(&key, "missing")), "{states:?}");
    assert_eq!(states.last().map(|(one, state)| (*state, *one == key)), Some(("done", false)), "{states:?}");
    let status = server.ok(&scene, &["status"]);
    assert!(status.out.contains("missing"), "{}", status.out);
}

#[test]
fn clocks_that_differ_are_warned_of_once() {
    let scene = Scene::manifest(TWO);
    let server = Server::with(&scene, &["--render", "1500", "--fault", "date-skew:+2h"]);
    let warning = "warning: the vendor's clock is 2 h ahead of this machine's";
    let applied = server.ok(&scene, &["apply", "--yes"]);
    assert_eq!(applied.err.matches(warning).count(), 1, "{}", applied.err);
    let status: Value = serde_json::from_str(&server.ok(&scene, &["status", "--format", "json"]).out).unwrap();
    let warnings = status["warnings"].as_array().unwrap();
    assert!(
        warnings.iter().any(|one| one.as_str().unwrap().starts_with("the vendor's clock is 2 h ahead")),
        "{warnings:?}"
    );
    let told = server.ok(&scene, &["wait", "-v"]).err;
    assert_eq!(told.matches(warning).count(), 1, "{told}");
    assert!(told.contains("the vendor's clock against ours offset_seconds=7"), "{told}");
    scene.edit("callsheet.yaml", "Hello", "Hi");
    let both = server.ok(&scene, &["apply", "--yes", "--wait"]);
    assert_eq!(both.err.matches(warning).count(), 1, "{}", both.err);
    drop(server);
    let server = Server::with(&scene, &["--fault", "date-skew:-30s"]);
    scene.edit("callsheet.yaml", "Hi", "Hey");
    assert!(!server.ok(&scene, &["apply", "--yes", "--wait"]).err.contains("clock"));
}

#[test]
fn a_time_limit_reaches_into_the_pauses_of_a_download() {
    let scene = Scene::manifest(TWO);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["apply", "--yes"]);
    drop(server);
    let server = Server::start(&scene, &["429:1h@result"]);
    // The requested pause, capped at a minute, would end after the limit, however early the server requests it.
    let late = server.exits(&scene, 6, &["pull", "--wait", "--timeout", "60s"]);
    let why = "`127.0.0.1` answered HTTP 429; the time ran out before the next try";
    assert!(late.err.contains(why), "{}", late.err);
}

#[test]
fn a_time_limit_ends_a_dead_poll_endless_803_and_a_long_retry_after() {
    let faults = ["803@detail", "429:1h@detail", "slow:1h@detail", "drop-before-accept@detail"];
    std::thread::scope(|scope| {
        for fault in faults {
            scope.spawn(move || {
                let scene = Scene::manifest(&TWO.replace("timeout: 3s", "timeout: 10m"));
                let server = Server::start(&scene, &[fault]);
                server.ok(&scene, &["apply", "--yes"]);
                let mut wait = server.command(&scene, &["wait", "--timeout", "1s"]);
                let mut wait = wait.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
                let began = Instant::now();
                while wait.try_wait().unwrap().is_none() {
                    if began.elapsed() > WATCHDOG {
                        wait.kill().unwrap();
                        panic!("{fault}: the limit does not hold");
                    }
                    std::thread::sleep(Duration::from_millis(50));
                }
                let done = wait.wait_with_output().unwrap();
                let out = String::from_utf8(done.stdout).unwrap();
                assert_eq!(done.status.code(), Some(4), "{fault}: {out}");
                assert!(out.contains("Waited: 2 not rendered yet\n"), "{fault}: {out}");
            });
        }
    });
}
