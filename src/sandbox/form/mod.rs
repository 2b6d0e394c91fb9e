//! Submissions: turns the parts of a form into a spec, after checking them against every rule of the vendor's table.

mod id_form;
mod missing;
mod multipart;
mod reader;
mod submission;
#[cfg(test)]
mod tests;

pub use id_form::id_form;
pub use multipart::{ReceivedPart, read_parts};
pub use reader::FormErrors;
pub use submission::{ASSET_ID_PREFIX, AssetLookup, submitted_video};
