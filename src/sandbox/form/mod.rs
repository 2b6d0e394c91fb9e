//! Submissions: turns the parts of a form into a spec, after checking them against every rule of the vendor's table.

mod multipart;
mod reader;
mod submission;
#[cfg(test)]
mod tests;

pub use multipart::{ReceivedPart, read_parts};
pub use reader::{FormErrors, id_form};
pub use submission::{ASSET_ID_PREFIX, AssetLookup, submitted_video};
