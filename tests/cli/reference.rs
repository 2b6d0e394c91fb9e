//! Generated pages of the documentation: commands from their help, diagnostics from their cases.

use std::fmt::Write as _;
use std::fs;

use callsheet::diagnostic::{Code, Severity};

use crate::doc_screens::similar_or_panic;
use crate::fixture::{Scene, repository};

pub fn keep(page: &str, now: &str) {
    let path = repository().join(page);
    if std::env::var_os("CALLSHEET_UPDATE").is_some() {
        fs::write(&path, now).unwrap();
    } else {
        similar_or_panic(page, &fs::read_to_string(&path).unwrap_or_default(), now);
    }
}

/// Returns the names under `Commands:` of a help screen.
fn commands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names =
        lines.take_while(|line| !line.is_empty()).filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

fn section(text: &mut String, scene: &Scene, path: &[&str]) {
    let args: Vec<&str> = path.iter().copied().chain(["--help"]).collect();
    let help = scene.ok(&args).out;
    let name = ["callsheet"].iter().chain(path).copied().collect::<Vec<_>>().join(" ");
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    let _infallible = writeln!(text, "\n## {name}\n\n```text\n{}\n```", lines.join("\n").trim_end());
    for inner in commands(&help) {
        section(text, scene, &path.iter().copied().chain([inner.as_str()]).collect::<Vec<_>>());
    }
}

#[test]
fn the_commands_page_is_what_help_says() {
    let mut text = "# Commands and flags\n\nMade from the program's own `--help`.\n".to_owned();
    section(&mut text, &Scene::new(), &[]);
    keep("docs/reference/cli.md", &text);
}

/// Returns the screen of the first case with a code. A case named after the code comes first.
fn screen(code: Code) -> Option<String> {
    let mut found: Option<(bool, String, String)> = None;
    for stage in fs::read_dir(repository().join("tests/cases")).unwrap().map(|entry| entry.unwrap().path()) {
        if !stage.is_dir() {
            continue;
        }
        for case in fs::read_dir(stage).unwrap().map(|entry| entry.unwrap().path()) {
            let Ok(screen) = fs::read_to_string(case.join("screen")) else { continue };
            let name = case.file_name().unwrap().to_str().unwrap().to_owned();
            if !screen.contains(&format!("[{}]", code.name())) {
                continue;
            }
            let candidate = (name != code.name(), name, screen);
            if found.as_ref().is_none_or(|known| (candidate.0, &candidate.1) < (known.0, &known.1)) {
                found = Some(candidate);
            }
        }
    }
    found.map(|(_, _, screen)| screen)
}

/// Returns the first drawing of a code on a screen.
fn drawing(screen: &str, code: Code) -> String {
    let mark = format!("[{}]", code.name());
    let lines = screen.lines().skip_while(|line| !line.contains(&mark)).take_while(|line| !line.is_empty());
    lines.map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_diagnostics_page_has_every_code_with_its_screen() {
    let mut text = "# Errors and warnings\n\nEvery code is stable; each is shown as `validate` draws it. Made from `tests/cases`.\n".to_owned();
    for code in Code::ALL {
        let kind = match code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let shown = screen(*code).map(|screen| drawing(&screen, *code));
        let shown = shown.unwrap_or_else(|| panic!("no case shows {}", code.name()));
        let _infallible = writeln!(text, "\n## {}\n\n{kind}: {}\n\n```text\n{shown}\n```", code.name(), code.meaning());
    }
    keep("docs/reference/diagnostics.md", &text);
}
