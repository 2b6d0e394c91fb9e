//! Concrete specs for programs, format 1.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::document::{Estimate, document, schema_of};
use super::spec_schema::ExplicitSpec;
use crate::spec::{Digest, Video, estimate, explicit_value};

/// What `callsheet render --format json` prints.
///
/// Fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Render")]
struct RenderDocument<'a> {
    /// Always 1.
    #[schemars(extend("const" = 1))]
    format_version: u32,
    /// In manifest order.
    videos: Vec<RenderedVideo<'a>>,
}

/// One concrete video.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Video")]
struct RenderedVideo<'a> {
    /// Its key.
    key: &'a str,
    /// The hash of its content.
    digest: Digest,
    /// Every field, defaults too; URLs without signatures.
    #[schemars(with = "ExplicitSpec")]
    spec: Value,
    /// What it will come to.
    estimate: Estimate,
}

/// The specs as one JSON document.
pub fn render_json<'a>(videos: impl Iterator<Item = &'a Video>) -> String {
    let videos = videos.map(|video| RenderedVideo {
        key: &video.key,
        digest: video.digest,
        spec: explicit_value(&video.spec),
        estimate: estimate(&video.spec).into(),
    });
    document(&RenderDocument { format_version: 1, videos: videos.collect() })
}

/// The schema of `render --format json`.
pub fn render_schema() -> Value {
    schema_of::<RenderDocument<'_>>()
}
