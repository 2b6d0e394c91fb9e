//! Pipelines whose branch moves or rejects pushes: no record is lost, whatever `.gitattributes` says.

use std::fs;
use std::path::PathBuf;

use crate::faults::TEN;
use crate::fixture::{Shown, shown};
use crate::runner::Pipeline;

/// Attributes with which git merges lockfiles correctly, incorrectly, or not at all.
const ATTRIBUTES: &[&str] = &[
    "callsheet*.lock merge=union eol=lf\n",
    "\n",
    "callsheet*.lock binary\n",
    "*.lock -merge -diff\n",
    "* text eol=crlf\n",
    "*.lock merge=ours diff=nothing linguist-generated\n",
];

/// The record of a video that another machine paid for.
const OTHER: &str = r#"{"key":"hello[en,free]","digest":"v1:00000000000000000000000000000001","attempt":1,"state":"submitted","task":"OTHER","host":"127.0.0.1","at":"2026-11-22T11:00:00Z"}"#;

/// Returns shell text that pushes a lockfile with [`OTHER`] from a clone.
fn other_pushes(pipeline: &Pipeline, clone: &str) -> String {
    format!(
        "cd {}/{clone} && git pull -q --no-rebase origin main && echo more > notes.txt && printf '%s\\n' '{{\"callsheet\":\"lock\",\"version\":1}}' '{OTHER}' > callsheet.lock && git add -A && git commit -qm other && git push -q origin HEAD:main",
        pipeline.scene.path().display()
    )
}

/// Makes the bare repository reject every push after the first `count`.
fn takes_pushes(pipeline: &Pipeline, count: usize) {
    let hook = format!("#!/bin/sh\necho push >> pushes\n[ \"$(wc -l < pushes)\" -le {count} ]\n");
    pipeline.program("origin.git/hooks/pre-receive", &hook);
    pipeline.stub("sleep", "#!/bin/sh\n");
}

/// Returns the lockfile lines in a log. All of them must be where the runner interprets no commands.
fn lines_of(screen: &str) -> Vec<&str> {
    let mut token = None;
    let mut found = Vec::new();
    for line in screen.lines() {
        if let Some(stop) = line.strip_prefix("::stop-commands::") {
            assert!(token.is_none() && stop.len() == 32, "{line}");
            token = Some(format!("::{stop}::"));
        } else if token.as_deref() == Some(line) {
            token = None;
        } else if line.starts_with("{\"key\":") {
            assert!(token.is_some(), "a line of the lockfile could be a command: {line}");
            found.push(line);
        }
    }
    assert_eq!(token, None, "the runner obeys again");
    found
}

/// Returns the directory of the artifact for the only project of a job.
fn unrecorded(pipeline: &Pipeline, folder: &str) -> PathBuf {
    let mut kept = fs::read_dir(pipeline.temp(folder).join("callsheet-unrecorded")).unwrap();
    let only = kept.next().unwrap().unwrap().path();
    assert!(kept.next().is_none());
    only
}

fn screen(shown: &Shown) -> String {
    format!("{}{}", shown.out, shown.err)
}

#[test]
fn records_of_two_machines_are_united_whatever_git_would_do() {
    for attributes in ATTRIBUTES {
        let pipeline = Pipeline::with(TEN, attributes, &[]);
        let runner = pipeline.clone("runner");
        let other = pipeline.clone("other");
        pipeline.around_apply(&other_pushes(&pipeline, &other), ":");
        let applied = shown(&mut pipeline.apply_command(&runner));
        assert_eq!(applied.code, 0, "{attributes}: {}", screen(&applied));
        assert_eq!(lines_of(&screen(&applied)), [""; 0]);
        let pushed = pipeline.pushed();
        assert_eq!(pushed.matches("\"key\"").count(), 11, "{attributes}: {pushed}");
        assert!(pushed.contains(OTHER) && !pushed.contains('\r'), "{attributes}: {pushed}");
        fs::remove_file(pipeline.scene.path().join("stubs/callsheet")).unwrap();
        let next = pipeline.clone("next");
        assert!(pipeline.scene.path().join("next/notes.txt").exists());
        assert_eq!(pipeline.apply(&next, "main"), (0, "nothing to do".to_owned()));
        assert_eq!(pipeline.server.accepted().len(), 10);
    }
}

