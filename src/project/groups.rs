//! What a take belongs to, for the report: a month, presets, a locale.
//!
//! The lockfile holds bare specs. So presets are found by their ids in the manifests of today, and a locale by the place
//! of the axis in the key; what the manifests do not have any more goes by its id, or by nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::lockfile::Take;
use crate::manifest::{Field, Manifest, MatrixDecl};

/// Names of the axis that a locale is the value of, the first that there is.
const LOCALE_AXES: [&str; 3] = ["locale", "language", "lang"];
/// What has no locale.
const NONE: &str = "(none)";

/// The month of the submission, UTC: `2026-11`.
pub fn month(take: &Take) -> String {
    take.at.strftime("%Y-%m").to_string()
}

/// Names for ids of avatars and voices; of several presets with one id the first by name.
#[derive(Clone, Debug, Default)]
pub struct PresetNames {
    avatars: BTreeMap<Arc<str>, Arc<str>>,
    voices: BTreeMap<Arc<str>, Arc<str>>,
}

impl PresetNames {
    /// As the manifests say them now; ids that are templates have no name.
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

    /// `anna / narrator-de`; an id that no preset has stands for itself, and a voice may be `audio` or `silence`.
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

/// Where the locale stands in the keys of a video, by base key.
#[derive(Clone, Debug, Default)]
pub struct LocalePlaces(BTreeMap<Arc<str>, usize>);

impl LocalePlaces {
    /// As the manifests say it now.
    pub fn of(manifest: &Manifest) -> Self {
        let place = |matrix: &MatrixDecl| {
            LOCALE_AXES.iter().find_map(|wanted| matrix.axes.iter().position(|(name, _)| &**name == *wanted))
        };
        let videos = manifest.videos.iter();
        Self(videos.filter_map(|video| Some((Arc::clone(&video.key), place(video.matrix.as_ref()?)?))).collect())
    }

    /// `de` for `onboarding[de,pro]`; `(none)` where the manifests know no such axis of it.
    pub fn group(&self, take: &Take) -> String {
        let parts = take.key.strip_suffix(']').and_then(|key| key.split_once('['));
        let locale = parts.and_then(|(base, parts)| parts.split(',').nth(*self.0.get(base)?));
        locale.unwrap_or(NONE).to_owned()
    }
}
