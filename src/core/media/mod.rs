//! Local media files: inspects, measures and hashes them.

mod foreign;
mod frames;
mod inspect;
mod iso;
mod length;
mod limits;
mod tracks;
mod webm;

pub use inspect::{InspectError, MAX_AUDIO_BYTES, inspect};
pub use limits::limits_exceeded;
