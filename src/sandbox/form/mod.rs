//! Submissions as they arrive: parts, checked by every rule of the vendor's page, become a spec.

mod fields;
mod parts;
mod task;
mod template;
#[cfg(test)]
mod tests;
mod values;
mod video;

pub use parts::{Part, read_parts};
pub use task::id_form;
pub use template::template_video;
pub use video::{Assets, OUR_ASSETS, avatar_video};
