//! Converts the generated schema of the manifest for editors: one step per file.

mod faults;
mod lift;
mod snippets;
mod starts;
mod texts;
mod tidy;
mod visit;

pub use faults::fault_words;
pub use lift::lift_texts;
pub use snippets::{snippet, value_snippets, yaml_scalar};
pub use starts::starts;
pub use texts::texts;
pub use tidy::tidy;
pub use visit::each_schema;
