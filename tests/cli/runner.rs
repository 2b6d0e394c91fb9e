//! A runner of CI jobs: runs the shell text of `action.yml` and of the GitLab pipeline as the real runners do.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_yaml::Value;

use crate::faults::TEN;
use crate::fixture::{Scene, Shown, repository, shown};
use crate::server::{KEY, Server};

/// A bare repository, a vendor, and a directory for clones.
pub struct Pipeline {
    pub scene: Scene,
    pub server: Server,
}

impl Pipeline {
    /// Creates a pipeline with a project of ten videos on `main`.
    pub fn new() -> Self {
        Self::with(TEN, "callsheet*.lock merge=union eol=lf\n", &[])
    }

    /// Creates a pipeline with a manifest, the `.gitattributes`, and faults of the sandbox.
    pub fn with(manifest: &str, attributes: &str, faults: &[&str]) -> Self {
        let scene = Scene::new();
        let server = Server::start(&scene, faults);
        let pipeline = Self { scene, server };
        pipeline.git(".", &["init", "-q", "--bare", "-b", "main", "origin.git"]);
        let clone = pipeline.clone("author");
        pipeline.scene.write("author/callsheet.yaml", manifest);
        pipeline.scene.write("author/.gitattributes", attributes);
        pipeline.scene.write("author/.gitignore", ".callsheet/\n");
        pipeline.git(&clone, &["checkout", "-qb", "main"]);
        pipeline.commit_and_push(&clone, "main");
        pipeline
    }

    /// Returns the same pipeline with its sandbox restarted without faults.
    pub fn healed(self) -> Self {
        let Self { scene, server } = self;
        drop(server);
        let server = Server::start(&scene, &[]);
        Self { scene, server }
    }

    pub fn git(&self, folder: &str, args: &[&str]) -> String {
        let mut git = Command::new("git");
        git.args(args).current_dir(self.scene.path().join(folder));
        self.surround(&mut git);
        let shown = shown(&mut git);
        assert_eq!(shown.code, 0, "git {args:?}: {}{}", shown.out, shown.err);
        shown.out
    }

