//! Submissions: turns the parts of a form into a spec, after checking them against every rule of the vendor's table.

mod missing;
mod parts;
mod reader;
mod submission;
mod task;
#[cfg(test)]
mod tests;

pub use parts::{Part, read_parts};
pub use reader::FormErrors;
pub use submission::{Assets, OUR_ASSETS, submitted_video};
pub use task::id_form;
