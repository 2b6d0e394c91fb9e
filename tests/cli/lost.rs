//! A lockfile that was deleted while git has it: told by a plan, refused by an apply, silent where nobody misses it.

use std::fs;

use crate::branches::{commit, done};
use crate::faults::TEN;
use crate::scene::{Scene, shown};
use crate::server::Server;

const YES: [&str; 2] = ["apply", "--yes"];

/// An applied project in a repository, its lockfile gone.
fn bereft() -> (Scene, Server) {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    scene.write(".gitignore", ".callsheet/\n.vendor/\n");
    done(&scene, &["init", "-qb", "main"]);
    let first = server.ok(&scene, &["plan"]);
    assert!(!first.err.contains("git") && !first.out.contains("git"), "a new project misses nothing: {}", first.err);
    server.ok(&scene, &YES);
    commit(&scene, "applied");
    fs::remove_file(scene.path().join("callsheet.lock")).unwrap();
    (scene, server)
}

const GONE: &str = "`callsheet.lock` is gone, but git has it: what it says was paid for";

#[test]
fn a_plan_warns_of_a_lockfile_that_git_misses() {
    let (scene, server) = bereft();
    let plan = server.ok(&scene, &["plan"]);
    let way =
        "`git restore callsheet.lock` brings it back, `callsheet lock rebuild` finds only what the vendor still lists";
    assert!(plan.out.contains(&format!("warning: {GONE} looks new here; {way}")), "{}", plan.out);
    assert!(plan.out.contains("Plan: 10 to submit"), "{}", plan.out);
    let json: serde_json::Value = serde_json::from_str(&server.ok(&scene, &["plan", "--format", "json"]).out).unwrap();
    assert!(json["warnings"][0].as_str().unwrap().starts_with(GONE), "{json}");
    for args in [&["plan", "--format", "markdown"][..], &["plan", "--format", "github"]] {
        let shown = server.ok(&scene, args).out;
        assert!(shown.contains("git restore callsheet"), "{shown}");
    }
    assert!(!server.ok(&scene, &["plan", "--env", "sandbox"]).out.contains(GONE), "another lockfile");
    let mut without = server.command(&scene, &["plan"]);
    assert!(!shown(without.env("PATH", "/nowhere")).out.contains("git"), "no git, no word");
    done(&scene, &["restore", "callsheet.lock"]);
    assert_eq!(server.ok(&scene, &["plan"]).out, "Plan: nothing to submit, 10 unchanged\n");
}

#[test]
fn an_apply_does_not_buy_again_what_a_missed_lockfile_knows() {
    let (scene, server) = bereft();
    for args in [&YES[..], &["apply", "--yes", "--format", "json"], &["apply", "--yes", "--no-check-remote"]] {
        let refused = server.exits(&scene, 1, args);
        assert!(refused.err.contains(&format!("{GONE} would be paid for again; nothing was sent. `git restore")));
        assert!(!scene.path().join("callsheet.lock").exists(), "a new lockfile would hide that one is missed");
    }
    // The removal is staged, as `git add -A` does it.
    done(&scene, &["add", "-A"]);
    let refused = server.exits(&scene, 1, &YES);
    assert!(refused.err.contains("`git checkout HEAD -- callsheet.lock` brings it back"), "{}", refused.err);
    done(&scene, &["checkout", "HEAD", "--", "callsheet.lock"]);
    assert_eq!(server.ok(&scene, &YES).out, "Applied: nothing to do, 10 unchanged\n");
    assert_eq!(server.accepted().len(), 10);
}

#[test]
fn from_elsewhere_the_words_name_the_project_and_a_rebuilt_lockfile_goes_on() {
    let (scene, server) = bereft();
    let mut elsewhere = server.command(&scene, &["-C", "..", "apply", "--yes"]);
    fs::create_dir(scene.path().join("deeper")).unwrap();
    let refused = shown(elsewhere.current_dir(scene.path().join("deeper")));
    assert_eq!(refused.code, 1, "{}", refused.err);
    assert!(refused.err.contains("`git -C .. restore callsheet.lock`"), "{}", refused.err);
    assert!(refused.err.contains("`callsheet -C .. lock rebuild`"), "{}", refused.err);
    server.ok(&scene, &["lock", "rebuild"]);
    assert_eq!(server.ok(&scene, &YES).out, "Applied: nothing to do, 10 unchanged\n");
    assert_eq!(server.accepted().len(), 10);
}

#[test]
fn whoever_commits_that_it_is_gone_means_it() {
    let (scene, server) = bereft();
    commit(&scene, "start anew");
    let plan = server.ok(&scene, &["plan"]);
    assert!(!plan.out.contains(GONE), "{}", plan.out);
    let adopted = server.ok(&scene, &YES);
    assert!(adopted.out.contains("10 found at the vendor"), "{}", adopted.out);
    assert_eq!(server.accepted().len(), 10, "the vendor's list still knows them");
}
