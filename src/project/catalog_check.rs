//! Checks ids and emotions of compiled videos against the catalog.

use std::collections::{BTreeSet, HashSet};

use super::CompiledProject;
use crate::catalog::{Catalog, TemplateEntry, VoiceEntry};
use crate::diagnostic::{Code, Diagnostic, Report, nearest, nearest_within};
use crate::source::{Origin, Sources};
use crate::spec::Video;
use crate::spec::views::key;

/// Maximum number of emotions that a message lists.
const MAX_LISTED: usize = 12;

/// Maximum number of differences of a typo. Beyond it, ids look similar by chance.
const MAX_TYPO_DISTANCE: usize = 2;

/// Warns of ids that the vendor does not list and of emotions that a voice lacks, once per location and value. An empty
/// list, or a voice without emotions, proves nothing.
pub fn check_catalog(compiled: &mut CompiledProject, catalog: &Catalog) {
    let check = CatalogCheck { catalog, sources: &compiled.sources };
    let mut told = HashSet::new();
    let mut report = Report::new();
    for video in &compiled.videos {
        check.template(video, &mut told, &mut report);
        if !catalog.avatars.is_empty() {
            for (field, id) in video.spec.read_all::<&str>(key::AVATAR_ID) {
                if let Some(origin) = video.provenance.origin(field)
                    && catalog.avatar(id).is_none()
                    && told.insert((origin, id.to_owned()))
                {
                    let known = catalog.avatars.iter().map(|one| (one.id.as_str(), one.name.as_deref()));
                    report.push(check.unknown(Code::UnknownAvatar, ("avatar", id), &known, (video, origin)));
                }
            }
        }
        if catalog.voices.is_empty() {
            continue;
        }
        for (field, id) in video.spec.read_all::<&str>(key::VOICE_ID) {
            let Some(origin) = video.provenance.origin(field) else { continue };
            let Some(voice) = catalog.voice(id) else {
                if told.insert((origin, id.to_owned())) {
                    let known = catalog.voices.iter().map(|one| (one.id.as_str(), one.name.as_deref()));
                    report.push(check.unknown(Code::UnknownVoice, ("voice", id), &known, (video, origin)));
                }
                continue;
            };
            let emotion = video.spec.read_all::<&str>(key::EMOTION).find(|(other, _)| other.item == field.item);
            if let Some((place, emotion)) = emotion.and_then(|(at, word)| Some((video.provenance.origin(at)?, word)))
                && !voice.emotions.is_empty()
                && !voice.emotions.iter().any(|known| known == emotion)
                // An emotion from a preset may fit one voice but not another.
                && told.insert((place, format!("{emotion} {id}")))
            {
                report.push(check.emotion(video, voice, emotion, (place, origin)));
            }
        }
    }
    compiled.report.merge(report);
    compiled.report.sort();
}

struct CatalogCheck<'a> {
    catalog: &'a Catalog,
    sources: &'a Sources,
}

/// The vendor template of a video, and its number of scenes by the catalog. `None` if one of both is unknown.
fn scene_counts<'a>(video: &Video, catalog: &'a Catalog) -> Option<(&'a TemplateEntry, u64, u64)> {
    let id: i64 = video.spec.read(key::TEMPLATE_ID)?;
    let template = catalog.template(&id.to_string())?;
    Some((template, template.scenes?, video.spec.voices().count() as u64))
}

/// Returns the errors of some videos, by key, with more or fewer scenes than the catalog lists for their template.
pub fn check_scene_counts(compiled: &CompiledProject, catalog: &Catalog, keys: &BTreeSet<&str>) -> Report {
    let mut report = Report::new();
    let mut told = HashSet::new();
    let check = CatalogCheck { catalog, sources: &compiled.sources };
    for video in compiled.videos.iter().filter(|video| keys.contains(&*video.key)) {
        check.scene_count(video, &mut told, &mut report);
    }
    report.sort();
    report
}

impl CatalogCheck<'_> {
    /// Checks the id of a video's template, and its number of scenes.
    fn template(&self, video: &Video, told: &mut HashSet<(Origin, String)>, report: &mut Report) {
        let (Some(row), Some(id)) =
            (video.spec.table.row_of(key::TEMPLATE_ID), video.spec.read::<i64>(key::TEMPLATE_ID))
        else {
            return;
        };
        let id = id.to_string();
        if self.catalog.templates.is_empty() || self.catalog.template(&id).is_some() {
            return self.scene_count(video, told, report);
        }
        let Some(origin) = video.provenance.origin(row.into()) else { return };
        if told.insert((origin, id.clone())) {
            let known = self.catalog.templates.iter().map(|one| (one.id.as_str(), one.name.as_deref()));
            report.push(self.unknown(Code::UnknownTemplate, ("template", &id), &known, (video, origin)));
        }
    }

    fn scene_count(&self, video: &Video, told: &mut HashSet<(Origin, String)>, report: &mut Report) {
        let Some((template, listed, found)) =
            scene_counts(video, self.catalog).filter(|(_, listed, found)| listed != found)
        else {
            return;
        };
        let name = template.name.as_deref().unwrap_or(&template.id);
        let plural = if found == 1 { "" } else { "s" };
        let host = &self.catalog.host;
        let base = video.key.split('[').next().unwrap_or_default();
        let message =
            format!("video `{base}` has {found} scene{plural}, but `{host}` lists the template `{name}` with {listed}");
        if told.insert((video.declared_at, message.clone())) {
            let error = Diagnostic::new(Code::SceneCount, message, video.declared_at);
            report.push(
                error.help(
                    "each scene of the template needs a voice; `catalog sync` fetches its number of scenes again",
                ),
            );
        }
    }

    fn unknown<'a>(
        &self,
        code: Code,
        (word, id): (&str, &str),
        known: &(impl Iterator<Item = (&'a str, Option<&'a str>)> + Clone),
        (video, origin): (&Video, Origin),
    ) -> Diagnostic {
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
        self.of_instance(warning, (video, origin), id)
    }

    fn emotion(&self, video: &Video, voice: &VoiceEntry, emotion: &str, (place, id): (Origin, Origin)) -> Diagnostic {
        let name = voice.name.as_deref().unwrap_or(&voice.id);
        let message = format!("the voice `{name}` has no emotion `{emotion}`");
        let warning = Diagnostic::new(Code::UnknownEmotion, message, place).with_secondary(id, "the voice");
        let warning = match nearest(emotion, voice.emotions.iter().map(String::as_str)) {
            Some(meant) => warning.label(format!("did you mean `{meant}`?")),
            None => warning,
        };
        let mut words: Vec<String> = voice.emotions.iter().take(MAX_LISTED).map(|word| format!("`{word}`")).collect();
        if voice.emotions.len() > MAX_LISTED {
            words.push("…".to_owned());
        }
        self.of_instance(warning.help(format!("it has {}", words.join(", "))), (video, place), emotion)
    }

    /// Adds the video's key and row if the value is not written at the location, but rendered by a template.
    fn of_instance(&self, warning: Diagnostic, (video, origin): (&Video, Origin), value: &str) -> Diagnostic {
        if self.sources.text(origin.file, origin.span).contains(value) {
            return warning;
        }
        warning.key(&*video.key).row(video.row.clone())
    }
}
