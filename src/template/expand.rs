//! Every declared video to its concrete ones: stub, to be written.

use std::collections::BTreeMap;
use std::path::Path;

use crate::diagnostic::Report;
use crate::manifest::Manifest;
use crate::source::Sources;
use crate::spec::Video;

/// What expansion needs of the world, besides the manifest.
#[derive(Debug)]
pub struct Inputs<'a> {
    /// The project root; data, script and media files must lie under it.
    pub root: &'a Path,
    /// The files read so far; script files are added.
    pub sources: &'a mut Sources,
    /// The values of the environment variables in the manifest's `env` list that are set.
    pub env: &'a BTreeMap<String, String>,
    /// The present time, for the expiry of presigned URLs.
    pub now: jiff::Timestamp,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Expansion {
    /// The videos that are without fault, in manifest order.
    pub videos: Vec<Video>,
}

/// Every declared video to its concrete ones; faults go to `report`.
pub fn expand(_manifest: &Manifest, _inputs: Inputs<'_>, _report: &mut Report) -> Expansion {
    Expansion::default()
}
