//! Parses YAML text into a tree in which every node knows its origin.

mod anchors;
mod bracketed_text;
mod builder;
mod collection;
mod comment_cut;
mod errors;
mod keys;
mod no_break_space;
mod node;
mod parse;
mod scalar;
mod scalar_origin;
mod syntax;
#[cfg(test)]
mod tests;
mod unquoted;

pub use bracketed_text::as_text;
pub use comment_cut::each_cut;
pub use granit_parser::ScalarStyle;
pub use no_break_space::is_no_break;
pub use node::{Entry, MAX_DEPTH, MAX_NODES, MAX_VALUES, Mapping, Node, Text, Value, to_json};
pub use parse::{parse, parse_data};
pub use scalar_origin::{origin_in_literal, origin_in_scalar};
