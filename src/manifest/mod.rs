//! What the author declared, typed: presets, defaults, videos, settings.

mod decode;
mod field;
mod media;
mod model;
mod settings;

pub use decode::{Decoded, decode, merge};
pub use field::{Expr, Field, has_template};
pub use media::{AvatarDecl, BackgroundDecl, FileDecl, MediaDecl, OffsetDecl, SilenceDecl, TtsDecl, VoiceDecl};
pub use model::{Choice, DefaultsDecl, Manifest, MatrixDecl, Preset, RowsDecl, ScriptDecl, Variable, VideoDecl};
pub use settings::{EnvironmentDecl, GuardsDecl, Setting};
