//! `validate --watch`: validates after every save, until Ctrl-C.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::fixture::Scene;

const MANIFEST: &str = "callsheet: 1
include: [videos/*.yaml]
defaults: { avatar: { id: A1 }, voice: { tts: { id: V1 } }, background: { color: \"#f4f4f4\" } }
videos:
  hello: { script: { path: scripts/hello.txt } }
";

/// Longer than any round takes on a busy machine.
const LONG: Duration = Duration::from_mins(1);

/// A running watch. The test ends it by its process id.
struct Watch {
    child: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn start(scene: &Scene, args: &[&str]) -> Self {
        let mut command = scene.command(&["validate", "--watch"]);
        let mut child = command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (told, lines) = channel();
        for stream in [Box::new(out) as Box<dyn Read + Send>, Box::new(err)] {
            let told = told.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    drop(told.send(line));
                }
            });
        }
        Self { child, lines }
    }

    /// Returns the lines of one round.
    fn round(&self) -> String {
        let mut all = String::new();
        loop {
            let line = self.lines.recv_timeout(LONG).unwrap_or_else(|_| panic!("no end of the round:\n{all}"));
            if line == "watching; Ctrl-C stops" {
                return all;
            }
            all.push_str(&line);
            all.push('\n');
        }
    }

    /// Waits for a round with these words. On a slow machine, one save can cause several rounds.
    fn shows(&self, words: &str) -> String {
        loop {
            let round = self.round();
            if round.contains(words) {
                return round;
            }
        }
    }

    /// Sends a signal, as Ctrl-C does, and returns the exit code.
    fn end(mut self, signal: &str) -> i32 {
        let done = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // It may have already ended.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn scene() -> Scene {
    let scene = Scene::manifest(MANIFEST);
    scene.write("scripts/hello.txt", "Hello");
    scene.write("videos/a.yaml", "videos:\n  a: { script: A }\n");
    scene
}

#[test]
fn whatever_is_saved_is_validated_again() {
    let scene = scene();
    let watch = Watch::start(&scene, &[]);
    assert_eq!(watch.round(), "valid: 2 videos from 3 files\n");
    scene.write("videos/a.yaml", "videos:\n  a: { scirpt: A }\n");
    let round = watch.shows("error[unknown-field]");
    assert!(round.starts_with("\nvideos/a.yaml changed\n"), "{round}");
    // A new included file, a script, a missing data file that appears, the root manifest.
    scene.write("videos/a.yaml", "videos:\n  a: { script: A }\n");
    watch.shows("valid: 2 videos from 3 files");
    scene.write("videos/b.yaml", "videos:\n  b: { rows: { path: ../data/b.csv, key: \"{{ row.id }}\" }, script: B }\n");
    watch.shows("error[bad-path]");
    scene.write("data/b.csv", "id\n1\n2\n");
    watch.shows("valid: 4 videos");
    scene.write("scripts/hello.txt", " ");
    watch.shows("scripts/hello.txt");
    std::fs::remove_file(scene.path().join("callsheet.yaml")).unwrap();
    watch.shows("error: no `callsheet.yaml`");
    scene.write("callsheet.yaml", MANIFEST);
    scene.write("scripts/hello.txt", "Hello");
    watch.shows("valid: 4 videos");
    assert_eq!(watch.end("-INT"), 0);
}

#[test]
fn programs_get_a_document_a_line() {
    let scene = scene();
    let watch = Watch::start(&scene, &["--format", "json", "--quiet"]);
    let first = watch.lines.recv_timeout(LONG).unwrap();
    scene.write("videos/a.yaml", "videos:\n  a: { scirpt: A }\n");
    let second = watch.lines.recv_timeout(LONG).unwrap();
    let read = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
    assert_eq!(read(&first)["diagnostics"], serde_json::json!([]));
    assert_eq!(read(&second)["diagnostics"][0]["code"], "unknown-field", "{second}");
    assert_eq!(watch.end("-TERM"), 0);
}

#[test]
fn a_report_that_is_one_file_is_not_watched() {
    let shown = scene().run(&["validate", "--watch", "--format", "sarif"]);
    assert_eq!(shown.code, 64);
    assert!(shown.err.contains("`validate --watch` writes `human`, `json`"), "{}", shown.err);
}
