//! Builds nodes from events: an explicit stack of open collections, anchors stored by value, and a count of aliases.

use std::num::NonZeroU32;

use arcstr::ArcStr;
use granit_parser::{ScalarStyle, Span as Mark, StructureStyle};

use super::anchors::{Anchor, Anchors};
use super::collection::{CollectionKind, NextNode, OpenCollection, OpenMapping};
use super::scalar;
use super::{Entry, MAX_DEPTH, MAX_NODES, Mapping, Node, Text, Value, comment_cut, errors, unquoted};
use crate::diagnostic::{Diagnostic, Report};
use crate::source::{FileId, Origin};

/// Maximum number of errors per file. More of them help no reader and cost memory.
const MAX_ERRORS: usize = 1_000;

/// Parsing stops here without a tree. The report has the reason.
pub(super) struct Abort;

/// Builds the tree of one document.
pub(super) struct TreeBuilder<'t, 'r> {
    pub(super) file: FileId,
    pub(super) text: &'t ArcStr,
    pub(super) report: &'r mut Report,
    faults: usize,
    pub(super) open: Vec<OpenCollection>,
    pub(super) anchors: Anchors,
    /// Number of nodes so far, including those from aliases.
    nodes: usize,
    /// Maximum number of nodes in the file itself.
    max_nodes: usize,
    from_aliases: usize,
    root: Option<Node>,
    /// `true` if the tree would misrepresent the text.
    unusable: bool,
    /// The last alias without an anchor.
    pub(super) stray_alias: Option<usize>,
    /// An unquoted template, not yet reported. A syntax error directly after it describes the problem better.
    pub(super) deferred: Option<Diagnostic>,
}

impl<'t, 'r> TreeBuilder<'t, 'r> {
    pub(super) fn new(file: FileId, text: &'t ArcStr, most: usize, report: &'r mut Report) -> Self {
        Self {
            file,
            text,
            report,
            faults: 0,
            open: Vec::new(),
            anchors: Anchors::new(text),
            nodes: 0,
            max_nodes: most,
            from_aliases: 0,
            root: None,
            unusable: false,
            stray_alias: None,
            deferred: None,
        }
    }

    /// Returns the tree, if it represents the text correctly.
    pub(super) fn finish(mut self) -> Option<Node> {
        self.flush_deferred();
        for anchor in self.anchors.unused().take(MAX_ERRORS) {
            self.report.push(errors::unused_anchor(&self.text[anchor.span.range()], anchor));
        }
        let empty = |node: &Node| matches!(node.value, Value::Null) && node.origin.span.start == node.origin.span.end;
        match self.root {
            Some(node) if !empty(&node) => (!self.unusable).then_some(node),
            _ => {
                if !self.unusable {
                    self.report.push(errors::empty_file(self.file));
                }
                None
            }
        }
    }

