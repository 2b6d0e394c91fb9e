//! An upgrade bills nothing again: plans with lockfiles of earlier versions have zero submissions.
//!
//! `tests/upgrade/README.md` says what is stored, and how a version adds its lockfiles.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use super::{copy, folders, set_up};

/// If set, writes the lockfiles of this version to `tests/upgrade/NAME` instead of checking those of earlier versions.
const WRITE: &str = "CALLSHEET_UPGRADE";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns every example, case and test project, by the name of its lockfiles.
fn projects() -> Vec<(String, PathBuf)> {
    let stages = folders(&root().join("tests/cases"));
    let places = [("examples", root().join("examples")), ("projects", root().join("tests/upgrade/projects"))];
    let stages = stages.into_iter().map(|stage| (format!("cases/{}", name_of(&stage)), stage));
    let places = places.into_iter().map(|(name, place)| (name.to_owned(), place)).chain(stages);
    places
        .flat_map(|(name, place)| {
            folders(&place).into_iter().map(move |one| (format!("{name}/{}", name_of(&one)), one))
        })
        .filter(|(_, project)| project.join("callsheet.yaml").exists())
        .collect()
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

/// A copy of a project, set up like its case.
struct Copy<'a> {
    project: &'a Path,
    folder: tempfile::TempDir,
}

impl<'a> Copy<'a> {
    fn new(project: &'a Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(project, folder.path());
        set_up(project, folder.path());
        Self { project, folder }
    }

    fn command(&self, program: &str) -> Command {
        let variables = fs::read_to_string(self.project.join("env")).unwrap_or_default();
        let binary = Path::new(env!("CARGO_BIN_EXE_callsheet")).parent().unwrap();
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env_clear()
            .envs(variables.lines().filter_map(|line| line.split_once('=')))
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", binary.display()));
        command
    }

    fn callsheet(&self, args: &[&str]) -> Output {
        let mut command = self.command(env!("CARGO_BIN_EXE_callsheet"));
        command.args(args).env("CALLSHEET_BASE_URL", "http://127.0.0.1:9").output().unwrap()
    }

    /// Returns what this version would do with a lockfile of an earlier one. Empty if it would do nothing.
    fn differs(&self, lock: &Path) -> String {
        let hidden = self.folder.path().join(".callsheet");
        fs::create_dir_all(&hidden).unwrap();
        fs::copy(lock, self.folder.path().join("callsheet.lock")).unwrap();
        fs::copy(lock, hidden.join("sandbox.lock")).unwrap();
        let mut words = String::new();
        for environment in ["production", "sandbox"] {
            let done = self.callsheet(&["plan", "--env", environment, "--format", "json"]);
            let Ok(plan) = serde_json::from_slice::<Value>(&done.stdout) else {
                return format!("  does not plan any more:\n{}", String::from_utf8_lossy(&done.stderr));
            };
            let summary = &plan["summary"];
            if done.status.success() && summary["submit"] == 0 && summary["in_doubt"] == 0 {
                continue;
            }
            let _infallible = writeln!(words, "  in {environment}: {summary}");
            for change in plan["changes"].as_array().into_iter().flatten() {
                let _infallible = writeln!(words, "    {} {} {}", change["action"], change["key"], change["diff"]);
            }
        }
        words
    }

    /// Returns the lockfile that this version writes. `None` if the project has no valid plan, or nothing to send.
    fn written(&self) -> Option<String> {
        if !self.callsheet(&["plan", "--env", "sandbox"]).status.success() {
            return None;
        }
        let history = self.project.join("history");
        if history.exists() {
            let done = self.command("sh").arg("-eu").arg(history).output().unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        } else {
            let lifted = ["--max-submissions", "100000", "--max-credits", "100000", "--max-share", "100%"];
            self.callsheet(&[&["apply", "--env", "sandbox", "--yes"], &lifted[..]].concat());
        }
        // A submission that the sandbox rejects, such as one with an expired URL, writes no lockfile.
        fs::read_to_string(self.folder.path().join(".callsheet/sandbox.lock")).ok()
    }
}

#[test]
fn lockfiles_of_earlier_versions_buy_nothing_again() {
    let kept = root().join("tests/upgrade");
    let projects = projects();
    if let Some(version) = std::env::var_os(WRITE) {
        for (name, project) in &projects {
            if let Some(text) = Copy::new(project).written() {
                let path = kept.join(&version).join(format!("{name}.lock"));
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
        }
        return;
    }
    let versions: Vec<PathBuf> = folders(&kept).into_iter().filter(|one| !one.ends_with("projects")).collect();
    assert!(!versions.is_empty(), "no lockfiles found");
    let mut wrong = String::new();
    for version in versions {
        let locks = locks(&version);
        assert!(locks.len() > 20, "{}: {} lockfiles", version.display(), locks.len());
        for lock in locks {
            let name = lock.strip_prefix(&version).unwrap().with_extension("").to_str().unwrap().to_owned();
            let differs = match projects.iter().find(|(known, _)| *known == name) {
                Some((_, project)) => Copy::new(project).differs(&lock),
                None => "  is gone; if that is meant, delete its lockfile\n".to_owned(),
            };
            if !differs.is_empty() {
                let _infallible = write!(wrong, "{name}, paid for with {}:\n{differs}", name_of(&version));
            }
        }
    }
    assert!(wrong.is_empty(), "an upgrade would buy again, or no longer reads:\n{wrong}");
}

/// Returns all lockfiles in a directory.
fn locks(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = folders(folder).iter().flat_map(|one| locks(one)).collect();
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    found.extend(entries.filter(|path| path.extension().is_some_and(|ending| ending == "lock")));
    found.sort();
    found
}
