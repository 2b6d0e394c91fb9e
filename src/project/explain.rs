//! `explain`: where the values of one video or preset come from, and what its templates refer to.

use std::collections::HashSet;
use std::sync::Arc;

use super::{CompiledProject, ProcessEnv, ProjectError};
use crate::diagnostic::nearest;
use crate::expand::{ExpandInputs, preset_provenance, trace};
use crate::manifest::{Manifest, PresetGroup};
use crate::spec::{InstanceTrace, PresetProvenance, Video};

/// Maximum number of instances that are listed for a base key.
const MAX_LISTED: usize = 5;

/// A subject of `explain`.
#[derive(Clone, Debug)]
pub enum ExplainTarget {
    /// A video, with the references of its templates.
    Video(Box<Video>, InstanceTrace),
    /// A preset, with the provenance of its values and the videos that use it.
    Preset(PresetProvenance),
}

/// Returns the video of a key, or else the preset of a name such as `voices.narrator-de`.
///
/// Expands the video's own declaration again. For a preset, expands all declarations.
///
/// # Errors
/// If neither exists: with the nearest name, or with the instances of a base key. If the system cannot start a thread.
pub fn explain(
    compiled: &mut CompiledProject,
    word: &str,
    process_env: &ProcessEnv,
) -> Result<ExplainTarget, ProjectError> {
    let env = process_env.visible_variables(&compiled.manifest);
    let inputs = ExpandInputs { root: &compiled.root, sources: &mut compiled.sources, env: &env, now: process_env.now };
    let io = |error| ProjectError::io("expand", &compiled.root, error);
    let nothing = |hint| ProjectError::NothingNamed(word.to_owned(), hint);
    if let Some(video) = compiled.videos.iter().find(|video| &*video.key == word) {
        let keys = HashSet::from([Arc::clone(&video.key)]);
        let found = trace(&compiled.manifest, inputs, &keys, &[]).map_err(io)?.into_values().next();
        let found = found.ok_or_else(|| nothing(String::new()))?;
        return Ok(ExplainTarget::Video(Box::new(video.clone()), found));
    }
    let named = word.split_once('.').and_then(|(block, name)| Some((compiled.manifest.preset_block(block)?, name)));
    let preset = match named {
        Some((presets, name)) => preset_provenance(&compiled.manifest, inputs, presets.group, name).map_err(io)?,
        None => None,
    };
    preset.map(ExplainTarget::Preset).ok_or_else(|| match instances(compiled, word) {
        Some(instances) => ProjectError::BaseKey(word.to_owned(), instances),
        None => nothing(hint(compiled, word)),
    })
}

/// Returns all presets by the name on the command line, in the vendor's order: `voices.narrator-de`.
pub fn preset_names(manifest: &Manifest) -> impl Iterator<Item = String> {
    let names = |group: &'_ PresetGroup| {
        let block = group.block;
        group.presets.keys().map(|name| format!("{block}.{name}")).collect::<Vec<_>>()
    };
    manifest.presets.iter().flat_map(names)
}

/// Returns the first instances of a base key.
fn instances(compiled: &CompiledProject, word: &str) -> Option<String> {
    let instance = |one: &&Arc<str>| one.strip_prefix(word).is_some_and(|rest| rest.starts_with('['));
    let keys = compiled.videos.iter().map(|video| &video.key).filter(instance);
    let mut named: Vec<String> = keys.take(MAX_LISTED + 1).map(|one| format!("`{one}`")).collect();
    if named.len() > MAX_LISTED {
        "…".clone_into(&mut named[MAX_LISTED]);
    }
    (!named.is_empty()).then(|| named.join(", "))
}

/// Returns `; did you mean …?`, or an empty text.
fn hint(compiled: &CompiledProject, word: &str) -> String {
    let keys = compiled.videos.iter().map(|video| &video.key);
    let presets: Vec<String> = preset_names(&compiled.manifest).collect();
    // The same preset name can occur in several groups.
    let bare = |one: &&str| one.split_once('.').is_some_and(|(_, name)| name == word);
    let bare: Vec<String> = presets.iter().map(String::as_str).filter(bare).map(|one| format!("`{one}`")).collect();
    if !bare.is_empty() {
        return format!("; did you mean {}?", bare.join(" or "));
    }
    let known = nearest(word, keys.map(|key| &**key).chain(presets.iter().map(String::as_str)));
    known.map(|known| format!("; did you mean `{known}`?")).unwrap_or_default()
}
