//! Clips: real MP4 files from our own encoder, with the drawing of a frame, timed captions, and sound.

mod audio;
mod bits;
mod color;
mod h264;
mod mp4;
mod planes;
mod render;
#[cfg(feature = "drafts")]
mod speech;
mod still_clip;
#[cfg(test)]
mod tests;

pub use color::Color;
pub use planes::FrameSize;
pub use render::{can_speak, render_clip};
pub use still_clip::still_clip;
