//! YAML text to a tree in which every node knows its origin.

mod anchors;
mod builder;
mod fault;
mod frame;
mod json;
mod keys;
mod locate;
mod node;
mod parse;
mod scalar;
mod syntax;
#[cfg(test)]
mod tests;
mod unquoted;

pub use json::to_json;
pub use locate::locate;
pub use node::{Entry, Mapping, Node, ScalarStyle, Text, Value};
pub use parse::{MAX_DEPTH, MAX_NODES, MAX_VALUES, parse, parse_data};
