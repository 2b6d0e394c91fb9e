//! What pulling works with, and what is pulled.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::Instant;

use super::{Event, Ledger, Standing};
use crate::vendor::{Download, ProgressReporter, Stop, TaskResult};

/// Which of the vendor's files is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Quality {
    /// The best there is.
    #[default]
    Best,
    /// This number of lines, or the best if there is none.
    Lines(u32),
}

impl Quality {
    /// The file of this quality, else the best.
    pub(super) fn choose(self, results: &[TaskResult]) -> Option<&TaskResult> {
        let wanted = |one: &&TaskResult| matches!(self, Self::Lines(lines) if one.height == Some(lines));
        results.iter().find(wanted).or_else(|| results.first())
    }

    /// Whether a file with this number of lines is of this quality.
    pub(super) fn is(self, height: Option<u32>) -> bool {
        matches!(self, Self::Best) || matches!((self, height), (Self::Lines(lines), Some(height)) if lines == height)
    }
}

/// How to pull.
#[derive(Clone, Debug)]
pub struct PullOptions {
    /// The folder.
    pub out: PathBuf,
    /// Which of the vendor's files.
    pub quality: Quality,
    /// Maximum number of concurrent downloads.
    pub parallel: usize,
    /// How long nothing may come before a connection counts as broken.
    pub idle: Duration,
    /// The pause before the second try; each one is twice as long.
    pub pause: Duration,
}

/// What pulling works with.
pub struct PullMeans<'a, V> {
    /// The vendor, for fresh addresses. `None` if nothing has to be downloaded.
    pub vendor: Option<&'a V>,
    /// The files, without the key.
    pub download: &'a Download,
    /// Where it is recorded.
    pub ledger: &'a Ledger,
    /// How.
    pub options: &'a PullOptions,
    /// Where events go.
    pub progress: &'a dyn ProgressReporter<Event>,
    /// Who may stop it.
    pub stop: &'a Stop,
    /// When queries and further tries end; a download in progress continues.
    pub deadline: Option<Instant>,
    /// 64 even bits, for the jitter of pauses.
    pub random: fn() -> u64,
}

impl<V> fmt::Debug for PullMeans<'_, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PullMeans").field("options", self.options).finish_non_exhaustive()
    }
}

/// A video to be saved.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its status.
    pub row: Standing,
    /// Its place.
    pub target: PathBuf,
    /// Its place as messages name it.
    pub shown: String,
}
