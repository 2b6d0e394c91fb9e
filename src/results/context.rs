//! The context, the items and the outcome of a pull.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{LockfileWriter, LockfileWriterError, ResultsEvent, SpeechSegment, SubtitleFormat, VideoStatus};
use crate::vendor::{ProgressReporter, ResultDownloader, StopToken, TaskResult};

/// The quality of the file to download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Quality {
    /// The best available.
    #[default]
    Best,
    /// A file with this number of lines, or the best if there is none.
    Lines(u32),
}

impl Quality {
    /// Returns the file of this quality, else the best.
    pub(super) fn choose(self, results: &[TaskResult]) -> Option<&TaskResult> {
        let wanted = |one: &&TaskResult| matches!(self, Self::Lines(lines) if one.height == Some(lines));
        results.iter().find(wanted).or_else(|| results.first())
    }

    /// Whether a file with this number of lines has this quality.
    pub(super) fn matches(self, height: Option<u32>) -> bool {
        matches!(self, Self::Best) || matches!((self, height), (Self::Lines(lines), Some(height)) if lines == height)
    }
}

/// The options of a pull.
#[derive(Clone, Debug)]
pub struct PullOptions {
    /// The output directory.
    pub out: PathBuf,
    /// The quality of the file.
    pub quality: Quality,
    /// Maximum number of concurrent downloads.
    pub parallel: usize,
    /// The formats of subtitles to write next to each video.
    pub subtitles: Vec<SubtitleFormat>,
    /// The pause before the second try, doubled for each further try.
    pub pause: Duration,
}

/// The context of a pull.
pub struct PullContext<'a, V> {
    /// The vendor, for new download URLs. `None` if nothing has to be downloaded.
    pub vendor: Option<&'a V>,
    /// The downloader, which has no credentials.
    pub download: &'a ResultDownloader,
    /// Receives the records.
    pub writer: &'a LockfileWriter,
    /// The options.
    pub options: &'a PullOptions,
    /// Receives the events.
    pub progress: &'a dyn ProgressReporter<ResultsEvent>,
    /// Stops the pull.
    pub stop: &'a StopToken,
    /// When queries and further tries end; a download in progress continues.
    pub deadline: Option<Instant>,
    /// Returns 64 uniform bits, for the jitter of pauses.
    pub random: fn() -> u64,
}

/// A video to save.
#[derive(Clone, Debug)]
pub struct PullItem {
    /// Its status.
    pub row: VideoStatus,
    /// The path of its file.
    pub target: PathBuf,
    /// The path of its file in messages.
    pub display_path: String,
    /// The spoken passages. `None` if the words are unknown or not needed.
    pub heard: Option<Vec<SpeechSegment>>,
}

/// A video that was not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullError {
    /// The key.
    pub key: Arc<str>,
    /// The reason, as text.
    pub reason: String,
    /// Whether the vendor no longer has it, so that only a new take helps.
    pub gone: bool,
}

/// The outcome of a pull.
#[derive(Debug, Default)]
pub struct Pulled {
    /// Keys whose file was moved into place.
    pub saved: Vec<Arc<str>>,
    /// Number of files that were already complete.
    pub kept: usize,
    /// Number of bytes received over the network.
    pub moved: u64,
    /// The videos that were not saved.
    pub unsaved: Vec<PullError>,
    /// Number of subtitle files written.
    pub subtitled: usize,
    /// Keys without a known text, so that they have no subtitles.
    pub wordless: BTreeSet<Arc<str>>,
    /// Keys with a video whose subtitles could not be written.
    pub unsubtitled: BTreeSet<Arc<str>>,
    /// Whether it was stopped.
    pub stopped: bool,
    /// The vendor's message, if it refused the credentials.
    pub key_refused: Option<String>,
    /// The reason why the lockfile could not be written. The files are valid, and the next pull records them.
    pub unwritten: Option<LockfileWriterError>,
}
