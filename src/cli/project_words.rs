//! The project's own words for completions: keys, presets and environments.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::path::PathBuf;

use clap_complete::engine::CompletionCandidate;

use crate::lockfile::Store;
use crate::project::{self, CompiledProject, ProcessEnv};
use crate::source::find_root;

/// Maximum number of candidates per word. More of them do not help.
const MAX_CANDIDATES: usize = 1_000;

thread_local! {
    /// The options of the command line to complete, because clap passes only its last word to the functions below.
    static OPTIONS: RefCell<(Option<PathBuf>, Option<String>)> = const { RefCell::new((None, None)) };
}

/// Selects the project and the environment of the following calls in this thread.
pub fn select_project(directory: Option<PathBuf>, environment: Option<String>) {
    OPTIONS.set((directory, environment));
}

/// Returns the keys of the project's videos with this prefix.
pub fn keys(current: &OsStr) -> Vec<CompletionCandidate> {
    let compiled = compiled();
    starting_with(compiled.iter().flat_map(|compiled| &compiled.videos).map(|video| &*video.key), current)
}

/// Returns the keys of the project's videos and the names of its presets with this prefix: `voices.narrator-de`.
pub fn keys_and_presets(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(compiled) = compiled() else { return Vec::new() };
    let presets: Vec<String> = project::preset_names(&compiled.manifest).collect();
    let words = compiled.videos.iter().map(|video| &*video.key).chain(presets.iter().map(String::as_str));
    starting_with(words, current)
}

/// Returns the keys of the lockfile's takes with this prefix.
pub fn taken_keys(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(root) = root() else { return Vec::new() };
    let process_env = ProcessEnv::from_process();
    let named = OPTIONS.with_borrow(|(_, environment)| environment.clone());
    let name = project::environment_name(named.as_deref(), &process_env).to_owned();
    if !project::is_environment_name(&name) {
        return Vec::new();
    }
    let Ok(store) = Store::open(&project::lock_path(&root, &name)) else { return Vec::new() };
    starting_with(store.lockfile.takes().map(|take| &*take.key), current)
}

/// Returns the environments of the manifest, and the built-in ones.
pub fn environments(current: &OsStr) -> Vec<CompletionCandidate> {
    let compiled = compiled();
    let declared = compiled.iter().flat_map(|compiled| &compiled.manifest.environments).map(|(name, _)| &**name);
    starting_with(declared.chain([project::PRODUCTION, project::SANDBOX]), current)
}

fn starting_with<'a>(words: impl Iterator<Item = &'a str>, current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(begin) = current.to_str() else { return Vec::new() };
    let mut found: Vec<&str> = words.filter(|word| word.starts_with(begin)).collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().take(MAX_CANDIDATES).map(CompletionCandidate::new).collect()
}

fn compiled() -> Option<CompiledProject> {
    project::compile(&root()?, &ProcessEnv::from_process()).ok()
}

/// Returns the root of the project that the command line selects.
fn root() -> Option<PathBuf> {
    let folder = std::env::current_dir().ok()?;
    match OPTIONS.with_borrow(|(directory, _)| directory.clone()) {
        Some(directory) => Some(folder.join(directory)),
        None => find_root(&folder),
    }
}
