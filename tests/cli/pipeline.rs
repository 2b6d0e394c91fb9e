//! The CI kit as a runner would run it: the steps of `action.yml` and the GitLab pipeline, on clones of a bare repository.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_yaml::Value;

use crate::faults::TEN;
use crate::scene::{Scene, Shown, repository, shown};
use crate::server::{KEY, Server};

/// A bare repository, a vendor, and a folder for clones.
struct Pipeline {
    scene: Scene,
    server: Server,
}

impl Pipeline {
    /// With a project of ten videos on `main`.
    fn new() -> Self {
        let scene = Scene::new();
        let server = Server::start(&scene, &[]);
        let pipeline = Self { scene, server };
        pipeline.git(".", &["init", "-q", "--bare", "-b", "main", "origin.git"]);
        let clone = pipeline.clone("author");
        pipeline.scene.write("author/callsheet.yaml", TEN);
        pipeline.scene.write("author/.gitattributes", "callsheet*.lock merge=union eol=lf\n");
        pipeline.scene.write("author/.gitignore", ".callsheet/\n");
        pipeline.git(&clone, &["checkout", "-qb", "main"]);
        pipeline.commit_and_push(&clone, "main");
        pipeline
    }

    fn git(&self, folder: &str, args: &[&str]) -> String {
        let mut git = Command::new("git");
        git.args(args).current_dir(self.scene.path().join(folder));
        self.surround(&mut git);
        let shown = shown(&mut git);
        assert_eq!(shown.code, 0, "git {args:?}: {}{}", shown.out, shown.err);
        shown.out
    }

