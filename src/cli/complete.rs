//! Answers to a shell that completes a command line: flags and commands, and the project's own keys and environments.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap_complete::engine::CompletionCandidate;
use clap_complete::env::Shells;

use super::args::command;
use crate::lock::Store;
use crate::project::{self, World};
use crate::source::find_root;

/// The variable by which the registered script asks; its value names the shell.
pub const VARIABLE: &str = "COMPLETE";

/// The most candidates of one word: more are no help.
const MOST: usize = 1_000;

/// What completes `words`, the command line so far, for a shell; nothing when the shell is not known.
pub fn complete(shell: &str, words: Vec<OsString>, folder: &Path) -> Option<Vec<u8>> {
    let shells = Shells::builtins();
    let shell = shells.completer(shell)?;
    let mut answer = Vec::new();
    shell.write_complete(&mut command(), words, Some(folder), &mut answer).ok()?;
    Some(answer)
}

/// The script that makes a shell ask this program.
pub fn registration(shell: &str) -> Option<Vec<u8>> {
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

/// The value of a flag on the command line that is being completed, which stands behind the first `--`.
fn flag(names: &[&str]) -> Option<OsString> {
    let mut words = std::env::args_os().skip_while(|word| word != "--").skip(2);
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
