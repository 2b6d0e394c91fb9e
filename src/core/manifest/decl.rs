//! Declarations: values, and one shape for every object of the vendor's table, in presets, in `defaults` and in videos.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::fields::{RowId, RowSet, Value};
use crate::source::Origin;
use crate::yaml::Text;

/// A declared value with its places.
#[derive(Clone, Debug)]
pub struct Field {
    /// The value, or the template that makes it.
    pub value: Expr,
    /// Where the value is written.
    pub origin: Origin,
    /// Where its key is written.
    pub key_origin: Origin,
}

/// The value of a field as declared.
#[derive(Clone, Debug)]
pub enum Expr {
    /// The value in its stored form, checked. A file is its path.
    Literal(Value),
    /// A minijinja template. Its result must be of the field's type.
    Template(Text),
    /// A literal that breaks a rule of its type. The report says why.
    Rejected,
}

/// An object as declared, without nesting. A bare preset name is an object that has only a base preset.
#[derive(Clone, Debug)]
pub struct Decl {
    /// The location of the object.
    pub origin: Origin,
    /// The base preset: `use`, or a bare name.
    pub base: Option<Field>,
    /// The groups that the object contains, even without members, and their locations.
    pub groups: Vec<(RowId, Origin)>,
    /// The fields that the object sets.
    pub fields: Vec<(RowId, Field)>,
}

/// A named object.
#[derive(Clone, Debug)]
pub struct Preset {
    /// The declaration.
    pub decl: Decl,
    /// The location of its name.
    pub origin: Origin,
}

/// The presets of one group.
#[derive(Clone, Debug)]
pub struct PresetGroup {
    /// The row of the group.
    pub group: RowId,
    /// The key of the manifest that declares the presets: `voices`.
    pub block: &'static str,
    /// The presets by name.
    pub presets: BTreeMap<Arc<str>, Preset>,
}

/// The script of a video, or of `defaults`.
#[derive(Clone, Debug)]
pub enum ScriptDecl {
    /// The text itself.
    Text(Field),
    /// The path of a text file, which is a template itself.
    File(Field),
}

/// The scenes of a vendor template, which only a video declares.
#[derive(Clone, Debug)]
pub struct ScenesDecl {
    /// The location of the key.
    pub key_origin: Origin,
    /// The scenes in order.
    pub scenes: Vec<SceneDecl>,
}

/// One scene.
#[derive(Clone, Debug)]
pub struct SceneDecl {
    /// The location of the scene.
    pub origin: Origin,
    /// Its own voice. Without one, it has the voice of the video or of `defaults`.
    pub voice: Option<Decl>,
    /// Its script.
    pub script: Option<ScriptDecl>,
}

/// The fields of a video, or those of `defaults`, which apply where a video has no value.
#[derive(Clone, Debug, Default)]
pub struct VideoFields {
    /// The fields outside of groups with presets. Boxed, because few of the many videos have one.
    pub own: Option<Box<Decl>>,
    /// The groups with presets.
    pub parts: Vec<(RowId, Decl)>,
    /// The script.
    pub script: Option<ScriptDecl>,
    /// The scenes. Boxed, because few of the many videos have them.
    pub scenes: Option<Box<ScenesDecl>>,
}

impl Decl {
    /// Creates an object without content.
    pub fn new(origin: Origin) -> Self {
        Self { origin, base: None, groups: Vec::new(), fields: Vec::new() }
    }

    /// Returns the object's own value of a field, without its base preset.
    pub fn get(&self, row: RowId) -> Option<&Field> {
        self.fields.iter().find(|(known, _)| *known == row).map(|(_, field)| field)
    }

    /// Returns the rows that the object sets itself.
    pub fn rows(&self) -> RowSet {
        let groups = self.groups.iter().map(|(row, _)| *row);
        groups.chain(self.fields.iter().map(|(row, _)| *row)).collect()
    }

    /// Frees unused capacity, because a project may have a hundred thousand declarations.
    #[must_use]
    pub(super) fn shrink_to_fit(mut self) -> Self {
        self.groups.shrink_to_fit();
        self.fields.shrink_to_fit();
        self
    }
}

impl ScriptDecl {
    /// Returns the text, or the path of the file.
    pub fn field(&self) -> &Field {
        match self {
            Self::Text(field) | Self::File(field) => field,
        }
    }
}

impl VideoFields {
    /// Returns the declaration of a group with presets.
    pub fn part(&self, group: RowId) -> Option<&Decl> {
        self.parts.iter().find(|(known, _)| *known == group).map(|(_, decl)| decl)
    }
}

impl Field {
    /// Returns the text of a literal.
    pub fn literal(&self) -> Option<&Arc<str>> {
        match &self.value {
            Expr::Literal(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Returns the template.
    pub fn template(&self) -> Option<&Text> {
        match &self.value {
            Expr::Template(text) => Some(text),
            _ => None,
        }
    }
}

/// Returns a text to be spoken as every editor and every system writes it: without byte order mark and final newlines,
/// each line break as one character.
pub fn normalize_speech(text: &str) -> Cow<'_, str> {
    let marked = text.strip_prefix('\u{feff}').unwrap_or(text);
    let ended = marked.trim_end_matches(['\n', '\r']);
    if ended.contains("\r\n") { ended.replace("\r\n", "\n").into() } else { ended.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speech_is_the_same_in_every_editor() {
        for same in ["\u{feff}one\r\ntwo\r\n", "one\ntwo\n\n\n", "one\r\ntwo", "\u{feff}one\ntwo\r\n\r\n"] {
            assert_eq!(normalize_speech(same), "one\ntwo", "{same:?}");
        }
        assert_eq!(&*normalize_speech(" a \n\nb "), " a \n\nb ");
    }
}
