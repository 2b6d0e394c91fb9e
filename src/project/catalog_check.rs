//! Checks ids and emotions of compiled videos against the catalog.

use std::collections::{BTreeSet, HashSet};

use super::CompiledProject;
use crate::catalog::{Catalog, VoiceEntry};
use crate::diagnostic::{Code, Diagnostic, Report, nearest, nearest_within};
use crate::fields::FieldPath;
use crate::source::{Origin, Sources};
use crate::spec::Video;
use crate::spec::key;

/// Maximum number of emotions that a message lists.
const MAX_LISTED: usize = 12;

/// Maximum number of differences of a typo. Beyond it, ids look similar by chance.
const MAX_TYPO_DISTANCE: usize = 2;

/// Warns of ids that the vendor does not list and of emotions that a voice lacks, once per location and value. An empty
/// list, or a voice without emotions, proves nothing.
pub fn check_catalog(compiled: &mut CompiledProject, catalog: &Catalog) {
    let mut check = CatalogCheck::new(catalog, &compiled.sources);
    for video in &compiled.videos {
        check.scene_count(video);
        for (field, id) in video.spec.read_all::<i64>(key::TEMPLATE_ID).map(|(field, id)| (field, id.to_string())) {
            if catalog.template(&id).is_none() {
                let known = catalog.templates.iter().map(|one| (&*one.id, one.name.as_deref()));
                check.unknown(Code::UnknownTemplate, ("template", &id), &known, (video, field));
            }
        }
        for (field, id) in video.spec.read_all::<&str>(key::AVATAR_ID) {
            if catalog.avatar(id).is_none() {
                let known = catalog.avatars.iter().map(|one| (&*one.id, one.name.as_deref()));
                check.unknown(Code::UnknownAvatar, ("avatar", id), &known, (video, field));
            }
        }
        for (field, id) in video.spec.read_all::<&str>(key::VOICE_ID) {
            if let Some(voice) = catalog.voice(id) {
                check.emotion(video, voice, field);
            } else {
                let known = catalog.voices.iter().map(|one| (&*one.id, one.name.as_deref()));
                check.unknown(Code::UnknownVoice, ("voice", id), &known, (video, field));
            }
        }
    }
    compiled.report.merge(check.report);
    compiled.report.sort();
}

/// Returns the errors of some videos, by key, with more or fewer scenes than the catalog lists for their template.
pub fn check_scene_counts(compiled: &CompiledProject, catalog: &Catalog, keys: &BTreeSet<&str>) -> Report {
    let mut check = CatalogCheck::new(catalog, &compiled.sources);
    compiled.videos.iter().filter(|video| keys.contains(&*video.key)).for_each(|video| check.scene_count(video));
    check.report.sort();
    check.report
}

struct CatalogCheck<'a> {
    catalog: &'a Catalog,
    sources: &'a Sources,
    /// The locations and values that were reported.
    told: HashSet<(Origin, String)>,
    report: Report,
}

impl<'a> CatalogCheck<'a> {
    fn new(catalog: &'a Catalog, sources: &'a Sources) -> Self {
        Self { catalog, sources, told: HashSet::new(), report: Report::new() }
    }

    /// Compares the scenes of a video with those that the catalog lists for its template, if it lists them.
    fn scene_count(&mut self, video: &Video) {
        let id = video.spec.read::<i64>(key::TEMPLATE_ID);
        let Some(template) = id.and_then(|id| self.catalog.template(&id.to_string())) else { return };
        let found = video.spec.voices().count() as u64;
        let Some(listed) = template.scenes.filter(|listed| *listed != found) else { return };
        let name = template.name.as_deref().unwrap_or(&template.id);
        let plural = if found == 1 { "" } else { "s" };
        let host = &self.catalog.host;
        let base = video.key.split('[').next().unwrap_or_default();
        let message =
            format!("video `{base}` has {found} scene{plural}, but `{host}` lists the template `{name}` with {listed}");
        if self.told.insert((video.declared_at, message.clone())) {
            let error = Diagnostic::new(Code::SceneCount, message, video.declared_at);
            self.report.push(
                error.help(
                    "each scene of the template needs a voice; `catalog sync` fetches its number of scenes again",
                ),
            );
        }
    }

    /// Warns of an id that is not in a list of the catalog. `known` has the ids and names of the list.
    fn unknown<'b>(
        &mut self,
        code: Code,
        (word, id): (&str, &str),
        known: &(impl Iterator<Item = (&'b str, Option<&'b str>)> + Clone),
        (video, field): (&Video, FieldPath),
    ) {
        let Some(origin) = video.provenance.origin(field).filter(|_| known.clone().next().is_some()) else { return };
        if !self.told.insert((origin, id.to_owned())) {
            return;
        }
        let message = format!("`{}` lists no {word} with the id `{id}`", self.catalog.host);
        let warning = Diagnostic::new(code, message, origin);
        let named = |id: &str| {
            let name = known.clone().find(|(known, _)| *known == id).and_then(|(_, name)| name);
            name.map_or_else(|| format!("`{id}`"), |name| format!("`{id}` ({name})"))
        };
        let called = known.clone().find(|(_, name)| name.is_some_and(|name| name.eq_ignore_ascii_case(id)));
        let warning = match (called, nearest_within(id, known.clone().map(|(known, _)| known), MAX_TYPO_DISTANCE)) {
            (Some((meant, _)), _) => warning.label(format!("this is its name; the id is `{meant}`")),
            (None, Some(meant)) => warning.label(format!("did you mean {}?", named(meant))),
            (None, None) => warning,
        };
        let warning = warning.help(format!("`callsheet catalog {word}s` lists those of the last `catalog sync`"));
        self.push(warning, (video, origin), id);
    }

    /// Checks the emotion next to a known voice, which `field` names.
    fn emotion(&mut self, video: &Video, voice: &VoiceEntry, field: FieldPath) {
        let emotion = video.spec.read_all::<&str>(key::EMOTION).find(|(other, _)| other.item == field.item);
        let Some((at, emotion)) = emotion else { return };
        let origins = video.provenance.origin(at).zip(video.provenance.origin(field));
        let Some((place, id)) = origins else { return };
        let is_known = voice.emotions.is_empty() || voice.emotions.iter().any(|known| known == emotion);
        // An emotion from a preset may fit one voice but not another.
        if is_known || !self.told.insert((place, format!("{emotion} {}", voice.id))) {
            return;
        }
        let name = voice.name.as_deref().unwrap_or(&voice.id);
        let message = format!("the voice `{name}` has no emotion `{emotion}`");
        let warning = Diagnostic::new(Code::UnknownEmotion, message, place).with_secondary(id, "the voice");
        let warning = warning.did_you_mean(nearest(emotion, voice.emotions.iter().map(String::as_str)));
        let mut words: Vec<String> = voice.emotions.iter().take(MAX_LISTED).map(|word| format!("`{word}`")).collect();
        if voice.emotions.len() > MAX_LISTED {
            words.push("…".to_owned());
        }
        self.push(warning.help(format!("it has {}", words.join(", "))), (video, place), emotion);
    }

    /// Reports a warning, with the video's key and row if the value is not written at the location, but rendered by a
    /// template.
    fn push(&mut self, warning: Diagnostic, (video, origin): (&Video, Origin), value: &str) {
        let is_written = self.sources.text(origin.file, origin.span).contains(value);
        self.report.push(if is_written { warning } else { warning.key(&*video.key).row(video.row.clone()) });
    }
}
