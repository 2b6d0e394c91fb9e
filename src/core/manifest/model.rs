//! The manifest with all its files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use encoding_rs::Encoding;
use schemars::JsonSchema;

use super::field_schema::flag_or_template;
use super::{Delimiter, EnvironmentDecl, Field, GuardsDecl, LedgerDecl, PresetGroup, PullDecl, VideoFields};
use crate::diagnostic::Code;
use crate::fields::{RowId, Table, VENDOR};
use crate::source::Origin;
use crate::yaml::Text;

/// All declarations of a project's files.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The table of fields: the vendor's, or another one in tests.
    pub table: &'static Table,
    /// Environment variables that templates can read.
    pub env: Vec<(Arc<str>, Origin)>,
    /// Variables by name.
    pub vars: BTreeMap<Arc<str>, Variable>,
    /// The presets of each group of the vendor's table that has presets.
    pub presets: Vec<PresetGroup>,
    /// The values for fields that a video does not set.
    pub defaults: VideoFields,
    /// The matrix of every video that declares none.
    pub default_matrix: Option<Arc<MatrixDecl>>,
    /// The videos, in the order of files and of declaration.
    pub videos: Vec<VideoDecl>,
    /// Environments by name.
    pub environments: BTreeMap<Arc<str>, EnvironmentDecl>,
    /// Limits on one apply.
    pub guards: GuardsDecl,
    /// The shared ledger, if there is one.
    pub ledger: Option<LedgerDecl>,
    /// How results are saved.
    pub pull: PullDecl,
    /// Codes whose warnings are not shown.
    pub allow: Vec<Code>,
    /// The declarations with a reported error. Whatever depends on one needs no second message.
    pub invalid: BTreeSet<InvalidDecl>,
}

impl Default for Manifest {
    fn default() -> Self {
        Self::new(&VENDOR)
    }
}

impl Manifest {
    /// Creates a manifest without declarations, by a table.
    pub fn new(table: &'static Table) -> Self {
        let groups = table.preset_groups();
        Self {
            table,
            env: Vec::new(),
            vars: BTreeMap::new(),
            presets: groups.map(|(group, block)| PresetGroup { group, block, presets: BTreeMap::new() }).collect(),
            defaults: VideoFields::default(),
            default_matrix: None,
            videos: Vec::new(),
            environments: BTreeMap::new(),
            guards: GuardsDecl::default(),
            ledger: None,
            pull: PullDecl::default(),
            allow: Vec::new(),
            invalid: BTreeSet::new(),
        }
    }

    /// Returns the presets of a block: `voices`.
    pub fn preset_block(&self, block: &str) -> Option<&PresetGroup> {
        self.block_index(block).map(|index| &self.presets[index])
    }

    pub(super) fn block_index(&self, block: &str) -> Option<usize> {
        self.presets.iter().position(|group| group.block == block)
    }
}

/// A declaration with an error. A preset keeps its valid fields, a video is omitted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InvalidDecl {
    /// A variable by name. It is omitted.
    Variable(Arc<str>),
    /// A preset by its group and name.
    Preset(RowId, Arc<str>),
    /// The defaults.
    Defaults,
    /// A video by its base key. It is omitted.
    Video(Arc<str>),
    /// A complete block, such as `videos`, with unreadable content. Also a misspelled block, by the closest known
    /// name; and `matrix` for that of `defaults`.
    Block(Arc<str>),
    /// An environment variable that `env` lists but templates must not read.
    Env(Arc<str>),
}

/// A variable under `vars`.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its value, of any shape.
    pub value: serde_json::Value,
    /// The location of its name.
    pub origin: Origin,
}

/// One entry under `videos`.
#[derive(Clone, Debug)]
pub struct VideoDecl {
    /// The base key.
    pub key: Arc<str>,
    /// The location of the key.
    pub key_origin: Origin,
    /// Its own fields.
    pub fields: VideoFields,
    /// The matrix, declared here or in `defaults`.
    pub matrix: Option<Arc<MatrixDecl>>,
    /// Data rows.
    pub rows: Option<Box<RowsDecl>>,
}

/// An axis of a matrix: its name, and its values with their locations.
pub type Axis = (Arc<str>, Vec<(serde_json::Value, Origin)>);

/// The names and values of one `include` or `exclude` in declared order, and its location.
pub type Combination = (Vec<(Arc<str>, serde_json::Value)>, Origin);

/// A template that returns the values of an axis.
#[derive(Clone, Debug)]
pub struct AxisTemplate {
    /// The index of the axis.
    pub axis: usize,
    /// The template. Its only tag is the complete text.
    pub text: Text,
    /// Its location.
    pub origin: Origin,
}

impl MatrixDecl {
    /// Returns `true` for `matrix: {}`, which takes no axes from `defaults`.
    pub fn is_empty(&self) -> bool {
        self.axes.is_empty() && self.include.is_empty() && self.exclude.is_empty()
    }
}

/// A matrix like that of GitHub Actions.
#[derive(Clone, Debug)]
pub struct MatrixDecl {
    /// Axes in declared order, each with its values (strings, numbers, booleans) and their locations.
    pub axes: Vec<Axis>,
    /// The axes whose values come from templates over `vars` and `env`.
    pub templates: Vec<AxisTemplate>,
    /// The origins of values that an alias repeats, each with the alias.
    pub aliases: Vec<(Origin, Origin)>,
    /// Combinations to add, or that extend matching ones, each in declared order.
    pub include: Vec<Combination>,
    /// Combinations to omit.
    pub exclude: Vec<Combination>,
    /// The location of the key `matrix`.
    pub origin: Origin,
}

/// A data file whose rows are videos.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Rows", title = "rows", deny_unknown_fields)]
pub struct RowsDecl {
    /// A csv, tsv, json, jsonl or yaml file, relative to the naming file. A template may use `vars` and `matrix`.
    #[schemars(with = "String", extend("minLength" = 1, "examples" = ["data/customers.csv"]))]
    pub path: Field,
    /// The template of a row's key, from data, never from its position: `{{ row.id }}`.
    #[schemars(with = "String", extend("minLength" = 1, "defaultSnippets" = [{ "label": "{{ row.id }}", "body": "\"{{ row.${1:id} }}\"" }]))]
    pub key: Field,
    /// Whether a row is selected.
    #[schemars(default, schema_with = "flag_or_template", extend("default" = true, "defaultSnippets" = [{ "label": "{{ row.active }}", "body": "\"{{ row.${1:active} }}\"" }]))]
    pub when: Option<Field>,
    /// The encoding of the file, such as `windows-1252`. Absent means UTF-8, or what its byte order mark says.
    #[schemars(with = "Option<String>", extend("minLength" = 1, "default" = "utf-8", "examples" = ["windows-1252", "utf-16le", "macintosh", "shift_jis"]))]
    pub encoding: Option<(&'static Encoding, Origin)>,
    /// The delimiter of the cells of csv and tsv. If absent, it is detected from the file's first records.
    #[schemars(with = "Option<String>", extend("enum" = [",", ";", "\t", "|"]))]
    pub delimiter: Option<(Delimiter, Origin)>,
    /// The location of the key `rows`.
    #[schemars(skip)]
    pub origin: Origin,
}
