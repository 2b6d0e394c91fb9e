//! A run with a shared ledger as a process that a test stops, freezes or keeps waiting.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::ledger::{command, ledger, prepared};
use crate::runner::Pipeline;
use crate::server::Accepted;

/// A process whose output is read while it works. It ends with the test.
pub struct Running {
    child: Child,
    said: Arc<Mutex<Vec<u8>>>,
}

impl Running {
    /// Starts an apply that writes its events, with claims of some seconds.
    pub fn apply(pipeline: &Pipeline, folder: &str, claim: u32, args: &[&str]) -> Self {
        let mut apply = command(pipeline, folder, &["--format", "json", "apply", "--yes"]);
        apply.args(args).env("CALLSHEET_CLAIM_SECONDS", claim.to_string());
        Self::start(apply)
    }

    /// Starts an apply at a terminal, with its prompt open. `None` if there is no program for it.
    #[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
    pub fn at_a_terminal(pipeline: &Pipeline, folder: &str) -> Option<Self> {
        if Command::new("script").arg("--version").output().is_err() {
            println!("SKIPPED: `script` is not installed");
            return None;
        }
        let mut script = Command::new("script");
        script.args(["-qefc", "callsheet apply", "/dev/null"]).env("TERM", "xterm");
        let running = Self::start(prepared(pipeline, folder, script));
        running.waits_for("the question", |running| running.said().contains("is accepted: "));
        Some(running)
    }

    pub fn start(mut command: Command) -> Self {
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let streams: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for mut stream in streams {
            let copy = Arc::clone(&said);
            std::thread::spawn(move || {
                let mut bytes = [0; 4096];
                while let Ok(count @ 1..) = stream.read(&mut bytes) {
                    copy.lock().unwrap().extend_from_slice(&bytes[..count]);
                }
            });
        }
        Self { child, said }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn said(&self) -> String {
        String::from_utf8_lossy(&self.said.lock().unwrap()).into_owned()
    }

    pub fn waits_for(&self, what: &str, is_there: impl Fn(&Self) -> bool) {
        let end = Instant::now() + Duration::from_mins(1);
        while !is_there(self) {
            assert!(Instant::now() < end, "{what} is missing: {}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn event(&self, name: &str) {
        self.waits_for(name, |running| running.said().contains(&format!("\"event\":\"{name}\"")));
    }

    pub fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.id().to_string()]).status().unwrap().success());
    }

    pub fn types(&mut self, text: &str) {
        self.child.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Returns the exit code, and all output.
    pub fn ends(mut self) -> (Option<i32>, String) {
        let end = Instant::now() + Duration::from_secs(90);
        let code = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status.code();
            }
            assert!(Instant::now() < end, "it does not end: {}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        };
        // The threads read what is left in the pipes.
        std::thread::sleep(Duration::from_millis(50));
        (code, self.said())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Everything is accepted once, and the ledger knows each as paid.
pub fn all_ten_are_paid_once(pipeline: &Pipeline, screen: &str) {
    let accepted = pipeline.server.accepted();
    let contents: BTreeSet<_> = accepted.iter().map(Accepted::content).collect();
    assert_eq!((accepted.len(), contents.len()), (10, 10), "{screen}");
    let text = ledger(pipeline);
    for one in &accepted {
        let marker = &one.name[one.name.rfind(" #").unwrap()..];
        let paid = |line: &&str| line.contains(marker) && line.contains("\"state\":\"submitted\"");
        assert!(text.lines().any(|line| paid(&line)), "{} is lost: {text}", one.name);
    }
    assert!(!text.contains("\"state\":\"intent\""), "{text}");
}
