//! Clips: real MP4 files from our own encoder, with the drawing of a frame, timed captions, and sound.

mod h264;
mod mp4;
mod planes;
mod render;
#[cfg(feature = "speech")]
mod speech;
#[cfg(test)]
mod tests;
mod voiceover;

pub use planes::{Color, FrameSize};
pub use render::{can_speak, render_clip, still_clip};
