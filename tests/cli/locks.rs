//! Tests each `lock` command in a typical situation.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::Stdio;

use crate::faults::TEN;
use crate::fixture::Scene;
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
    assert_eq!(server.ok(&scene, &["lock", "verify"]).err, "callsheet.lock: does not exist yet\n");
    server.exits(&scene, 6, &YES);
    let doubt = server.ok(&scene, &["lock", "verify"]);
    assert!(doubt.err.contains("warning[in-doubt]: callsheet.lock:"), "{}", doubt.err);
    let lock = scene.read("callsheet.lock");
    // A digest that does not match its spec, because a user edited the file.
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
    // A crash can leave this: half of the answer to the last submission.
    let cut = lock.trim_end().len() - 60;
    scene.write("callsheet.lock", &lock[..cut]);
    let done = server.ok(&scene, &YES);
    assert!(done.err.starts_with("warning: callsheet.lock:11: a crash left the last line torn"), "{}", done.err);
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
    assert!(wanted.err.contains("is still in a manifest"), "{}", wanted.err);
    scene.edit("callsheet.yaml", ", pro]", "]");
    let plan = server.ok(&scene, &["plan"]).out;
    assert!(plan.contains(". hello[en,pro]"), "{plan}");
    server.ok(&scene, &["lock", "forget", "hello[en,pro]"]);
    assert!(!server.ok(&scene, &["plan"]).out.contains("hello[en,pro]"));
    // Once it is in the manifest again, it is billed again, as the tombstone says.
    scene.edit("callsheet.yaml", "[free]", "[free, pro]");
    let plan = server.ok(&scene, &["plan"]).out;
    assert!(plan.contains("Plan: 1 to submit"), "{plan}");
}

#[test]
fn reuse_keeps_the_old_video_for_a_new_text() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &YES);
    scene.edit("callsheet.yaml", "Hello", "Hello,");
    server.ok(&scene, &["lock", "reuse", "hello[de,*"]);
    assert!(scene.read("callsheet.lock").contains("\"how\":\"accepted\""), "older versions read it, too");
    let plan = server.ok(&scene, &["plan"]).out;
    assert!(plan.contains("Plan: 8 to submit (8 changed), 2 unchanged"), "{plan}");
    // The old name of the command still works.
    let again = server.exits(&scene, 1, &["lock", "accept", "hello[de,pro]"]);
    assert!(again.err.contains("is already paid for"), "{}", again.err);
    assert_eq!(server.accepted().len(), 10);
}

#[test]
fn rebuild_finds_a_lost_lockfile_again() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &YES);
    fs::remove_file(scene.path().join("callsheet.lock")).unwrap();
    let done = server.ok(&scene, &["lock", "rebuild"]);
    assert_eq!(done.out, "Settled: 10 adopted, 0 freed, 0 still in doubt\n");
    server.ok(&scene, &["plan", "--detailed-exitcode"]);
    // Apply does the same: a lost lockfile does not bill anything twice.
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

/// The record of a video that another machine paid for.
const OTHER: &str = r#"{"key":"other","digest":"v1:00000000000000000000000000000001","attempt":1,"state":"submitted","task":"OTHER","host":"127.0.0.1","at":"2026-11-22T11:00:00Z"}"#;
const HEADER: &str = r#"{"callsheet":"lock","version":1}"#;

#[test]
fn missing_prints_the_records_that_another_lockfile_lacks_as_a_lockfile() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    scene.write("pushed.lock", "");
    assert_eq!(server.ok(&scene, &["lock", "missing", "pushed.lock"]).out, "", "no lockfile yet");
    server.ok(&scene, &["apply", "--yes", "--limit", "4"]);
    fs::copy(scene.path().join("callsheet.lock"), scene.path().join("four.lock")).unwrap();
    server.ok(&scene, &YES);
    let own = scene.read("callsheet.lock");
    let missing = |file: &str| server.ok(&scene, &["lock", "missing", file]).out;
    assert_eq!((missing("pushed.lock"), missing("callsheet.lock")), (own.clone(), String::new()));
    assert_eq!(missing("four.lock").lines().count(), 1 + 6);
    // From a file that is rejected, the readable lines count, on both sides.
    let conflict = format!("<<<<<<< ours\r\n{HEADER}\r\n=======\n{OTHER}\n>>>>>>> theirs\n");
    scene.write("pushed.lock", &conflict);
    assert_eq!(missing("pushed.lock"), own, "what only the other one has is not missing there");
    let torn = &own[..own.len() - 60];
    scene.write("callsheet.lock", &format!("nonsense\n{own}{OTHER}\n"));
    scene.write("pushed.lock", torn);
    let printed = server.ok(&scene, &["lock", "missing", "pushed.lock"]);
    assert!(printed.err.starts_with("warning: only readable lines are printed: callsheet.lock:1: "), "{}", printed.err);
    assert!(printed.out.lines().count() == 3 && printed.out.contains(OTHER), "{}", printed.out);
    // A torn line of our own may have been paid for.
    scene.write("callsheet.lock", torn);
    let printed = missing("four.lock");
    assert_eq!((printed.lines().count(), printed.matches("\"intent\"").count()), (7, 1), "{printed}");
    let unread = server.exits(&scene, 1, &["lock", "missing", "nowhere.lock"]);
    assert!(unread.err.contains("nowhere.lock"), "{}", unread.err);
    server.exits(&scene, 64, &["lock", "missing", "four.lock", "--format", "json"]);
}