    pub fn surround(&self, command: &mut Command) {
        command.env_clear().env("HOME", self.scene.path()).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_EDITOR", "true");
        let binary = Path::new(env!("CARGO_BIN_EXE_callsheet")).parent().unwrap();
        let stubs = self.scene.path().join("stubs");
        command.env("PATH", format!("{}:{}:/usr/local/bin:/usr/bin:/bin", stubs.display(), binary.display()));
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Test").env(format!("GIT_{role}_EMAIL"), "test@example.com");
        }
    }

    pub fn clone(&self, name: &str) -> String {
        self.git(".", &["clone", "-q", "origin.git", name]);
        name.to_owned()
    }

    pub fn commit_and_push(&self, folder: &str, branch: &str) {
        self.git(folder, &["add", "-A"]);
        self.git(folder, &["commit", "-qm", "work"]);
        self.git(folder, &["push", "-q", "origin", &format!("HEAD:{branch}")]);
    }

    /// Writes a program that precedes all others of its name in the PATH.
    pub fn stub(&self, name: &str, script: &str) {
        self.program(&format!("stubs/{name}"), script);
    }

    /// Writes a program in the directory.
    pub fn program(&self, path: &str, script: &str) {
        self.scene.write(path, script);
        fs::set_permissions(self.scene.path().join(path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Replaces callsheet with a script that runs one shell text before each `apply`, and another after it.
    pub fn around_apply(&self, before: &str, after: &str) {
        let real = env!("CARGO_BIN_EXE_callsheet");
        self.stub(
            "callsheet",
            &format!(
                "#!/bin/sh\ncase \" $* \" in\n*' apply '*) ({before}) || exit 99; {real} \"$@\"; code=$?; ({after}) || exit 98; exit $code ;;\nesac\nexec {real} \"$@\"\n"
            ),
        );
    }

    /// Returns the runner's directory for temporary files while it runs in a clone.
    pub fn temp(&self, folder: &str) -> PathBuf {
        self.scene.path().join("temp").join(folder)
    }

    /// Returns the command of a step of `action.yml` in a clone. The runner writes its text to a file and starts bash
    /// with `-e`.
    pub fn step_command(&self, id: &str, folder: &str, known: &[(&str, &str)]) -> Command {
        let action: Value =
            serde_yaml::from_str(&fs::read_to_string(repository().join("action.yml")).unwrap()).unwrap();
        let steps = action["runs"]["steps"].as_sequence().unwrap();
        let step = steps.iter().find(|step| step["id"] == id).unwrap();
        let mut values: BTreeMap<String, String> = BTreeMap::new();
        for (name, input) in action["inputs"].as_mapping().unwrap() {
            let default = input["default"].as_str().unwrap_or_default();
            values.insert(format!("inputs.{}", name.as_str().unwrap()), default.to_owned());
        }
        values.insert("steps.plan.outputs.changes".to_owned(), "true".to_owned());
        values.insert("steps.upload.outputs.artifact-url".to_owned(), String::new());
        // The plan step reports it. A step that runs alone has no ledger.
        let planned = fs::read_to_string(self.temp(folder).join("plan.output")).unwrap_or_default();
        let ledger = if planned.contains("ledger=true") { "true" } else { "false" };
        values.insert("steps.plan.outputs.ledger".to_owned(), ledger.to_owned());
        values.extend(known.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let temp = self.temp(folder);
        fs::create_dir_all(&temp).unwrap();
        let (script, output) = (temp.join(format!("{id}.sh")), temp.join(format!("{id}.output")));
        fs::write(&script, step["run"].as_str().unwrap()).unwrap();
        fs::write(&output, "").unwrap();
        let mut bash = self.bash(folder);
        bash.args(["-e", "-o", "pipefail"]).arg(script);
        bash.env("GITHUB_OUTPUT", output).env("GITHUB_STEP_SUMMARY", temp.join("summary")).env("RUNNER_TEMP", temp);
        bash.env("GITHUB_REF", "refs/heads/main");
        for (name, value) in step["env"].as_mapping().into_iter().flatten() {
            bash.env(name.as_str().unwrap(), resolved(value.as_str().unwrap(), &values));
        }
        bash
    }

    /// Returns the outputs of a step's last run.
    pub fn outputs(&self, id: &str, folder: &str) -> BTreeMap<String, String> {
        let text = fs::read_to_string(self.temp(folder).join(format!("{id}.output"))).unwrap();
        let outputs = text.lines().map(|line| line.split_once('=').unwrap());
        outputs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// Runs a step of `action.yml` in a clone. Also returns its outputs.
    pub fn step(&self, id: &str, folder: &str, known: &[(&str, &str)]) -> (Shown, BTreeMap<String, String>) {
        let done = shown(&mut self.step_command(id, folder, known));
        (done, self.outputs(id, folder))
    }

    /// Returns the command of the step `apply` on `main`.
    pub fn apply_command(&self, folder: &str) -> Command {
        self.step_command("apply", folder, &[("github.ref_name", "main"), ("steps.plan.outputs.submit", "10")])
    }

    /// Runs the step that always runs.
    pub fn record(&self, folder: &str) -> (Shown, BTreeMap<String, String>) {
        self.step("record", folder, &[])
    }

    fn bash(&self, folder: &str) -> Command {
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc"]).current_dir(self.scene.path().join(folder));
        self.surround(&mut bash);
        bash.env("CALLSHEET_BASE_URL", &self.server.url).env("VIDNOZ_API_KEY", KEY);
        bash
    }

    pub fn shell(&self, script: &str, folder: &str) -> Command {
        let mut bash = self.bash(folder);
        bash.args(["-c", script]);
        bash
    }

    /// Returns the command of a job of the GitLab pipeline in a clone, with its guard replaced. `part` is `script` or
    /// `after_script`.
    pub fn gitlab_part(&self, job: &str, part: &str, folder: &str, guard: &str) -> Command {
        let text = fs::read_to_string(repository().join("examples/ci/gitlab-ci.yml")).unwrap();
        assert!(text.contains("apply --yes --max-credits 200 &"));
        let jobs: Value = serde_yaml::from_str(&text.replace("--max-credits 200", guard)).unwrap();
        let lines = jobs[job][part].as_sequence().unwrap().iter().map(|line| line.as_str().unwrap().to_owned());
        let script = format!("set -eo pipefail\n{}", lines.collect::<Vec<_>>().join("\n"));
        let mut bash = self.shell(&script, folder);
        bash.env("CI_COMMIT_BRANCH", "main").env("CI_SERVER_HOST", "gitlab.test").env("CI_PROJECT_PATH", "acme/videos");
        bash.env("CI_JOB_URL", "https://gitlab.test/acme/videos/-/jobs/1");
        bash.env("PUSH_TOKEN", "t0ken").env("GIT_CONFIG_COUNT", "1");
        let origin = self.scene.path().join("origin.git");
        bash.env("GIT_CONFIG_KEY_0", format!("url.{}.insteadOf", origin.display()));
        bash.env("GIT_CONFIG_VALUE_0", "https://token:t0ken@gitlab.test/acme/videos.git");
        bash
    }

    /// Returns the command of the script of a GitLab job.
    pub fn gitlab(&self, job: &str, folder: &str, guard: &str) -> Command {
        self.gitlab_part(job, "script", folder, guard)
    }

    /// Runs both steps of `command: apply`, and the one that always runs.
    pub fn apply(&self, folder: &str, branch: &str) -> (i32, String) {
        let (planned, outputs) = self.step("plan", folder, &[]);
        assert_eq!(planned.code, 0, "{}{}", planned.out, planned.err);
        if outputs["changes"] == "false" {
            return (0, "nothing to do".to_owned());
        }
        let submit = &outputs["submit"];
        let known = [("github.ref_name", branch), ("steps.plan.outputs.submit", submit)];
        let (applied, _) = self.step("apply", folder, &known);
        if applied.code == 0 {
            let (recorded, outputs) = self.record(folder);
            let kept = if self.outputs("plan", folder)["ledger"] == "true" { 2 } else { 0 };
            assert_eq!((recorded.code, outputs.len()), (0, kept), "{}{}", recorded.out, recorded.err);
        }
        (applied.code, format!("{}{}", applied.out, applied.err))
    }

    pub fn lock(&self, folder: &str) -> PathBuf {
        self.scene.path().join(folder).join("callsheet.lock")
    }

    /// Returns the lockfile at the tip of `main` in the bare repository.
    pub fn pushed(&self) -> String {
        self.git("origin.git", &["cat-file", "blob", "main:callsheet.lock"])
    }
}

/// Replaces `${{ name }}` with its value. A name without a value is an error of the test.
fn resolved(text: &str, values: &BTreeMap<String, String>) -> String {
    let Some((before, rest)) = text.split_once("${{") else { return text.to_owned() };
    let (name, after) = rest.split_once("}}").unwrap();
    let value = values.get(name.trim()).unwrap_or_else(|| panic!("no value for {name}"));
    format!("{before}{value}{}", resolved(after, values))
}
