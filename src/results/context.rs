//! The context and the items of a pull.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::Instant;

use super::{LockfileWriter, ResultsEvent, SpeechSegment, SubtitleFormat, VideoStatus};
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
    /// How long nothing may come before a connection counts as broken.
    pub idle: Duration,
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

impl<V> fmt::Debug for PullContext<'_, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PullMeans").field("options", self.options).finish_non_exhaustive()
    }
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