#[test]
fn gitlab_unites_the_records_of_two_machines_too() {
    for attributes in &ATTRIBUTES[1..3] {
        let pipeline = Pipeline::with(TEN, attributes, &[]);
        let runner = pipeline.clone("runner");
        let other = pipeline.clone("other");
        pipeline.around_apply(&other_pushes(&pipeline, &other), ":");
        let applied = shown(&mut pipeline.gitlab("apply", &runner, ""));
        assert_eq!(applied.code, 0, "{attributes}: {}", screen(&applied));
        let pushed = pipeline.pushed();
        assert!(pushed.matches("\"key\"").count() == 11 && pushed.contains(OTHER), "{attributes}: {pushed}");
    }
}

#[test]
fn a_push_that_fails_prints_and_keeps_every_record_that_the_branch_lacks() {
    for attributes in &ATTRIBUTES[2..5] {
        // A script that contains two runner commands.
        let manifest = TEN.replace("Hello {{", "##[add-mask]x ::error::y {{");
        let pipeline = Pipeline::with(&manifest, attributes, &[]);
        let runner = pipeline.clone("runner");
        let other = pipeline.clone("other");
        // The branch moves, so the step must merge. Then the branch rejects every push.
        pipeline.around_apply(&other_pushes(&pipeline, &other), ":");
        takes_pushes(&pipeline, 2);
        let applied = shown(&mut pipeline.apply_command(&runner));
        let log = screen(&applied);
        assert_eq!(applied.code, 1, "{attributes}: {log}");
        assert!(log.contains("::error title=the lockfile did not come back::"), "{log}");
        let lines = lines_of(&log);
        assert_eq!((lines.len(), pipeline.server.accepted().len()), (10, 10), "{attributes}: {log}");
        assert!(!lines.contains(&OTHER), "the branch has this one");
        assert_eq!(pipeline.pushed().matches("\"key\"").count(), 1, "nothing was forced");
        // The step that always runs tries again, and names the artifact.
        let (recorded, outputs) = pipeline.record(&runner);
        assert_eq!((recorded.code, lines_of(&screen(&recorded)).len()), (1, 10), "{}", screen(&recorded));
        assert!(outputs["artifact"].starts_with("callsheet-unrecorded-"), "{outputs:?}");
        // The next clone needs only one of them: the artifact or the log.
        let next = pipeline.clone("next");
        fs::remove_file(pipeline.scene.path().join("stubs/callsheet")).unwrap();
        pipeline.scene.write("log.lock", &format!("{{\"callsheet\":\"lock\",\"version\":1}}\n{}\n", lines.join("\n")));
        let artifact = unrecorded(&pipeline, &runner).join("unrecorded.lock").display().to_string();
        assert!(artifact.starts_with(&outputs["unrecorded"]), "{artifact}");
        for file in ["../log.lock", &artifact] {
            fs::write(pipeline.lock(&next), pipeline.pushed()).unwrap();
            let merged = shown(&mut pipeline.shell(&format!("callsheet lock merge --from '{file}'"), &next));
            assert_eq!(merged.code, 0, "{}", screen(&merged));
            assert_eq!(pipeline.apply(&next, "main"), (0, "nothing to do".to_owned()));
        }
        // Once the branch accepts pushes again, the same step pushes the lines.
        fs::remove_file(pipeline.scene.path().join("origin.git/hooks/pre-receive")).unwrap();
        let (recorded, outputs) = pipeline.record(&runner);
        assert_eq!((recorded.code, outputs.len()), (0, 0), "{}", screen(&recorded));
        assert_eq!(pipeline.pushed().matches("\"key\"").count(), 11);
    }
}

#[test]
fn gitlab_prints_and_keeps_every_record_too() {
    for attributes in &ATTRIBUTES[2..4] {
        let pipeline = Pipeline::with(TEN, attributes, &[]);
        let runner = pipeline.clone("runner");
        let other = pipeline.clone("other");
        pipeline.around_apply(&other_pushes(&pipeline, &other), ":");
        takes_pushes(&pipeline, 2);
        let applied = shown(&mut pipeline.gitlab("apply", &runner, ""));
        assert_eq!(applied.code, 1, "{attributes}: {}", screen(&applied));
        let lines: Vec<&str> = applied.out.lines().filter(|line| line.starts_with("{\"key\":")).collect();
        assert!(lines.len() == 10 && !lines.contains(&OTHER), "{attributes}: {}", applied.out);
        let kept = pipeline.scene.read("runner/callsheet-unrecorded/unrecorded.lock");
        assert_eq!(kept.lines().skip(1).collect::<Vec<_>>(), lines);
        fs::remove_file(pipeline.scene.path().join("origin.git/hooks/pre-receive")).unwrap();
        let after = shown(&mut pipeline.gitlab_part("apply", "after_script", &runner, ""));
        assert_eq!(after.code, 0, "{}", screen(&after));
        assert_eq!(pipeline.pushed().matches("\"key\"").count(), 11, "{attributes}");
    }
}

