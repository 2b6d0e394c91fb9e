//! Avatars, voices, backgrounds as declared: every field optional, `use` names the preset beneath.

use std::sync::Arc;

use super::Field;
use crate::source::Origin;
use crate::spec::{Fit, Style};

/// An avatar, or what overrides one.
#[derive(Clone, Debug)]
pub struct AvatarDecl {
    /// The preset beneath.
    pub use_: Option<Field<Arc<str>>>,
    /// The vendor's avatar id.
    pub id: Option<Field<Arc<str>>>,
    /// Full body, half body, or round.
    pub style: Option<Field<Style>>,
    /// Colour inside the circle, style `round` only.
    pub circle_bgcolor: Option<Field<Arc<str>>>,
    /// Size, 1.0 is the default.
    pub scale: Option<Field<f64>>,
    /// Offset from the default position.
    pub offset: Option<OffsetDecl>,
    /// The place of the object.
    pub origin: Origin,
}

/// Pixels from the default position.
#[derive(Clone, Debug)]
pub struct OffsetDecl {
    /// Right is positive.
    pub x: Option<Field<i64>>,
    /// Down is positive.
    pub y: Option<Field<i64>>,
    /// The place of the object.
    pub origin: Origin,
}

/// A voice, or what overrides one: exactly one mode in the end.
#[derive(Clone, Debug)]
pub struct VoiceDecl {
    /// The preset beneath.
    pub use_: Option<Field<Arc<str>>>,
    /// Speech from text.
    pub tts: Option<TtsDecl>,
    /// An audio file.
    pub file: Option<FileDecl>,
    /// No voice.
    pub silence: Option<SilenceDecl>,
    /// The place of the object.
    pub origin: Origin,
}

/// Speech from text.
#[derive(Clone, Debug)]
pub struct TtsDecl {
    /// The vendor's voice id.
    pub id: Option<Field<Arc<str>>>,
    /// What is spoken; `script` of a video overrides it.
    pub text: Option<Field<Arc<str>>>,
    /// 0.5 to 1.5.
    pub speed: Option<Field<f64>>,
    /// −50 to 50.
    pub pitch: Option<Field<i64>>,
    /// An open list of words.
    pub emotion: Option<Field<Arc<str>>>,
    /// The place of the object.
    pub origin: Origin,
}

/// An audio file: exactly one of the three.
#[derive(Clone, Debug)]
pub struct FileDecl {
    /// The vendor's asset id.
    pub asset_id: Option<Field<Arc<str>>>,
    /// An http(s) URL.
    pub url: Option<Field<Arc<str>>>,
    /// A local file, uploaded once.
    pub path: Option<Field<Arc<str>>>,
    /// The place of the object.
    pub origin: Origin,
}

/// Silence of a length.
#[derive(Clone, Debug)]
pub struct SilenceDecl {
    /// Seconds, 1 to 99.
    pub duration: Option<Field<i64>>,
    /// The place of the object.
    pub origin: Origin,
}

/// A background: a colour, or media over it.
#[derive(Clone, Debug)]
pub struct BackgroundDecl {
    /// The preset beneath.
    pub use_: Option<Field<Arc<str>>>,
    /// `#rrggbb`.
    pub color: Option<Field<Arc<str>>>,
    /// An image or a video.
    pub media: Option<MediaDecl>,
    /// The place of the object.
    pub origin: Origin,
}

/// Background media: exactly one of asset_id, url, path.
#[derive(Clone, Debug)]
pub struct MediaDecl {
    /// The vendor's asset id.
    pub asset_id: Option<Field<Arc<str>>>,
    /// An http(s) URL.
    pub url: Option<Field<Arc<str>>>,
    /// A local file, uploaded once.
    pub path: Option<Field<Arc<str>>>,
    /// Contain or cover.
    pub fit: Option<Field<Fit>>,
    /// Whether a video loops.
    pub loop_: Option<Field<bool>>,
    /// The place of the object.
    pub origin: Origin,
}
