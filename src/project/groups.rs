//! Groups takes for the report: by month, presets or locale.
//!
//! The lockfile contains specs without presets and axes. So presets are found by their ids in the current manifests,
//! and a locale by the position of its axis in the key. If the manifests no longer have the preset, its id is shown.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::lockfile::Take;
use crate::manifest::{Field, Manifest, MatrixDecl};

/// Names of the locale axis. The first one that a matrix has counts.
const LOCALE_AXES: [&str; 3] = ["locale", "language", "lang"];
/// The group of takes without a locale.
const NONE: &str = "(none)";

/// Returns the month of the submission, in UTC: `2026-11`.
pub fn month(take: &Take) -> String {
    take.at.strftime("%Y-%m").to_string()
}

/// Preset names by id of avatars and voices. If several presets share an id, the first name in order counts.
#[derive(Clone, Debug, Default)]
pub struct PresetNames {
    avatars: BTreeMap<Arc<str>, Arc<str>>,
    voices: BTreeMap<Arc<str>, Arc<str>>,
}

impl PresetNames {
    /// Reads the names from the current manifests. Skips presets whose id is a template.
    pub fn of(manifest: &Manifest) -> Self {
        let mut names = Self::default();
        for (block, path, ids) in
            [("avatars", "avatar.id", &mut names.avatars), ("voices", "voice.tts.id", &mut names.voices)]
        {
            let (Some(group), Some(row)) = (manifest.preset_block(block), manifest.table.find(path)) else { continue };
            for (name, preset) in &group.presets {
                if let Some(id) = preset.decl.get(row).and_then(Field::literal) {
                    ids.entry(Arc::clone(id)).or_insert_with(|| Arc::clone(name));
                }
            }
        }
        names
    }

    /// Returns `anna / narrator-de`. Falls back to the id if no preset has it; the voice may be `audio` or `silence`.
    pub fn group(&self, take: &Take) -> String {
        let spec: Value = take.spec.as_ref().and_then(|spec| serde_json::from_str(spec.get()).ok()).unwrap_or_default();
        let text = |path: &str| spec.pointer(path).and_then(Value::as_str);
        let named =
            |names: &BTreeMap<Arc<str>, Arc<str>>, id: &str| names.get(id).map_or(id.to_owned(), ToString::to_string);
        let avatar = text("/avatar/id").map_or_else(|| "?".to_owned(), |id| named(&self.avatars, id));
        let voice = match text("/voice/tts/id") {
            Some(id) => named(&self.voices, id),
            None if spec.pointer("/voice/silence").is_some() => "silence".to_owned(),
            None if spec.pointer("/voice/file").is_some() => "audio".to_owned(),
            None => "?".to_owned(),
        };
        format!("{avatar} / {voice}")
    }
}

/// The position of the locale in the keys of a video, by base key.
#[derive(Clone, Debug, Default)]
pub struct LocalePlaces(BTreeMap<Arc<str>, usize>);

impl LocalePlaces {
    /// Reads the positions from the current manifests.
    pub fn of(manifest: &Manifest) -> Self {
        let place = |matrix: &MatrixDecl| {
            LOCALE_AXES.iter().find_map(|wanted| matrix.axes.iter().position(|(name, _)| &**name == *wanted))
        };
        let videos = manifest.videos.iter();
        Self(videos.filter_map(|video| Some((Arc::clone(&video.key), place(video.matrix.as_ref()?)?))).collect())
    }

    /// Returns `de` for `onboarding[de,pro]`, or `(none)` if the manifests declare no locale axis for the video.
    pub fn group(&self, take: &Take) -> String {
        let parts = take.key.strip_suffix(']').and_then(|key| key.split_once('['));
        let locale = parts.and_then(|(base, parts)| parts.split(',').nth(*self.0.get(base)?));
        locale.unwrap_or(NONE).to_owned()
    }
}