#[test]
fn a_branch_that_cannot_be_read_any_more_leaves_all_lines_in_the_log() {
    let pipeline = Pipeline::new();
    let runner = pipeline.clone("runner");
    pipeline.stub("sleep", "#!/bin/sh\n");
    pipeline.around_apply(":", "mv ../origin.git ../gone.git");
    let applied = shown(&mut pipeline.apply_command(&runner));
    assert_eq!(applied.code, 1, "{}", screen(&applied));
    assert_eq!(lines_of(&screen(&applied)).len(), 10, "{}", screen(&applied));
}

#[test]
fn a_lockfile_that_is_no_longer_readable_loses_none_of_its_lines() {
    let pipeline = Pipeline::new();
    let runner = pipeline.clone("runner");
    takes_pushes(&pipeline, 1);
    pipeline.around_apply(":", "echo nonsense >> callsheet.lock && echo more >> callsheet.lock");
    let applied = shown(&mut pipeline.apply_command(&runner));
    assert_eq!(applied.code, 1, "{}", screen(&applied));
    assert_eq!(lines_of(&screen(&applied)).len(), 10, "{}", screen(&applied));
    let whole = unrecorded(&pipeline, &runner).join("callsheet.lock");
    assert!(fs::read_to_string(whole).unwrap().contains("nonsense"), "the artifact has the file as it is");
}

#[test]
fn lines_of_a_rescue_file_come_home() {
    let pipeline = Pipeline::new();
    let runner = pipeline.clone("runner");
    pipeline.around_apply(":", "mv callsheet.lock callsheet.lock.rescue");
    let applied = shown(&mut pipeline.apply_command(&runner));
    assert_eq!(applied.code, 0, "{}", screen(&applied));
    assert_eq!(pipeline.pushed().matches("\"key\"").count(), 10);
    // A rescue file that cannot be merged is printed.
    let other = Pipeline::new();
    let runner = other.clone("runner");
    other.stub("sleep", "#!/bin/sh\n");
    other.around_apply(":", "echo 'nonsense of a rescue' > callsheet.lock.rescue");
    let applied = shown(&mut other.apply_command(&runner));
    assert_eq!(applied.code, 1, "{}", screen(&applied));
    assert!(applied.out.contains("\nnonsense of a rescue\n"), "{}", applied.out);
    assert_eq!(other.pushed().matches("\"key\"").count(), 10, "the lockfile itself was pushed");
}

#[test]
fn a_project_in_a_directory_and_an_environment_with_a_lockfile_of_its_own() {
    let pipeline = Pipeline::new();
    let manifest = TEN.replace("  production:", "  staging:");
    pipeline.scene.write("author/:(a) *b/ü/callsheet.yaml", &manifest);
    pipeline.commit_and_push("author", "main");
    let runner = pipeline.clone("runner");
    let known = [
        ("inputs.directory", ":(a) *b/ü"),
        ("inputs.environment", "staging"),
        ("github.ref_name", "main"),
        ("steps.plan.outputs.submit", "10"),
    ];
    let mut apply = pipeline.step_command("apply", &runner, &known);
    let applied = shown(apply.env("CALLSHEET_ALLOW_HOST", "127.0.0.1"));
    assert_eq!(applied.code, 0, "{}", screen(&applied));
    let lock = pipeline.git("origin.git", &["cat-file", "blob", "main::(a) *b/ü/callsheet.staging.lock"]);
    assert_eq!(lock.matches("\"key\"").count(), 10);
    assert_eq!(pipeline.git(&runner, &["status", "--porcelain"]), "", "the clone is where the branch is");
}