#[test]
fn verify_staged_checks_what_git_would_commit_in_every_project_and_environment() {
    let scene = Scene::new();
    let lock = format!("{HEADER}\n{OTHER}\n");
    let broken = format!("{HEADER}\nnonsense\n");
    let done = |args: &[&str]| crate::branches::done(&scene, args);
    done(&["init", "-qb", "main"]);
    assert_eq!(scene.ok(&["lock", "verify", "--staged"]).err, "no lockfile is staged\n", "no project is needed");
    let names = [
        "callsheet.lock",
        "callsheet.staging.lock",
        "-C/callsheet.lock",
        "a b/ü\n/callsheet.lock",
        "x/callsheet.de.v1.lock",
    ];
    for name in names {
        scene.write(name, &lock);
    }
    scene.write("x/callsheet.lock.rescue", "no lockfile");
    scene.write("x/mycallsheet.lock", "no lockfile");
    done(&["add", "-A"]);
    let verify = |args: &[&str], code: i32| {
        let shown = scene.run(&[&["lock", "verify", "--staged"], args].concat());
        assert_eq!(shown.code, code, "{}", shown.err);
        shown
    };
    let told = verify(&[], 0).err;
    assert_eq!(told.matches(": in order\n").count(), names.len(), "{told}");
    for name in names {
        // Staged in a broken state, and repaired only on disk.
        scene.write(name, &broken);
        done(&["add", "-A"]);
        scene.write(name, &lock);
        let told = verify(&[], 1).err;
        let shown = format!("error[refused]: {}:2: ", name.replace('\n', "↵"));
        assert!(told.contains(&shown) && told.matches("error[").count() == 1, "{told}");
        // Broken on disk only.
        done(&["add", "-A"]);
        scene.write(name, &broken);
        verify(&[], 0);
        scene.write(name, &lock);
    }
    let bytes = [HEADER.as_bytes(), b"\n\xff\n{}\n"].concat();
    fs::write(scene.path().join("x/callsheet.de.v1.lock"), bytes).unwrap();
    done(&["add", "-A"]);
    assert!(verify(&["-C", "x"], 1).err.contains("x/callsheet.de.v1.lock:2: not UTF-8"));
    assert_eq!(verify(&["-C", "a b"], 0).err.lines().count(), 1);
    // Two names that look the same. The first file is broken.
    let odd = |byte: u8| scene.path().join(std::ffi::OsStr::from_bytes(&[b'y', byte]));
    for (byte, text) in [(0xfe, &broken), (0xff, &lock)] {
        fs::create_dir(odd(byte)).unwrap();
        fs::write(odd(byte).join("callsheet.lock"), text).unwrap();
    }
    done(&["add", "-A"]);
    assert!(verify(&[], 1).err.contains("error[refused]: y\u{fffd}/callsheet.lock:2"));
    fs::remove_dir_all(odd(0xfe)).unwrap();
    done(&["add", "-A"]);
    let json = verify(&["--format", "json"], 1).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["findings"][0]["file"], "x/callsheet.de.v1.lock");
}

#[test]
fn verify_staged_rejects_a_merge_that_is_not_resolved_and_names_a_link() {
    let scene = Scene::new();
    let done = |args: &[&str]| crate::branches::done(&scene, args);
    done(&["init", "-qb", "main"]);
    scene.write("callsheet.lock", &format!("{HEADER}\n"));
    std::os::unix::fs::symlink("callsheet.lock", scene.path().join("callsheet.link.lock")).unwrap();
    crate::branches::commit(&scene, "main");
    let linked = scene.ok(&["lock", "verify", "--staged"]);
    assert!(linked.err.contains("warning: callsheet.link.lock: a symbolic link, not checked"), "{}", linked.err);
    for (branch, at) in [("left", "11"), ("right", "12")] {
        done(&["checkout", "-qb", branch, "main"]);
        scene.write("callsheet.lock", &format!("{HEADER}\n{}\n", OTHER.replace("T11", &format!("T{at}"))));
        crate::branches::commit(&scene, branch);
    }
    let mut merge = std::process::Command::new("git");
    let merged = merge.args(["merge", "-q", "left"]).current_dir(scene.path()).stdout(Stdio::null()).status().unwrap();
    assert!(!merged.success());
    let unmerged = scene.run(&["lock", "verify", "--staged"]);
    assert_eq!(unmerged.code, 1);
    assert!(unmerged.err.contains("error[refused]: callsheet.lock: git has a conflict here"), "{}", unmerged.err);
}

#[test]
fn verify_staged_reads_the_index_that_a_hook_is_given() {
    let scene = Scene::new();
    let done = |args: &[&str]| crate::branches::done(&scene, args);
    done(&["init", "-qb", "main"]);
    scene.write("videos/callsheet.lock", &format!("{HEADER}\n"));
    let hook = format!("#!/bin/sh\nexec {} lock verify --staged -C videos\n", env!("CARGO_BIN_EXE_callsheet"));
    scene.write(".git/hooks/pre-commit", &hook);
    done(&["add", "-A"]);
    let path = scene.path().join(".git/hooks/pre-commit");
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    crate::branches::commit(&scene, "in order");
    scene.write("videos/callsheet.lock", "nonsense\n");
    // Both give the hook a separate index, by a path relative to the top.
    for args in [&["commit", "-qam", "broken"][..], &["commit", "-qm", "broken", "videos/callsheet.lock"]] {
        let mut git = std::process::Command::new("git");
        git.args(["-c", "user.name=T", "-c", "user.email=t@example.com"]).args(args).current_dir(scene.path());
        let refused = crate::fixture::shown(&mut git);
        assert_eq!(refused.code, 1, "{}{}", refused.out, refused.err);
        assert!(refused.err.contains("error[refused]: videos/callsheet.lock:1"), "{}", refused.err);
    }
}
