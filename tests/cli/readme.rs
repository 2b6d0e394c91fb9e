//! The README's screens are real: every `console` block is run, in order, in a copy of the examples.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::scene::{copy, repository};

/// The blocks of a page: text between them, and the lines of each `console` block.
fn blocks(page: &str) -> Vec<(bool, Vec<&str>)> {
    let mut blocks = vec![(false, Vec::new())];
    for line in page.lines() {
        let inside = blocks.last().is_some_and(|(console, _)| *console);
        if inside && line == "```" {
            blocks.push((false, vec![line]));
        } else {
            blocks.last_mut().unwrap().1.push(line);
            if line == "```console" {
                blocks.push((true, Vec::new()));
            }
        }
    }
    blocks
}

/// A block run again: each `$ command` with what it shows now.
fn rerun(lines: &[&str], folder: &Path) -> Vec<String> {
    let mut shown = Vec::new();
    let mut commands: Vec<String> = Vec::new();
    let mut open = false;
    for line in lines {
        if let Some(command) = line.strip_prefix("$ ") {
            commands.push(command.to_owned());
            open = is_open(command);
        } else if open {
            let last = commands.last_mut().unwrap();
            last.push('\n');
            last.push_str(line);
            open = is_open(last);
        }
    }
    let path = Path::new(env!("CARGO_BIN_EXE_callsheet")).parent().unwrap();
    for command in commands {
        shown.push(format!("$ {command}"));
        let script = format!("exec 2>&1\n{command}\n");
        let done = Command::new("sh")
            .args(["-c", &script])
            .current_dir(folder)
            .env_clear()
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", path.display()))
            .env("COLUMNS", "100")
            .env("HOME", folder)
            .output()
            .unwrap();
        let mut lines: Vec<String> =
            String::from_utf8(done.stdout).unwrap().lines().map(|line| line.trim_end().to_owned()).collect();
        // Submissions run side by side: their lines come in any order.
        lines.chunk_by_mut(|left, right| is_submitted(left) && is_submitted(right)).for_each(<[String]>::sort);
        shown.extend(lines);
        if let Some(code) = done.status.code().filter(|code| *code != 0) {
            shown.push(format!("[exit {code}]"));
        }
    }
    shown
}

/// Whether a command goes on in the next line: by a backslash, or inside a here document.
fn is_open(command: &str) -> bool {
    command.ends_with('\\') || (command.contains("<<'END'") && !command.ends_with("\nEND"))
}

fn is_submitted(line: &str) -> bool {
    line.starts_with("submitted ")
}

fn check(page: &str) {
    let path = repository().join(page);
    let text = fs::read_to_string(&path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    copy(&repository().join("examples"), &folder.path().join("examples"));
    let mut now = Vec::new();
    let mut consoles = 0;
    for (console, lines) in blocks(&text) {
        if console {
            consoles += 1;
            now.extend(rerun(&lines, folder.path()));
        } else {
            now.extend(lines.iter().map(|line| (*line).to_owned()));
        }
    }
    assert!(consoles > 0, "{page} shows no screen");
    let now = now.join("\n") + "\n";
    if std::env::var_os("CALLSHEET_UPDATE").is_some() {
        fs::write(&path, now).unwrap();
    } else {
        similar_or_panic(page, &text, &now);
    }
}

pub fn similar_or_panic(page: &str, kept: &str, now: &str) {
    if kept != now {
        let diff = similar::TextDiff::from_lines(kept, now);
        panic!(
            "{page} is not what runs show (CALLSHEET_UPDATE=1 rewrites it):\n{}",
            diff.unified_diff().context_radius(3)
        );
    }
}

#[test]
fn the_readme_shows_what_runs_show() {
    check("README.md");
}
