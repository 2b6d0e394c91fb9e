//! The CI kit as a runner would run it: the steps of `action.yml` and the GitLab pipeline, on clones of a bare
//! repository.

use std::fs;
use std::process::Command;

use crate::faults::TEN;
use crate::fixture::shown;
use crate::runner::Pipeline;

#[test]
fn planned_on_a_branch_applied_on_main_and_the_lockfile_comes_back() {
    let pipeline = Pipeline::new();
    pipeline.git("author", &["checkout", "-qb", "better"]);
    pipeline.scene.edit(
        "author/callsheet.yaml",
        "videos:",
        "videos:\n  extra: { script: \"Hello, $(touch owned) `x`\" }",
    );
    pipeline.commit_and_push("author", "better");

    let request = pipeline.clone("request");
    pipeline.git(&request, &["checkout", "-q", "better"]);
    let (planned, outputs) = pipeline.step("plan", &request, &[]);
    assert_eq!(planned.code, 0, "{}{}", planned.out, planned.err);
    assert_eq!((outputs["changes"].as_str(), outputs["submit"].as_str()), ("true", "11"));
    assert!(planned.out.contains("::notice title=callsheet plan::Plan: 11 to submit (11 new)"), "{}", planned.out);
    assert_eq!(outputs["marker"], "<!-- callsheet plan directory=. environment=production -->");
    let summary = pipeline.scene.read("temp/request/summary");
    assert!(summary.starts_with("<!-- callsheet plan production -->\n"), "{summary}");
    assert_eq!(summary, pipeline.scene.read("temp/request/callsheet-plan.md"));
    assert_eq!(pipeline.server.accepted().len(), 0, "a plan spends nothing");

    pipeline.git("author", &["checkout", "-q", "main"]);
    pipeline.git("author", &["merge", "-q", "better"]);
    pipeline.git("author", &["push", "-q", "origin", "main"]);
    let runner = pipeline.clone("runner");
    let (code, screen) = pipeline.apply(&runner, "main");
    assert_eq!(code, 0, "{screen}");
    assert_eq!(pipeline.server.accepted().len(), 11);
    let log = pipeline.git("origin.git", &["log", "--format=%s", "-2", "main"]);
    assert_eq!(log, "callsheet: record what was submitted [skip ci]\ncallsheet: about to submit 11 [skip ci]\n");

    let next = pipeline.clone("next");
    assert_eq!(pipeline.apply(&next, "main"), (0, "nothing to do".to_owned()));
    pipeline.git("author", &["pull", "-q", "origin", "main"]);
    let (_, outputs) = pipeline.step("plan", "author", &[]);
    assert_eq!(outputs["changes"], "false");
}

#[test]
fn a_push_that_is_refused_is_told_before_anything_is_spent() {
    let pipeline = Pipeline::new();
    let runner = pipeline.clone("runner");
    pipeline.program("origin.git/hooks/pre-receive", "#!/bin/sh\necho protected >&2\nexit 1\n");
    let (code, screen) = pipeline.apply(&runner, "main");
    assert_eq!(code, 1, "{screen}");
    assert!(screen.contains("::error title=nothing was spent::main does not take pushes"), "{screen}");
    assert_eq!(pipeline.server.accepted().len(), 0);
    assert!(!pipeline.lock(&runner).exists());
}

#[test]
fn a_first_apply_that_sends_nothing_tells_why_and_has_no_lockfile_to_bring_back() {
    let pipeline = Pipeline::new();
    let known = [("github.ref_name", "main"), ("steps.plan.outputs.submit", "10"), ("inputs.args", "--max-credits 1")];
    let (guarded, _) = pipeline.step("apply", &pipeline.clone("runner"), &known);
    assert_eq!(guarded.code, 5, "{}{}", guarded.out, guarded.err);
    let mut gitlab = pipeline.gitlab("apply", &pipeline.clone("other"), "--max-credits 1");
    let guarded = shown(&mut gitlab);
    assert_eq!(guarded.code, 5, "{}{}", guarded.out, guarded.err);
    assert_eq!(pipeline.server.accepted().len(), 0);
}

