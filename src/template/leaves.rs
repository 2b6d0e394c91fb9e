//! The leaves of a declaration: which fields it gives, where they stand, and by which template.

use std::sync::Arc;

use serde_json::Value;

use crate::manifest::{AvatarDecl, BackgroundDecl, Expr, Field, VoiceDecl};
use crate::source::Origin;
use crate::spec::{Aspect, Fit, SpecField, Style};
use crate::yaml::Text;

/// One field that a declaration gives.
#[derive(Clone, Debug)]
pub(super) struct Leaf<'m> {
    pub field: SpecField,
    pub origin: Origin,
    /// The template that stands for the value.
    pub template: Option<&'m Text>,
    /// The value as written; of a template its text.
    pub value: Value,
}

impl<'m> Leaf<'m> {
    pub(super) fn of<T: Written>(field: SpecField, declared: &'m Field<T>) -> Self {
        let (template, value) = match &declared.value {
            Expr::Template(text) => (Some(text), text.text.written()),
            Expr::Literal(value) => (None, value.written()),
        };
        Self { field, origin: declared.origin, template, value }
    }
}

/// A value of a field as manifests write it.
pub(super) trait Written {
    fn written(&self) -> Value;
}

macro_rules! written {
    ($($type:ty, $value:ident => $written:expr;)*) => {
        $(impl Written for $type {
            fn written(&self) -> Value {
                let $value = self;
                Value::from($written)
            }
        })*
    };
}

written! {
    Arc<str>, text => &**text;
    f64, number => *number;
    i64, number => *number;
    bool, yes => *yes;
    Aspect, one => one.word();
    Style, one => one.word();
    Fit, one => one.word();
}

/// A declaration with leaves.
pub(super) trait Leaves {
    /// The fields it gives itself, without what lies beneath.
    fn leaves(&self) -> Vec<Leaf<'_>>;
}

/// Gathers the fields that are there.
struct Gathered<'m>(Vec<Leaf<'m>>);

impl<'m> Gathered<'m> {
    fn add<T: Written>(&mut self, which: SpecField, field: Option<&'m Field<T>>) {
        self.0.extend(field.map(|field| Leaf::of(which, field)));
    }
}

impl Leaves for AvatarDecl {
    fn leaves(&self) -> Vec<Leaf<'_>> {
        let mut found = Gathered(Vec::new());
        found.add(SpecField::AvatarId, self.id.as_ref());
        found.add(SpecField::AvatarStyle, self.style.as_ref());
        found.add(SpecField::AvatarCircleBgcolor, self.circle_bgcolor.as_ref());
        found.add(SpecField::AvatarScale, self.scale.as_ref());
        if let Some(offset) = &self.offset {
            found.add(SpecField::AvatarOffsetX, offset.x.as_ref());
            found.add(SpecField::AvatarOffsetY, offset.y.as_ref());
        }
        found.0
    }
}

impl Leaves for VoiceDecl {
    fn leaves(&self) -> Vec<Leaf<'_>> {
        let mut found = Gathered(Vec::new());
        if let Some(tts) = &self.tts {
            found.add(SpecField::TtsId, tts.id.as_ref());
            found.add(SpecField::TtsText, tts.text.as_ref());
            found.add(SpecField::TtsSpeed, tts.speed.as_ref());
            found.add(SpecField::TtsPitch, tts.pitch.as_ref());
            found.add(SpecField::TtsEmotion, tts.emotion.as_ref());
        }
        if let Some(file) = &self.file {
            found.add(SpecField::FileAssetId, file.asset_id.as_ref());
            found.add(SpecField::FileUrl, file.url.as_ref());
            found.add(SpecField::FileSha256, file.path.as_ref());
        }
        if let Some(silence) = &self.silence {
            found.add(SpecField::SilenceDuration, silence.duration.as_ref());
        }
        found.0
    }
}

impl Leaves for BackgroundDecl {
    fn leaves(&self) -> Vec<Leaf<'_>> {
        let mut found = Gathered(Vec::new());
        found.add(SpecField::BackgroundColor, self.color.as_ref());
        if let Some(media) = &self.media {
            found.add(SpecField::MediaAssetId, media.asset_id.as_ref());
            found.add(SpecField::MediaUrl, media.url.as_ref());
            found.add(SpecField::MediaSha256, media.path.as_ref());
            found.add(SpecField::MediaFit, media.fit.as_ref());
            found.add(SpecField::MediaLoop, media.loop_.as_ref());
        }
        found.0
    }
}
