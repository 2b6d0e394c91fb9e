//! Decodes checked trees into typed declarations, file by file, and then merges all files.

mod decl;
mod decoder;
mod file;
mod merge;
mod settings;
mod video;

#[cfg(test)]
mod tests;

pub use file::{Decoded, decode, decode_in};
pub use merge::merge;
pub use settings::check_base_url;
