//! Each `lock` command in its story.

use std::fs;
use std::process::Stdio;

use crate::faults::TEN;
use crate::scene::Scene;
use crate::schemas::valid_lines;
use crate::server::Server;

const YES: [&str; 2] = ["apply", "--yes"];

#[test]
fn show_lists_takes_for_people_and_programs() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    let none = server.ok(&scene, &["lock", "show"]);
    assert_eq!((none.out.as_str(), none.err.as_str()), ("", "no takes in the lockfile of `production`\n"));
    server.ok(&scene, &YES);
    let shown = server.ok(&scene, &["lock", "show", "hello[de,*"]).out;
    let rows: Vec<Vec<&str>> = shown.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows.iter().map(|row| row[0]).collect::<Vec<_>>(), ["hello[de,free]", "hello[de,pro]"]);
    assert!(rows.iter().all(|row| row[1] == "submitted" && row[2].starts_with("v1:")), "{shown}");
    let json = server.ok(&scene, &["lock", "show", "--format", "json", "hello[de,pro]"]).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let tasks: Vec<String> = server.accepted().into_iter().map(|one| one.task).collect();
    assert!(tasks.iter().any(|task| json["takes"][0]["task"] == task.as_str()), "{json}");
    let missing = server.exits(&scene, 1, &["lock", "show", "hello[dee,pro]"]);
    assert!(missing.err.contains("did you mean `hello[de,pro]`?"), "{}", missing.err);
}

#[test]
fn verify_is_quiet_in_order_and_loud_otherwise() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &["accept-then-drop:first=1", "late-list:1h"]);
    assert_eq!(server.ok(&scene, &["lock", "verify"]).err, "callsheet.lock: there is none yet\n");
    server.exits(&scene, 6, &YES);
    let doubt = server.ok(&scene, &["lock", "verify"]);
    assert!(doubt.err.contains("warning[in-doubt]: callsheet.lock:"), "{}", doubt.err);
    let lock = scene.read("callsheet.lock");
    // A digest that is not its spec's: somebody edited the file.
    scene.edit("callsheet.lock", "Hello it, pro", "Hello it, free and pro");
    let edited = server.exits(&scene, 1, &["lock", "verify"]);
    assert!(edited.err.contains("error[spec-digest]"), "{}", edited.err);
    scene.write("callsheet.lock", &lock.replace("{\"key\"", "{\"kex\""));
    let broken = server.exits(&scene, 1, &["lock", "verify"]);
    assert!(broken.err.contains("error[refused]: callsheet.lock:2"), "{}", broken.err);
    let refused = server.exits(&scene, 1, &YES);
    assert!(refused.err.contains("callsheet.lock:2"), "{}", refused.err);
    assert_eq!(server.accepted().len(), 10, "a lockfile that cannot be read stops every apply");
}

#[test]
fn a_torn_last_line_counts_as_in_doubt_and_is_settled() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &YES);
    let lock = scene.read("callsheet.lock");
    // As a crash leaves it: the answer to the last submission is half written.
    let cut = lock.trim_end().len() - 60;
    scene.write("callsheet.lock", &lock[..cut]);
    let done = server.ok(&scene, &YES);
    assert!(done.err.starts_with("warning: callsheet.lock:11: the last line is torn"), "{}", done.err);
    assert!(done.out.starts_with("Applied: 1 found at the vendor"), "{}", done.out);
    assert_eq!(server.accepted().len(), 10);
    valid_lines("lock", &scene.read("callsheet.lock"));
}

#[test]
fn forget_gives_up_only_what_nobody_wants() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &YES);
    let wanted = server.exits(&scene, 1, &["lock", "forget", "hello[en,pro]"]);
    assert!(wanted.err.contains("still wanted"), "{}", wanted.err);
    scene.edit("callsheet.yaml", ", pro]", "]");
    let plan = server.ok(&scene, &["plan"]).out;
    assert!(plan.contains(". hello[en,pro]"), "{plan}");
    server.ok(&scene, &["lock", "forget", "hello[en,pro]"]);
    assert!(!server.ok(&scene, &["plan"]).out.contains("hello[en,pro]"));
    // Wanted again, it is bought again: the tombstone says so.
    scene.edit("callsheet.yaml", "[free]", "[free, pro]");
    let plan = server.ok(&scene, &["plan"]).out;
    assert!(plan.contains("Plan: 1 to submit"), "{plan}");
}

#[test]
fn accept_keeps_the_old_video_for_a_new_text() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &YES);
    scene.edit("callsheet.yaml", "Hello", "Hello,");
    server.ok(&scene, &["lock", "accept", "hello[de,*"]);
    let plan = server.ok(&scene, &["plan"]).out;
    assert!(plan.contains("Plan: 8 to submit (8 changed), 2 unchanged"), "{plan}");
    let again = server.exits(&scene, 1, &["lock", "accept", "hello[de,pro]"]);
    assert!(again.err.contains("paid for as it is"), "{}", again.err);
    assert_eq!(server.accepted().len(), 10);
}

#[test]
fn rebuild_finds_a_lost_lockfile_again() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &YES);
    fs::remove_file(scene.path().join("callsheet.lock")).unwrap();
    let done = server.ok(&scene, &["lock", "rebuild"]);
    assert_eq!(done.out, "Settled: 10 found, 0 freed, 0 in doubt\n");
    server.ok(&scene, &["plan", "--detailed-exitcode"]);
    // And apply does so by itself: a lost lockfile does not pay twice.
    fs::remove_file(scene.path().join("callsheet.lock")).unwrap();
    let done = server.ok(&scene, &YES);
    assert_eq!(done.out, "Applied: 10 found at the vendor, nothing to do, 10 unchanged\n");
    assert_eq!(server.accepted().len(), 10);
}

#[test]
fn another_apply_in_the_same_project_is_refused() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &["slow:1500ms@list"]);
    let mut command = server.command(&scene, &YES);
    let mut first = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let busy = scene.path().join(".callsheet/apply.lock");
    while fs::read_to_string(&busy).unwrap_or_default().is_empty() {
        assert!(first.try_wait().unwrap().is_none(), "it waits for the list");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let second = server.exits(&scene, 1, &YES);
    assert!(second.err.contains("`callsheet apply` is running here since"), "{}", second.err);
    assert!(first.wait().unwrap().success());
    assert_eq!(server.accepted().len(), 10);
}
