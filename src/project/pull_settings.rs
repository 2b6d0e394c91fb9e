//! What `pull` takes from the manifest: its settings, and the values of matrix and row in file names.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::{CompiledProject, ProcessEnv, ProjectError};
use crate::expand::{ExpandInputs, trace};
use crate::manifest::Manifest;
use crate::results::{SpeechSegment, SubtitleFormat, passages};
use crate::spec::{Digest, Spec, Video, stored_voices};

/// Values of one video by their fields: `matrix.locale`.
pub type NameValues = BTreeMap<String, String>;

/// Returns the template of file names in the manifest.
pub fn pull_name(manifest: &Manifest) -> Option<&str> {
    manifest.pull.name.as_ref().map(|setting| &*setting.value)
}

/// Returns the formats of subtitles in the manifest.
pub fn pull_subtitles(manifest: &Manifest) -> Vec<SubtitleFormat> {
    manifest.pull.subtitles.iter().filter_map(|word| SubtitleFormat::of(word)).collect()
}

/// Returns the values that file names of some keys have, as the manifests say them now.
///
/// The declarations of the keys are expanded again. A key that is no longer in any manifest still names the values of its
/// axes, but nothing of its row.
///
/// # Errors
///
/// Returns an error if the system refuses a thread.
#[expect(clippy::implicit_hasher, reason = "the one caller makes the set with the usual hasher")]
pub fn name_values(
    compiled: &mut CompiledProject,
    keys: &HashSet<Arc<str>>,
    fields: &[String],
    process_env: &ProcessEnv,
) -> Result<HashMap<Arc<str>, NameValues>, ProjectError> {
    if fields.is_empty() || keys.is_empty() {
        return Ok(HashMap::new());
    }
    let env = process_env.visible_variables(&compiled.manifest);
    let inputs = ExpandInputs { root: &compiled.root, sources: &mut compiled.sources, env: &env, now: process_env.now };
    let found = trace(&compiled.manifest, inputs, keys, fields);
    let mut found = found.map_err(|error| ProjectError::io("expand", &compiled.root, error))?;
    let values = keys.iter().map(|key| {
        let named = found.remove(key).map(|trace| trace.named);
        (Arc::clone(key), named.unwrap_or_else(|| axes_of_key(&compiled.manifest, key, fields)))
    });
    Ok(values.collect())
}

/// Returns the values of axes that are parts of a key: `de` for `onboarding[de,pro]`.
fn axes_of_key(manifest: &Manifest, key: &str, fields: &[String]) -> NameValues {
    let Some((base, parts)) = key.strip_suffix(']').and_then(|key| key.split_once('[')) else {
        return NameValues::new();
    };
    let video = manifest.videos.iter().find(|video| &*video.key == base);
    let Some(matrix) = video.and_then(|video| video.matrix.as_ref()) else { return NameValues::new() };
    let parts: Vec<&str> = parts.split(',').collect();
    let value = |field: &String| {
        let axis = field.strip_prefix("matrix.")?;
        let place = matrix.axes.iter().position(|(name, _)| &**name == axis)?;
        Some((field.clone(), (*parts.get(place)?).to_owned()))
    };
    fields.iter().filter_map(value).collect()
}

/// Returns what is heard in a content: by the video of its key, or by the spec that the lockfile stores.
pub fn heard(video: Option<&Video>, digest: Digest, stored: Option<&str>) -> Option<Vec<SpeechSegment>> {
    match video.filter(|video| video.digest == digest) {
        Some(video) => passages(&video.spec),
        None => passages(&spec_of(stored?)?),
    }
}

fn spec_of(stored: &str) -> Option<Spec> {
    stored_voices(&serde_json::from_str(stored).ok()?)
}
