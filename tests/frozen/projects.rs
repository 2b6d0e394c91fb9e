//! Runs complete projects through the binary.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::thread;

use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// The rows of a long table after its first ones add no coverage.
const FIRST: &str = "--limit=40";

#[test]
fn projects_give_the_frozen_output() {
    let golden = Path::new(ROOT).join("tests/frozen/golden");
    let update = std::env::var_os("CALLSHEET_UPDATE").is_some();
    let projects = Mutex::new(projects());
    let differences = Mutex::new(Vec::new());
    let compared = Mutex::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some((name, folder)) = projects.lock().unwrap().pop() else { break };
                    let Some(output) = output(&folder) else { continue };
                    *compared.lock().unwrap() += 1;
                    let file = golden.join(format!("{name}.txt"));
                    if update {
                        fs::write(&file, output).unwrap();
                    } else if let Some(difference) = difference(&fs::read_to_string(&file).unwrap_or_default(), &output)
                    {
                        differences.lock().unwrap().push(format!("{name}: {difference}"));
                    }
                }
            });
        }
    });
    let differences = differences.into_inner().unwrap();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    // A project that stops being valid must not leave the corpus unnoticed.
    let frozen = fs::read_dir(&golden).unwrap().count();
    assert_eq!(frozen, compared.into_inner().unwrap());
}

/// Returns the names and directories of all projects, valid or not.
fn projects() -> Vec<(String, PathBuf)> {
    let mut found = vec![("project".to_owned(), Path::new(ROOT).join("tests/frozen/project"))];
    let stages = fs::read_dir(Path::new(ROOT).join("tests/cases")).unwrap().map(|entry| entry.unwrap().path());
    for parent in stages.filter(|path| path.is_dir()).chain([Path::new(ROOT).join("examples")]) {
        let stage = parent.file_name().unwrap().to_string_lossy().into_owned();
        for entry in fs::read_dir(&parent).unwrap() {
            let entry = entry.unwrap();
            if entry.path().join("callsheet.yaml").exists() {
                found.push((format!("{stage}-{}", entry.file_name().to_string_lossy()), entry.path()));
            }
        }
    }
    found
}

/// Maximum number of explained videos. The videos of one entry have the same output.
const MAX_EXPLAINED: usize = 28;

/// A copy of a project, with its environment variables.
struct Copy {
    folder: tempfile::TempDir,
    variables: String,
}

impl Copy {
    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_callsheet"))
            .args(args)
            .current_dir(self.folder.path())
            .env_clear()
            .env("CAMPAIGN", "Spring")
            .envs(self.variables.lines().filter_map(|line| line.split_once('=')))
            .output()
            .unwrap()
    }

    /// Returns the standard output of a command that must succeed.
    fn stdout(&self, args: &[&str]) -> String {
        let done = self.run(args);
        let text = String::from_utf8(done.stdout).unwrap();
        assert!(done.status.success(), "{args:?}: {text}{}", String::from_utf8_lossy(&done.stderr));
        text.replace(&*self.folder.path().to_string_lossy(), "FOLDER")
    }
}

/// Returns all frozen output of one project. `None` if it has an error or no videos.
fn output(from: &Path) -> Option<String> {
    let copy = Copy {
        folder: tempfile::tempdir().unwrap(),
        variables: fs::read_to_string(from.join("env")).unwrap_or_default(),
    };
    copy_files(from, copy.folder.path());
    if from.join("setup").exists() {
        let done = Command::new("sh").arg("-eu").arg(from.join("setup")).current_dir(copy.folder.path()).output();
        assert!(done.unwrap().status.success());
    }
    if !copy.run(&["validate"]).status.success() {
        return None;
    }
    let rendered = copy.stdout(&["render", FIRST, "--format", "json"]);
    let videos: Value = serde_json::from_str(&rendered).unwrap();
    let keys: Vec<String> =
        videos["videos"].as_array()?.iter().map(|video| video["key"].as_str().unwrap().to_owned()).collect();
    if keys.is_empty() {
        return None;
    }
    let mut text = String::new();
    let mut section = |title: &str, body: &str| writeln!(text, "=== {title}\n{}", body.trim_end()).unwrap();
    section("render --format json", &rendered);
    section("render --format curl", &copy.stdout(&["render", FIRST, "--format", "curl"]));
    for key in keys.iter().take(MAX_EXPLAINED) {
        section(&format!("explain {key}"), &copy.stdout(&["explain", key, "--format", "json"]));
    }
    section("plan --format json", &copy.stdout(&["plan", FIRST, "--env", "sandbox", "--format", "json"]));
    let applied = copy.run(&["apply", FIRST, "--env", "sandbox", "--yes", "--quiet"]);
    if !applied.status.success() {
        // A guard of the case blocks apply.
        section("apply", &format!("exit {}", applied.status.code().unwrap()));
        return Some(text);
    }
    let lockfile = fs::read_to_string(copy.folder.path().join(".callsheet/sandbox.lock")).unwrap();
    let lines: Vec<String> = lockfile.lines().map(|line| scrubbed(line).to_string()).collect();
    section("lockfile", &lines.join("\n"));
    let status = copy.stdout(&["status", "--offline", FIRST, "--env", "sandbox", "--format", "json"]);
    section("status --offline --format json", &scrubbed(&status).to_string());
    section("plan after apply", &copy.stdout(&["plan", FIRST, "--env", "sandbox", "--format", "json"]));
    Some(text)
}

fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy_files(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// Returns a document without the times and ids that differ from run to run.
fn scrubbed(text: &str) -> Value {
    fn scrub(value: &mut Value) {
        match value {
            Value::String(text) if text.parse::<jiff::Timestamp>().is_ok() => "TIME".clone_into(text),
            Value::Array(items) => items.iter_mut().for_each(scrub),
            Value::Object(members) => {
                for (name, value) in members {
                    match name.as_str() {
                        "task" | "video" | "id" if value.as_str().is_some_and(|id| id.len() > 16) => {
                            *value = "ID".into();
                        }
                        "expires_in" => *value = "SECONDS".into(),
                        _ => scrub(value),
                    }
                }
            }
            _ => {}
        }
    }
    let mut value = serde_json::from_str(text).unwrap();
    scrub(&mut value);
    value
}

/// Returns the first line that differs.
fn difference(frozen: &str, output: &str) -> Option<String> {
    if frozen == output {
        return None;
    }
    let (mut frozen, mut output) = (frozen.lines(), output.lines());
    for number in 1.. {
        match (frozen.next(), output.next()) {
            (Some(old), Some(new)) if old == new => {}
            (old, new) => {
                let show = |line: Option<&str>| line.unwrap_or("(the end)").chars().take(400).collect::<String>();
                return Some(format!("line {number}\n  - {}\n  + {}", show(old), show(new)));
            }
        }
    }
    None
}
