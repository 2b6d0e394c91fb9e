//! Converts the generated schema of the manifest for editors: one step per file.

mod block_snippets;
mod descriptions;
mod error_messages;
mod snippets;
mod visit;

pub use block_snippets::add_block_snippets;
pub use descriptions::{hoist_descriptions, write_descriptions};
pub use error_messages::add_error_messages;
pub use snippets::{is_yaml_keyword, snippet, value_snippets, yaml_scalar};
pub use visit::{allowed_words, each_schema, simplify, types_of};
