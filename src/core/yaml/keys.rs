//! The keys of mappings. Every key is text and unique, and `<<` merges instead of adding an entry.

use std::sync::Arc;

use super::builder::{Abort, TreeBuilder};
use super::collection::{CollectionKind, NextNode, OpenCollection, OpenMapping};
use super::{Node, ScalarStyle, Text, Value, errors};
use crate::source::Origin;

impl TreeBuilder<'_, '_> {
    /// Returns `true` if the next node is a key.
    pub(super) fn expects_key(&self) -> bool {
        matches!(
            self.open.last(),
            Some(OpenCollection { kind: CollectionKind::Map(OpenMapping { slot: NextNode::Key, .. }), .. })
        )
    }

    /// Handles a scalar key. Its source text is the key, so `1` and `y` keep their spelling.
    pub(super) fn scalar_key(
        &mut self,
        written: &str,
        style: ScalarStyle,
        anchor: usize,
        origin: Origin,
    ) -> Result<(), Abort> {
        let plain = style == ScalarStyle::Plain;
        if plain && matches!(written, "" | "~") {
            self.drop_key(origin);
            return self.report(errors::bad_key(origin, "a key is empty"));
        }
        self.check_tab(origin)?;
        let key: Arc<str> = Arc::from(written);
        if anchor != 0 {
            let value = Value::String(Text { text: written.into(), style, cut: 0, alias: None });
            self.anchors.store_scalar(anchor, &Node { value, origin, alias: None });
        }
        self.take_key(key, plain, origin)
    }

    /// Handles an alias as key, which must refer to a scalar.
    pub(super) fn alias_key(&mut self, node: &Node, place: Origin) -> Result<(), Abort> {
        let key = match &node.value {
            Value::String(text) => Arc::from(&*text.text),
            Value::Bool(_) | Value::Int(_) | Value::Float(_) => Arc::from(&self.text[node.origin.span.range()]),
            Value::Null | Value::List(_) | Value::Map(_) => return self.collection_key(node),
        };
        self.take_key(key, false, place)
    }

    /// Handles a collection in the position of a key, which is an error.
    pub(super) fn collection_key(&mut self, node: &Node) -> Result<(), Abort> {
        self.drop_key(node.origin);
        if node.as_str().is_some() {
            // An unquoted template as key is already reported.
            return Ok(());
        }
        if let Some(OpenCollection { kind: CollectionKind::Map(map), flow: true, start, .. }) = self.open.last_mut()
            && node.as_map().is_some()
            && map.entries.is_empty()
            && start.span.start + 1 == node.origin.span.start
        {
            map.braces = Some(node.origin);
            return Ok(());
        }
        self.report(errors::bad_key(node.origin, &format!("a key is {}", node.kind_name())))
    }

    /// Drops the value that follows.
    pub(super) fn drop_key(&mut self, place: Origin) {
        if let Some(OpenCollection { kind: CollectionKind::Map(map), .. }) = self.open.last_mut() {
            map.first.get_or_insert(place);
            map.slot = NextNode::Discard;
        }
    }

    fn take_key(&mut self, key: Arc<str>, plain: bool, origin: Origin) -> Result<(), Abort> {
        let Some(OpenCollection { kind: CollectionKind::Map(map), .. }) = self.open.last_mut() else { return Ok(()) };
        map.first.get_or_insert(origin);
        let merge = plain && &*key == "<<";
        let first = if merge { map.merge_at } else { map.find(&key) };
        if let Some(first) = first {
            map.slot = NextNode::Discard;
            return self.report(errors::duplicate_key(&key, merge, origin, first));
        }
        if merge {
            map.merge_at = Some(origin);
            map.slot = NextNode::Merge(origin);
        } else {
            map.slot = NextNode::Value { key, origin };
        }
        Ok(())
    }

    /// The parser accepts a tab before the first key of a block. The error on the next line would not show the cause.
    fn check_tab(&mut self, origin: Origin) -> Result<(), Abort> {
        if self.open.last().is_some_and(|frame| frame.flow) {
            return Ok(());
        }
        let before = &self.text[..origin.span.start as usize];
        let rest = before.trim_end_matches([' ', '\t']);
        match before[rest.len()..].find('\t') {
            Some(tab) if rest.is_empty() || rest.ends_with(['\n', '\r']) => {
                self.report(errors::tab(self.file, rest.len() + tab))
            }
            _ => Ok(()),
        }
    }
}
