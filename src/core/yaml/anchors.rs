//! The anchors of one document, stored by value for later aliases.

use std::collections::{BTreeMap, HashMap};

use super::{MAX_NODES, Node, ScalarStyle, Text, Value};
use crate::diagnostic::nearest;
use crate::source::Origin;

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
    /// The number of the anchor of the last unquoted text.
    last_text: usize,
    /// Anchors of unquoted texts that no alias has named yet, by their numbers.
    unused: BTreeMap<usize, Origin>,
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
        Self { known: HashMap::new(), names: Vec::new(), kept: 0, last_star, last_text: 0, unused: BTreeMap::new() }
    }

    /// Returns the state of the anchor that an alias names.
    pub(super) fn resolve(&mut self, id: usize) -> Option<&Anchor> {
        self.unused.remove(&id);
        self.known.get(&id)
    }

    /// Returns the anchors of unquoted texts without an alias, in their order.
    pub(super) fn unused(&self) -> impl Iterator<Item = Origin> {
        self.unused.values().copied()
    }

    /// Records that a collection with this anchor opens.
    pub(super) fn open(&mut self, id: usize) {
        if id != 0 {
            self.known.insert(id, Anchor::Open);
        }
    }

    /// Records the name of an anchor at `origin`, whose node the parser has just returned.
    pub(super) fn name(&mut self, id: usize, name: &str, origin: Origin) {
        if self.last_text == id {
            self.unused.insert(id, origin);
        }
        if self.names.len() < MAX_NAMES && name.len() <= MAX_NAME {
            self.names.push(name.into());
        }
    }

    /// Records that a scalar with this anchor is complete.
    pub(super) fn store_scalar(&mut self, id: usize, node: &Node) {
        if matches!(&node.value, Value::String(Text { style: ScalarStyle::Plain, .. })) {
            self.last_text = id;
        }
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
