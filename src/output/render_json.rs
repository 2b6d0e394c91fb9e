//! Concrete specs for programs, format 1.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::document::{EstimateDocument, versioned};
use super::explicit_schema::ExplicitSpec;
use crate::spec::{Digest, Video, estimate, explicit_value};

/// What `callsheet render --format json` prints.
///
/// Fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Render")]
pub struct RenderDocument<'a> {
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
    /// Its estimated length and price.
    estimate: EstimateDocument,
}

/// Returns the specs as one JSON document.
pub fn render_json<'a>(videos: impl Iterator<Item = &'a Video>) -> String {
    let videos = videos.map(|video| RenderedVideo {
        key: &video.key,
        digest: video.digest,
        spec: explicit_value(&video.spec),
        estimate: estimate(&video.spec).into(),
    });
    versioned(&RenderDocument { videos: videos.collect() })
}
