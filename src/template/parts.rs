//! Presets laid over one another: which declaration gives each field in the end.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::manifest::{
    AvatarDecl, BackgroundDecl, Field, FileDecl, Incomplete, Manifest, MediaDecl, Preset, TtsDecl, VoiceDecl,
};
use crate::source::Origin;
use crate::spec::{Fit, Style};

/// A string field as declared.
pub(super) type TextField = Field<Arc<str>>;

/// An avatar after all its layers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AvatarParts<'m> {
    pub id: Option<&'m TextField>,
    pub style: Option<&'m Field<Style>>,
    pub circle_bgcolor: Option<&'m TextField>,
    pub scale: Option<&'m Field<f64>>,
    pub offset_x: Option<&'m Field<i64>>,
    pub offset_y: Option<&'m Field<i64>>,
}

/// A voice after all its layers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct VoiceParts<'m> {
    pub mode: Option<Mode<'m>>,
}

/// The one way in which a voice is heard.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mode<'m> {
    Tts(TtsParts<'m>),
    File(SourceParts<'m>),
    Silence { duration: Option<&'m Field<i64>> },
}

/// Speech after all its layers.
#[derive(Clone, Copy, Debug)]
pub(super) struct TtsParts<'m> {
    pub id: Option<&'m TextField>,
    pub text: Option<&'m TextField>,
    pub speed: Option<&'m Field<f64>>,
    pub pitch: Option<&'m Field<i64>>,
    pub emotion: Option<&'m TextField>,
    /// The place of the topmost object.
    pub origin: Origin,
}

/// Where media lie, after all layers; decoding refuses an object with more than one member.
#[derive(Clone, Copy, Debug)]
pub(super) struct SourceParts<'m> {
    pub member: Option<SourceField<'m>>,
    /// The place of the topmost object.
    pub origin: Origin,
}

/// The one member that says where media lie.
#[derive(Clone, Copy, Debug)]
pub(super) enum SourceField<'m> {
    Asset(&'m TextField),
    Url(&'m TextField),
    Path(&'m TextField),
}

impl SourceParts<'_> {
    /// The place of the member.
    fn place(&self) -> Option<Origin> {
        self.member.map(|member| {
            let (SourceField::Asset(field) | SourceField::Url(field) | SourceField::Path(field)) = member;
            field.origin
        })
    }
}

/// A background after all its layers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BackgroundParts<'m> {
    pub color: Option<&'m TextField>,
    pub media: Option<MediaParts<'m>>,
}

/// Background media after all layers.
#[derive(Clone, Copy, Debug)]
pub(super) struct MediaParts<'m> {
    pub source: SourceParts<'m>,
    pub fit: Option<&'m Field<Fit>>,
    pub loop_: Option<&'m Field<bool>>,
}

/// A declaration that can lie over a preset.
pub(super) trait Layer: Sized {
    /// What comes of all layers.
    type Parts<'m>: Clone + Default
    where
        Self: 'm;

    /// What it is called: `avatar`.
    const WORD: &'static str;

    /// All presets of its kind.
    fn presets(manifest: &Manifest) -> &BTreeMap<Arc<str>, Preset<Self>>;

    /// The mark of a declaration of this kind that has a fault.
    fn incomplete(name: Arc<str>) -> Incomplete;

    /// The preset beneath.
    fn beneath(&self) -> Option<&TextField>;

    /// Lays this declaration over what is beneath: its own fields win, a member of an exclusive group drives the others out.
    fn lay<'m>(&'m self, over: &mut Self::Parts<'m>);

    /// The places of the values that hold after all layers.
    fn held(parts: &Self::Parts<'_>) -> Vec<Origin>;
}

/// The places of the fields that are there.
fn places<const N: usize>(fields: [Option<Origin>; N]) -> Vec<Origin> {
    fields.into_iter().flatten().collect()
}

fn place<T>(field: Option<&Field<T>>) -> Option<Origin> {
    field.map(|field| field.origin)
}

/// Lets the upper layer win.
fn win<T: Copy>(lower: &mut Option<T>, upper: Option<T>) {
    if upper.is_some() {
        *lower = upper;
    }
}

impl Layer for AvatarDecl {
    type Parts<'m> = AvatarParts<'m>;
    const WORD: &'static str = "avatar";

    fn presets(manifest: &Manifest) -> &BTreeMap<Arc<str>, Preset<Self>> {
        &manifest.avatars
    }

    fn incomplete(name: Arc<str>) -> Incomplete {
        Incomplete::Avatar(name)
    }

    fn beneath(&self) -> Option<&TextField> {
        self.use_.as_ref()
    }

    fn lay<'m>(&'m self, over: &mut AvatarParts<'m>) {
        win(&mut over.id, self.id.as_ref());
        win(&mut over.style, self.style.as_ref());
        win(&mut over.circle_bgcolor, self.circle_bgcolor.as_ref());
        win(&mut over.scale, self.scale.as_ref());
        let offset = self.offset.as_ref();
        win(&mut over.offset_x, offset.and_then(|offset| offset.x.as_ref()));
        win(&mut over.offset_y, offset.and_then(|offset| offset.y.as_ref()));
    }

