//! Submissions as they arrive: parts, checked by every rule of the vendor's page, become a spec.

mod fields;
mod parts;
mod template;
#[cfg(test)]
mod tests;
mod values;
mod video;

pub use fields::Refused;
pub use parts::{FormError, Part, read_parts};
pub use template::{Scenes, template_video};
pub use values::AssetKind;
pub use video::{Assets, OUR_ASSETS, avatar_video};
