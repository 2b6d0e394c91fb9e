//! Answers a shell that completes a command line: flags, commands, and the project's own keys and environments.

use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap_complete::engine::CompletionCandidate;
use clap_complete::env::Shells;

use super::args::command;
use super::shell_words::{TypedLine, unquoted_by_fish};
use crate::lockfile::Store;
use crate::project::{self, World};
use crate::source::{clean, find_root};

/// The variable of the registered script. Its value is the name of the shell.
pub const VARIABLE: &str = "COMPLETE";

/// Maximum number of candidates per word. More of them do not help.
const MOST: usize = 1_000;

thread_local! {
    /// The command line to complete, because clap passes only its last word to the functions below.
    static TYPED: RefCell<Vec<OsString>> = const { RefCell::new(Vec::new()) };
}

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
            TYPED.set(words.clone());
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
    let offered = offered(all, folder)?;
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
    for (value, help) in offered(words, folder)?.iter().filter(|(value, _)| !value.contains(['\n', '\t'])) {
        let tab = if help.is_empty() { "" } else { "\t" };
        answer.extend([value, tab, help, "\n"]);
    }
    Some(answer.into_bytes())
}

/// Returns the candidates for the last word, each with a line of description.
fn offered(words: Vec<OsString>, folder: &Path) -> Option<Vec<(String, String)>> {
    let current = words.last()?.to_string_lossy().into_owned();
    let index = words.len() - 1;
    TYPED.set(words.clone());
    let found = clap_complete::engine::complete(&mut command(), words, index, Some(folder)).ok()?;
    let text = |candidate: &CompletionCandidate| {
        let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
        Some((candidate.get_value().to_str()?.to_owned(), clean(help.lines().next().unwrap_or_default()).into_owned()))
    };
    let taken_for_a_flag = |candidate: &CompletionCandidate| {
        let is_flag = candidate.get_id().is_some_and(|id| id.starts_with("arg::"));
        candidate.get_value().to_string_lossy().starts_with('-') && !is_flag && !begins_a_value(&current)
    };
    Some(found.iter().filter(|candidate| !taken_for_a_flag(candidate)).filter_map(text).collect())
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
    let shells = Shells::builtins();
    let mut script = Vec::new();
    shells.completer(shell)?.write_registration(VARIABLE, "callsheet", "callsheet", "callsheet", &mut script).ok()?;
    Some(script)
}

/// Returns the keys of the project's videos with this prefix.
pub fn keys(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(root) = root() else { return Vec::new() };
    let Ok(compiled) = project::compile(&root, &World::of_process()) else { return Vec::new() };
    candidates(compiled.videos.iter().map(|video| &*video.key), current)
}

/// Returns the keys of the project's videos and the names of its presets with this prefix: `voices.narrator-de`.
pub fn keys_and_presets(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(root) = root() else { return Vec::new() };
    let Ok(compiled) = project::compile(&root, &World::of_process()) else { return Vec::new() };
    let presets: Vec<String> = project::preset_words(&compiled.manifest).collect();
    let words = compiled.videos.iter().map(|video| &*video.key).chain(presets.iter().map(String::as_str));
    candidates(words, current)
}

/// Returns the keys of the lockfile's takes with this prefix.
pub fn taken_keys(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(root) = root() else { return Vec::new() };
    let world = World::of_process();
    let named = flag(&["--env"]);
    let name = project::environment_name(named.as_deref().and_then(OsStr::to_str), &world).to_owned();
    if !project::is_environment_name(&name) {
        return Vec::new();
    }
    let Ok(store) = Store::open(&project::lock_path(&root, &name)) else { return Vec::new() };
    candidates(store.lockfile.takes().map(|take| &*take.key), current)
}

/// Returns the environments of the manifest, and the built-in ones.
pub fn environments(current: &OsStr) -> Vec<CompletionCandidate> {
    let compiled = root().and_then(|root| project::compile(&root, &World::of_process()).ok());
    let declared = compiled.iter().flat_map(|compiled| &compiled.manifest.environments).map(|(name, _)| &**name);
    candidates(declared.chain([project::PRODUCTION, project::SANDBOX]), current)
}

fn candidates<'a>(words: impl Iterator<Item = &'a str>, current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(begin) = current.to_str() else { return Vec::new() };
    let mut found: Vec<&str> = words.filter(|word| word.starts_with(begin)).collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().take(MOST).map(CompletionCandidate::new).collect()
}

/// Returns the root of the project that the command line selects.
fn root() -> Option<PathBuf> {
    let folder = std::env::current_dir().ok()?;
    match flag(&["-C", "--directory"]) {
        Some(directory) => Some(folder.join(directory)),
        None => find_root(&folder),
    }
}

/// Returns the value of a flag on the command line to complete.
fn flag(names: &[&str]) -> Option<OsString> {
    let typed = TYPED.with_borrow(Clone::clone);
    let mut words = typed.into_iter().skip(1);
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        for name in names {
            if text == *name {
                return words.next();
            }
            if let Some(value) = text.strip_prefix(name).filter(|_| name.len() == 2) {
                return Some(value.into());
            }
            if let Some(value) = text.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
                return Some(value.into());
            }
        }
    }
    None
}
