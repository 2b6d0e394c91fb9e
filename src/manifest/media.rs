//! Avatars, voices, backgrounds as declared: every field optional, `use` names the preset beneath.

use std::sync::Arc;

use schemars::JsonSchema;

use super::Field;
use super::pattern::{COLOR_OR_TEMPLATE, NAME_OR_TEMPLATE};
use crate::source::Origin;
use crate::spec::{Fit, Style};

/// An avatar, or what overrides one.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Avatar", title = "avatar", deny_unknown_fields)]
pub struct AvatarDecl {
    /// The preset beneath: this object is merged deeply over it.
    #[schemars(rename = "use", extend("pattern" = NAME_OR_TEMPLATE))]
    pub use_: Option<Field<Arc<str>>>,
    /// The vendor's avatar id.
    #[schemars(extend("minLength" = 1))]
    pub id: Option<Field<Arc<str>>>,
    /// `full` body (the default), `half` body, or `round`: in a circle.
    pub style: Option<Field<Style>>,
    /// Colour inside the circle, `#rrggbb`, style `round` only; default `#ffffff`.
    #[schemars(extend("pattern" = COLOR_OR_TEMPLATE))]
    pub circle_bgcolor: Option<Field<Arc<str>>>,
    /// Size, above 0; default 1.0.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub scale: Option<Field<f64>>,
    /// Offset from the default position.
    pub offset: Option<OffsetDecl>,
    /// The place of the object.
    #[schemars(skip)]
    pub origin: Origin,
}

/// Pixels from the default position.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Offset", title = "avatar.offset", deny_unknown_fields)]
pub struct OffsetDecl {
    /// Pixels, right is positive; default 0.
    #[schemars(extend("minimum" = -1_000_000, "maximum" = 1_000_000))]
    pub x: Option<Field<i64>>,
    /// Pixels, down is positive; default 0.
    #[schemars(extend("minimum" = -1_000_000, "maximum" = 1_000_000))]
    pub y: Option<Field<i64>>,
    /// The place of the object.
    #[schemars(skip)]
    pub origin: Origin,
}

/// A voice, or what overrides one: exactly one mode in the end.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Voice", title = "voice", deny_unknown_fields)]
pub struct VoiceDecl {
    /// The preset beneath: this object is merged deeply over it.
    #[schemars(rename = "use", extend("pattern" = NAME_OR_TEMPLATE))]
    pub use_: Option<Field<Arc<str>>>,
    /// Speech from text.
    pub tts: Option<TtsDecl>,
    /// An audio file.
    pub file: Option<FileDecl>,
    /// No voice.
    pub silence: Option<SilenceDecl>,
    /// The place of the object.
    #[schemars(skip)]
    pub origin: Origin,
}

/// Speech from text.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Tts", title = "voice.tts", deny_unknown_fields)]
pub struct TtsDecl {
    /// The vendor's voice id.
    #[schemars(extend("minLength" = 1))]
    pub id: Option<Field<Arc<str>>>,
    /// What is spoken; `script` of a video overrides it.
    pub text: Option<Field<Arc<str>>>,
    /// How fast, 0.5 to 1.5; default 1.0.
    #[schemars(extend("minimum" = 0.5, "maximum" = 1.5))]
    pub speed: Option<Field<f64>>,
    /// How high, −50 to 50; default 0.
    #[schemars(extend("minimum" = -50, "maximum" = 50))]
    pub pitch: Option<Field<i64>>,
    /// A word that the voice knows: `cheerful`, `sad`, …
    #[schemars(extend("minLength" = 1))]
    pub emotion: Option<Field<Arc<str>>>,
    /// The place of the object.
    #[schemars(skip)]
    pub origin: Origin,
}

/// An audio file: exactly one of the three.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "File", title = "voice.file", deny_unknown_fields)]
pub struct FileDecl {
    /// The vendor's asset id.
    #[schemars(extend("minLength" = 1))]
    pub asset_id: Option<Field<Arc<str>>>,
    /// An http(s) URL.
    #[schemars(extend("minLength" = 1))]
    pub url: Option<Field<Arc<str>>>,
    /// A local file, uploaded once.
    #[schemars(extend("minLength" = 1))]
    pub path: Option<Field<Arc<str>>>,
    /// The place of the object.
    #[schemars(skip)]
    pub origin: Origin,
}

/// Silence of a length.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Silence", title = "voice.silence", deny_unknown_fields)]
pub struct SilenceDecl {
    /// Whole seconds, 1 to 99; default 1.
    #[schemars(extend("minimum" = 1, "maximum" = 99))]
    pub duration: Option<Field<i64>>,
    /// The place of the object.
    #[schemars(skip)]
    pub origin: Origin,
}

/// A background: a colour, or media over it.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Background", title = "background", deny_unknown_fields)]
pub struct BackgroundDecl {
    /// The preset beneath: this object is merged deeply over it.
    #[schemars(rename = "use", extend("pattern" = NAME_OR_TEMPLATE))]
    pub use_: Option<Field<Arc<str>>>,
    /// `#rrggbb`, default `#ffffff`; media win over it.
    #[schemars(extend("pattern" = COLOR_OR_TEMPLATE))]
    pub color: Option<Field<Arc<str>>>,
    /// An image or a video.
    pub media: Option<MediaDecl>,
    /// The place of the object.
    #[schemars(skip)]
    pub origin: Origin,
}

/// Background media: exactly one of asset_id, url, path.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Media", title = "background.media", deny_unknown_fields)]
pub struct MediaDecl {
    /// The vendor's asset id.
    #[schemars(extend("minLength" = 1))]
    pub asset_id: Option<Field<Arc<str>>>,
    /// An http(s) URL.
    #[schemars(extend("minLength" = 1))]
    pub url: Option<Field<Arc<str>>>,
    /// A local file, uploaded once.
    #[schemars(extend("minLength" = 1))]
    pub path: Option<Field<Arc<str>>>,
    /// `contain`: whole, with borders (the default); `cover`: filled, cut at the edges.
    pub fit: Option<Field<Fit>>,
    /// Whether a video loops; default false.
    #[schemars(rename = "loop")]
    pub loop_: Option<Field<bool>>,
    /// The place of the object.
    #[schemars(skip)]
    pub origin: Origin,
}
