//! Local media: inspected, hashed, uploaded once.

mod inspect;

pub use inspect::{InspectError, Inspected, MAX_AUDIO_BYTES, MediaFormat, MediaKind, inspect};
