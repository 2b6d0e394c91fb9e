//! The results of takes: queries the vendor, waits, downloads, checks and saves.

mod board;
mod container;
mod context;
mod disk;
mod event;
mod fetch;
mod finish;
mod judge;
mod ledger;
mod name;
mod part;
mod poll;
mod pull;
mod report;
mod sidecar;
mod standing;
mod subtitles;
#[cfg(test)]
mod tests;
mod wait;

pub use board::{Wish, board};
pub use container::{Container, inspect};
pub use context::{Item, PullMeans, PullOptions, Quality};
pub use disk::SavedVideos;
pub use event::Event;
pub use ledger::{Ledger, LedgerError};
pub use name::{DEFAULT_TEMPLATE, NameError, NameTemplate, Named, Refused, file_names};
pub use poll::{AskTime, Asked, ask};
pub use pull::{Pulled, Survey, Unsaved, pull, survey};
pub use report::{Report, ReportRow, report};
pub use standing::{Phase, Role, Standing};
pub use subtitles::{Cue, Passage, SubtitleFormat, cues, passages};
pub use wait::{Patience, WaitMeans, Waited, wait};
