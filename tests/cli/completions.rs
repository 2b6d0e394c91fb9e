//! Shell completions and the manual page.

use std::process::Command;

use crate::fixture::{Scene, shown};
use crate::help::commands;

const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "elvish", "powershell"];

/// Returns the completions of fish for a command line, one candidate per line, without descriptions.
fn answers(scene: &Scene, words: &[&str]) -> Vec<String> {
    let mut command = scene.command(&["--", "callsheet"]);
    let answer = shown(command.args(words).env("COMPLETE", "fish"));
    assert_eq!(answer.code, 0, "{words:?}: {}", answer.err);
    answer.out.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn every_shell_gets_a_script_that_asks_the_program() {
    let scene = Scene::new();
    for shell in SHELLS {
        let script = scene.ok(&["completions", shell]).out;
        assert!(script.contains("COMPLETE") && script.contains("callsheet"), "{shell}: {script}");
    }
}

#[test]
fn keys_environments_and_words_of_the_project_are_offered() {
    let scene = Scene::example("localized");
    assert_eq!(
        answers(&scene, &["plan", "onboarding[de"]),
        ["onboarding[de,free]", "onboarding[de,pro]"],
        "keys of the manifest"
    );
    assert!(answers(&scene, &["pl"]).contains(&"plan".to_owned()));
    assert!(answers(&scene, &["plan", "--det"]).contains(&"--detailed-exitcode".to_owned()));
    assert_eq!(answers(&scene, &["plan", "--env", "s"]), ["sandbox"]);
    assert_eq!(answers(&scene, &["plan", "--format", ""]), ["human", "json", "markdown", "github"], "those of `plan`");
    assert!(answers(&scene, &["lock", "show", "--env", "sandbox", "onb"]).is_empty(), "no take yet");
    scene.ok(&["apply", "--env", "sandbox", "--yes", "--limit", "1"]);
    assert_eq!(answers(&scene, &["lock", "show", "--env", "sandbox", "onb"]).len(), 1, "keys of the lockfile");
    let outside = Scene::new();
    let folder = scene.path().to_str().unwrap();
    assert_eq!(answers(&outside, &["-C", folder, "plan", "onboarding[fr,p"]), ["onboarding[fr,pro]"]);
    assert!(answers(&outside, &["plan", "onb"]).is_empty(), "no project, no keys, no noise");
    let line = format!("callsheet -C '{folder}' plan onboarding[fr,p");
    let mut bash = outside.command(&["--", &line, "onboarding[fr,p"]);
    assert_eq!(shown(bash.env("COMPLETE", "bash")).out, "onboarding\\[fr,pro\\]\n");
}

#[test]
fn presets_are_offered_beside_keys_where_they_are_taken() {
    let scene = Scene::example("localized");
    assert_eq!(answers(&scene, &["explain", "voices.narrator-d"]), ["voices.narrator-de"]);
    assert_eq!(answers(&scene, &["explain", "avatars."]), ["avatars.anna"]);
    assert_eq!(answers(&scene, &["explain", "onboarding[de,p"]), ["onboarding[de,pro]"]);
    assert!(answers(&scene, &["plan", "voices."]).is_empty(), "`plan` takes keys only");
    let mut zsh = scene.command(&["--", "callsheet", "explain", "voices.narrator-d"]);
    let zsh = shown(zsh.env("COMPLETE", "zsh").env("_CLAP_COMPLETE_INDEX", "2").env("_CLAP_IFS", "\n"));
    assert_eq!((zsh.code, zsh.out.trim()), (0, "voices.narrator-de"), "{}", zsh.err);
    assert_eq!(in_bash(&scene, "explain", "voices.narrator-d"), "voices.narrator-de");
}

#[test]
fn bash_completes_a_key() {
    let scene = Scene::example("localized");
    assert_eq!(in_bash(&scene, "plan", "onboarding[es,p"), r"onboarding\[es,pro\]");
}

#[test]
fn a_name_that_a_command_would_take_for_a_flag_is_not_offered() {
    let scene = Scene::example("localized");
    for folder in ["--yes", "-rf", "out"] {
        std::fs::create_dir(scene.path().join(folder)).unwrap();
    }
    let offered = answers(&scene, &["plan", "--out", ""]);
    assert!(offered.contains(&"out/".to_owned()), "{offered:?}");
    assert!(!offered.contains(&"--yes/".to_owned()) && !offered.contains(&"-rf/".to_owned()), "{offered:?}");
    assert_eq!(answers(&scene, &["plan", "--out=o"]), ["--out=out/"]);
}

#[test]
fn a_name_with_a_line_break_is_never_two_answers() {
    let scene = Scene::example("localized");
    std::fs::create_dir(scene.path().join("new\nline")).unwrap();
    std::fs::create_dir(scene.path().join("next")).unwrap();
    assert_eq!(answers(&scene, &["plan", "--out", "ne"]), ["next/"]);
    let mut bash = scene.command(&["--", "callsheet plan --out new", "new"]);
    assert_eq!(shown(bash.env("COMPLETE", "bash")).out, "new$'\\x0a'line/\n");
}

/// Returns what bash completes for a partial word.
fn in_bash(scene: &Scene, command: &str, word: &str) -> String {
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_callsheet")).parent().unwrap();
    let script = format!(
        "source <(callsheet completions bash)
        COMP_WORDS=(callsheet {command} '{word}'); COMP_CWORD=2; COMP_TYPE=9
        _clap_complete_callsheet callsheet '{word}' {command}
        printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let mut bash = Command::new("bash");
    bash.args(["--noprofile", "--norc", "-c", &script]).current_dir(scene.path()).env_clear();
    bash.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", binary.display()));
    let done = shown(&mut bash);
    assert_eq!(done.code, 0, "{}", done.err);
    done.out.trim().to_owned()
}

#[test]
fn every_command_has_a_manual_page() {
    let scene = Scene::new();
    let page = scene.ok(&["man"]).out;
    assert!(page.starts_with(".ie") && page.contains(".TH callsheet 1"), "{page}");
    scene.ok(&["man", "--out", "pages"]);
    for words in commands() {
        let name = [vec!["callsheet".to_owned()], words].concat().join("-");
        let page = scene.read(&format!("pages/{name}.1"));
        assert!(page.contains("\n.SH SYNOPSIS\n") && page.contains("\n.SH EXAMPLES\n  # "), "{name}");
    }
    let [plan, report] = ["plan", "lock-report"].map(|name| scene.read(&format!("pages/callsheet-{name}.1")));
    assert!(!plan.contains("csv") && report.contains("csv"), "each page has the formats of its command");
}

#[test]
fn a_variable_of_that_name_alone_stops_nothing() {
    let scene = Scene::example("quickstart");
    let done = shown(scene.command(&["validate"]).env("COMPLETE", "bash"));
    assert_eq!((done.code, done.out.as_str()), (0, ""), "{}", done.err);
}