    /// Reports an error that leaves a usable tree.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) -> Result<(), Abort> {
        self.flush_deferred();
        self.faults += 1;
        if self.faults < MAX_ERRORS {
            self.report.push(diagnostic);
            return Ok(());
        }
        self.report.push(diagnostic.help(format!("the file has {MAX_ERRORS} errors or more; the rest was not read")));
        Err(Abort)
    }

    /// Reports an error, unless a syntax error at the same place follows directly.
    fn defer(&mut self, diagnostic: Diagnostic) -> Result<(), Abort> {
        if self.faults + 1 >= MAX_ERRORS {
            return self.report(diagnostic);
        }
        self.flush_deferred();
        self.faults += 1;
        self.deferred = Some(diagnostic);
        Ok(())
    }

    /// Reports the diagnostic that is held back.
    pub(super) fn flush_deferred(&mut self) {
        if let Some(held) = self.deferred.take() {
            self.report.push(held);
        }
    }

    /// Reports the last error of a text, and stops reading.
    pub(super) fn abort_with(&mut self, diagnostic: Diagnostic) -> Result<(), Abort> {
        self.flush_deferred();
        self.report.push(diagnostic);
        Err(Abort)
    }

    /// Reports an error that makes the tree unusable.
    fn fail(&mut self, diagnostic: Diagnostic) -> Result<(), Abort> {
        self.unusable = true;
        self.report(diagnostic)
    }

    /// Returns the bytes of a parser's span.
    pub(super) fn origin(&self, mark: &Mark) -> Origin {
        // The parser returns byte ranges for every input that is a `&str`.
        let range = mark.byte_range().unwrap_or(0..0);
        Origin::new(self.file, range.start as u32, range.end.max(range.start) as u32)
    }

    pub(super) fn tag(&mut self, mark: &Mark) -> Result<(), Abort> {
        let tag = mark.tag_span().unwrap_or(*mark);
        let origin = self.origin(&tag);
        let diagnostic = errors::tag(&self.text[origin.span.range()], origin);
        self.report(diagnostic)
    }

    pub(super) fn scalar(
        &mut self,
        written: &str,
        style: ScalarStyle,
        anchor: usize,
        mark: &Mark,
    ) -> Result<(), Abort> {
        let mut origin = self.origin(mark);
        // The parser returns `~` for a missing value.
        let absent = style == ScalarStyle::Plain && origin.span.start == origin.span.end;
        let written = if absent { "" } else { written };
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            let raw = &self.text[origin.span.range()];
            origin.span.end = origin.span.start + raw.trim_end_matches(['\n', '\r', ' ']).len() as u32;
        }
        if self.expects_key() {
            return self.scalar_key(written, style, anchor, origin);
        }
        if origin.span.start == origin.span.end {
            origin = self.origin_of_empty(origin);
        }
        let value = self.value(written, style, origin)?;
        let node = Node { value, origin, alias: None };
        self.count(origin)?;
        self.anchors.store_scalar(anchor, &node);
        self.insert(node, origin)
    }

    fn value(&mut self, written: &str, style: ScalarStyle, origin: Origin) -> Result<Value, Abort> {
        if style == ScalarStyle::Plain {
            match scalar::resolve(written) {
                Ok(Some(value)) => return Ok(value),
                Ok(None) => {}
                Err(reason) => self.report(errors::number(written, reason, origin))?,
            }
        }
        let cut = match style {
            ScalarStyle::Plain => comment_cut::bytes_before_comment(self.text, origin.span.end as usize),
            _ => 0,
        };
        Ok(Value::String(Text {
            text: self.text.try_substr_from(written).unwrap_or_else(|| written.into()),
            style,
            cut,
            alias: None,
        }))
    }

    /// Returns the location of a missing or empty value: its key, or the `-` of its item.
    fn origin_of_empty(&self, origin: Origin) -> Origin {
        match self.open.last().map(|frame| &frame.kind) {
            Some(CollectionKind::Map(OpenMapping {
                slot: NextNode::Value { origin, .. } | NextNode::Merge(origin),
                ..
            })) => *origin,
            Some(CollectionKind::List(_)) => {
                let before = self.text[..origin.span.start as usize].trim_end_matches([' ', '\t', '\r', '\n']);
                let line = before.rfind('\n').map_or(0, |end| end + 1);
                let comment = before[line..].find(" #").map_or(before.len(), |at| line + at);
                let before = before[..comment].trim_end_matches(' ');
                let end = before.len() as u32;
                if before.ends_with('-') { Origin::new(self.file, end - 1, end) } else { origin }
            }
            _ => origin,
        }
    }

    pub(super) fn open(
        &mut self,
        kind: CollectionKind,
        (style, anchor, has_tag): (StructureStyle, usize, bool),
        mark: &Mark,
    ) -> Result<(), Abort> {
        if has_tag {
            self.tag(mark)?;
        }
        let start = self.origin(mark);
        if self.open.len() >= MAX_DEPTH {
            return self.abort_with(errors::too_deep(start));
        }
        let as_key = self.expects_key();
        self.open.push(OpenCollection {
            kind,
            flow: style == StructureStyle::Flow,
            anchor,
            as_key,
            start,
            nodes_before: self.nodes,
            height: 1,
        });
        self.anchors.open(anchor);
        self.count(start)
    }

    /// Counts a node that the file itself contains.
    fn count(&mut self, place: Origin) -> Result<(), Abort> {
        self.nodes += 1;
        if self.nodes - self.from_aliases > self.max_nodes {
            return self.abort_with(errors::too_many_values(place));
        }
        Ok(())
    }

    pub(super) fn close(&mut self, mark: &Mark) -> Result<(), Abort> {
        let end = self.origin(mark).span.end;
        let Some(frame) = self.open.pop() else { return Ok(()) };
        let mut braces = None;
        let (value, first) = match frame.kind {
            // Without this, millions of short lists and mappings use four times the memory they need.
            CollectionKind::List(mut list) => {
                list.items.shrink_to_fit();
                (Value::List(list.items), list.first)
            }
            CollectionKind::Map(mut map) => {
                map.apply_merges();
                map.entries.shrink_to_fit();
                braces = map.braces;
                (Value::Map(Mapping { entries: map.entries }), map.first)
            }
        };
        let whole = Origin::new(self.file, frame.start.span.start, end.max(frame.start.span.end));
        let origin = if frame.flow { whole } else { first.unwrap_or(frame.start) };
        let mut node = Node { value, origin, alias: None };
        if let Some(key) = braces {
            let text = self.text;
            let written = &text[whole.span.range()];
            if written.starts_with("{{") && written.ends_with("}}") {
                self.defer(unquoted::diagnostic(text, whole))?;
                node.value = Value::String(Text {
                    text: text.substr_from(written),
                    style: ScalarStyle::Plain,
                    cut: 0,
                    alias: None,
                });
            } else {
                self.report(errors::bad_key(key, "a key is a mapping"))?;
            }
        }
        let nodes = self.nodes - frame.nodes_before;
        self.anchors.close(frame.anchor, &node, nodes, frame.height, end as usize);
        if let Some(parent) = self.open.last_mut() {
            parent.height = parent.height.max(frame.height + 1);
        }
        if frame.as_key { self.collection_key(&node) } else { self.insert(node, origin) }
    }

    pub(super) fn alias(&mut self, id: usize, mark: &Mark) -> Result<(), Abort> {
        let place = self.origin(mark);
        let name = &self.text[place.span.range()];
        match self.anchors.resolve(id) {
            Some(Anchor::Stored { node, nodes, height }) => {
                let (nodes, height) = (*nodes, *height);
                if self.from_aliases + nodes > MAX_NODES {
                    return self.abort_with(errors::alias_bomb(place));
                }
                if self.open.len() + height > MAX_DEPTH {
                    return self.abort_with(errors::too_deep(place));
                }
                let mut node = node.clone();
                node.set_alias(NonZeroU32::new(place.span.start));
                if self.expects_key() {
                    return self.alias_key(&node, place);
                }
                self.from_aliases += nodes;
                self.nodes += nodes;
                if let Some(parent) = self.open.last_mut() {
                    parent.height = parent.height.max(height + 1);
                }
                self.insert(node, place)
            }
            Some(Anchor::TooLarge) => self.abort_with(errors::alias_bomb(place)),
            Some(Anchor::Open) | None => {
                self.fail(errors::self_reference(name, place))?;
                self.insert_null(place)
            }
        }
    }

    pub(super) fn unknown_alias(&mut self, name: &str, mark: &Mark) -> Result<(), Abort> {
        let place = self.origin(mark);
        self.stray_alias = Some(place.span.start as usize);
        // Search the text for the first few errors only, because each search reads the rest of the file.
        let later = self.faults < 20 && self.text[place.span.end as usize..].contains(&format!("&{name}"));
        self.fail(errors::unknown_anchor(name, self.anchors.similar(name), later, place))?;
        self.insert_null(place)
    }

    /// Replaces an alias to an unknown anchor with an empty node, so that parsing can continue.
    fn insert_null(&mut self, place: Origin) -> Result<(), Abort> {
        if self.expects_key() {
            self.drop_key(place);
            return Ok(());
        }
        if let Some(OpenCollection { kind: CollectionKind::Map(map), .. }) = self.open.last_mut() {
            map.slot = NextNode::Key;
            return Ok(());
        }
        self.insert(Node { value: Value::Null, origin: place, alias: None }, place)
    }

    /// Adds a complete node to its parent. `place` is its location in the text, which for an alias is not its node's
    /// origin.
    fn insert(&mut self, node: Node, place: Origin) -> Result<(), Abort> {
        let Some(frame) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut frame.kind {
            CollectionKind::List(list) => {
                list.first.get_or_insert(place);
                list.items.push(node);
                Ok(())
            }
            CollectionKind::Map(map) => match std::mem::take(&mut map.slot) {
                NextNode::Value { key, origin } => {
                    map.push(Entry { key, key_origin: origin, value: node });
                    Ok(())
                }
                NextNode::Merge(_) => match node.value {
                    Value::Map(_) => {
                        map.merges.push(node);
                        Ok(())
                    }
                    Value::List(items) if items.iter().all(|item| item.as_map().is_some()) => {
                        map.merges = items;
                        Ok(())
                    }
                    Value::List(items) => {
                        let stray = items.iter().find(|item| item.as_map().is_none());
                        let (kind, origin) = stray.map_or(("nothing", place), |item| (item.kind_name(), item.origin));
                        self.report(errors::bad_merge(&format!("a list with {kind} in it"), origin))
                    }
                    _ => self.report(errors::bad_merge(node.kind_name(), place)),
                },
                NextNode::Discard | NextNode::Key => Ok(()),
            },
        }
    }
}
