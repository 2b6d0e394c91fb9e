//! Every case is a directory: a project, a command line, and the expected screen.
//!
//! `tests/cases/STAGE/NAME/` contains the project's files and `screen` (exit code, stdout, stderr). Optional files are
//! `args` (one argument per line; default `validate`), `env` (one `NAME=value` per line) and `setup`. `setup` is a
//! shell script that runs in the copy and creates what git cannot store (huge files, raw bytes, links, devices).
//! `CALLSHEET_UPDATE=1` rewrites the screens: read them before you commit them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod upgrade;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    folders(&root).iter().flat_map(|stage| folders(stage)).filter(|case| case.join("callsheet.yaml").exists()).collect()
}

/// Copies the case, so that no run writes into the repository.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else if !matches!(entry.file_name().to_str(), Some("args" | "env" | "screen" | "setup")) {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Runs the `setup` script of the case in its copy.
fn set_up(case: &Path, folder: &Path) {
    let script = case.join("setup");
    if script.exists() {
        let done = Command::new("sh").arg("-eu").arg(&script).current_dir(folder).output().unwrap();
        assert!(done.status.success(), "{}: {}", script.display(), String::from_utf8_lossy(&done.stderr));
    }
}

fn screen(case: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    copy(case, folder.path());
    set_up(case, folder.path());
    let variables = fs::read_to_string(case.join("env")).unwrap_or_default();
    let args = fs::read_to_string(case.join("args")).unwrap_or_else(|_| "validate\n".to_owned());
    let done = Command::new(env!("CARGO_BIN_EXE_callsheet"))
        .args(args.lines())
        .current_dir(folder.path())
        .env_clear()
        .env("COLUMNS", "120")
        .envs(variables.lines().filter_map(|line| line.split_once('=')))
        .output()
        .unwrap();
    let mut text =
        format!("$ callsheet {}\nexit {}\n", args.trim_end().replace('\n', " "), done.status.code().unwrap_or(-1));
    for (name, bytes) in [("stdout", &done.stdout), ("stderr", &done.stderr)] {
        if !bytes.is_empty() {
            let _infallible = write!(text, "--- {name}\n{}", String::from_utf8_lossy(bytes));
        }
    }
    text.replace(env!("CARGO_PKG_VERSION"), "VERSION").replace(&*folder.path().to_string_lossy(), "FOLDER")
}

#[test]
fn every_case_shows_its_screen() {
    let update = std::env::var_os("CALLSHEET_UPDATE").is_some();
    let cases = cases();
    assert!(!cases.is_empty(), "no cases found");
    // Each case starts a process and waits for it.
    let threads = std::thread::available_parallelism().map_or(2, |count| count.get().max(2));
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let shown = screen(case);
                    let kept = fs::read_to_string(case.join("screen")).unwrap_or_default();
                    if shown == kept {
                        continue;
                    }
                    if update {
                        fs::write(case.join("screen"), shown).unwrap();
                    } else {
                        let name = case.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(case).display();
                        wrong.lock().unwrap().push(format!("{name}\n--- expected\n{kept}\n--- shown\n{shown}"));
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    assert!(
        wrong.is_empty(),
        "{} screens differ (CALLSHEET_UPDATE=1 rewrites them):\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

#[test]
fn every_diagnostic_code_has_a_case_named_after_it() {
    let names: Vec<String> = cases().iter().filter_map(|case| Some(case.file_name()?.to_str()?.to_owned())).collect();
    let missing: Vec<&str> = callsheet::diagnostic::Code::ALL
        .iter()
        .map(|code| code.name())
        .filter(|code| !names.iter().any(|name| name == code))
        .collect();
    assert!(missing.is_empty(), "codes without a case: {}", missing.join(", "));
    for case in cases() {
        let name = case.file_name().unwrap().to_str().unwrap().to_owned();
        if callsheet::diagnostic::Code::ALL.iter().any(|code| code.name() == name) {
            let screen = fs::read_to_string(case.join("screen")).unwrap_or_default();
            assert!(screen.contains(&format!("[{name}]")), "the case `{name}` does not show its code");
        }
    }
}
