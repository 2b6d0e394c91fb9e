//! Failures at the end of a run: lost responses, readers that disappear, outdated plans.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::fixture::{Scene, Shown, shown};

const MANIFEST: &str = r##"callsheet: 1
environments: { production: { rate: 0, settle_grace: 0s, timeout: 5s } }
avatars: { anna: { id: a } }
voices: { emma: { tts: { id: v } } }
backgrounds: { plain: { color: "#f4f4f4" } }
defaults: { avatar: anna, voice: emma, background: plain }
videos:
  one: { script: "The first." }
  two: { script: "The second." }
  three: { script: "The third." }
"##;

/// A sandbox in a separate process, which ends with the test.
struct Server {
    child: Child,
    base: String,
}

impl Server {
    /// Starts a sandbox with its state next to the project.
    fn start(scene: &Scene, faults: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callsheet"));
        command.args(["sandbox", "--port", "0", "--rate", "0", "--queue", "0", "--render", "0", "--state"]);
        command.arg(scene.path().join("vendor")).env_clear().stdout(Stdio::piped()).stderr(Stdio::null());
        for fault in faults {
            command.args(["--fault", fault]);
        }
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { child, base }
    }

    fn command(&self, scene: &Scene, args: &[&str]) -> Command {
        let mut command = scene.command(args);
        command.env("CALLSHEET_BASE_URL", &self.base).env("VIDNOZ_API_KEY", "sk-0123456789");
        command
    }

    fn run(&self, scene: &Scene, args: &[&str]) -> Shown {
        shown(&mut self.command(scene, args))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // If either call fails, the process has already ended.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

fn count(scene: &Scene, state: &str) -> usize {
    scene.read("callsheet.lock").matches(&format!("\"state\":\"{state}\"")).count()
}

#[test]
fn a_reader_that_goes_away_changes_nothing_of_a_run() {
    let scene = Scene::manifest(MANIFEST);
    let server = Server::start(&scene, &["accept-then-drop:first=1", "refuse:400@list"]);
    let mut command = server.command(&scene, &["apply", "--yes"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(6), "the exit code tells what came of it, not who read");
    assert_eq!((count(&scene, "submitted"), count(&scene, "intent")), (2, 1));
    drop(server);
    let server = Server::start(&scene, &[]);
    let settled = server.run(&scene, &["apply", "--yes"]);
    assert_eq!((settled.code, count(&scene, "submitted")), (0, 3), "{}{}", settled.out, settled.err);
    assert_eq!(settled.out, "Applied: 1 found at the vendor, nothing to do, 3 unchanged\n");
}

#[test]
fn a_saved_plan_that_others_overtook_is_stale_and_sends_nothing() {
    let (here, there) = (Scene::manifest(MANIFEST), Scene::manifest(MANIFEST));
    let server = Server::start(&there, &[]);
    assert_eq!(server.run(&here, &["plan", "--out", "saved.json"]).code, 0);
    assert_eq!(server.run(&there, &["apply", "one", "--yes"]).code, 0);
    let shown = server.run(&here, &["apply", "saved.json", "--yes"]);
    assert_eq!(shown.code, 1, "{}{}", shown.out, shown.err);
    assert!(shown.err.contains("the saved plan is stale: `one` no longer needs a submission"), "{}", shown.err);
    assert!(shown.err.contains("; nothing was sent; make a new one with `callsheet plan --out FILE`"), "{}", shown.err);
    assert_eq!(count(&here, "submitted"), 1, "what was found is kept, nothing else was sent");
}

#[test]
fn every_stream_of_events_ends_in_a_summary() {
    let scene = Scene::manifest(MANIFEST);
    let server = Server::start(&scene, &[]);
    for (args, code) in [
        (&["apply", "--format", "json", "--yes", "--max-submissions", "1"][..], 5),
        (&["apply", "--format", "json"][..], 1),
        (&["apply", "--format", "json", "--yes"][..], 0),
        (&["apply", "--format", "json", "--yes"][..], 0),
    ] {
        let shown = server.run(&scene, args);
        let last: serde_json::Value = serde_json::from_str(shown.out.lines().last().unwrap()).unwrap();
        assert_eq!(
            (shown.code, &last["event"], &last["exit_code"]),
            (code, &"summary".into(), &code.into()),
            "{args:?}"
        );
    }
}

#[test]
fn what_the_list_showed_stands_in_the_sum() {
    let (here, there) = (Scene::manifest(MANIFEST), Scene::manifest(MANIFEST));
    let server = Server::start(&there, &[]);
    assert_eq!(server.run(&there, &["apply", "--yes"]).code, 0);
    let shown = server.run(&here, &["apply", "--yes"]);
    assert_eq!(
        (shown.code, shown.out.as_str()),
        (0, "Applied: 3 found at the vendor, nothing to do, 3 unchanged\n"),
        "{}",
        shown.err
    );
}