#[test]
fn an_ignored_lockfile_is_told_before_anything_is_spent() {
    let pipeline = Pipeline::new();
    pipeline.scene.write("author/.gitignore", ".callsheet/\n*.lock\n");
    pipeline.commit_and_push("author", "main");
    let (code, screen) = pipeline.apply(&pipeline.clone("runner"), "main");
    assert_eq!(code, 1, "{screen}");
    assert!(screen.contains("::error title=nothing was spent::git ignores ./callsheet.lock, so"), "{screen}");
    let gitlab = shown(&mut pipeline.gitlab("apply", &pipeline.clone("other"), ""));
    assert_eq!(gitlab.code, 1, "{}{}", gitlab.out, gitlab.err);
    assert!(gitlab.out.contains("nothing was spent: git ignores callsheet.lock"), "{}", gitlab.out);
    assert_eq!(pipeline.server.accepted().len(), 0);
    let log = pipeline.git("origin.git", &["log", "--format=%s", "main"]);
    assert!(!log.contains("about to submit"), "{log}");
}

#[test]
fn two_branches_applied_side_by_side_merge_and_plan_nothing() {
    let pipeline = Pipeline::new();
    assert_eq!(pipeline.apply(&pipeline.clone("first"), "main").0, 0);
    pipeline.git("author", &["pull", "-q", "origin", "main"]);
    let branches = ["left", "right"];
    for branch in branches {
        pipeline.git("author", &["checkout", "-qb", branch, "main"]);
        let extra = format!("videos:\n  {branch}: {{ script: \"{branch}\" }}");
        pipeline.scene.edit("author/callsheet.yaml", "videos:", &extra);
        pipeline.scene.edit("author/callsheet.yaml", "callsheet: 1", &format!("x-{branch}: 1\ncallsheet: 1"));
        pipeline.commit_and_push("author", branch);
    }
    std::thread::scope(|scope| {
        for branch in branches {
            let pipeline = &pipeline;
            scope.spawn(move || {
                let runner = format!("runner-{branch}");
                pipeline.git(".", &["clone", "-q", "-b", branch, "origin.git", &runner]);
                // Each step writes its outputs to a separate file. Those of the plan are given, so only `apply` runs
                // here.
                let known = [("github.ref_name", branch), ("steps.plan.outputs.submit", "1")];
                let (applied, _) = pipeline.step("apply", &runner, &known);
                assert_eq!(applied.code, 0, "{}{}", applied.out, applied.err);
            });
        }
    });
    pipeline.git("author", &["fetch", "-q", "origin"]);
    pipeline.git("author", &["checkout", "-q", "main"]);
    pipeline.git("author", &["merge", "-q", "-m", "left", "origin/left"]);
    let mut merge = Command::new("git");
    merge.args(["merge", "-q", "-m", "right", "origin/right"]).current_dir(pipeline.scene.path().join("author"));
    pipeline.surround(&mut merge);
    let merged = shown(&mut merge);
    if merged.code != 0 {
        // Both branches changed the same lines of the manifest. The merge driver merges the lockfile.
        pipeline.scene.write(
            "author/callsheet.yaml",
            &TEN.replace("videos:", "videos:\n  left: { script: \"left\" }\n  right: { script: \"right\" }"),
        );
        pipeline.git("author", &["add", "-A"]);
        pipeline.git("author", &["commit", "-qm", "right"]);
    }
    pipeline.git("author", &["push", "-q", "origin", "main"]);
    assert_eq!(pipeline.apply(&pipeline.clone("last"), "main"), (0, "nothing to do".to_owned()));
    assert_eq!(pipeline.server.accepted().len(), 12);
}

#[test]
fn the_gitlab_pipeline_plans_applies_and_brings_the_lockfile_back() {
    let pipeline = Pipeline::new();
    let run = |job: &str, folder: &str| shown(&mut pipeline.gitlab(job, folder, "--max-credits 200"));
    let runner = pipeline.clone("runner");
    let planned = run("plan", &runner);
    assert_eq!(planned.code, 0, "{}", planned.err);
    assert!(pipeline.scene.read("runner/plan.md").contains("Plan: 10 to submit"));
    fs::remove_file(pipeline.scene.path().join("runner/plan.md")).unwrap();
    let applied = run("apply", &runner);
    assert_eq!(applied.code, 0, "{}{}", applied.out, applied.err);
    assert_eq!(pipeline.server.accepted().len(), 10);
    let again = run("apply", &pipeline.clone("next"));
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);
    assert!(again.out.contains("nothing to submit"), "{}", again.out);
    assert_eq!(pipeline.server.accepted().len(), 10);
}
