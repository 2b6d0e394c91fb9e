//! Local media files: inspects, measures and hashes them.

mod inspect;
mod length;
mod limits;
mod webm;

pub use inspect::{InspectError, MAX_AUDIO_BYTES, inspect};
pub use limits::limits_exceeded;
