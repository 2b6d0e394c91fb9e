//! The vendor as a separate process: `callsheet sandbox`, which can be killed and restarted with its state.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::process::{Running, wait_for};

pub struct Vendor {
    state: PathBuf,
    logs: PathBuf,
    faults: Vec<String>,
    running: Running,
    starts: usize,
    port: u16,
}

/// A submission that the sandbox stored, and that the real vendor would bill.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    pub text: String,
    pub name: String,
    pub task: String,
    pub video: String,
}

impl Vendor {
    /// Starts a sandbox with its state in `folder/vendor`.
    pub fn start(folder: &Path, faults: &[&str]) -> Self {
        let state = folder.join("vendor");
        let logs = folder.join("logs");
        let faults: Vec<String> = faults.iter().map(|&fault| fault.to_owned()).collect();
        let (running, port) = serve(&state, &logs, &faults, (0, 0));
        Self { state, logs, faults, running, starts: 1, port }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn kill(&mut self) {
        self.running.kill();
    }

    /// Restarts it after [`Vendor::kill`], with the same state and port.
    pub fn restart(&mut self) {
        (self.running, _) = serve(&self.state, &self.logs, &self.faults, (self.starts, self.port));
        self.starts += 1;
    }

    /// Does the same with other faults.
    pub fn restart_with(&mut self, faults: &[&str]) {
        self.kill();
        self.faults = faults.iter().map(|&fault| fault.to_owned()).collect();
        self.restart();
    }

    /// Returns everything ever accepted with this state, from the journal.
    pub fn accepted(&self) -> Vec<Accepted> {
        let journal = fs::read_to_string(self.state.join("journal.jsonl")).unwrap();
        // An incomplete last line was never confirmed to a client.
        let whole = journal.rfind('\n').map_or("", |end| &journal[..end]);
        whole.lines().filter_map(accepted).collect()
    }

    /// Waits until `count` submissions are accepted.
    pub fn has_accepted(&self, count: usize) {
        wait_for(&format!("{count} accepted"), || self.accepted().len() >= count, || format!("{:?}", self.accepted()));
    }
}

fn accepted(line: &str) -> Option<Accepted> {
    let value: Value = serde_json::from_str(line).unwrap();
    let task = value.get("task")?;
    let parts = task["work"]["parts"].as_array().unwrap();
    let part = |name: &str| parts.iter().find(|part| part[0] == name).map(|part| part[1].as_str().unwrap().to_owned());
    let field = |name: &str| task[name].as_str().unwrap().to_owned();
    Some(Accepted {
        text: part("voice[tts][text]").or_else(|| part("voices[0][tts][text]")).unwrap_or_default(),
        name: field("name"),
        task: field("task"),
        video: field("video"),
    })
}

fn serve(state: &Path, logs: &Path, faults: &[String], (start, port): (usize, u16)) -> (Running, u16) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callsheet"));
    command.env_clear().current_dir("/").stdin(Stdio::null());
    command.args(["sandbox", "--rate", "0", "--port", &port.to_string(), "--state"]).arg(state);
    for fault in faults {
        command.args(["--fault", fault]);
    }
    let running = Running::start(&mut command, logs, &format!("vendor-{start}"));
    let mut found = None;
    let read = || {
        let shown = running.so_far();
        let line = shown.lines().find_map(|line| line.strip_prefix("listening on http://127.0.0.1:"));
        found = line.and_then(|port| port.parse().ok());
        found.is_some()
    };
    wait_for("the vendor listening", read, || running.so_far());
    (running, found.unwrap())
}
