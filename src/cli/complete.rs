//! Answers to a shell that completes a command line: flags and commands, and the project's own keys and environments.

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

/// The variable by which the registered script asks; its value names the shell.
pub const VARIABLE: &str = "COMPLETE";

/// The most candidates of one word: more are no help.
const MOST: usize = 1_000;

thread_local! {
    /// The command line that is completed: the functions below are given its last word only.
    static TYPED: RefCell<Vec<OsString>> = const { RefCell::new(Vec::new()) };
}

/// The scripts of the shells whose quoting callsheet does itself: with clap's scripts, bash runs commands in names.
const SCRIPTS: [(&str, &str); 3] = [
    ("bash", include_str!("completion_scripts/callsheet.bash")),
    ("zsh", include_str!("completion_scripts/callsheet.zsh")),
    ("fish", include_str!("completion_scripts/callsheet.fish")),
];

/// Answers a shell that completes a command line; `words` follow the `--` of its script.
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

/// For bash: the line up to the cursor and the word that bash replaces; an answer is what to put there, quoted.
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

/// For zsh and fish, which quote: a value, a tab and a description a line. A name with a line break or a tab is left out.
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

/// The candidates for the last of the words, each with one line about it.
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

/// Whether a typed word is a flag with the beginning of its value: `--env=s`, `-Cdir`.
fn begins_a_value(typed: &str) -> bool {
    typed.contains('=') || typed.len() > 1 && !typed.starts_with("--")
}

/// The script that makes a shell ask this program.
pub fn registration(shell: &str) -> Option<Vec<u8>> {
    if let Some((_, script)) = SCRIPTS.iter().find(|(name, _)| *name == shell) {
        return Some(script.as_bytes().to_vec());
    }
    let shells = Shells::builtins();
    let mut script = Vec::new();
    shells.completer(shell)?.write_registration(VARIABLE, "callsheet", "callsheet", "callsheet", &mut script).ok()?;
    Some(script)
}

/// The keys of the project's videos that begin so.
pub fn keys(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(root) = root() else { return Vec::new() };
    let Ok(compiled) = project::compile(&root, &World::of_process()) else { return Vec::new() };
    candidates(compiled.videos.iter().map(|video| &*video.key), current)
}

/// The keys of the project's videos and the names of its presets that begin so: `voices.narrator-de`.
pub fn keys_and_presets(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(root) = root() else { return Vec::new() };
    let Ok(compiled) = project::compile(&root, &World::of_process()) else { return Vec::new() };
    let presets: Vec<String> = project::preset_words(&compiled.manifest).collect();
    let words = compiled.videos.iter().map(|video| &*video.key).chain(presets.iter().map(String::as_str));
    candidates(words, current)
}

/// The keys of the lockfile's takes that begin so.
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

/// The environments of the manifest, and those that exist by themselves.
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

/// The root of the project that the command line is about.
fn root() -> Option<PathBuf> {
    let folder = std::env::current_dir().ok()?;
    match flag(&["-C", "--directory"]) {
        Some(directory) => Some(folder.join(directory)),
        None => find_root(&folder),
    }
}

/// The value of a flag on the command line that is completed.
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
