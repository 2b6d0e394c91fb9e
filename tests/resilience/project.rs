//! A project of many rows, and commands in it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::process::{Running, Shown};
use super::vendor::Vendor;

/// The API key of all commands.
pub const KEY: &str = "kill-canary-key-0123456789";

/// The settings of most tests.
pub const SETTINGS: &str = "rate: 0, concurrency: 8, timeout: 2s, settle_grace: 1s";

pub struct Project {
    folder: Option<tempfile::TempDir>,
    path: PathBuf,
    runs: AtomicUsize,
}

impl Project {
    /// Creates a project of `count` videos of both kinds, one per row, with a production environment of these settings.
    pub fn of(count: usize, settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let project = Self { folder: Some(folder), path, runs: AtomicUsize::new(0) };
        fs::create_dir_all(project.root()).unwrap();
        fs::create_dir_all(project.path().join("tmp")).unwrap();
        project.write("callsheet.yaml", &manifest(settings));
        let mut rows = "id,text\n".to_owned();
        for number in 0..count {
            writeln!(rows, "{number},\"number {number}, hello\"").unwrap();
        }
        project.write("rows.csv", &rows);
        project
    }

    /// Returns the directory of everything: the project, the vendor's state, the logs.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn root(&self) -> PathBuf {
        self.path.join("project")
    }

    pub fn lock(&self) -> PathBuf {
        self.root().join("callsheet.lock")
    }

    pub fn logs(&self) -> PathBuf {
        self.path.join("logs")
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.root().join(name), text).unwrap();
    }

    /// Returns a command in the project, with the vendor's address and the API key.
    pub fn command(&self, vendor: &Vendor, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callsheet"));
        self.place(&mut command, vendor);
        command.args(args);
        command
    }

    /// Sets directory, environment and stdin of a command of any program.
    pub fn place(&self, command: &mut Command, vendor: &Vendor) {
        self.place_at(command, &vendor.url());
    }

    /// Does the same with any address of the vendor.
    pub fn place_at(&self, command: &mut Command, url: &str) {
        command.env_clear().current_dir(self.root()).stdin(Stdio::null());
        command.env("CALLSHEET_BASE_URL", url).env("VIDNOZ_API_KEY", KEY).env("COLUMNS", "100");
        command.env("TMPDIR", self.path.join("tmp")).env("USER", "ada").env("PATH", "/usr/local/bin:/usr/bin:/bin");
    }

    pub fn spawn(&self, command: &mut Command) -> Running {
        let number = self.runs.fetch_add(1, Ordering::Relaxed);
        Running::start(command, &self.logs(), &format!("run-{number}"))
    }

    /// Starts a command.
    pub fn start(&self, vendor: &Vendor, args: &[&str]) -> Running {
        self.spawn(&mut self.command(vendor, args))
    }

    /// Runs a command to its end.
    pub fn run(&self, vendor: &Vendor, args: &[&str]) -> Shown {
        self.start(vendor, args).finish()
    }

    /// Runs a command and expects an exit code.
    pub fn expect(&self, vendor: &Vendor, args: &[&str], code: i32) -> Shown {
        let shown = self.run(vendor, args);
        assert_eq!(shown.code, code, "{args:?}\n{}", shown.all());
        shown
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(folder) = self.folder.take()
        {
            eprintln!("kept for a look: {}", folder.keep().display());
        }
    }
}

fn manifest(settings: &str) -> String {
    format!(
        "callsheet: 1
defaults:
  avatar: {{ id: A1 }}
  voice: {{ tts: {{ id: V1 }} }}
  background: {{ color: \"#f4f4f4\" }}
videos:
  many:
    rows: {{ path: rows.csv, key: \"{{{{ row.id }}}}\", when: \"{{{{ row.id | int is even }}}}\" }}
    script: \"This is {{{{ row.text }}}}\"
  scenes:
    rows: {{ path: rows.csv, key: \"{{{{ row.id }}}}\", when: \"{{{{ row.id | int is odd }}}}\" }}
    template: {{ id: 3, scene_count: 2 }}
    scenes: [{{ script: \"This is {{{{ row.text }}}}\" }}, {{ voice: {{ silence: {{}} }} }}]
environments:
  production: {{ {settings} }}
"
    )
}
