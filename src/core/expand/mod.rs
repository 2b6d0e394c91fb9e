//! Templates, matrices and rows: from declarations to concrete videos.

mod axes;
mod comparison_probe;
mod context;
mod engine;
mod errors;
mod expander;
mod expansion;
mod files;
mod identifiers;
mod key;
mod layers;
mod limits;
mod matrix;
mod number_text;
mod other_languages;
mod presets;
mod probes;
mod provenance;
mod references;
mod render_error;
mod row_cells;
mod rows;
mod scenes;
mod scope;
mod scripts;
mod similar_path;
mod spec_builder;
mod suspicious;
mod template_help;
mod template_source;
mod template_tokens;
mod undefined;
mod value_warnings;

pub use expansion::{ExpandInputs, Expansion, expand};
pub use provenance::{preset_provenance, trace};
pub use similar_path::similar_path;
