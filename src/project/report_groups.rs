//! Groups takes for the report: by month, presets or locale.
//!
//! The lockfile contains specs without presets and axes. So presets are found by their ids in the current manifests,
//! and a locale by the position of its axis in the key. If the manifests no longer have the preset, its id is shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::fields;
use crate::lockfile::Take;
use crate::manifest::{Expr, Field, Manifest, MatrixDecl};

/// Names of the locale axis. The first one that a matrix has counts.
const LOCALE_AXES: [&str; 3] = ["locale", "language", "lang"];
/// The group of takes without a locale.
const NONE: &str = "(none)";

/// Returns the month of the submission, in UTC: `2026-11`.
pub fn submission_month(take: &Take) -> String {
    take.at.strftime("%Y-%m").to_string()
}

/// Preset names by id of avatars and voices. If several presets share an id, the first name in order counts.
#[derive(Clone, Debug, Default)]
pub struct PresetNames {
    avatars: BTreeMap<Arc<str>, Arc<str>>,
    voices: BTreeMap<Arc<str>, Arc<str>>,
    templates: BTreeMap<Arc<str>, Arc<str>>,
}

impl PresetNames {
    /// Reads the names from the current manifests. Skips presets whose id is a template.
    pub fn from_manifest(manifest: &Manifest) -> Self {
        let mut names = Self::default();
        for (block, path, ids) in [
            ("avatars", "avatar.id", &mut names.avatars),
            ("voices", "voice.tts.id", &mut names.voices),
            ("templates", "template.id", &mut names.templates),
        ] {
            let (Some(group), Some(row)) = (manifest.preset_block(block), manifest.table.find(path)) else { continue };
            for (name, preset) in &group.presets {
                if let Some(id) = preset.decl.get(row).and_then(literal_id) {
                    ids.entry(id).or_insert_with(|| Arc::clone(name));
                }
            }
        }
        names
    }

    /// `anna / narrator-de`, or `launch / narrator-de + silence` of a vendor template; an id that no preset has stands for itself, and a voice may be `audio` or `silence`.
    pub fn group(&self, take: &Take) -> String {
        let spec = take.spec_value().unwrap_or_default();
        let text = |path: &str| spec.pointer(path).and_then(Value::as_str);
        let named =
            |names: &BTreeMap<Arc<str>, Arc<str>>, id: &str| names.get(id).map_or(id.to_owned(), ToString::to_string);
        let voice = |voice: &Value| match voice.pointer("/tts/id").and_then(Value::as_str) {
            Some(id) => named(&self.voices, id),
            None if voice.pointer("/silence").is_some() => "silence".to_owned(),
            None if voice.pointer("/file").is_some() => "audio".to_owned(),
            None => "?".to_owned(),
        };
        if let Some(id) = spec.pointer("/template/id").filter(|id| id.is_number()) {
            let template = named(&self.templates, &id.to_string());
            let scenes = spec.pointer("/template/scenes").and_then(Value::as_array);
            let voices: BTreeSet<String> = scenes.into_iter().flatten().map(voice).collect();
            return format!("{template} / {}", voices.into_iter().collect::<Vec<_>>().join(" + "));
        }
        let avatar = text("/avatar/id").map_or_else(|| "?".to_owned(), |id| named(&self.avatars, id));
        format!("{avatar} / {}", voice(spec.get("voice").unwrap_or(&Value::Null)))
    }
}

/// Returns an id that is written in a preset itself.
fn literal_id(field: &Field) -> Option<Arc<str>> {
    match &field.value {
        Expr::Literal(fields::Value::Integer(id)) => Some(id.to_string().into()),
        _ => field.literal().cloned(),
    }
}

/// The position of the locale in the keys of a video, by base key.
#[derive(Clone, Debug, Default)]
pub struct LocalePositions(BTreeMap<Arc<str>, usize>);

impl LocalePositions {
    /// Reads the positions from the current manifests.
    pub fn from_videos(manifest: &Manifest) -> Self {
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
