//! Tree to types: stub, to be written.

use super::Manifest;
use crate::diagnostic::Report;
use crate::source::Origin;
use crate::yaml::Node;

/// What one file declares, plus what only the root may.
#[derive(Clone, Debug, Default)]
pub struct Decoded {
    /// The declarations of this file alone.
    pub manifest: Manifest,
    /// The globs of `include` (root only).
    pub include: Vec<(String, Origin)>,
}

/// The typed declarations of one checked tree; what the check refused is left out, not guessed.
pub fn decode(_tree: &Node, _report: &mut Report) -> Decoded {
    Decoded::default()
}

/// All files together, in order; a name declared twice is reported with both places.
pub fn merge(_files: Vec<Decoded>, _report: &mut Report) -> Manifest {
    Manifest::default()
}
