//! Templates, matrices and rows: from declarations to concrete videos.

mod at_once;
mod cells;
mod engine;
mod expand;
mod fault;
mod files;
mod key;
mod layers;
mod leash;
mod matrix;
mod meant;
mod place;
mod presets;
mod provenance;
mod references;
mod rows;
mod run;
mod scope;
mod scripts;
mod session;
mod similar;
mod spec_builder;
mod suspicious;
mod undefined;

pub use expand::{Besides, Expansion, Inputs, expand, expand_into};
pub use provenance::{preset_provenance, trace};
pub use similar::similar_path;
