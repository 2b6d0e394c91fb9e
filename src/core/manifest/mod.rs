//! The typed declarations of the author: presets, defaults, videos, settings.

mod decl;
mod decode;
mod delimiter;
mod field_schema;
mod json_schema;
mod model;
mod secret_variables;
mod settings;

pub use crate::fields::pattern::{self, has_template};
pub use decl::{
    Decl, Expr, Field, Preset, PresetGroup, SceneDecl, ScenesDecl, ScriptDecl, VideoFields, normalize_speech,
};
pub use decode::{Decoded, check_base_url, decode, decode_in, merge};
pub use delimiter::Delimiter;
pub use field_schema::group_schema;
pub use model::{Axis, AxisTemplate, Combination, InvalidDecl, Manifest, MatrixDecl, RowsDecl, Variable, VideoDecl};
pub use settings::{EnvironmentDecl, GuardsDecl, LedgerDecl, PullDecl, Setting};
