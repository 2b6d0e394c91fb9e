//! What the author declared, typed: presets, defaults, videos, settings.

mod decode;
mod field;
mod field_schema;
mod media;
mod model;
mod settings;
mod shape;
mod variable;

pub use crate::fields::pattern;
pub use decode::{Decoded, check_base_url, decode, merge, parse_duration};
pub use field::{Expr, Field, has_template};
pub use media::{AvatarDecl, BackgroundDecl, FileDecl, MediaDecl, OffsetDecl, SilenceDecl, TtsDecl, VoiceDecl};
pub use model::{
    Axis, Choice, Combination, DefaultsDecl, Incomplete, Manifest, MatrixDecl, Preset, RowsDecl, ScriptDecl, Variable,
    VideoDecl,
};
pub use settings::{EnvironmentDecl, GuardsDecl, Setting};
