//! One open collection while the tree is made.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Entry, Node};
use crate::source::Origin;

/// Up to this many entries a linear scan is quicker than a hash.
const LINEAR: usize = 16;

/// An open list or mapping.
pub(super) struct Frame {
    pub(super) kind: Kind,
    /// `[…]` or `{…}`.
    pub(super) flow: bool,
    /// The parser's number of its anchor, or 0.
    pub(super) anchor: usize,
    /// Stands where a key is expected.
    pub(super) as_key: bool,
    /// The opening bracket; in block style an empty place.
    pub(super) start: Origin,
    /// Nodes made before it was opened.
    pub(super) nodes_before: usize,
    /// Levels of collections in it, itself included.
    pub(super) height: usize,
}

pub(super) enum Kind {
    List(ListFrame),
    Map(MapFrame),
}

#[derive(Default)]
pub(super) struct ListFrame {
    pub(super) items: Vec<Node>,
    pub(super) first: Option<Origin>,
}

/// A mapping in the making.
#[derive(Default)]
pub(super) struct MapFrame {
    pub(super) entries: Vec<Entry>,
    /// Built when the mapping outgrows [`LINEAR`].
    index: Option<HashMap<Arc<str>, Origin>>,
    pub(super) slot: Slot,
    /// The place of the first key.
    pub(super) first: Option<Origin>,
    /// The place of the `<<` key.
    pub(super) merge_at: Option<Origin>,
    /// What `<<` names, in order of precedence.
    pub(super) merges: Vec<Node>,
    /// A `{…}` key that follows the opening `{` at once: probably a template without quotes.
    pub(super) braces: Option<Origin>,
}

/// What the next node of a mapping is.
#[derive(Default)]
pub(super) enum Slot {
    /// A key.
    #[default]
    Key,
    /// The value of a key.
    Value { key: Arc<str>, origin: Origin },
    /// The value of the `<<` at this place.
    Merge(Origin),
    /// The value of a key that was refused.
    Drop,
}

impl MapFrame {
    /// Where the key stands already.
    pub(super) fn find(&self, key: &str) -> Option<Origin> {
        match &self.index {
            Some(index) => index.get(key).copied(),
            None => self.entries.iter().find(|entry| &*entry.key == key).map(|entry| entry.key_origin),
        }
    }

    /// Adds an entry whose key is known to be new.
    pub(super) fn push(&mut self, entry: Entry) {
        if let Some(index) = &mut self.index {
            index.insert(entry.key.clone(), entry.key_origin);
        } else if self.entries.len() == LINEAR {
            let known = self.entries.iter().chain([&entry]);
            self.index = Some(known.map(|entry| (entry.key.clone(), entry.key_origin)).collect());
        }
        self.entries.push(entry);
    }

    /// Adds what `<<` names behind the mapping's own entries; who comes first wins.
    pub(super) fn apply_merges(&mut self) {
        for node in std::mem::take(&mut self.merges) {
            let super::Value::Map(map) = node.value else { continue };
            for mut entry in map.entries {
                entry.value.alias = node.alias.or(entry.value.alias);
                if self.find(&entry.key).is_none() {
                    self.push(entry);
                }
            }
        }
    }
}
