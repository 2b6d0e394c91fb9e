//! Hostile projects: whatever is written, `validate` answers soon, in little memory, with exit code 0 or 1 and clear words.

mod files;
mod rows;
mod steering;
mod surroundings;
mod templates;
mod text;

use std::fs::File;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::scene::Scene;

/// A run that works for longer has failed: seconds of the processor.
const WORK: &str = "20";

/// So has a run that waits for longer; a busy machine needs some of it.
const PATIENCE: Duration = Duration::from_mins(1);

/// Kilobytes of address space; the stack of templates reserves 256 MB of it.
const MEMORY: &str = "1500000";

/// The most bytes that a screen may have: more is no message.
const SCREEN: usize = 256 * 1024;

/// The head of a project; every video has all it needs.
pub const HEAD: &str = "callsheet: 1
defaults:
  avatar: { id: A1 }
  voice: { tts: { id: V1 } }
  background: { color: \"#f4f4f4\" }
";

/// A hostile project: its name, words that the screen must hold, and how it is made.
pub struct Hostile {
    pub name: &'static str,
    pub says: &'static str,
    pub make: fn(&Scene),
}

/// A project whose one video has this script.
pub fn script(scene: &Scene, script: &str) {
    scene.write("callsheet.yaml", &format!("{HEAD}videos:\n  a:\n    script: {script:?}\n"));
}

/// A project whose one video has rows from a file.
pub fn rows(scene: &Scene, file: &str, data: &str) {
    scene.write(
        "callsheet.yaml",
        &format!("{HEAD}videos:\n  a:\n    rows: {{ path: {file}, key: '{{{{ row.id }}}}' }}\n    script: Hello\n"),
    );
    scene.write(file, data);
}

/// How a run ended.
pub struct Ended {
    pub code: Option<i32>,
    pub screen: Vec<u8>,
    pub took: Duration,
    pub killed: bool,
}

/// Runs the binary under a limit of memory and of time; its standard input never says a word and never ends.
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

/// What is wrong with how a run ended; nothing when all is well.
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

/// What could steer a terminal.
pub fn steers(one: char) -> bool {
    one.is_control() && one != '\n' && one != '\t'
}

/// Runs every project and tells of all that went wrong; with `HOSTILE_TIMES` set also how long each took.
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
