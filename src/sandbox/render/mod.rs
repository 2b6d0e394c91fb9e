//! Result files: a real MP4 of one colour, made by an encoder of our own; same input, same bytes.

mod bits;
mod colour;
mod h264;
mod mp4;
#[cfg(test)]
mod tests;
mod video;

pub use colour::Colour;
pub use video::{Picture, render};
