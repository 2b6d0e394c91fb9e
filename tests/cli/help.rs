//! Help screens: every command has examples that can be copied, and each does what it says.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::process::Stdio;

use crate::fixture::{Scene, shown};

/// Returns the words of every command, without the program's name. `help` belongs to clap.
pub fn commands() -> Vec<Vec<String>> {
    fn walk(command: &clap::Command, words: &[String], found: &mut Vec<Vec<String>>) {
        found.push(words.to_vec());
        for inner in command.get_subcommands() {
            walk(inner, &[words, &[inner.get_name().to_owned()]].concat(), found);
        }
    }
    let mut found = Vec::new();
    walk(&callsheet::cli::command(), &[], &mut found);
    found
}

/// Returns the examples of a help screen: the purpose and the line of each.
fn examples(help: &str) -> Vec<(String, String)> {
    let part: Vec<&str> = help.lines().skip_while(|line| *line != "Examples:").skip(1).collect();
    let mut found = Vec::new();
    for (number, line) in part.iter().enumerate() {
        if let Some(line) = line.strip_prefix("  $ ") {
            let what =
                part[number - 1].strip_prefix("  # ").unwrap_or_else(|| panic!("`{line}` says not what it is for"));
            found.push((what.to_owned(), line.to_owned()));
        }
    }
    found
}

/// Returns the callsheet commands in a shell line, each as the words after the program's name.
fn calls(line: &str) -> Vec<Vec<String>> {
    let mut words: Vec<String> = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            '(' | ')' | '|' | '<' | '>' if !quoted => words.extend([letter.to_string(), String::new()]),
            _ => words.last_mut().unwrap().push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    let ends = |word: &String| ["|", ")", ">", "&&"].contains(&word.as_str());
    let mut found = Vec::new();
    for (at, _) in words.iter().enumerate().filter(|(_, word)| *word == "callsheet") {
        found.push(words[at + 1..].iter().take_while(|word| !ends(word)).cloned().collect());
    }
    found
}

#[test]
fn every_example_of_every_help_screen_is_a_command_line_of_that_command() {
    let scene = Scene::new();
    for words in commands() {
        let mut args: Vec<&str> = words.iter().map(String::as_str).collect();
        args.push("--help");
        let help = scene.ok(&args).out;
        let found = examples(&help);
        assert!((1..=4).contains(&found.len()), "{words:?} has {} examples:\n{help}", found.len());
        for (what, line) in &found {
            assert!(what.len() <= 74 && line.len() <= 74, "too long for 80 columns: {what}: {line}");
            let calls = calls(line);
            assert!(!calls.is_empty(), "{line}");
            for call in &calls {
                let args = ["callsheet"].into_iter().chain(call.iter().map(String::as_str));
                let parsed = callsheet::cli::parse(args.map(OsString::from));
                parsed.unwrap_or_else(|error| panic!("{line}\n{error}"));
            }
            let own = calls.iter().any(|call| call.iter().take(words.len()).eq(&words));
            assert!(own, "`{line}` is no example of {words:?}");
        }
        let short = scene.ok(&[&args[..args.len() - 1], &["-h"]].concat()).out;
        assert_eq!(examples(&short), found, "-h and --help");
    }
}

/// Examples that fail in a project where everything is paid for and saved, with their messages. All others exit with 0.
const REFUSED: &[(&str, &str)] = &[
    ("lock verify --staged", "cannot read git's index: fatal: not a git repository"),
    ("init", "it already exists, and stays unchanged"),
    ("validate --catalog", "there is no catalog of `127.0.0.1` yet"),
    ("lock forget teaser[de]", "`teaser[de]` has no take"),
    ("lock adopt onboarding[de,pro] OFZ2MTI5", "is not in doubt"),
    ("lock adopt onboarding[de,pro] --video 8812345", "is not in doubt"),
    ("lock free onboarding[de,pro]", "is not in doubt"),
    ("lock free onboarding[de,pro] --digest v1:9f3a", "is not in doubt"),
    ("lock reuse onboarding[de,*]", "is already paid for"),
    ("lock reuse onboarding[fr,pro] --video 8812345", "is already paid for"),
    ("lock free --run q7h2m4x0ta", "has no open claim"),
    ("lock share", "the manifest sets no ledger"),
    ("lock share --env staging", "the manifest sets no ledger"),
    ("lock unshare", "the manifest sets no ledger"),
    ("lock fetch", "the manifest sets no ledger"),
];

/// Commands that run until they are stopped, or that connect to a public host.
const LEFT_OUT: &[&str] = &["validate --watch", "status --watch", "sandbox", "preview --fetch"];

#[test]
fn every_example_runs_in_a_project() {
    let scene = Scene::example("localized");
    for name in ["callsheet.lock.rescue", "pushed.lock"] {
        scene.write(name, "{\"callsheet\":\"lock\",\"version\":1}\n");
    }
    let mut done = BTreeSet::new();
    let mut refused = 0;
    for words in commands() {
        let mut args: Vec<&str> = words.iter().map(String::as_str).collect();
        args.push("--help");
        let lines = examples(&scene.ok(&args).out).into_iter().flat_map(|(_, line)| calls(&line));
        for call in lines.collect::<Vec<_>>() {
            let plain = call.join(" ");
            if LEFT_OUT.iter().any(|one| plain.starts_with(one)) || !done.insert(plain.clone()) {
                continue;
            }
            let args: Vec<&str> = call.iter().map(String::as_str).collect();
            let shown = shown(scene.command(&args).env("CALLSHEET_ENV", "sandbox").stdin(Stdio::null()));
            let words = REFUSED.iter().find(|(line, _)| *line == plain).map(|(_, words)| *words);
            refused += usize::from(words.is_some());
            assert_eq!(shown.code, i32::from(words.is_some()), "{plain}\n{}{}", shown.out, shown.err);
            assert!(words.is_none_or(|words| shown.err.contains(words)), "{plain}\n{}", shown.err);
        }
    }
    assert_eq!(refused, REFUSED.len());
    assert!(done.len() > 60, "{}", done.len());
}
