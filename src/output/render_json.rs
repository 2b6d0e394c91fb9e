//! Concrete specs for programs, format 1.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::Value;

use super::document::{document, schema_of};
use super::explain_json::EstimateV1;
use crate::spec::{Aspect, Fit, Style, Video, digest, estimate, explicit_value};

/// What `callsheet render --format json` prints.
///
/// Fields may be added within one format version.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Render")]
struct RenderV1 {
    /// Always 1.
    #[schemars(extend("const" = 1))]
    format_version: u32,
    /// In manifest order.
    videos: Vec<RenderedV1>,
}

/// One concrete video.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Video")]
struct RenderedV1 {
    /// Its key.
    key: String,
    /// The hash of its content.
    digest: String,
    /// Every field, defaults too; URLs without signatures.
    #[schemars(with = "SpecShape")]
    spec: Value,
    /// What it will come to.
    estimate: EstimateV1,
}

/// Every field of a video, as `spec::explicit_value` writes them.
#[derive(JsonSchema)]
#[schemars(rename = "Spec")]
#[expect(dead_code, reason = "the fields are only read by the derived schema")]
struct SpecShape {
    /// The label at the vendor.
    name: String,
    /// Width to height of the picture.
    #[schemars(schema_with = "aspects")]
    aspect: String,
    /// The avatar.
    avatar: AvatarShape,
    /// The voice: exactly one mode.
    voice: VoiceShape,
    /// The background.
    background: BackgroundShape,
    /// Raised to shoot again what is otherwise unchanged.
    take: u32,
}

#[derive(JsonSchema)]
#[schemars(rename = "Avatar")]
#[expect(dead_code, reason = "the fields are only read by the derived schema")]
struct AvatarShape {
    /// The vendor's id.
    id: String,
    /// How it stands in the picture.
    #[schemars(schema_with = "styles")]
    style: String,
    /// Colour inside the circle, `#rrggbb`; with style `round` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    circle_bgcolor: Option<String>,
    /// Size in the picture, as a factor.
    scale: f64,
    /// Pixels from the default position.
    offset: OffsetShape,
}

#[derive(JsonSchema)]
#[schemars(rename = "Offset")]
#[expect(dead_code, reason = "the fields are only read by the derived schema")]
struct OffsetShape {
    /// Right is positive.
    x: i64,
    /// Down is positive.
    y: i64,
}

#[derive(JsonSchema)]
#[schemars(rename = "Voice")]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "the fields are only read by the derived schema")]
enum VoiceShape {
    /// Speech from text.
    Tts {
        /// The vendor's voice id.
        id: String,
        /// What is spoken.
        text: String,
        /// How fast, as a factor.
        speed: f64,
        /// How high.
        pitch: i64,
        /// A word that the voice knows.
        #[serde(skip_serializing_if = "Option::is_none")]
        emotion: Option<String>,
    },
    /// An audio file.
    File(SourceShape),
    /// No voice.
    Silence {
        /// Whole seconds.
        duration: u32,
    },
}

/// Where a file is: one of `asset_id`, `url`, `path`.
#[derive(JsonSchema)]
#[schemars(rename = "Source")]
#[expect(dead_code, reason = "the fields are only read by the derived schema")]
struct SourceShape {
    /// The vendor's id of an uploaded file.
    #[serde(skip_serializing_if = "Option::is_none")]
    asset_id: Option<String>,
    /// An http(s) URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// A local file, relative to the project root.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// The content of the local file, 64 hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

#[derive(JsonSchema)]
#[schemars(rename = "Background")]
#[expect(dead_code, reason = "the fields are only read by the derived schema")]
struct BackgroundShape {
    /// The colour, `#rrggbb`.
    color: String,
    /// An image or a video over it.
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<MediaShape>,
}

/// An image or a video: one of `asset_id`, `url`, `path`.
#[derive(JsonSchema)]
#[schemars(rename = "Media")]
#[expect(dead_code, reason = "the fields are only read by the derived schema")]
struct MediaShape {
    #[serde(flatten)]
    source: SourceShape,
    /// How it fills the picture.
    #[schemars(schema_with = "fits")]
    fit: String,
    /// Whether a video starts again when it ends.
    #[serde(rename = "loop")]
    loop_: bool,
}

fn aspects(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": Aspect::ALL.iter().map(|one| one.word()).collect::<Vec<_>>() })
}

fn styles(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": Style::ALL.iter().map(|one| one.word()).collect::<Vec<_>>() })
}

fn fits(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": Fit::ALL.iter().map(|one| one.word()).collect::<Vec<_>>() })
}

/// The specs as one JSON document.
pub fn render_json<'a>(videos: impl Iterator<Item = &'a Video>) -> String {
    let videos = videos.map(|video| {
        let expected = estimate(&video.spec);
        RenderedV1 {
            key: video.key.to_string(),
            digest: digest(&video.spec).to_string(),
            spec: explicit_value(&video.spec),
            estimate: EstimateV1 { seconds: expected.seconds, credits: expected.credits },
        }
    });
    document(&RenderV1 { format_version: 1, videos: videos.collect() })
}

/// The schema of `render --format json`.
pub fn render_schema() -> Value {
    schema_of::<RenderV1>()
}
