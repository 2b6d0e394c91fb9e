//! One open collection while the tree is built.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Entry, Node};
use crate::source::Origin;

/// Up to this number of entries, a linear scan is faster than a hash map.
const LINEAR_SCAN_LIMIT: usize = 16;

/// An open list or mapping.
pub(super) struct OpenCollection {
    pub(super) kind: CollectionKind,
    /// `[…]` or `{…}`.
    pub(super) flow: bool,
    /// The parser's number for its anchor, or 0.
    pub(super) anchor: usize,
    /// `true` if the collection is in the position of a key.
    pub(super) as_key: bool,
    /// The opening bracket, or an empty span in block style.
    pub(super) start: Origin,
    /// Number of nodes built before it opened.
    pub(super) nodes_before: usize,
    /// Depth of its collections, including itself.
    pub(super) height: usize,
}

pub(super) enum CollectionKind {
    List(OpenList),
    Map(OpenMapping),
}

#[derive(Default)]
pub(super) struct OpenList {
    pub(super) items: Vec<Node>,
    pub(super) first: Option<Origin>,
}

/// A mapping that is being built.
#[derive(Default)]
pub(super) struct OpenMapping {
    pub(super) entries: Vec<Entry>,
    /// Created when the mapping outgrows [`LINEAR_SCAN_LIMIT`].
    index: Option<HashMap<Arc<str>, Origin>>,
    pub(super) slot: NextNode,
    /// The location of the first key.
    pub(super) first: Option<Origin>,
    /// The location of the `<<` key.
    pub(super) merge_at: Option<Origin>,
    /// The mappings that `<<` references, in order of precedence.
    pub(super) merges: Vec<Node>,
    /// A `{…}` key directly after the opening `{`: probably an unquoted template.
    pub(super) braces: Option<Origin>,
}

/// The role of the next node in a mapping.
#[derive(Default)]
pub(super) enum NextNode {
    /// A key.
    #[default]
    Key,
    /// The value of a key.
    Value { key: Arc<str>, origin: Origin },
    /// The value of the `<<` at this location.
    Merge(Origin),
    /// The value of a rejected key.
    Discard,
}

impl OpenMapping {
    /// Returns where the mapping already has the key.
    pub(super) fn find(&self, key: &str) -> Option<Origin> {
        match &self.index {
            Some(index) => index.get(key).copied(),
            None => self.entries.iter().find(|entry| &*entry.key == key).map(|entry| entry.key_origin),
        }
    }

    /// Adds an entry. The caller has checked that its key is new.
    pub(super) fn push(&mut self, entry: Entry) {
        if let Some(index) = &mut self.index {
            index.insert(entry.key.clone(), entry.key_origin);
        } else if self.entries.len() == LINEAR_SCAN_LIMIT {
            let known = self.entries.iter().chain([&entry]);
            self.index = Some(known.map(|entry| (entry.key.clone(), entry.key_origin)).collect());
        }
        self.entries.push(entry);
    }

    /// Appends the entries that `<<` references to the mapping's own. The first entry of a key wins.
    pub(super) fn apply_merges(&mut self) {
        for node in std::mem::take(&mut self.merges) {
            let super::Value::Map(map) = node.value else { continue };
            for mut entry in map.entries {
                entry.value.set_alias(node.alias.or(entry.value.alias));
                if self.find(&entry.key).is_none() {
                    self.push(entry);
                }
            }
        }
    }
}
