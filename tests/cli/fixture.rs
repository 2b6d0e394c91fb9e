//! A copy of a project in a temporary directory, and the real binary run in it with a scrubbed environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A directory that is deleted when the test ends.
pub struct Scene {
    folder: tempfile::TempDir,
}

/// The output of a run.
pub struct Shown {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Scene {
    /// Creates an empty directory.
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// Copies `examples/NAME`, without files left by earlier runs.
    pub fn example(name: &str) -> Self {
        let scene = Self::new();
        copy(&repository().join("examples").join(name), scene.path());
        scene
    }

    /// Creates a project of one manifest.
    pub fn manifest(text: &str) -> Self {
        let scene = Self::new();
        scene.write("callsheet.yaml", text);
        scene
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replaces a text, which must exist.
    pub fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} does not hold {from:?}");
        self.write(name, &text.replace(from, to));
    }

    /// Returns a command of the binary in this directory.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callsheet"));
        command.args(args).current_dir(self.path()).env_clear().env("COLUMNS", "100");
        command
    }

    pub fn run(&self, args: &[&str]) -> Shown {
        shown(&mut self.command(args))
    }

    /// Runs a command and expects exit code 0.
    pub fn ok(&self, args: &[&str]) -> Shown {
        let shown = self.run(args);
        assert_eq!(shown.code, 0, "{args:?}\n{}{}", shown.out, shown.err);
        shown
    }
}

/// Runs a command to its end.
pub fn shown(command: &mut Command) -> Shown {
    let done = command.output().unwrap();
    Shown {
        code: done.status.code().unwrap_or(-1),
        out: String::from_utf8(done.stdout).unwrap(),
        err: String::from_utf8(done.stderr).unwrap(),
    }
}

pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() == ".callsheet" {
            continue;
        }
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Quotes a text with single quotes for a shell.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
