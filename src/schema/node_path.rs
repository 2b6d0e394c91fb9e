//! Finds the value of a manifest that an error of the validator is about.

use crate::diagnostic::Diagnostic;
use crate::source::{Origin, truncate};
use crate::yaml::{Entry, Node, Value};

/// A value, and its name in messages.
#[derive(Clone, Debug)]
pub(super) struct NodePath<'t> {
    pub node: &'t Node,
    /// In a sentence: `` `speed` ``, `an item of `env``, `the manifest`.
    pub name: String,
    /// Origin of the key; for an item or a complete file, of the value itself.
    pub origin: Origin,
    text: &'t str,
    /// The aliases that lead to the value, with the origins of their keys, the outermost first.
    aliases: Vec<(&'t Node, Origin)>,
}

impl<'t> NodePath<'t> {
    /// Finds a value by its JSON pointer, in a tree that `text` was parsed to.
    pub(super) fn find(tree: &'t Node, text: &'t str, pointer: &str) -> Self {
        let file = Self { node: tree, name: "the manifest".to_owned(), origin: tree.origin, text, aliases: Vec::new() };
        pointer.split('/').skip(1).fold(file, |spot, part| {
            let key = part.replace("~1", "/").replace("~0", "~");
            spot.member(&key).unwrap_or(spot)
        })
    }

    /// Returns the value of a key, or the item of an index. `None` if there is none.
    pub(super) fn member(&self, key: &str) -> Option<Self> {
        if let Some(entry) = self.entry(key) {
            return Some(self.below(&entry.value, format!("`{}`", shown(&entry.key)), entry.key_origin));
        }
        let item = self.node.as_list()?.get(key.parse::<usize>().ok()?)?;
        let list = self.name.trim_start_matches("an item of ");
        Some(self.below(item, format!("an item of {list}"), item.origin))
    }

    fn below(&self, node: &'t Node, name: String, origin: Origin) -> Self {
        let mut aliases = self.aliases.clone();
        aliases.extend(node.alias.map(|_| (node, origin)));
        Self { node, name, origin, text: self.text, aliases }
    }

    /// Returns the entry of a key. `None` if the value is not a mapping or lacks the key.
    pub(super) fn entry(&self, key: &str) -> Option<&'t Entry> {
        self.node.as_map()?.get(key)
    }

    /// Returns a scalar as written.
    pub(super) fn written(&self) -> &'t str {
        self.text.get(self.node.origin.span.range()).unwrap_or_default()
    }

    /// Returns the comment in the place of a missing value, if it looks like one: `color: #ff0000`.
    pub(super) fn hidden_value(&self) -> Option<&'t str> {
        matches!(self.node.value, Value::Null).then_some(())?;
        let line = self.text.get(self.origin.span.end as usize..)?.lines().next()?;
        let comment = line.trim_start_matches([' ', ':']).trim_end();
        let word = comment.strip_prefix('#')?.chars().next()?;
        (!word.is_whitespace() && !matches!(word, '#' | '-' | '=')).then_some(comment)
    }

    /// Adds the alias that leads to the value, if the diagnostic is at its anchor.
    pub(super) fn through_alias(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        let place = diagnostic.primary.as_ref().map(|label| label.origin);
        diagnostic.alias = self.aliases.iter().find_map(|(node, key)| {
            // The key of an alias is between anchor and alias. The key of a merge is in the anchor's mapping.
            let beside_alias = key.span.start > node.origin.span.start;
            let alias = node.alias.filter(|_| !(beside_alias && place == Some(*key)))?;
            Some(Origin::new(node.origin.file, alias.get(), alias.get() + 1))
        });
        diagnostic
    }
}

/// Maximum number of characters of a value that a message repeats.
const SHOWN: usize = 40;

/// Returns a string for a message: on one line, and truncated.
pub(super) fn shown(text: &str) -> String {
    let escape = |one: char| if one.is_control() { one.escape_default().to_string() } else { one.to_string() };
    truncate(text, SHOWN).chars().map(escape).collect()
}
