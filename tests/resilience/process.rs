//! A child process that ends with its test.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The timeout after which a test counts as hanging.
const HANGS: Duration = Duration::from_mins(1);

/// A running command. Its streams are redirected to files, so that it never waits for a reader.
pub struct Running {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

/// The output of a command.
#[derive(Debug)]
pub struct Shown {
    /// -1 after a signal.
    pub code: i32,
    pub out: String,
    pub err: String,
    pub took: Duration,
}

impl Shown {
    /// Returns both streams.
    pub fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
}

impl Running {
    /// Starts a command. `logs` is a directory, and `name` must be unique among the runs.
    pub fn start(command: &mut Command, logs: &Path, name: &str) -> Self {
        fs::create_dir_all(logs).unwrap();
        let (out, err) = (logs.join(format!("{name}.out")), logs.join(format!("{name}.err")));
        command.stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
        Self { child: command.spawn().unwrap(), out, err }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the pipe to its stdin.
    pub fn input(&mut self) -> std::process::ChildStdin {
        self.child.stdin.take().unwrap()
    }

    /// Sends a signal, such as `INT` or `TERM`.
    pub fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Returns the exit code if the command ends within `long`.
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

    /// Sends `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Returns the current content of stderr and stdout.
    pub fn so_far(&self) -> String {
        fs::read_to_string(&self.out).unwrap() + &fs::read_to_string(&self.err).unwrap()
    }

    /// Waits until the output contains a word.
    pub fn shows(&self, word: &str) {
        wait_for(&format!("`{word}` on the screen"), || self.so_far().contains(word), || self.so_far());
    }

    /// Waits until the command ends.
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

/// Returns whether the tests ignore hangups (`nohup cargo test`). Their child processes then ignore them too, so
/// closing a terminal has no effect. Detected only on Linux. If so, prints that the test is skipped.
pub fn outlives_its_terminal() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    let outlives = ignored.is_some_and(|signals| signals & 1 == 1);
    if outlives {
        eprintln!("skipped: SIGHUP is ignored here");
    }
    outlives
}

/// Waits until a condition holds. On timeout, fails with the value of `seen`.
pub fn wait_for(what: &str, mut holds: impl FnMut() -> bool, seen: impl Fn() -> String) {
    let end = Instant::now() + HANGS;
    while !holds() {
        assert!(Instant::now() < end, "never saw {what}:\n{}", seen());
        std::thread::sleep(Duration::from_millis(3));
    }
}
