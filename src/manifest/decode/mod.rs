//! Decodes checked trees into typed declarations, file by file, and then merges all files.

mod body;
mod decl;
mod file;
mod ledger;
mod merge;
mod reader;
mod settings;

#[cfg(test)]
mod tests;

pub use file::{Decoded, decode, decode_in};
pub use merge::merge;
pub use settings::check_base_url;
