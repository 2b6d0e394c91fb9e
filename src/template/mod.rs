//! Templates, matrices and rows: from declarations to concrete videos.

mod at_once;
mod build;
mod check;
mod engine;
mod expand;
mod fault;
mod files;
mod history;
mod key;
mod leash;
mod leaves;
mod matrix;
mod meant;
mod parts;
mod place;
mod preset_history;
mod presets;
mod rows;
mod run;
mod scope;
mod session;
mod shelves;
mod typed;
mod undefined;
mod uses;
mod voice;

pub use expand::{Besides, Expansion, Inputs, expand, expand_into};
pub use history::history;
pub use preset_history::preset_history;
