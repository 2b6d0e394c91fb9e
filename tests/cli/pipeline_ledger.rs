//! The CI kit with a shared ledger: no commit and no push to main, whichever shell applies.

use std::fs;
use std::process::Command;

use crate::faults::TEN;
use crate::fixture::shown;
use crate::ledger::{ledger, pipeline, shared};
use crate::runner::Pipeline;

/// Ten videos, and time for a slow machine.
fn ten() -> String {
    TEN.replace("timeout: 2s", "timeout: 30s")
}

/// Refuses pushes to main, as a branch rule does.
fn protect(pipeline: &Pipeline) {
    pipeline.program("origin.git/hooks/update", "#!/bin/sh\ncase \"$1\" in refs/heads/main) exit 1 ;; esac\n");
}

fn open(pipeline: &Pipeline) {
    fs::remove_file(pipeline.scene.path().join("origin.git/hooks/update")).unwrap();
}

fn commits_on_main(pipeline: &Pipeline) -> String {
    pipeline.git("origin.git", &["log", "--no-merges", "--format=%s", "main"])
}

#[test]
fn both_pipelines_apply_at_once_and_leave_a_protected_main_alone() {
    let pipeline = pipeline(&ten(), &[]);
    for branch in ["left", "right"] {
        pipeline.git("author", &["checkout", "-qb", branch, "main"]);
        let extra = format!("videos:\n  {branch}: {{ script: \"{branch}\" }}");
        pipeline.scene.edit("author/callsheet.yaml", "videos:", &extra);
        pipeline.commit_and_push("author", branch);
        pipeline.git(".", &["clone", "-q", "-b", branch, "origin.git", &format!("runner-{branch}")]);
    }
    protect(&pipeline);
    std::thread::scope(|scope| {
        let github = scope.spawn(|| pipeline.apply("runner-left", "left"));
        let gitlab = scope.spawn(|| shown(&mut pipeline.gitlab("apply", "runner-right", "--max-credits 200")));
        let ((code, screen), done) = (github.join().unwrap(), gitlab.join().unwrap());
        assert_eq!((code, done.code), (0, 0), "GitHub:\n{screen}\nGitLab:\n{}{}", done.out, done.err);
    });
    assert_eq!(pipeline.server.accepted().len(), 12);
    assert_eq!(commits_on_main(&pipeline), "work\n", "no commit of a pipeline");
    open(&pipeline);
    pipeline.git("author", &["checkout", "-q", "main"]);
    pipeline.git("author", &["merge", "-q", "left"]);
    let mut merge = Command::new("git");
    merge.args(["merge", "-q", "-m", "right", "right"]).current_dir(pipeline.scene.path().join("author"));
    pipeline.surround(&mut merge);
    if shown(&mut merge).code != 0 {
        // Both branches changed the same lines of the manifest.
        let both = ten().replace("videos:", "videos:\n  left: { script: \"left\" }\n  right: { script: \"right\" }");
        pipeline.scene.write("author/callsheet.yaml", &shared(&both));
        pipeline.git("author", &["add", "-A"]);
        pipeline.git("author", &["commit", "-qm", "right"]);
    }
    pipeline.git("author", &["push", "-q", "origin", "main"]);
    assert_eq!(pipeline.apply(&pipeline.clone("last"), "main"), (0, "nothing to do".to_owned()));
    assert_eq!(pipeline.server.accepted().len(), 12);
    assert!(!commits_on_main(&pipeline).contains("callsheet:"));
}

#[test]
fn a_push_to_main_during_an_apply_loses_nothing() {
    let pipeline = pipeline(&ten(), &[]);
    let (first, second) = (pipeline.clone("first"), pipeline.clone("second"));
    pipeline.git("author", &["checkout", "-q", "main"]);
    pipeline.scene.edit("author/callsheet.yaml", "videos:", "videos:\n  extra: { script: \"Extra\" }");
    pipeline.git("author", &["add", "-A"]);
    pipeline.git("author", &["commit", "-qm", "extra"]);
    let author = pipeline.scene.path().join("author");
    pipeline.around_apply(&format!("cd '{}' && git push -q origin HEAD:main", author.display()), ":");
    let (code, screen) = pipeline.apply(&first, "main");
    assert_eq!(code, 0, "{screen}");
    fs::remove_file(pipeline.scene.path().join("stubs/callsheet")).unwrap();
    assert_eq!(pipeline.server.accepted().len(), 10);
    // The next run plans and applies the newer commit; a run of the older one has nothing to do.
    let (code, screen) = pipeline.apply(&pipeline.clone("next"), "main");
    assert_eq!(code, 0, "{screen}");
    assert_eq!(pipeline.apply(&second, "main"), (0, "nothing to do".to_owned()));
    assert_eq!(pipeline.server.accepted().len(), 11);
    assert_eq!(commits_on_main(&pipeline), "extra\nwork\n");
    assert_eq!(ledger(&pipeline).matches("\"submitted\"").count(), 11);
}

#[test]
fn a_pull_request_plans_without_a_key_from_the_ledger() {
    let pipeline = pipeline(&ten(), &[]);
    assert_eq!(pipeline.apply(&pipeline.clone("runner"), "main").0, 0);
    pipeline.git("author", &["checkout", "-qb", "better"]);
    pipeline.scene.edit("author/callsheet.yaml", "videos:", "videos:\n  extra: { script: \"Extra\" }");
    pipeline.commit_and_push("author", "better");
    pipeline.git(
        ".",
        &[
            "clone",
            "-q",
            "--depth",
            "1",
            "-b",
            "better",
            &format!("file://{}", pipeline.scene.path().join("origin.git").display()),
            "request",
        ],
    );
    let mut step = pipeline.step_command("plan", "request", &[]);
    step.env_remove("VIDNOZ_API_KEY");
    let planned = shown(&mut step);
    assert_eq!(planned.code, 0, "{}{}", planned.out, planned.err);
    let outputs = pipeline.outputs("plan", "request");
    assert_eq!((outputs["submit"].as_str(), outputs["ledger"].as_str()), ("1", "true"));
    let gitlab = shown(&mut pipeline.gitlab("plan", "request", ""));
    assert_eq!(gitlab.code, 0, "{}{}", gitlab.out, gitlab.err);
    assert!(pipeline.scene.read("request/plan.md").contains("Plan: 1 to submit"));
}

#[test]
fn the_record_job_of_gitlab_publishes_what_the_jobs_before_left_in_the_lockfile() {
    let pipeline = pipeline(&ten(), &[]);
    protect(&pipeline);
    let runner = pipeline.clone("runner");
    let run = |job: &str| {
        let done = shown(&mut pipeline.gitlab(job, &runner, "--max-credits 200"));
        assert_eq!(done.code, 0, "{job}: {}{}", done.out, done.err);
        format!("{}{}", done.out, done.err)
    };
    run("apply");
    run("pull");
    let pulled = || ledger(&pipeline).matches("\"state\":\"pulled\"").count();
    assert_eq!(pulled(), 0, "a pull writes into the lockfile of its machine");
    let screen = run("record");
    assert!(screen.contains("published 10 lines"), "{screen}");
    assert_eq!(pulled(), 10);
    // Again, there is nothing left; and main has no commit of a pipeline.
    assert!(run("record").contains("nothing to publish"));
    assert_eq!(commits_on_main(&pipeline), "work\n");
}
