//! The form of a template video: a template, and a voice for each of its scenes, counted from 0.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::fields::{Fields, Refused};
use super::values::integer;
use super::video::{name, voice, voice_parts};
use super::{Assets, Part};
use crate::spec::Voice;

/// A template video as submitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenes {
    /// Empty where none was sent.
    pub name: Arc<str>,
    /// The template.
    pub template: i64,
    /// A voice for each scene.
    pub voices: Vec<Voice>,
}

/// Checks a submission; `scenes_of` gives the number of scenes of a template that exists.
///
/// # Errors
/// All faults, each naming its part.
pub fn template_video(
    parts: &[Part],
    scenes_of: impl Fn(i64) -> Option<usize>,
    assets: &dyn Assets,
) -> Result<Scenes, Refused> {
    // How many scenes are known follows from the template, so that part is looked at first.
    let template = parts.iter().find(|part| part.name == "template_id");
    let scenes = template
        .and_then(|part| std::str::from_utf8(&part.value).ok())
        .and_then(|text| integer(text, 0, i64::MAX).ok())
        .and_then(&scenes_of);
    let scenes = scenes.unwrap_or(1);
    let groups: Vec<String> = (0..scenes).map(|scene| format!("voices[{scene}]")).collect();
    let known: BTreeSet<String> = ["name".to_owned(), "template_id".to_owned()]
        .into_iter()
        .chain(groups.iter().flat_map(|group| voice_parts(group)))
        .filter(|part| !["[speed]", "[pitch]", "[emotion]"].iter().any(|leaf| part.ends_with(leaf)))
        .collect();
    let mut fields = Fields::new(parts, &known);
    let name = name(&mut fields).unwrap_or_default();
    let template = fields.require("template_id", |text| {
        let template = integer(text, 0, i64::MAX)?;
        if scenes_of(template).is_some() { Ok(template) } else { Err(format!("names no template: {template}")) }
    });
    let voices: Vec<Voice> = groups.iter().filter_map(|group| voice(&mut fields, group, assets)).collect();
    fields.finish(template.map(|template| Scenes { name, template, voices }))
}