    fn surround(&self, command: &mut Command) {
        command.env_clear().env("HOME", self.scene.path()).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_EDITOR", "true");
        let binary = Path::new(env!("CARGO_BIN_EXE_callsheet")).parent().unwrap();
        let stubs = self.scene.path().join("stubs");
        command.env("PATH", format!("{}:{}:/usr/local/bin:/usr/bin:/bin", stubs.display(), binary.display()));
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Test").env(format!("GIT_{role}_EMAIL"), "test@example.com");
        }
    }

    fn clone(&self, name: &str) -> String {
        self.git(".", &["clone", "-q", "origin.git", name]);
        name.to_owned()
    }

    fn commit_and_push(&self, folder: &str, branch: &str) {
        self.git(folder, &["add", "-A"]);
        self.git(folder, &["commit", "-qm", "work"]);
        self.git(folder, &["push", "-q", "origin", &format!("HEAD:{branch}")]);
    }

    fn stub(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        self.scene.write(&format!("stubs/{name}"), script);
        let path = self.scene.path().join("stubs").join(name);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs a step of `action.yml` in a clone; also what it wrote as outputs.
    fn step(&self, id: &str, folder: &str, known: &[(&str, &str)]) -> (Shown, BTreeMap<String, String>) {
        let action: Value =
            serde_yaml::from_str(&fs::read_to_string(repository().join("action.yml")).unwrap()).unwrap();
        let steps = action["runs"]["steps"].as_sequence().unwrap();
        let step = steps.iter().find(|step| step["id"] == id).unwrap();
        let mut values: BTreeMap<String, String> = BTreeMap::new();
        for (name, input) in action["inputs"].as_mapping().unwrap() {
            let default = input["default"].as_str().unwrap_or_default();
            values.insert(format!("inputs.{}", name.as_str().unwrap()), default.to_owned());
        }
        values.extend(known.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let output = self.scene.path().join("output");
        fs::write(&output, "").unwrap();
        let mut bash = self.shell(step["run"].as_str().unwrap(), folder);
        bash.env("GITHUB_OUTPUT", &output).env("GITHUB_STEP_SUMMARY", self.scene.path().join("summary"));
        bash.env("RUNNER_TEMP", self.scene.path());
        for (name, value) in step["env"].as_mapping().unwrap() {
            bash.env(name.as_str().unwrap(), resolved(value.as_str().unwrap(), &values));
        }
        let done = shown(&mut bash);
        let text = fs::read_to_string(output).unwrap();
        let outputs = text.lines().map(|line| line.split_once('=').unwrap());
        (done, outputs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    fn shell(&self, script: &str, folder: &str) -> Command {
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-c", script]).current_dir(self.scene.path().join(folder));
        self.surround(&mut bash);
        bash.env("CALLSHEET_BASE_URL", &self.server.url).env("VIDNOZ_API_KEY", KEY);
        bash
    }

    /// A job of the GitLab pipeline in a clone, its guard replaced.
    fn gitlab(&self, job: &str, folder: &str, guard: &str) -> Command {
        let text = fs::read_to_string(repository().join("examples/ci/gitlab-ci.yml")).unwrap();
        assert!(text.contains("apply --yes --max-credits 200 ||"));
        let jobs: Value = serde_yaml::from_str(&text.replace("--max-credits 200", guard)).unwrap();
        let lines = jobs[job]["script"].as_sequence().unwrap().iter().map(|line| line.as_str().unwrap().to_owned());
        let script = format!("set -eo pipefail\n{}", lines.collect::<Vec<_>>().join("\n"));
        let mut bash = self.shell(&script, folder);
        bash.env("CI_COMMIT_BRANCH", "main").env("CI_SERVER_HOST", "gitlab.test").env("CI_PROJECT_PATH", "acme/videos");
        bash.env("PUSH_TOKEN", "t0ken").env("GIT_CONFIG_COUNT", "1");
        let origin = self.scene.path().join("origin.git");
        bash.env("GIT_CONFIG_KEY_0", format!("url.{}.insteadOf", origin.display()));
        bash.env("GIT_CONFIG_VALUE_0", "https://token:t0ken@gitlab.test/acme/videos.git");
        bash
    }

    /// Both steps of `command: apply`.
    fn apply(&self, folder: &str, branch: &str) -> (i32, String) {
        let (planned, outputs) = self.step("plan", folder, &[]);
        assert_eq!(planned.code, 0, "{}{}", planned.out, planned.err);
        if outputs["changes"] == "false" {
            return (0, "nothing to do".to_owned());
        }
        let submit = &outputs["submit"];
        let known = [("github.ref_name", branch), ("steps.plan.outputs.submit", submit)];
        let (applied, _) = self.step("apply", folder, &known);
        (applied.code, format!("{}{}", applied.out, applied.err))
    }

    fn lock(&self, folder: &str) -> PathBuf {
        self.scene.path().join(folder).join("callsheet.lock")
    }
}

/// `${{ name }}` by its value; a name that the test does not give is a fault of the test.
fn resolved(text: &str, values: &BTreeMap<String, String>) -> String {
    let Some((before, rest)) = text.split_once("${{") else { return text.to_owned() };
    let (name, after) = rest.split_once("}}").unwrap();
    let value = values.get(name.trim()).unwrap_or_else(|| panic!("no value for {name}"));
    format!("{before}{value}{}", resolved(after, values))
}

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
    let summary = pipeline.scene.read("summary");
    assert!(summary.starts_with("<!-- callsheet plan production -->\n"), "{summary}");
    assert_eq!(summary, pipeline.scene.read("callsheet-plan.md"));
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
    pipeline.scene.write("origin.git/hooks/pre-receive", "#!/bin/sh\necho protected >&2\nexit 1\n");
    let mut chmod = Command::new("chmod");
    shown(chmod.arg("755").arg(pipeline.scene.path().join("origin.git/hooks/pre-receive")));
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
fn what_others_push_while_it_spends_is_united_with_what_was_paid_for() {
    let pipeline = Pipeline::new();
    let runner = pipeline.clone("runner");
    let other = pipeline.clone("other");
    // The branch moves on at the very moment of the apply.
    let real = env!("CARGO_BIN_EXE_callsheet");
    let moves = format!(
        "cd {0}/{other} && git pull -q origin main && echo more > notes.txt && git add -A && git commit -qm notes && git push -q origin HEAD:main",
        pipeline.scene.path().display()
    );
    pipeline.stub(
        "callsheet",
        &format!("#!/bin/sh\ncase \" $* \" in *' apply '*) ({moves}) ;; esac\nexec {real} \"$@\"\n"),
    );
    let (code, screen) = pipeline.apply(&runner, "main");
    assert_eq!(code, 0, "{screen}");
    let next = pipeline.clone("next");
    assert!(pipeline.scene.path().join("next/notes.txt").exists());
    assert_eq!(pipeline.apply(&next, "main"), (0, "nothing to do".to_owned()));
    assert_eq!(pipeline.server.accepted().len(), 10);
}

#[test]
fn a_lockfile_that_cannot_come_back_is_shown_line_by_line() {
    let pipeline = Pipeline::new();
    let runner = pipeline.clone("runner");
    // The first push is taken, no later one is.
    let hook = "#!/bin/sh\n[ -e ../once ] && exit 1\ntouch ../once\n";
    pipeline.scene.write("origin.git/hooks/pre-receive", hook);
    shown(Command::new("chmod").arg("755").arg(pipeline.scene.path().join("origin.git/hooks/pre-receive")));
    pipeline.stub("sleep", "#!/bin/sh\n");
    let (code, screen) = pipeline.apply(&runner, "main");
    assert_eq!(code, 1, "{screen}");
    assert!(screen.contains("::error title=the lockfile did not come back::"), "{screen}");
    let lines: Vec<&str> = screen.lines().filter(|line| line.starts_with("{\"key\":")).collect();
    assert_eq!((lines.len(), pipeline.server.accepted().len()), (10, 10));
    // They are all that the next clone needs.
    let next = pipeline.clone("next");
    pipeline.scene.write("saved.lock", &format!("{{\"callsheet\":\"lock\",\"version\":1}}\n{}\n", lines.join("\n")));
    let merged = shown(&mut pipeline.shell("callsheet lock merge --from ../saved.lock", &next));
    assert_eq!(merged.code, 0, "{}{}", merged.out, merged.err);
    assert_eq!(pipeline.apply(&next, "main"), (0, "nothing to do".to_owned()));
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
                // Outputs of both steps go to files of their own: the plan is known, so only `apply` runs here.
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
        // Both branches wrote into the same lines of the manifest; the lockfile is united by its driver.
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
fn the_pull_request_has_one_comment_that_is_kept_up_to_date() {
    let pipeline = Pipeline::new();
    let runner = pipeline.clone("runner");
    pipeline.step("plan", &runner, &[]);
    let known =
        [("github.event.pull_request.number", "7"), ("github.repository", "acme/videos"), ("inputs.token", "t")];
    // What `gh` is asked is written down; the comments that there are stand in a file.
    let gh = "#!/bin/sh\necho \"$@\" >> ../asked\ncase \"$*\" in *--paginate*) cat ../comments 2>/dev/null ;; esac\n";
    pipeline.stub("gh", gh);
    let (first, _) = pipeline.step("comment", &runner, &known);
    assert_eq!(first.code, 0, "{}{}", first.out, first.err);
    pipeline.scene.write("comments", "4711\n");
    let (second, _) = pipeline.step("comment", &runner, &known);
    assert_eq!(second.code, 0, "{}{}", second.out, second.err);
    let asked = pipeline.scene.read("asked");
    let calls: Vec<&str> = asked.lines().filter(|line| line.contains("--method")).collect();
    assert!(calls[0].starts_with("api --method POST repos/acme/videos/issues/7/comments --field body=@"), "{asked}");
    assert!(
        calls[1].starts_with("api --method PATCH repos/acme/videos/issues/comments/4711 --field body=@"),
        "{asked}"
    );
    assert!(asked.contains("startswith(\"<!-- callsheet plan production -->\")"), "{asked}");
    // A fork's token may not write: a warning, not a red build.
    pipeline.stub("gh", "#!/bin/sh\nexit 1\n");
    let (refused, _) = pipeline.step("comment", &runner, &known);
    assert_eq!(refused.code, 0, "{}", refused.err);
    assert!(refused.out.contains("::warning::the plan could not be put on the pull request"), "{}", refused.out);
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
