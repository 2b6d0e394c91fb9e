//! A sandbox in a separate process, as a user would start it. The test ends it by its process id.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::fixture::{Scene, Shown, shown};

/// The API key that scenes use.
pub const KEY: &str = "sk-test-0123456789";

/// A running `callsheet sandbox`.
pub struct Server {
    child: Child,
    state: PathBuf,
    /// The address it listens on.
    pub url: String,
}

impl Server {
    /// Starts a sandbox with its state next to the project. It accepts any rate and any API key.
    pub fn start(scene: &Scene, faults: &[&str]) -> Self {
        let faults = faults.iter().flat_map(|fault| ["--fault", fault]).collect::<Vec<_>>();
        Self::with(scene, &faults)
    }

    /// Starts a sandbox with further arguments.
    pub fn with(scene: &Scene, args: &[&str]) -> Self {
        let state = scene.path().join(".vendor");
        let mut command = scene.command(&["sandbox", "--port", "0", "--rate", "0", "--queue", "0"]);
        if !args.contains(&"--render") {
            command.args(["--render", "0"]);
        }
        command.arg("--state").arg(&state).args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(url) = line.trim().strip_prefix("listening on ") else {
            let done = child.wait_with_output().unwrap();
            panic!("the sandbox does not start: {line}{}", String::from_utf8_lossy(&done.stderr));
        };
        Self { url: url.to_owned(), child, state }
    }

    /// Returns a command of the binary, pointed at this vendor.
    pub fn command(&self, scene: &Scene, args: &[&str]) -> Command {
        let mut command = scene.command(args);
        command.env("CALLSHEET_BASE_URL", &self.url).env("VIDNOZ_API_KEY", KEY);
        command
    }

    pub fn run(&self, scene: &Scene, args: &[&str]) -> Shown {
        shown(&mut self.command(scene, args))
    }

    /// Runs a command and expects an exit code.
    pub fn exits(&self, scene: &Scene, code: i32, args: &[&str]) -> Shown {
        let shown = self.run(scene, args);
        assert_eq!(shown.code, code, "{args:?}\n{}{}", shown.out, shown.err);
        shown
    }

    /// Runs a command and expects exit code 0.
    pub fn ok(&self, scene: &Scene, args: &[&str]) -> Shown {
        self.exits(scene, 0, args)
    }

    /// Returns everything accepted so far, oldest first: what a vendor would bill.
    pub fn accepted(&self) -> Vec<Accepted> {
        accepted(&self.state)
    }

    /// Restarts the sandbox without its uploaded files. All other state remains.
    pub fn without_uploads(self, scene: &Scene) -> Self {
        let state = self.state.clone();
        drop(self);
        let journal = state.join("journal.jsonl");
        let text = std::fs::read_to_string(&journal).unwrap();
        let kept: String = text.split_inclusive('\n').filter(|line| !line.contains("\"asset\":{")).collect();
        assert_ne!(text, kept);
        std::fs::write(journal, kept).unwrap();
        Self::start(scene, &[])
    }

    /// Returns the number of uploads so far.
    pub fn uploads(&self) -> usize {
        records(&self.state, "asset").len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have already ended.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A submission in the sandbox's journal.
#[derive(Clone, Debug)]
pub struct Accepted {
    pub task: String,
    pub video: String,
    pub name: String,
    pub parts: Vec<(String, String)>,
}

impl Accepted {
    pub fn part(&self, name: &str) -> Option<&str> {
        self.parts.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the content of the video. If two submissions have the same content, it is paid for twice.
    pub fn content(&self) -> Vec<(String, String)> {
        self.parts.iter().filter(|(name, _)| name != "name").cloned().collect()
    }
}

fn accepted(state: &Path) -> Vec<Accepted> {
    let tasks = records(state, "task").into_iter().map(|task| Accepted {
        task: task["task"].as_str().unwrap().to_owned(),
        video: task["video"].as_str().unwrap().to_owned(),
        name: task["name"].as_str().unwrap().to_owned(),
        parts: serde_json::from_value(task["work"]["parts"].clone()).unwrap(),
    });
    tasks.collect()
}

fn records(state: &Path, kind: &str) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(state.join("journal.jsonl")).unwrap_or_default();
    let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    let records = lines.map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    records.filter_map(|record| record.get(kind).cloned()).collect()
}
