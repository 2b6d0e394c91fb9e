//! A child process that does not outlive its test.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take here before the test says that it hangs.
const HANGS: Duration = Duration::from_mins(1);

/// A command under way; its streams go to files, so that it never waits for a reader.
pub struct Running {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

/// What a command showed.
#[derive(Debug)]
pub struct Shown {
    /// -1 after a signal.
    pub code: i32,
    pub out: String,
    pub err: String,
    pub took: Duration,
}

impl Shown {
    /// Both streams.
    pub fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
}

impl Running {
    /// Starts a command; `logs` is a folder and `name` a name that no other run has.
    pub fn start(command: &mut Command, logs: &Path, name: &str) -> Self {
        fs::create_dir_all(logs).unwrap();
        let (out, err) = (logs.join(format!("{name}.out")), logs.join(format!("{name}.err")));
        command.stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
        Self { child: command.spawn().unwrap(), out, err }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The pipe to its stdin.
    pub fn input(&mut self) -> std::process::ChildStdin {
        self.child.stdin.take().unwrap()
    }

    /// Sends a signal: `INT`, `TERM`.
    pub fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// The exit code, if it ends within so long.
    pub fn ends_within(&mut self, long: Duration) -> Option<i32> {
        let end = Instant::now() + long;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status.code().unwrap_or(-1));
            }
            if Instant::now() >= end {
                return None;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// What stderr and stdout hold by now.
    pub fn so_far(&self) -> String {
        fs::read_to_string(&self.out).unwrap() + &fs::read_to_string(&self.err).unwrap()
    }

    /// Waits until a word is shown.
    pub fn shows(&self, word: &str) {
        wait_for(&format!("`{word}` on the screen"), || self.so_far().contains(word), || self.so_far());
    }

    /// Waits for the end.
    pub fn finish(mut self) -> Shown {
        let start = Instant::now();
        let Some(code) = self.ends_within(HANGS) else { panic!("it hangs:\n{}", self.so_far()) };
        Shown {
            code,
            out: fs::read_to_string(&self.out).unwrap(),
            err: fs::read_to_string(&self.err).unwrap(),
            took: start.elapsed(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

/// Sends a signal to one process.
pub fn signal(id: u32, name: &str) {
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {id}")]).stderr(Stdio::null()).status().unwrap();
    assert!(sent.success(), "no process {id} takes {name}");
}

/// Whether these tests themselves are to outlive their terminal (`nohup cargo test`): then so is all that they start, and
/// a closed terminal is no matter. Known on Linux; says so.
pub fn outlives_its_terminal() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    let outlives = ignored.is_some_and(|signals| signals & 1 == 1);
    if outlives {
        eprintln!("skipped: SIGHUP is ignored here");
    }
    outlives
}

/// Waits until something holds; says what it saw when it never does.
pub fn wait_for(what: &str, mut holds: impl FnMut() -> bool, seen: impl Fn() -> String) {
    let end = Instant::now() + HANGS;
    while !holds() {
        assert!(Instant::now() < end, "never saw {what}:\n{}", seen());
        std::thread::sleep(Duration::from_millis(3));
    }
}