#[test]
fn one_step_records_all_projects_of_a_job() {
    let pipeline = Pipeline::new();
    for name in ["a", "b"] {
        pipeline.scene.write(&format!("author/{name}/callsheet.yaml"), &TEN.replace("Hello", name));
    }
    pipeline.commit_and_push("author", "main");
    let runner = pipeline.clone("runner");
    // Rejects every push that changes a file: those of both lockfiles.
    pipeline
        .program("origin.git/hooks/pre-receive", "#!/bin/sh\nread old new ref\ngit diff --quiet \"$old\" \"$new\"\n");
    pipeline.stub("sleep", "#!/bin/sh\n");
    for name in ["a", "b"] {
        let known = [("inputs.directory", name), ("github.ref_name", "main"), ("steps.plan.outputs.submit", "10")];
        let (applied, _) = pipeline.step("apply", &runner, &known);
        assert_eq!((applied.code, lines_of(&screen(&applied)).len()), (1, 10), "{}", screen(&applied));
    }
    let (recorded, _) = pipeline.record(&runner);
    assert_eq!((recorded.code, lines_of(&screen(&recorded)).len()), (1, 20), "{}", screen(&recorded));
    fs::remove_file(pipeline.scene.path().join("origin.git/hooks/pre-receive")).unwrap();
    let (recorded, outputs) = pipeline.record(&runner);
    assert_eq!((recorded.code, outputs.len()), (0, 0), "{}", screen(&recorded));
    for name in ["a", "b"] {
        let lock = pipeline.git("origin.git", &["cat-file", "blob", &format!("main:{name}/callsheet.lock")]);
        assert_eq!(lock.matches("\"key\"").count(), 10);
    }
}

#[test]
fn a_branch_that_takes_only_signed_commits_gets_them() {
    type Job = fn(&Pipeline, &str) -> std::process::Command;
    let jobs: [Job; 2] =
        [|pipeline, folder| pipeline.apply_command(folder), |pipeline, folder| pipeline.gitlab("apply", folder, "")];
    for job in jobs {
        let pipeline = Pipeline::new();
        let runner = pipeline.clone("runner");
        pipeline.program(
            "origin.git/hooks/pre-receive",
            "#!/bin/sh\nread old new ref\ngit cat-file commit \"$new\" | grep -q '^gpgsig '\n",
        );
        let unsigned = shown(&mut job(&pipeline, &runner));
        assert_eq!((unsigned.code, pipeline.server.accepted().len()), (1, 0), "{}", screen(&unsigned));
        let signing = "#!/bin/sh\ncat > /dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho signature\n";
        pipeline.program("gpg", signing);
        let program = pipeline.scene.path().join("gpg").display().to_string();
        for (name, value) in [("commit.gpgsign", "yes"), ("gpg.program", &program), ("user.signingkey", "K")] {
            pipeline.git(&runner, &["config", name, value]);
        }
        pipeline.git(&runner, &["reset", "-q", "--hard", "origin/main"]);
        let signed = shown(&mut job(&pipeline, &runner));
        assert_eq!(signed.code, 0, "{}", screen(&signed));
        assert_eq!(pipeline.pushed().matches("\"key\"").count(), 10);
    }
}

#[test]
fn a_clone_without_history_brings_its_lockfile_home() {
    let pipeline = Pipeline::new();
    let origin = format!("file://{}/origin.git", pipeline.scene.path().display());
    pipeline.git(".", &["clone", "-q", "--depth", "1", &origin, "runner"]);
    let other = pipeline.clone("other");
    pipeline.around_apply(&other_pushes(&pipeline, &other), ":");
    let applied = shown(&mut pipeline.apply_command("runner"));
    assert_eq!(applied.code, 0, "{}", screen(&applied));
    assert_eq!(pipeline.pushed().matches("\"key\"").count(), 11);
}

#[test]
fn what_cannot_come_back_is_refused_before_anything_is_spent() {
    let pipeline = Pipeline::new();
    let runner = pipeline.clone("runner");
    let mut request = pipeline.apply_command(&runner);
    let refused = shown(request.env("GITHUB_REF", "refs/pull/7/merge"));
    assert_eq!(refused.code, 1, "{}", screen(&refused));
    assert!(refused.out.contains("nothing was spent::refs/pull/7/merge is not a branch, so"), "{}", refused.out);
    let link = pipeline.lock(&runner);
    std::os::unix::fs::symlink("elsewhere.lock", link).unwrap();
    let refused = shown(&mut pipeline.apply_command(&runner));
    assert!(refused.out.contains("nothing was spent::./callsheet.lock is a symbolic link, so"), "{}", refused.out);
    let refused = shown(&mut pipeline.gitlab("apply", &runner, ""));
    assert!(refused.out.contains("nothing was spent: callsheet.lock is a symbolic link"), "{}", refused.out);
    assert_eq!(pipeline.server.accepted().len(), 0);
}
