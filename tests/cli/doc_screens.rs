//! The screens of the README and the documentation are real: every `console` block runs, in order, in a copy of the
//! examples.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::fixture::{copy, repository};

/// Returns the blocks of a page: text, and the lines of each `console` block.
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

/// Runs a block again: each `$ command` with its current output.
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
        // Submissions and downloads are concurrent, so their lines appear in any order.
        for word in ["submitted ", "saved "] {
            lines
                .chunk_by_mut(|left, right| left.starts_with(word) && right.starts_with(word))
                .for_each(<[String]>::sort);
        }
        shown.extend(lines);
        if let Some(code) = done.status.code().filter(|code| *code != 0) {
            shown.push(format!("[exit {code}]"));
        }
    }
    shown
}

/// Returns whether a command continues on the next line: after a backslash, or inside a here document.
fn is_open(command: &str) -> bool {
    command.ends_with('\\') || (command.contains("<<'END'") && !command.ends_with("\nEND"))
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

/// Returns a text without file sizes, because clips with speech are larger.
fn sizeless(text: &str) -> String {
    let mut words: Vec<&str> = text.split(' ').collect();
    for at in 1..words.len() {
        let size = ["kB", "MB"]
            .iter()
            .any(|unit| words[at].strip_prefix(unit).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)));
        if size {
            words[at - 1] = "N";
            words[at] = &words[at][2..];
        }
    }
    words.join(" ")
}

pub fn similar_or_panic(page: &str, kept: &str, now: &str) {
    if sizeless(kept) != sizeless(now) {
        let diff = similar::TextDiff::from_lines(kept, now);
        panic!(
            "{page} is not what runs show (CALLSHEET_UPDATE=1 rewrites it):\n{}",
            diff.unified_diff().context_radius(3)
        );
    }
}

/// Returns every page of the documentation, relative to the repository.
pub fn book() -> Vec<String> {
    fn walk(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                found.push(path.strip_prefix(repository()).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = vec!["README.md".to_owned()];
    walk(&repository().join("docs"), &mut found);
    found.sort();
    found
}

#[test]
fn every_page_shows_what_runs_show() {
    let pages: Vec<String> = book()
        .into_iter()
        .filter(|page| fs::read_to_string(repository().join(page)).unwrap().contains("\n```console\n"))
        .collect();
    assert!(pages.len() > 7 && pages.contains(&"README.md".to_owned()), "{pages:?}");
    std::thread::scope(|scope| {
        let runs: Vec<_> = pages.iter().map(|page| scope.spawn(move || check(page))).collect();
        for run in runs {
            run.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
}

#[test]
fn every_link_leads_somewhere() {
    let outside = ["CONTRIBUTING.md".to_owned(), "CHANGELOG.md".to_owned()];
    for page in book().into_iter().chain(outside) {
        let path = repository().join(&page);
        let text = fs::read_to_string(&path).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            let link = link.split('#').next().unwrap();
            if link.is_empty() || link.starts_with("http") || link.contains('{') {
                continue;
            }
            assert!(path.parent().unwrap().join(link).exists(), "{page} links to {link}, which is not there");
        }
    }
}

#[test]
fn the_readme_stays_short() {
    let words = fs::read_to_string(repository().join("README.md")).unwrap().split_whitespace().count();
    assert!(words < 1_500, "the README has {words} words: move something to docs/");
}

/// `.ci/run` runs the README's commands for a fresh machine, so both files must have the same ones.
#[test]
fn ci_runs_the_commands_of_the_readme() {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let ci = fs::read_to_string(repository().join(".ci/run")).unwrap().replace('"', "");
    let (_, block) = readme.split_once("```sh\n").unwrap();
    let (block, _) = block.split_once("\n```").unwrap();
    let commands: Vec<&str> = block.lines().map(|line| line.split("  #").next().unwrap().trim()).collect();
    assert_eq!(commands.len(), 2, "{commands:?}");
    let (_, main_job) = commands[0].split_once(" -C ").unwrap();
    assert!(ci.contains(&format!("$copy/{main_job}")), "{main_job}");
    assert!(ci.lines().any(|line| line.trim_end_matches(" --locked") == commands[1]), "{}", commands[1]);
}
