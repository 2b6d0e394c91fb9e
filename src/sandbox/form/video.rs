//! The form of an avatar video, rule by rule of the vendor's table.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Part;
use super::fields::{Fields, Refused};
use super::values::{boolean, colour, decimal, emotion, id, integer, web};
use crate::fields::MediaKind;
use crate::spec::{
    Aspect, Avatar, Background, Fit, Media, MediaSource, Offset, Style, TEXT_LIMIT, Tts, VideoSpec, Voice,
};

/// Asset ids that a sandbox gave out begin so; all others are believed.
pub const OUR_ASSETS: &str = "sbx";
/// The vendor's default colour.
const WHITE: &str = "#ffffff";
/// A pixel offset beyond it is a slip of the hand; the vendor states no limit.
const FARTHEST: i64 = 1_000_000;

/// What the sandbox knows of assets that it gave out itself.
pub trait Assets {
    /// The kind of an asset, if there is one of that id.
    fn kind(&self, id: &str) -> Option<MediaKind>;
}

/// Checks a submission; the name is empty where none was sent.
///
/// # Errors
/// All faults, each naming its part.
pub fn avatar_video(parts: &[Part], assets: &dyn Assets) -> Result<VideoSpec, Refused> {
    let mut fields = Fields::new(parts, &known());
    let name = name(&mut fields);
    let aspect = fields.read("aspect", |text| integer(text, 1, 3)).and_then(Aspect::from_number);
    let avatar = avatar(&mut fields);
    let voice = voice(&mut fields, "voice", assets);
    let background = background(&mut fields, assets);
    let whole = avatar.zip(voice).zip(background).map(|((avatar, voice), background)| VideoSpec {
        name: name.unwrap_or_default(),
        aspect: aspect.unwrap_or(Aspect::Wide),
        avatar,
        voice,
        background,
        take: 1,
    });
    fields.finish(whole)
}

/// The name, if one was sent.
pub fn name(fields: &mut Fields<'_>) -> Option<Arc<str>> {
    fields.read("name", |text| {
        if text.trim().is_empty() {
            Err("is empty; leave it out for a random name".to_owned())
        } else if text.chars().any(char::is_control) {
            Err("holds control characters".to_owned())
        } else {
            Ok(text.into())
        }
    })
}

/// The parts of a voice in a group: `voice`, or `voices[0]`.
pub fn voice_parts(group: &str) -> impl Iterator<Item = String> {
    [
        "[tts][id]",
        "[tts][text]",
        "[tts][speed]",
        "[tts][pitch]",
        "[tts][emotion]",
        "[file][asset_id]",
        "[file][url]",
        "[silence][duration]",
    ]
    .into_iter()
    .map(move |leaf| format!("{group}{leaf}"))
}

/// The one voice mode of a group.
pub fn voice(fields: &mut Fields<'_>, group: &str, assets: &dyn Assets) -> Option<Voice> {
    let modes: Vec<&str> =
        ["tts", "file", "silence"].into_iter().filter(|mode| fields.group(&format!("{group}[{mode}]"))).collect();
    match modes[..] {
        ["tts"] => speech(fields, group).map(Voice::Tts),
        ["file"] => source(fields, &format!("{group}[file]"), &[MediaKind::Audio], assets).map(Voice::File),
        ["silence"] => fields
            .read(&format!("{group}[silence][duration]"), |text| integer(text, 1, 99))
            .and_then(|seconds| u8::try_from(seconds).ok())
            .map(Voice::Silence),
        [] => {
            fields.fault(format!("`{group}` is required: exactly one of tts, file, silence"));
            None
        }
        _ => {
            fields.fault(format!("`{group}` takes exactly one of tts, file, silence, not {}", modes.join(" and ")));
            None
        }
    }
}

fn known() -> BTreeSet<String> {
    let plain = [
        "name",
        "aspect",
        "avatar[id]",
        "avatar[style]",
        "avatar[circle_bgcolor]",
        "avatar[scale]",
        "avatar[offset][x]",
        "avatar[offset][y]",
        "background[color]",
        "background[media][asset_id]",
        "background[media][url]",
        "background[media][fit]",
        "background[media][loop]",
    ];
    plain.into_iter().map(str::to_owned).chain(voice_parts("voice")).collect()
}

