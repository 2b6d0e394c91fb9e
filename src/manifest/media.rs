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
    #[schemars(rename = "use", extend("pattern" = NAME_OR_TEMPLATE, "defaultSnippets" = [{ "label": "a preset", "description": "the name of one", "body": "${1:preset}" }]))]
    pub use_: Option<Field<Arc<str>>>,
    /// The vendor's avatar id.
    #[schemars(extend("minLength" = 1, "examples" = ["AVATAR_ID"]))]
    pub id: Option<Field<Arc<str>>>,
    /// How the avatar stands in the picture.
    #[schemars(extend("default" = "full"))]
    pub style: Option<Field<Style>>,
    /// Colour inside the circle, `#rrggbb`; with style `round` only.
    #[schemars(extend("pattern" = COLOR_OR_TEMPLATE, "default" = "#ffffff"))]
    pub circle_bgcolor: Option<Field<Arc<str>>>,
    /// Size in the picture, as a factor.
    #[schemars(extend("exclusiveMinimum" = 0, "default" = 1.0))]
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
    /// Pixels, right is positive.
    #[schemars(extend("minimum" = -1_000_000, "maximum" = 1_000_000, "default" = 0))]
    pub x: Option<Field<i64>>,
    /// Pixels, down is positive.
    #[schemars(extend("minimum" = -1_000_000, "maximum" = 1_000_000, "default" = 0))]
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
    #[schemars(rename = "use", extend("pattern" = NAME_OR_TEMPLATE, "defaultSnippets" = [{ "label": "a preset", "description": "the name of one", "body": "${1:preset}" }]))]
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
    #[schemars(extend("minLength" = 1, "examples" = ["VOICE_ID"]))]
    pub id: Option<Field<Arc<str>>>,
    /// What is spoken; `script` of a video overrides it.
    #[schemars(extend("examples" = ["Hello."]))]
    pub text: Option<Field<Arc<str>>>,
    /// How fast, as a factor.
    #[schemars(extend("minimum" = 0.5, "maximum" = 1.5, "default" = 1.0))]
    pub speed: Option<Field<f64>>,
    /// How high.
    #[schemars(extend("minimum" = -50, "maximum" = 50, "default" = 0))]
    pub pitch: Option<Field<i64>>,
    /// A word that the voice knows: `cheerful`, `sad`, …
    #[schemars(extend("minLength" = 1, "defaultSnippets" = [{ "label": "an emotion", "description": "an example", "body": "${1:cheerful}" }]))]
    pub emotion: Option<Field<Arc<str>>>,
    /// The place of the object.
    #[schemars(skip)]
    pub origin: Origin,
}

/// An audio file: exactly one of the three.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "File", title = "voice.file", deny_unknown_fields)]
pub struct FileDecl {
    /// The vendor's id of an uploaded file.
    #[schemars(extend("minLength" = 1, "examples" = ["ASSET_ID"]))]
    pub asset_id: Option<Field<Arc<str>>>,
    /// An http(s) URL.
    #[schemars(extend("minLength" = 1, "examples" = ["https://cdn.example.com/voice.mp3"]))]
    pub url: Option<Field<Arc<str>>>,
    /// A local file, uploaded once; relative to the naming file.
    #[schemars(extend("minLength" = 1, "examples" = ["media/voice.mp3"]))]
    pub path: Option<Field<Arc<str>>>,
    /// The place of the object.
    #[schemars(skip)]
    pub origin: Origin,
}

/// Silence of a length.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Silence", title = "voice.silence", deny_unknown_fields)]
pub struct SilenceDecl {
    /// Whole seconds.
    #[schemars(extend("minimum" = 1, "maximum" = 99, "default" = 1))]
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
    #[schemars(rename = "use", extend("pattern" = NAME_OR_TEMPLATE, "defaultSnippets" = [{ "label": "a preset", "description": "the name of one", "body": "${1:preset}" }]))]
    pub use_: Option<Field<Arc<str>>>,
    /// The colour, `#rrggbb`; media win over it.
    #[schemars(extend("pattern" = COLOR_OR_TEMPLATE, "default" = "#ffffff"))]
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
    /// The vendor's id of an uploaded file.
    #[schemars(extend("minLength" = 1, "examples" = ["ASSET_ID"]))]
    pub asset_id: Option<Field<Arc<str>>>,
    /// An http(s) URL.
    #[schemars(extend("minLength" = 1, "examples" = ["https://cdn.example.com/office.jpg"]))]
    pub url: Option<Field<Arc<str>>>,
    /// A local file, uploaded once; relative to the naming file.
    #[schemars(extend("minLength" = 1, "examples" = ["media/office.jpg"]))]
    pub path: Option<Field<Arc<str>>>,
    /// How the media fill the picture.
    #[schemars(extend("default" = "contain"))]
    pub fit: Option<Field<Fit>>,
    /// Whether a video starts again when it ends.
    #[schemars(rename = "loop", extend("default" = false, "examples" = [true]))]
    pub loop_: Option<Field<bool>>,
    /// The place of the object.
    #[schemars(skip)]
    pub origin: Origin,
}
