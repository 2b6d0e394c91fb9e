//! The anchors of one document, stored by value for later aliases.

use std::collections::HashMap;

use super::{MAX_NODES, Node};
use crate::diagnostic::nearest;

/// Maximum number of nodes stored for all anchors together. An alias to a larger collection exceeds [`MAX_NODES`]
/// anyway.
const MAX_STORED_NODES: usize = 2 * MAX_NODES;

/// Maximum number of names searched for a typo.
const MAX_NAMES: usize = 500;

/// Maximum length in bytes of a name searched for a typo.
const MAX_NAME: usize = 64;

/// The anchors of one document.
pub(super) struct Anchors {
    known: HashMap<usize, Anchor>,
    names: Vec<Box<str>>,
    kept: usize,
    /// The last `*` of the text: an anchor that ends after it has no alias.
    last_star: usize,
}

/// The state of one anchor.
pub(super) enum Anchor {
    /// The node is not complete. An alias to it would contain itself.
    Open,
    /// A complete node, its number of nodes, and the depth of its collections.
    Stored { node: Node, nodes: usize, height: usize },
    /// The node is too large to store.
    TooLarge,
}

impl Anchors {
    pub(super) fn new(text: &str) -> Self {
        let last_star = text.rfind('*').unwrap_or(0);
        Self { known: HashMap::new(), names: Vec::new(), kept: 0, last_star }
    }

    pub(super) fn get(&self, id: usize) -> Option<&Anchor> {
        self.known.get(&id)
    }

    /// Records that a collection with this anchor opens.
    pub(super) fn open(&mut self, id: usize) {
        if id != 0 {
            self.known.insert(id, Anchor::Open);
        }
    }

    /// Stores a name for [`Anchors::similar`].
    pub(super) fn name(&mut self, name: &str) {
        if self.names.len() < MAX_NAMES && name.len() <= MAX_NAME {
            self.names.push(name.into());
        }
    }

    /// Records that a scalar with this anchor is complete.
    pub(super) fn store_scalar(&mut self, id: usize, node: &Node) {
        if id != 0 && (node.origin.span.start as usize) < self.last_star {
            self.known.insert(id, Anchor::Stored { node: node.clone(), nodes: 1, height: 0 });
        }
    }

    /// Records that a collection with this anchor is complete. `end` is the byte after it.
    pub(super) fn close(&mut self, id: usize, node: &Node, nodes: usize, height: usize, end: usize) {
        if id == 0 {
            return;
        }
        if end > self.last_star {
            self.known.remove(&id);
            return;
        }
        self.kept += nodes;
        let anchor = if self.kept > MAX_STORED_NODES {
            Anchor::TooLarge
        } else {
            Anchor::Stored { node: node.clone(), nodes, height }
        };
        self.known.insert(id, anchor);
    }

    /// Returns the known name that is closest to an unknown one.
    pub(super) fn similar(&self, name: &str) -> Option<&str> {
        if name.len() > MAX_NAME {
            return None;
        }
        nearest(name, self.names.iter().map(|name| &**name))
    }
}
