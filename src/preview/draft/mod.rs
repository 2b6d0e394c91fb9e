//! Clips: real MP4 files from our own encoder, with the drawing of a frame, timed captions, and sound.

mod bits;
mod colour;
mod film;
mod h264;
mod mp4;
mod planes;
mod sound;
#[cfg(feature = "drafts")]
mod speech;
#[cfg(test)]
mod tests;
mod video;

pub use colour::Colour;
pub use film::{Film, film, speaks};
pub use planes::Picture;
pub use video::still_film;
