//! The whole manifest, all files together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schemars::JsonSchema;

use super::{AvatarDecl, BackgroundDecl, EnvironmentDecl, Expr, Field, GuardsDecl, VoiceDecl};
use crate::source::{Origin, Pieces};
use crate::spec::Aspect;
use crate::yaml::Text;

/// Everything that the files of a project declare.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// Environment variables that templates may see.
    pub env: Vec<(Arc<str>, Origin)>,
    /// Variables by name.
    pub vars: BTreeMap<Arc<str>, Variable>,
    /// Avatar presets by name.
    pub avatars: BTreeMap<Arc<str>, Preset<AvatarDecl>>,
    /// Voice presets by name.
    pub voices: BTreeMap<Arc<str>, Preset<VoiceDecl>>,
    /// Background presets by name.
    pub backgrounds: BTreeMap<Arc<str>, Preset<BackgroundDecl>>,
    /// What fills the gaps of videos.
    pub defaults: DefaultsDecl,
    /// The videos, in the order of files and of writing.
    pub videos: Pieces<VideoDecl>,
    /// Environments by name.
    pub environments: BTreeMap<Arc<str>, EnvironmentDecl>,
    /// Limits on one apply.
    pub guards: GuardsDecl,
    /// What was declared with a fault that is in the report already; what leans on it deserves no second message.
    pub incomplete: BTreeSet<Incomplete>,
}

/// A declaration with a fault in it: a preset keeps its sound fields, a video is left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Incomplete {
    /// A variable by name; left out.
    Variable(Arc<str>),
    /// An avatar preset by name.
    Avatar(Arc<str>),
    /// A voice preset by name.
    Voice(Arc<str>),
    /// A background preset by name.
    Background(Arc<str>),
    /// The defaults.
    Defaults,
    /// A video by its base key; left out.
    Video(Arc<str>),
    /// A whole block, such as `videos`, whose content could not be read; also a misspelt one, by the name it has.
    Block(Arc<str>),
    /// An environment variable that `env` lists and no template may see.
    Env(Arc<str>),
}

/// A variable.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its value, of any shape.
    pub value: serde_json::Value,
    /// The place of its name.
    pub origin: Origin,
}

/// A named avatar, voice or background.
#[derive(Clone, Debug)]
pub struct Preset<D> {
    /// What was declared.
    pub decl: D,
    /// The place of its name.
    pub origin: Origin,
}

/// A preset's name, or an object.
#[derive(Clone, Debug)]
pub enum Choice<D> {
    /// The name of a preset; may be a template.
    Named(Field<Arc<str>>),
    /// An object, over a preset if it has `use`.
    Object(Box<D>),
}

/// What is spoken.
#[derive(Clone, Debug)]
pub enum ScriptDecl {
    /// The text itself.
    Text(Field<Arc<str>>),
    /// A text file, itself a template; the path may be one too.
    File(Field<Arc<str>>),
}

/// Whole values for what a video leaves out.
#[derive(Clone, Debug, Default)]
pub struct DefaultsDecl {
    /// The label at the vendor; the key unless given. Changing it costs nothing.
    pub name: Option<Box<Field<Arc<str>>>>,
    /// Width to height of the picture.
    pub aspect: Option<Box<Field<Aspect>>>,
    /// The avatar: a preset's name, or an object.
    pub avatar: Option<Box<Choice<AvatarDecl>>>,
    /// The voice: a preset's name, or an object.
    pub voice: Option<Choice<VoiceDecl>>,
    /// The background: a preset's name, or an object.
    pub background: Option<Box<Choice<BackgroundDecl>>>,
    /// What is spoken: the text, or a file that holds it.
    pub script: Option<ScriptDecl>,
    /// Raised to shoot again what is otherwise unchanged.
    pub take: Option<Box<Field<i64>>>,
}

/// One entry under `videos`.
#[derive(Clone, Debug)]
pub struct VideoDecl {
    /// The base key.
    pub key: Arc<str>,
    /// The place of the key.
    pub key_origin: Origin,
    /// What it says of itself.
    pub body: DefaultsDecl,
    /// Variants.
    pub matrix: Option<Box<MatrixDecl>>,
    /// Data rows.
    pub rows: Option<Box<RowsDecl>>,
}

/// An axis of a matrix: its name, its values and their places.
pub type Axis = (Arc<str>, Vec<(serde_json::Value, Origin)>);

/// Names and values of one `include` or `exclude`, in written order, and its place.
pub type Combination = (Vec<(Arc<str>, serde_json::Value)>, Origin);

/// A matrix as in GitHub Actions.
#[derive(Clone, Debug)]
pub struct MatrixDecl {
    /// Axes in declared order, each with its values (strings, numbers, booleans) and their places.
    pub axes: Vec<Axis>,
    /// Combinations to add to, or to extend matching ones; each in declared order.
    pub include: Vec<Combination>,
    /// Combinations to leave out.
    pub exclude: Vec<Combination>,
    /// The place of the key `matrix`.
    pub origin: Origin,
}

/// A data file whose rows are videos.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Rows", title = "rows", deny_unknown_fields)]
pub struct RowsDecl {
    /// A file of csv, json, jsonl or yaml; relative to the naming file; may be a template over `vars` and `matrix`.
    #[schemars(extend("minLength" = 1, "examples" = ["data/customers.csv"]))]
    pub path: Field<Arc<str>>,
    /// The template of a row's key, from data, never from its position: `{{ row.id }}`.
    #[schemars(extend("minLength" = 1, "defaultSnippets" = [{ "label": "{{ row.id }}", "body": "\"{{ row.${1:id} }}\"" }]))]
    pub key: Field<Arc<str>>,
    /// Whether a row counts.
    #[schemars(with = "Option<Field<bool>>", extend("default" = true, "defaultSnippets" = [{ "label": "{{ row.active }}", "body": "\"{{ row.${1:active} }}\"" }]))]
    pub when: Option<(Expr<bool>, Origin)>,
    /// The place of the key `rows`.
    #[schemars(skip)]
    pub origin: Origin,
}

impl RowsDecl {
    /// The template of `when`, if it is one.
    pub fn when_template(&self) -> Option<(&Text, Origin)> {
        match &self.when {
            Some((Expr::Template(text), origin)) => Some((text, *origin)),
            _ => None,
        }
    }
}
