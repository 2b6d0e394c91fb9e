//! Data files row by row. CSV, TSV and JSON Lines are streamed, JSON and YAML are read completely.

mod file;
mod json;
mod jsonl;
mod layout;
mod limit;
mod mismatch;
mod stream;
mod table;
mod text;
mod when;
mod yaml;

pub(super) use file::{DataFile, Format, Next, Row, RowFault};
pub(super) use stream::{stream, whole_text};
pub(super) use text::HEAD_BYTES;
pub(super) use when::{parse_when, reads_as_false};
pub(super) use yaml::load;

use file::{Take, unreadable};

#[cfg(test)]
mod old_files;
#[cfg(test)]
mod spreadsheets;
#[cfg(test)]
mod tests;
