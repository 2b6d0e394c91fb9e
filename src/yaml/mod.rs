//! Parses YAML text into a tree in which every node knows its origin.

mod anchors;
mod bracket;
mod builder;
mod cut;
mod fault;
mod frame;
mod json;
mod keys;
mod limits;
mod locate;
mod no_break;
mod node;
mod parse;
mod scalar;
mod syntax;
#[cfg(test)]
mod tests;
mod unquoted;

pub use bracket::as_text;
pub use cut::{cut_at_comment, each_cut};
pub use json::to_json;
pub use limits::{MAX_DEPTH, MAX_NODES, MAX_VALUES};
pub use locate::{locate, locate_literal};
pub use no_break::is_no_break;
pub use node::{Entry, Mapping, Node, ScalarStyle, Text, Value};
pub use parse::{parse, parse_data};
