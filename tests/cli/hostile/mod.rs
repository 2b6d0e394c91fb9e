//! Hostile projects: `validate` always ends soon, uses little memory, exits with 0 or 1, and prints a clear message.

mod environment;
mod files;
mod rows;
mod templates;
mod terminal_escapes;
mod text;

use std::fs::File;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::fixture::Scene;

/// Maximum processor time of a run, in seconds.
const WORK: &str = "20";

/// Maximum wall time of a run. A busy machine needs some of it.
const PATIENCE: Duration = Duration::from_mins(1);

/// Maximum address space in kilobytes. The stack of templates reserves 256 MB of it.
const MEMORY: &str = "1500000";

/// Maximum size of a screen in bytes. A longer one is not a readable message.
const SCREEN: usize = 256 * 1024;

/// The head of a project, with everything that a video needs.
pub const HEAD: &str = "callsheet: 1
defaults:
  avatar: { id: A1 }
  voice: { tts: { id: V1 } }
  background: { color: \"#f4f4f4\" }
";

/// A hostile project: its name, texts that the screen must contain, and how it is created.
pub struct Hostile {
    pub name: &'static str,
    pub says: &'static str,
    pub make: fn(&Scene),
}

/// Creates a project whose only video has this script.
pub fn script(scene: &Scene, script: &str) {
    scene.write("callsheet.yaml", &format!("{HEAD}videos:\n  a:\n    script: {script:?}\n"));
}

/// Creates a project whose only video has rows from a file.
pub fn rows(scene: &Scene, file: &str, data: &str) {
    scene.write(
        "callsheet.yaml",
        &format!("{HEAD}videos:\n  a:\n    rows: {{ path: {file}, key: '{{{{ row.id }}}}' }}\n    script: Hello\n"),
    );
    scene.write(file, data);
}

/// The result of a run.
pub struct Ended {
    pub code: Option<i32>,
    pub screen: Vec<u8>,
    pub took: Duration,
    pub killed: bool,
}

/// Runs the binary with limits of memory and time. Its standard input stays open without data.
pub fn run(scene: &Scene, args: &[&str], prepare: impl FnOnce(&mut Command)) -> Ended {
    let screen = scene.path().join(".screen");
    let file = File::create(&screen).unwrap();
    let mut command = Command::new("sh");
    command
        .args([
            "-c",
            &format!("ulimit -v {MEMORY}; ulimit -t {WORK}; exec \"$@\""),
            "sh",
            env!("CARGO_BIN_EXE_callsheet"),
        ])
        .args(args)
        .current_dir(scene.path())
        .env_clear()
        .env("COLUMNS", "100")
        .stdin(Stdio::piped())
        .stdout(file.try_clone().unwrap())
        .stderr(file);
    prepare(&mut command);
    let start = Instant::now();
    let mut child = command.spawn().unwrap();
    let mut killed = false;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > PATIENCE {
            killed = true;
            child.kill().unwrap();
            break child.wait().unwrap();
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let took = start.elapsed();
    Ended { code: status.code(), screen: std::fs::read(&screen).unwrap(), took, killed }
}

/// Returns what is wrong with the result of a run. `None` if nothing is.
pub fn complaint(ended: &Ended, says: &str) -> Option<String> {
    let screen = String::from_utf8_lossy(&ended.screen);
    let head: String = screen.chars().take(1_500).collect();
    let wrong = if ended.killed {
        "still running"
    } else if !matches!(ended.code, Some(0 | 1)) {
        "ended by a signal or another exit code"
    } else if ended.screen.len() > SCREEN {
        "a screen too long to be read"
    } else if std::str::from_utf8(&ended.screen).is_err() {
        "a screen that is not UTF-8"
    } else if screen.contains(steers) {
        "a control character on the screen"
    } else if screen.contains("panicked") || !screen.contains(says) {
        "other words than expected"
    } else {
        return None;
    };
    Some(format!("{wrong} (exit {:?} after {:?}), wanted {says:?}:\n{head}", ended.code, ended.took))
}

/// Returns whether a character can control a terminal.
pub fn steers(one: char) -> bool {
    one.is_control() && one != '\n' && one != '\t'
}

/// Runs every project and reports all failures. With `HOSTILE_TIMES` set, it also prints the time of each.
#[expect(clippy::print_stdout, reason = "times are printed for whoever asks for them")]
pub fn all(projects: &[Hostile]) {
    let mut wrong = Vec::new();
    for project in projects {
        let scene = Scene::new();
        (project.make)(&scene);
        let ended = run(&scene, &["validate"], |_| {});
        if std::env::var_os("HOSTILE_TIMES").is_some() {
            println!("{:>8} ms  {}", ended.took.as_millis(), project.name);
        }
        if let Some(complaint) = complaint(&ended, project.says) {
            wrong.push(format!("{}: {complaint}", project.name));
        }
    }
    assert!(wrong.is_empty(), "{} of {} projects:\n\n{}", wrong.len(), projects.len(), wrong.join("\n\n"));
}
