//! Answers a shell that completes a command line.

use std::ffi::OsString;
use std::path::Path;

use clap_complete::engine::CompletionCandidate;
use clap_complete::env::Shells;

use super::args::command;
use super::project_words::select_project;
use super::shell_words::{TypedLine, unquoted_by_fish};
use crate::source::sanitize;

/// The variable of the registered script. Its value is the name of the shell.
pub const VARIABLE: &str = "COMPLETE";

/// The scripts of the shells that callsheet quotes for. With clap's scripts, bash would run commands in names.
const SCRIPTS: [(&str, &str); 3] = [
    ("bash", include_str!("completion_scripts/callsheet.bash")),
    ("zsh", include_str!("completion_scripts/callsheet.zsh")),
    ("fish", include_str!("completion_scripts/callsheet.fish")),
];

/// Answers a shell that completes a command line. `words` follow the `--` of its script.
///
/// Returns `None` if the shell is unknown.
pub fn complete(shell: &str, words: Vec<OsString>, folder: &Path) -> Option<Vec<u8>> {
    match shell {
        "bash" => bash(&words, folder),
        "zsh" | "fish" => lines(shell, words, folder),
        _ => {
            let mut answer = Vec::new();
            let shells = Shells::builtins();
            parse_options(&words);
            shells.completer(shell)?.write_complete(&mut command(), words, Some(folder), &mut answer).ok()?;
            Some(answer)
        }
    }
}

/// Answers bash, which sends the line up to the cursor and the word to replace. The answer is the quoted replacement.
fn bash(words: &[OsString], folder: &Path) -> Option<Vec<u8>> {
    let [line, replaced] = words else { return None };
    let (line, replaced) = (line.to_str()?, replaced.to_str()?);
    let typed = TypedLine::of_bash(line);
    let mut all: Vec<OsString> = typed.before.iter().map(OsString::from).collect();
    all.push(typed.current().into());
    let offered = candidates(all, folder)?;
    let completed = offered.iter().filter_map(|(value, _)| typed.completed(replaced, value));
    Some(completed.flat_map(|one| [one, "\n".to_owned()]).collect::<String>().into_bytes())
}

/// Answers zsh and fish, which quote themselves, with one line per value: value, tab, description. Names with a line
/// break or a tab are omitted.
fn lines(shell: &str, mut words: Vec<OsString>, folder: &Path) -> Option<Vec<u8>> {
    if let (true, Some(current)) = (shell == "fish", words.last_mut()) {
        *current = unquoted_by_fish(current.to_str()?).into();
    }
    let mut answer = String::new();
    for (value, help) in candidates(words, folder)?.iter().filter(|(value, _)| !value.contains(['\n', '\t'])) {
        let tab = if help.is_empty() { "" } else { "\t" };
        answer.extend([value, tab, help, "\n"]);
    }
    Some(answer.into_bytes())
}

/// Returns the candidates for the last word, each with a line of description.
fn candidates(words: Vec<OsString>, folder: &Path) -> Option<Vec<(String, String)>> {
    let current = words.last()?.to_string_lossy().into_owned();
    let index = words.len() - 1;
    parse_options(&words);
    let found = clap_complete::engine::complete(&mut command(), words, index, Some(folder)).ok()?;
    let text = |candidate: &CompletionCandidate| {
        let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
        Some((
            candidate.get_value().to_str()?.to_owned(),
            sanitize(help.lines().next().unwrap_or_default()).into_owned(),
        ))
    };
    let taken_for_a_flag = |candidate: &CompletionCandidate| {
        let is_flag = candidate.get_id().is_some_and(|id| id.starts_with("arg::"));
        candidate.get_value().to_string_lossy().starts_with('-') && !is_flag && !begins_a_value(&current)
    };
    Some(found.iter().filter(|candidate| !taken_for_a_flag(candidate)).filter_map(text).collect())
}

/// Parses the options that select the project and environment from an incomplete command line.
fn parse_options(words: &[OsString]) {
    if let Ok(matches) = command().ignore_errors(true).try_get_matches_from(words) {
        select_project(matches.get_one("directory").cloned(), matches.get_one("env").cloned());
    }
}

/// Returns `true` if a typed word is a flag with the start of its value: `--env=s`, `-Cdir`.
fn begins_a_value(typed: &str) -> bool {
    typed.contains('=') || typed.len() > 1 && !typed.starts_with("--")
}

/// Returns the script that makes a shell call this program for completions.
pub fn registration(shell: &str) -> Option<Vec<u8>> {
    if let Some((_, script)) = SCRIPTS.iter().find(|(name, _)| *name == shell) {
        return Some(script.as_bytes().to_vec());
    }
    let mut script = Vec::new();
    Shells::builtins()
        .completer(shell)?
        .write_registration(VARIABLE, "callsheet", "callsheet", "callsheet", &mut script)
        .ok()?;
    Some(script)
}