    fn held(parts: &AvatarParts<'_>) -> Vec<Origin> {
        let AvatarParts { id, style, circle_bgcolor, scale, offset_x, offset_y } = *parts;
        places([place(id), place(style), place(circle_bgcolor), place(scale), place(offset_x), place(offset_y)])
    }
}

impl Layer for VoiceDecl {
    type Parts<'m> = VoiceParts<'m>;
    const WORD: &'static str = "voice";

    fn presets(manifest: &Manifest) -> &BTreeMap<Arc<str>, Preset<Self>> {
        &manifest.voices
    }

    fn incomplete(name: Arc<str>) -> Incomplete {
        Incomplete::Voice(name)
    }

    fn beneath(&self) -> Option<&TextField> {
        self.use_.as_ref()
    }

    fn lay<'m>(&'m self, over: &mut VoiceParts<'m>) {
        if let Some(tts) = &self.tts {
            let below = match over.mode {
                Some(Mode::Tts(below)) => Some(below),
                _ => None,
            };
            over.mode = Some(Mode::Tts(lay_tts(tts, below)));
        } else if let Some(file) = &self.file {
            let mut below = match over.mode {
                Some(Mode::File(below)) => below,
                _ => SourceParts { member: None, origin: file.origin },
            };
            win(&mut below.member, file_member(file));
            over.mode = Some(Mode::File(SourceParts { origin: file.origin, ..below }));
        } else if let Some(silence) = &self.silence {
            let mut duration = match over.mode {
                Some(Mode::Silence { duration }) => duration,
                _ => None,
            };
            win(&mut duration, silence.duration.as_ref());
            over.mode = Some(Mode::Silence { duration });
        }
    }

    fn held(parts: &VoiceParts<'_>) -> Vec<Origin> {
        match parts.mode {
            None => Vec::new(),
            Some(Mode::Tts(TtsParts { id, text, speed, pitch, emotion, .. })) => {
                places([place(id), place(text), place(speed), place(pitch), place(emotion)])
            }
            Some(Mode::File(source)) => places([source.place()]),
            Some(Mode::Silence { duration }) => places([place(duration)]),
        }
    }
}

fn lay_tts<'m>(tts: &'m TtsDecl, below: Option<TtsParts<'m>>) -> TtsParts<'m> {
    let mut parts =
        below.unwrap_or(TtsParts { id: None, text: None, speed: None, pitch: None, emotion: None, origin: tts.origin });
    win(&mut parts.id, tts.id.as_ref());
    win(&mut parts.text, tts.text.as_ref());
    win(&mut parts.speed, tts.speed.as_ref());
    win(&mut parts.pitch, tts.pitch.as_ref());
    win(&mut parts.emotion, tts.emotion.as_ref());
    parts.origin = tts.origin;
    parts
}

fn file_member(file: &FileDecl) -> Option<SourceField<'_>> {
    member(file.asset_id.as_ref(), file.url.as_ref(), file.path.as_ref())
}

fn media_member(media: &MediaDecl) -> Option<SourceField<'_>> {
    member(media.asset_id.as_ref(), media.url.as_ref(), media.path.as_ref())
}

fn member<'m>(
    asset: Option<&'m TextField>,
    url: Option<&'m TextField>,
    path: Option<&'m TextField>,
) -> Option<SourceField<'m>> {
    asset.map(SourceField::Asset).or(url.map(SourceField::Url)).or(path.map(SourceField::Path))
}

impl Layer for BackgroundDecl {
    type Parts<'m> = BackgroundParts<'m>;
    const WORD: &'static str = "background";

    fn presets(manifest: &Manifest) -> &BTreeMap<Arc<str>, Preset<Self>> {
        &manifest.backgrounds
    }

    fn incomplete(name: Arc<str>) -> Incomplete {
        Incomplete::Background(name)
    }

    fn beneath(&self) -> Option<&TextField> {
        self.use_.as_ref()
    }

    fn lay<'m>(&'m self, over: &mut BackgroundParts<'m>) {
        win(&mut over.color, self.color.as_ref());
        let Some(media) = &self.media else { return };
        let mut parts = over.media.unwrap_or(MediaParts {
            source: SourceParts { member: None, origin: media.origin },
            fit: None,
            loop_: None,
        });
        win(&mut parts.source.member, media_member(media));
        parts.source.origin = media.origin;
        win(&mut parts.fit, media.fit.as_ref());
        win(&mut parts.loop_, media.loop_.as_ref());
        over.media = Some(parts);
    }

    fn held(parts: &BackgroundParts<'_>) -> Vec<Origin> {
        let media = parts.media;
        places([
            place(parts.color),
            media.and_then(|media| media.source.place()),
            media.and_then(|media| place(media.fit)),
            media.and_then(|media| place(media.loop_)),
        ])
    }
}
