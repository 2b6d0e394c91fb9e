//! Two branches of a real repository, each applied, then merged: nothing is billed again.

use std::process::Command;

use crate::faults::TEN;
use crate::fixture::{Scene, Shown, shown};
use crate::server::Server;

const YES: [&str; 2] = ["apply", "--yes"];

fn git(scene: &Scene, args: &[&str]) -> Shown {
    let mut git = Command::new("git");
    git.args(args).current_dir(scene.path()).env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
    git.env("HOME", scene.path()).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_EDITOR", "true");
    for role in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{role}_NAME"), "Test").env(format!("GIT_{role}_EMAIL"), "test@example.com");
    }
    shown(&mut git)
}

pub fn done(scene: &Scene, args: &[&str]) {
    let shown = git(scene, args);
    assert_eq!(shown.code, 0, "git {args:?}: {}{}", shown.out, shown.err);
}

pub fn commit(scene: &Scene, message: &str) {
    done(scene, &["add", "-A"]);
    done(scene, &["commit", "-qm", message]);
}

/// Creates a project on `main` and applies it. The branches `left` and `right` then each add a video and change one,
/// and apply.
fn two_branches(union: bool) -> (Scene, Server) {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    scene.write(".gitignore", ".callsheet/\n.vendor/\n");
    scene.edit("callsheet.yaml", "videos:", "include: [videos/*.yaml]\nvideos:");
    scene.write("videos/base.yaml", "videos: { base: { script: Base } }\n");
    if union {
        scene.write(".gitattributes", "callsheet*.lock merge=union eol=lf\n");
    }
    done(&scene, &["init", "-qb", "main"]);
    server.ok(&scene, &YES);
    commit(&scene, "main");
    for side in ["left", "right"] {
        done(&scene, &["checkout", "-qb", side, "main"]);
        scene.write(&format!("videos/{side}.yaml"), &format!("videos: {{ {side}: {{ script: {side} }} }}\n"));
        scene.write("videos/base.yaml", "videos: { base: { script: Better } }\n");
        server.ok(&scene, &YES);
        commit(&scene, side);
    }
    (scene, server)
}

fn settled(scene: &Scene, server: &Server) {
    server.ok(scene, &["lock", "verify"]);
    server.ok(scene, &["plan", "--detailed-exitcode"]);
    let applied = server.ok(scene, &YES);
    assert_eq!(applied.out, "Applied: nothing to do, 13 unchanged\n");
    // 11 on `main`, two new ones, and `base` again. `right` adopted the video that `left` had paid for.
    assert_eq!(server.accepted().len(), 14);
}

#[test]
fn merged_by_the_union_driver_nothing_is_planned() {
    let (scene, server) = two_branches(true);
    done(&scene, &["merge", "-q", "left", "-m", "merge"]);
    settled(&scene, &server);
}

#[test]
fn conflict_markers_stop_an_apply_and_are_resolved_by_lock_merge() {
    for style in ["merge", "diff3"] {
        let (scene, server) = two_branches(false);
        done(&scene, &["config", "merge.conflictstyle", style]);
        assert_eq!(git(&scene, &["merge", "-q", "left", "-m", "merge"]).code, 1);
        let conflict = scene.read("callsheet.lock");
        assert!(conflict.contains("<<<<<<< "), "{conflict}");
        assert_eq!(conflict.contains("||||||| "), style == "diff3");
        let refused = server.exits(&scene, 1, &YES);
        assert!(refused.err.contains("callsheet lock merge"), "{}", refused.err);
        assert_eq!(scene.read("callsheet.lock"), conflict, "the file stays as it is");
        let merged = server.ok(&scene, &["lock", "merge"]);
        assert!(merged.err.starts_with("callsheet.lock: merged, "), "{}", merged.err);
        commit(&scene, "merge");
        settled(&scene, &server);
        let again = server.ok(&scene, &["lock", "merge"]);
        assert!(again.err.starts_with("callsheet.lock: nothing to merge, "), "{}", again.err);
    }
}

#[test]
fn a_rescue_file_is_brought_back() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["apply", "--yes", "--limit", "4"]);
    std::fs::rename(scene.path().join("callsheet.lock"), scene.path().join("saved.rescue")).unwrap();
    server.ok(&scene, &["lock", "merge", "--from", "saved.rescue"]);
    let plan = server.ok(&scene, &["plan"]).out;
    assert!(plan.contains("Plan: 6 to submit (6 new), 4 unchanged"), "{plan}");
}

#[test]
fn a_revert_and_a_rename_cost_nothing() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &YES);
    scene.edit("callsheet.yaml", "Hello", "Hi");
    server.ok(&scene, &YES);
    scene.edit("callsheet.yaml", "Hi", "Hello");
    server.ok(&scene, &["plan", "--detailed-exitcode"]);
    scene.edit("callsheet.yaml", "  hello:", "  welcome:");
    let applied = server.ok(&scene, &YES);
    assert!(applied.err.contains("> welcome[en,free]"), "{}", applied.err);
    assert!(applied.out.starts_with("Applied: nothing to do"), "{}", applied.out);
    assert_eq!(server.accepted().len(), 20);
}
