//! Data files row by row: csv and jsonl as streams, json and yaml as whole documents.

mod file;
mod json;
mod jsonl;
mod limit;
mod table;
mod when;
mod yaml;

pub(super) use file::{DataFile, Format, Next, Row, RowFault, stream};
pub(super) use when::parse_when;
pub(super) use yaml::load;

use file::{Take, unreadable};

#[cfg(test)]
mod tests;
