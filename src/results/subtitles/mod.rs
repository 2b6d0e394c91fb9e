//! Subtitles of spoken texts: cues by sentence, their times by the weight of the words, and their files.

mod cue;
mod format;
mod layout;
#[cfg(test)]
mod tests;

pub use cue::{Cue, SpeechSegment, cues, passages};
pub use format::SubtitleFormat;
