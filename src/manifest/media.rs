//! Avatars, voices, backgrounds as declared: every field optional, `use` names the preset beneath.

use std::sync::Arc;

use super::Field;
use crate::source::Origin;
use crate::spec::{Fit, Style};

/// An avatar, or what overrides one.
#[derive(Clone, Debug)]
pub struct AvatarDecl {
    /// The preset beneath: this object is merged deeply over it.
    pub use_: Option<Field<Arc<str>>>,
    /// The vendor's avatar id.
    pub id: Option<Field<Arc<str>>>,
    /// How the avatar stands in the picture.
    pub style: Option<Field<Style>>,
    /// Colour inside the circle, `#rrggbb`; with style `round` only.
    pub circle_bgcolor: Option<Field<Arc<str>>>,
    /// Size in the picture, as a factor.
    pub scale: Option<Field<f64>>,
    /// Offset from the default position.
    pub offset: Option<OffsetDecl>,
    /// The place of the object.
    pub origin: Origin,
}

/// Pixels from the default position.
#[derive(Clone, Debug)]
pub struct OffsetDecl {
    /// Pixels, right is positive.
    pub x: Option<Field<i64>>,
    /// Pixels, down is positive.
    pub y: Option<Field<i64>>,
    /// The place of the object.
    pub origin: Origin,
}

/// A voice, or what overrides one: exactly one mode in the end.
#[derive(Clone, Debug)]
pub struct VoiceDecl {
    /// The preset beneath: this object is merged deeply over it.
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
    /// How fast, as a factor.
    pub speed: Option<Field<f64>>,
    /// How high.
    pub pitch: Option<Field<i64>>,
    /// A word that the voice knows: `cheerful`, `sad`, …
    pub emotion: Option<Field<Arc<str>>>,
    /// The place of the object.
    pub origin: Origin,
}

/// An audio file: exactly one of the three.
#[derive(Clone, Debug)]
pub struct FileDecl {
    /// The vendor's id of an uploaded file.
    pub asset_id: Option<Field<Arc<str>>>,
    /// An http(s) URL.
    pub url: Option<Field<Arc<str>>>,
    /// A local file, uploaded once; relative to the naming file.
    pub path: Option<Field<Arc<str>>>,
    /// The place of the object.
    pub origin: Origin,
}

/// Silence of a length.
#[derive(Clone, Debug)]
pub struct SilenceDecl {
    /// Whole seconds.
    pub duration: Option<Field<i64>>,
    /// The place of the object.
    pub origin: Origin,
}

/// A background: a colour, or media over it.
#[derive(Clone, Debug)]
pub struct BackgroundDecl {
    /// The preset beneath: this object is merged deeply over it.
    pub use_: Option<Field<Arc<str>>>,
    /// The colour, `#rrggbb`; media win over it.
    pub color: Option<Field<Arc<str>>>,
    /// An image or a video.
    pub media: Option<MediaDecl>,
    /// The place of the object.
    pub origin: Origin,
}

/// Background media: exactly one of asset_id, url, path.
#[derive(Clone, Debug)]
pub struct MediaDecl {
    /// The vendor's id of an uploaded file.
    pub asset_id: Option<Field<Arc<str>>>,
    /// An http(s) URL.
    pub url: Option<Field<Arc<str>>>,
    /// A local file, uploaded once; relative to the naming file.
    pub path: Option<Field<Arc<str>>>,
    /// How the media fill the picture.
    pub fit: Option<Field<Fit>>,
    /// Whether a video starts again when it ends.
    pub loop_: Option<Field<bool>>,
    /// The place of the object.
    pub origin: Origin,
}
