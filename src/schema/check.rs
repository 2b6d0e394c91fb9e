//! A tree against the published schema, in our own words: stub, to be written.

use crate::diagnostic::Report;
use crate::yaml::Node;

/// Whether a file is the root manifest or one that it includes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileRole {
    /// `callsheet.yaml`.
    Root,
    /// A file named by `include`.
    Included,
}

/// The compiled schema; made once a run.
#[derive(Debug)]
pub struct Checker {}

impl Checker {
    /// Compiles the published schema.
    pub fn new() -> Self {
        Self {}
    }

    /// Reports every fault of a file's tree; true when there is none.
    pub fn check(&self, _tree: &Node, _role: FileRole, _report: &mut Report) -> bool {
        true
    }
}

impl Default for Checker {
    fn default() -> Self {
        Self::new()
    }
}
