//! The keys of mappings. Every key is text and unique, and `<<` merges instead of adding an entry.

use std::sync::Arc;

use super::builder::{Builder, Stop};
use super::frame::{Frame, Kind, MapFrame, Slot};
use super::{Node, ScalarStyle, Text, Value, fault};
use crate::source::Origin;

impl Builder<'_, '_> {
    /// Returns `true` if the next node is a key.
    pub(super) fn expects_key(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { kind: Kind::Map(MapFrame { slot: Slot::Key, .. }), .. }))
    }

    /// Handles a scalar key. Its source text is the key, so `1` and `y` keep their spelling.
    pub(super) fn scalar_key(
        &mut self,
        written: &str,
        style: ScalarStyle,
        anchor: usize,
        origin: Origin,
    ) -> Result<(), Stop> {
        let plain = style == ScalarStyle::Plain;
        if plain && matches!(written, "" | "~") {
            self.drop_key(origin);
            return self.fault(fault::bad_key(origin, "a key is empty"));
        }
        self.check_tab(origin)?;
        let key: Arc<str> = Arc::from(written);
        if anchor != 0 {
            let value = Value::String(Text { text: key.clone(), style, cut: 0 });
            self.anchors.keep_scalar(anchor, &Node { value, origin, alias: None });
        }
        self.take_key(key, plain, origin)
    }

    /// Handles an alias as key, which must refer to a scalar.
    pub(super) fn alias_key(&mut self, node: &Node, place: Origin) -> Result<(), Stop> {
        let key = match &node.value {
            Value::String(text) => text.text.clone(),
            Value::Bool(_) | Value::Int(_) | Value::Float(_) => Arc::from(&self.text[node.origin.span.range()]),
            Value::Null | Value::List(_) | Value::Map(_) => return self.collection_key(node),
        };
        self.take_key(key, false, place)
    }

    /// Handles a collection in the position of a key, which is an error.
    pub(super) fn collection_key(&mut self, node: &Node) -> Result<(), Stop> {
        self.drop_key(node.origin);
        if node.as_str().is_some() {
            // An unquoted template as key is already reported.
            return Ok(());
        }
        if let Some(Frame { kind: Kind::Map(map), flow: true, start, .. }) = self.frames.last_mut()
            && node.as_map().is_some()
            && map.entries.is_empty()
            && start.span.start + 1 == node.origin.span.start
        {
            map.braces = Some(node.origin);
            return Ok(());
        }
        self.fault(fault::bad_key(node.origin, &format!("a key is {}", node.kind())))
    }

    /// Drops the value that follows.
    pub(super) fn drop_key(&mut self, place: Origin) {
        if let Some(Frame { kind: Kind::Map(map), .. }) = self.frames.last_mut() {
            map.first.get_or_insert(place);
            map.slot = Slot::Drop;
        }
    }

    fn take_key(&mut self, key: Arc<str>, plain: bool, origin: Origin) -> Result<(), Stop> {
        let Some(Frame { kind: Kind::Map(map), .. }) = self.frames.last_mut() else { return Ok(()) };
        map.first.get_or_insert(origin);
        let merge = plain && &*key == "<<";
        let first = if merge { map.merge_at } else { map.find(&key) };
        if let Some(first) = first {
            map.slot = Slot::Drop;
            return self.fault(fault::duplicate_key(&key, merge, origin, first));
        }
        if merge {
            map.merge_at = Some(origin);
            map.slot = Slot::Merge(origin);
        } else {
            map.slot = Slot::Value { key, origin };
        }
        Ok(())
    }

    /// The parser accepts a tab before the first key of a block. The error on the next line would not show the cause.
    fn check_tab(&mut self, origin: Origin) -> Result<(), Stop> {
        if self.frames.last().is_some_and(|frame| frame.flow) {
            return Ok(());
        }
        let before = &self.text[..origin.span.start as usize];
        let rest = before.trim_end_matches([' ', '\t']);
        match before[rest.len()..].find('\t') {
            Some(tab) if rest.is_empty() || rest.ends_with(['\n', '\r']) => {
                self.fault(fault::tab(self.file, rest.len() + tab))
            }
            _ => Ok(()),
        }
    }
}
