//! The names of a compiled project, for its editors' schema.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::Compiled;
use crate::catalog::{AvatarEntry, Catalog, VoiceEntry};
use crate::manifest::pattern::is_identifier;
use crate::manifest::{AvatarDecl, BackgroundDecl, Expr, Field, FileDecl, MediaDecl, Preset, VoiceDecl};
use crate::schema::{Listed, PresetName, ProjectNames, Said};

/// How deep the keys of a variable are named: `vars.a.b.c`.
const DEPTH: usize = 3;

/// The most names of one variable.
const MOST_KEYS: usize = 20;

/// The names of a project, and of what the vendor lists where that is known.
pub fn project_names<V>(compiled: &Compiled<V>, catalog: Option<&Catalog>) -> ProjectNames {
    let manifest = &compiled.manifest;
    let mut said = Said::default();
    for (name, variable) in &manifest.vars {
        paths(&format!("vars.{name}"), &variable.value, DEPTH, &mut said.vars);
    }
    said.env = manifest.env.iter().map(|(name, _)| format!("env.{name}")).collect();
    said.rows =
        compiled.editor.columns.iter().map(|(video, columns)| (video.to_string(), of("row", columns))).collect();
    for video in manifest.videos.iter() {
        if let Some(matrix) = &video.matrix {
            let mut axes: Vec<String> = matrix.axes.iter().map(|(name, _)| name.to_string()).collect();
            let more = matrix.include.iter().flat_map(|(values, _)| values).map(|(name, _)| name.to_string());
            for name in more {
                if !axes.contains(&name) {
                    axes.push(name);
                }
            }
            said.axes.push((video.key.to_string(), of("matrix", &axes)));
        }
    }
    ProjectNames {
        avatars: presets(&manifest.avatars, avatar),
        voices: presets(&manifest.voices, voice),
        backgrounds: presets(&manifest.backgrounds, background),
        said,
        listed_avatars: catalog.map(|all| all.avatars.iter().map(listed_avatar).collect()).unwrap_or_default(),
        listed_voices: catalog.map(|all| all.voices.iter().map(listed_voice).collect()).unwrap_or_default(),
    }
}

fn listed_avatar(one: &AvatarEntry) -> Listed {
    Listed {
        id: one.id.clone(),
        name: one.name.clone().unwrap_or_else(|| one.id.clone()),
        language: None,
        gender: one.gender.clone(),
        preview: one.preview_video.clone().or_else(|| one.preview_image.clone()),
        emotions: Vec::new(),
    }
}

fn listed_voice(one: &VoiceEntry) -> Listed {
    Listed {
        id: one.id.clone(),
        name: one.name.clone().unwrap_or_else(|| one.id.clone()),
        language: one.language.clone(),
        gender: one.gender.clone(),
        preview: one.preview_audio.clone(),
        emotions: one.emotions.clone(),
    }
}

/// Names as templates say them; only such that need no brackets.
fn of(root: &str, names: &[String]) -> Vec<String> {
    names.iter().filter(|name| is_identifier(name)).map(|name| format!("{root}.{name}")).collect()
}

/// The paths to the values of a variable.
fn paths(path: &str, value: &Value, depth: usize, all: &mut Vec<String>) {
    match value {
        Value::Object(map) if depth > 1 && !map.is_empty() && map.keys().all(|key| is_identifier(key)) => {
            for (key, inner) in map.iter().take(MOST_KEYS) {
                paths(&format!("{path}.{key}"), inner, depth - 1, all);
            }
        }
        _ => all.push(path.to_owned()),
    }
}

fn presets<D>(declared: &BTreeMap<Arc<str>, Preset<D>>, holds: impl Fn(&D) -> Vec<String>) -> Vec<PresetName> {
    declared
        .iter()
        .map(|(name, preset)| {
            let parts = holds(&preset.decl);
            let holds = if parts.is_empty() { "empty".to_owned() } else { parts.join(", ") };
            PresetName { name: name.to_string(), holds }
        })
        .collect()
}

fn avatar(decl: &AvatarDecl) -> Vec<String> {
    let offset = decl.offset.as_ref();
    gathered([
        text("over", decl.use_.as_ref()),
        text("id", decl.id.as_ref()),
        shown("style", decl.style.as_ref(), |style| style.word().to_owned()),
        text("circle_bgcolor", decl.circle_bgcolor.as_ref()),
        shown("scale", decl.scale.as_ref(), f64::to_string),
        shown("offset.x", offset.and_then(|offset| offset.x.as_ref()), i64::to_string),
        shown("offset.y", offset.and_then(|offset| offset.y.as_ref()), i64::to_string),
    ])
}

fn voice(decl: &VoiceDecl) -> Vec<String> {
    let tts = decl.tts.as_ref();
    let silence = decl.silence.as_ref();
    let mut all = gathered([
        text("over", decl.use_.as_ref()),
        text("id", tts.and_then(|tts| tts.id.as_ref())),
        text("emotion", tts.and_then(|tts| tts.emotion.as_ref())),
        shown("speed", tts.and_then(|tts| tts.speed.as_ref()), f64::to_string),
        shown("pitch", tts.and_then(|tts| tts.pitch.as_ref()), i64::to_string),
        text("text", tts.and_then(|tts| tts.text.as_ref())),
        shown("silence", silence.and_then(|silence| silence.duration.as_ref()), |seconds| format!("{seconds} s")),
    ]);
    if let Some(FileDecl { asset_id, url, path, .. }) = &decl.file {
        all.extend(gathered([
            text("file", asset_id.as_ref()),
            text("file", url.as_ref()),
            text("file", path.as_ref()),
        ]));
    }
    all
}

fn background(decl: &BackgroundDecl) -> Vec<String> {
    let mut all = gathered([text("over", decl.use_.as_ref()), text("color", decl.color.as_ref())]);
    if let Some(MediaDecl { asset_id, url, path, fit, loop_, .. }) = &decl.media {
        all.extend(gathered([
            text("media", asset_id.as_ref()),
            text("media", url.as_ref()),
            text("media", path.as_ref()),
            shown("fit", fit.as_ref(), |fit| fit.word().to_owned()),
            shown("loop", loop_.as_ref(), bool::to_string),
        ]));
    }
    all
}

fn gathered<const N: usize>(parts: [Option<String>; N]) -> Vec<String> {
    parts.into_iter().flatten().collect()
}

fn text(name: &str, field: Option<&Field<Arc<str>>>) -> Option<String> {
    shown(name, field, |text| cut(text))
}

/// A field as a text of one line: its name, and its value or template.
fn shown<T>(name: &str, field: Option<&Field<T>>, words: impl Fn(&T) -> String) -> Option<String> {
    let value = match &field?.value {
        Expr::Literal(value) => words(value),
        Expr::Template(text) => cut(&text.text),
    };
    Some(format!("{name} `{value}`"))
}

/// The beginning of a text that may be long, of many lines, or a URL with a signature behind its `?`.
fn cut(text: &str) -> String {
    const MOST: usize = 60;
    let text = text.split_once("://").map_or(text, |_| text.split(['?', '#']).next().unwrap_or_default());
    let line: String = text.chars().map(|one| if one.is_control() || one == '`' { ' ' } else { one }).collect();
    let short: String = line.chars().take(MOST).collect();
    if short.len() < line.len() { format!("{short}…") } else { short }
}
