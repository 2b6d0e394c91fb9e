//! Real shells on a terminal: the test types a line, presses Tab, and the shell reports how it parses the result.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::fixture::Scene;

/// Timeout of a shell for one line.
const PATIENCE: Duration = Duration::from_mins(1);

/// Names that would do harm on a command line. Each begins with a letter, so that it can be typed.
const HOSTILE: [&str; 14] = [
    "a$(touch x)",
    "b`touch x`",
    "c d  e",
    "f*?~",
    "g's \"q\"",
    "h;i&j|k>l",
    "m!x!",
    "n$HOME",
    "o\\p",
    "q#{r}",
    "s 東京 é",
    "t\u{202e}u",
    "v=w:x",
    "y/z'",
];

/// A shell, its settings file, and the command that starts it.
struct Shell {
    name: &'static str,
    settings: &'static str,
    start: &'static str,
    script: &'static str,
}

const BASH: Shell = Shell {
    name: "bash",
    settings: "bashrc",
    start: "bash --noprofile --rcfile \"$HOME/bashrc\" -i",
    script: "PS1='READY> '; args() { printf '%s\\0' \"$@\" END >>\"$HOME/read\"; }\nsource <(callsheet completions bash)\n",
};
const BASH_STRICT: Shell = Shell {
    script: "PS1='READY> '; args() { printf '%s\\0' \"$@\" END >>\"$HOME/read\"; }\nsource <(callsheet completions bash)\nshopt -s nullglob failglob extglob\n",
    ..BASH
};
const ZSH: Shell = Shell {
    name: "zsh",
    settings: ".zshrc",
    start: "zsh -i",
    script: "PS1='READY> '; args() { printf '%s\\0' \"$@\" END >>\"$HOME/read\" }\nbindkey -e; autoload -Uz compinit; compinit -u -D\nsource <(callsheet completions zsh)\n",
};
const FISH: Shell = Shell {
    name: "fish",
    settings: ".config/fish/config.fish",
    start: "fish -i",
    script: "function fish_greeting; end\nfunction fish_prompt; printf 'READY> '; end\nfunction args; printf '%s\\0' $argv END >>$HOME/read; end\ncallsheet completions fish | source\n",
};

/// A shell that runs on a terminal.
struct Terminal {
    process: Child,
    shown: Arc<Mutex<Vec<u8>>>,
    home: tempfile::TempDir,
    lines: usize,
}

impl Terminal {
    /// Starts a shell. Returns `None` and prints why, if it is not installed.
    #[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
    fn start(shell: &Shell, folder: &Path) -> Option<Self> {
        for program in [shell.name, "script"] {
            if Command::new(program).arg("--version").output().is_err() {
                println!("SKIPPED: `{program}` is not installed, so {} was not asked", shell.name);
                return None;
            }
        }
        let home = tempfile::tempdir().unwrap();
        let settings = home.path().join(shell.settings);
        fs::create_dir_all(settings.parent().unwrap()).unwrap();
        fs::write(settings, shell.script).unwrap();
        let binary = Path::new(env!("CARGO_BIN_EXE_callsheet")).parent().unwrap();
        let mut process = Command::new("script")
            .args(["-qec", shell.start, "/dev/null"])
            .current_dir(folder)
            .env_clear()
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", binary.display()))
            .env("HOME", home.path())
            .envs([("TERM", "xterm"), ("LC_ALL", "C.UTF-8"), ("SHELL", "/bin/sh")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let shown = Arc::new(Mutex::new(Vec::new()));
        let (mut stream, copy) = (process.stdout.take().unwrap(), Arc::clone(&shown));
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut bytes) {
                copy.lock().unwrap().extend_from_slice(&bytes[..count]);
            }
        });
        let terminal = Self { process, shown, home, lines: 0 };
        assert!(wait_for(|| terminal.screen().contains("READY> ")), "{}", terminal.screen());
        Some(terminal)
    }

    fn screen(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().unwrap()).into_owned()
    }

    /// Types a line and Tab. Returns the words that the shell then reads.
    fn complete(&mut self, typed: &str) -> Vec<String> {
        // Ctrl-A moves to the beginning of the line, so the words become arguments of a function that records them.
        let keys = format!("{typed}\t\u{1}args \n");
        self.process.stdin.as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
        self.lines += 1;
        let file = self.home.path().join("read");
        let read = || fs::read_to_string(&file).unwrap_or_default();
        let count = self.lines;
        assert!(wait_for(|| read().matches("END\0").count() == count), "{typed:?}: {}", self.screen());
        let all = read();
        let line = all.split("END\0").nth(count - 1).unwrap();
        line.split_terminator('\0').map(str::to_owned).collect()
    }
}

/// Waits until something happened. Returns `false` on timeout.
fn wait_for(happened: impl Fn() -> bool) -> bool {
    let end = Instant::now() + PATIENCE;
    while !happened() {
        if Instant::now() > end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn project() -> Scene {
    let scene = Scene::manifest(
        "callsheet: 1\ndefaults:\n  avatar: { id: A }\n  background: { color: '#ffffff' }\n  voice: { silence: { duration: 2 } }\n\
         videos:\n  onboarding: { matrix: { locale: [en, de], tier: [pro, free] } }\n  \
         thanks: { rows: { path: rows.json, key: '{{ row.id }}' } }\n",
    );
    let rows: Vec<serde_json::Value> = HOSTILE.iter().map(|id| serde_json::json!({ "id": id })).collect();
    scene.write("rows.json", &serde_json::to_string(&rows).unwrap());
    fs::create_dir(scene.path().join("out$(touch x) \u{1b}[31m")).unwrap();
    scene
}

fn try_all(shell: &Shell) {
    let scene = project();
    let Some(mut terminal) = Terminal::start(shell, scene.path()) else { return };
    let mut wrong = Vec::new();
    let mut expect = |typed: &str, words: &[&str]| {
        let read = terminal.complete(&format!("callsheet {typed}"));
        if read[1..] != *words {
            wrong.push(format!("{typed:?} is read as {read:?}"));
        }
    };
    for typed in ["onboarding[en,p", r"onboarding\[en,p", "'onboarding[en,p", "\"onboarding[en,p"] {
        expect(&format!("plan {typed}"), &["plan", "onboarding[en,pro]"]);
    }
    expect("plan --env=s", &["plan", "--env=sandbox"]);
    expect("plan --only onboarding[de,f", &["plan", "--only", "onboarding[de,free]"]);
    expect("plan --out o", &["plan", "--out", "out$(touch x) \u{1b}[31m/"]);
    for (index, id) in HOSTILE.iter().enumerate() {
        let key = format!("thanks[{id}]");
        for begin in [r"thanks\[", ["'thanks[", "\"thanks[", "thanks["][index % 3]] {
            expect(&format!("plan {begin}{}", &id[..1]), &["plan", &key]);
        }
        // Each candidate is the key of a video.
        let one = scene.run(&["render", "--format", "json", "--only", &key]);
        assert!(one.code == 0 && one.out.matches("\"key\"").count() == 1, "{key}: {}{}", one.out, one.err);
    }
    assert!(wrong.is_empty(), "{wrong:#?}\n{}", terminal.screen());
    assert!(!scene.path().join("x").exists(), "a name was run");
}

#[test]
fn bash_completes_names_as_names() {
    try_all(&BASH);
}

#[test]
fn bash_completes_names_where_a_glob_that_matches_nothing_is_an_error() {
    try_all(&BASH_STRICT);
}

#[test]
fn zsh_completes_names_as_names() {
    try_all(&ZSH);
}

#[test]
fn fish_completes_names_as_names() {
    try_all(&FISH);
}
