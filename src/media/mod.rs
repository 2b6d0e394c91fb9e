//! Local media: inspected, hashed, uploaded once.

mod inspect;

pub use inspect::{InspectError, MAX_AUDIO_BYTES, inspect};