fn avatar(fields: &mut Fields<'_>) -> Option<Avatar> {
    let avatar = fields.require("avatar[id]", id);
    let style = fields.read("avatar[style]", |text| integer(text, 1, 3)).and_then(Style::from_number);
    let style = style.unwrap_or(Style::Full);
    let circle = fields.read("avatar[circle_bgcolor]", colour);
    if circle.is_some() && style != Style::Round {
        fields.fault("`avatar[circle_bgcolor]` is only for `avatar[style]` 3".to_owned());
    }
    let scale = fields.read("avatar[scale]", |text| match decimal(text)? {
        scale if scale > 0.0 => Ok(scale),
        scale => Err(format!("must be above 0, not {scale}")),
    });
    let mut pixels = |name| fields.read(name, |text| integer(text, -FARTHEST, FARTHEST)).unwrap_or(0);
    let offset = Offset { x: pixels("avatar[offset][x]"), y: pixels("avatar[offset][y]") };
    Some(Avatar {
        id: avatar?,
        style,
        circle_bgcolor: circle.unwrap_or_else(|| WHITE.into()),
        scale: scale.unwrap_or(1.0),
        offset,
    })
}

fn speech(fields: &mut Fields<'_>, group: &str) -> Option<Tts> {
    let id = fields.require(&format!("{group}[tts][id]"), id);
    let text = fields.require(&format!("{group}[tts][text]"), |text| match text.trim().chars().count() {
        1..=TEXT_LIMIT => Ok(Arc::<str>::from(text)),
        0 => Err("is empty".to_owned()),
        count => Err(format!("must have at most {TEXT_LIMIT} characters, not {count}")),
    });
    let speed = fields.read(&format!("{group}[tts][speed]"), |text| match decimal(text)? {
        speed if (0.5..=1.5).contains(&speed) => Ok(speed),
        speed => Err(format!("must be from 0.5 to 1.5, not {speed}")),
    });
    let pitch = fields.read(&format!("{group}[tts][pitch]"), |text| integer(text, -50, 50));
    let emotion = fields.read(&format!("{group}[tts][emotion]"), emotion);
    Some(Tts { id: id?, text: text?, speed: speed.unwrap_or(1.0), pitch: pitch.unwrap_or(0), emotion })
}

fn background(fields: &mut Fields<'_>, assets: &dyn Assets) -> Option<Background> {
    let color = fields.read("background[color]", colour);
    let fit = fields.read("background[media][fit]", |text| integer(text, 0, 1)).and_then(Fit::from_number);
    let loop_ = fields.read("background[media][loop]", boolean).unwrap_or(false);
    let media = if fields.group("background[media]") {
        let kinds = [MediaKind::Image, MediaKind::Video];
        let source = source(fields, "background[media]", &kinds, assets)?;
        Some(Media { source, fit: fit.unwrap_or(Fit::Contain), loop_ })
    } else {
        None
    };
    if media.is_none() && !fields.has("background[color]") {
        fields.fault("`background` is required: `background[color]`, or `background[media]`".to_owned());
        return None;
    }
    Some(Background { color: color.unwrap_or_else(|| WHITE.into()), media })
}

fn source(fields: &mut Fields<'_>, group: &str, kinds: &[MediaKind], assets: &dyn Assets) -> Option<MediaSource> {
    let [asset, url] = [format!("{group}[asset_id]"), format!("{group}[url]")];
    match (fields.has(&asset), fields.has(&url)) {
        (true, true) => {
            fields.fault(format!("`{group}` takes one of asset_id and url, not both"));
            None
        }
        (false, false) => {
            fields.fault(format!("`{group}` wants one of asset_id and url"));
            None
        }
        (false, true) => fields.read(&url, web).map(MediaSource::Url),
        (true, false) => fields
            .read(&asset, |text| {
                let id = id(text)?;
                match assets.kind(text) {
                    None if text.starts_with(OUR_ASSETS) => Err(format!("names no asset of this sandbox: `{id}`")),
                    Some(kind) if !kinds.contains(&kind) => Err(format!("is an asset of the wrong kind ({kind:?})")),
                    _ => Ok(id),
                }
            })
            .map(MediaSource::Asset),
    }
}
