//! Concrete specs for programs, format 1.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::document::{document, schema_of};
use super::explain_json::EstimateV1;
use super::spec_schema::ExplicitSpec;
use crate::spec::{Video, estimate, explicit_value};

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
    #[schemars(with = "ExplicitSpec")]
    spec: Value,
    /// What it will come to.
    estimate: EstimateV1,
}

/// The specs as one JSON document.
pub fn render_json<'a>(videos: impl Iterator<Item = &'a Video>) -> String {
    let videos = videos.map(|video| {
        let expected = estimate(&video.spec);
        RenderedV1 {
            key: video.key.to_string(),
            digest: video.digest.to_string(),
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
