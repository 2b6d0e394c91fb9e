//! Submissions: turns the parts of a form into a spec, after checking them against every rule of the vendor's table.

mod reader;
mod submission;
#[cfg(test)]
mod tests;

pub use reader::{FormErrors, ReceivedPart, id_form, read_parts};
pub use submission::{ASSET_ID_PREFIX, AssetLookup, submitted_video};
