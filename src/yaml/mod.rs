//! YAML text to a tree in which every node knows its origin.

mod node;
mod parse;

pub use node::{Entry, Mapping, Node, ScalarStyle, Text, Value};
pub use parse::{MAX_DEPTH, MAX_NODES, parse};
