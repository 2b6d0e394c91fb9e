//! Templates, matrices and rows: from declarations to concrete videos.

mod advice;
mod axes;
mod cells;
mod engine;
mod expansion;
mod failure;
mod fault;
mod files;
mod foreign;
mod identifiers;
mod key;
mod layers;
mod leash;
mod matrix;
mod meant;
mod place;
mod presets;
mod probe;
mod provenance;
mod references;
mod rows;
mod run;
mod scenes;
mod scope;
mod scripts;
mod session;
mod similar;
mod spec_builder;
mod suspicious;
mod tokens;
mod twins;
mod undefined;
mod written;

pub use expansion::{Expansion, Inputs, expand};
pub use provenance::{preset_provenance, trace};
pub use similar::similar_path;
