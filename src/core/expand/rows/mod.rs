//! Data files row by row. CSV, TSV and JSON Lines are streamed, JSON and YAML are read completely.

mod cell_count;
mod csv;
mod data_file;
mod decode;
mod encodings;
mod json;
mod layout;
mod quotes;
mod read;
mod yaml;

pub(super) use data_file::{Continue, DataFile, DataFormat, DataRow, RowError, parse_when, reads_as_false};
pub(super) use decode::HEAD_BYTES;
pub(super) use read::{read_rows, read_text};
pub(super) use yaml::load;

use data_file::{RowSink, unreadable};

#[cfg(test)]
mod earlier_delimiters;
#[cfg(test)]
mod spreadsheets;
#[cfg(test)]
mod tests;
