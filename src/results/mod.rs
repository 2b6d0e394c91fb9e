//! The results of takes: queries the vendor, waits, downloads, checks and saves.

mod context;
mod cost_report;
mod download;
mod event;
mod file_hash;
mod file_names;
mod lockfile_writer;
mod mp4;
mod partial_download;
mod phase;
mod poll;
mod pull;
mod saved_files;
mod status;
mod subtitles;
#[cfg(test)]
mod tests;
mod wait;

pub use context::{PullContext, PullError, PullItem, PullOptions, Pulled, Quality};
pub use cost_report::{CostReport, ReportRow, report};
pub use event::ResultsEvent;
pub use file_names::{DEFAULT_TEMPLATE, NameConflict, NameError, NameInput, NameTemplate, file_names};
pub use lockfile_writer::{LockfileWriter, LockfileWriterError};
pub use mp4::{Mp4Info, check_mp4};
pub use poll::{PollOutcome, poll};
pub use pull::{LocalState, inspect_local, pull};
pub use saved_files::SavedVideos;
pub use status::{Phase, StatusRole, VideoStatus, video_statuses};
pub use subtitles::{Cue, SpeechSegment, SubtitleFormat, cues, passages};
pub use wait::{PollSchedule, WaitContext, WaitOutcome, wait};
