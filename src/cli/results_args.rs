//! The command line of `status`, `wait`, `pull`, and the groups of `lock report`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::shared_args::parse_duration_argument;
use super::shared_args::{FetchArgs, SelectArgs, TimeoutArgs};

#[derive(Debug, Args)]
pub struct StatusArgs {
    #[command(flatten)]
    pub select: SelectArgs,
    /// Include earlier content of videos
    #[arg(long)]
    pub all: bool,
    /// Use the lockfile only; do not query the vendor
    #[arg(long, conflicts_with = "watch")]
    pub offline: bool,
    /// Refresh until nothing is pending
    #[arg(long)]
    pub watch: bool,
    /// Exit with 6 if an unsaved result expires within this time, or has expired: `48h`
    #[arg(long, value_name = "TIME", value_parser = parse_duration_argument)]
    pub fail_on_expiring: Option<Duration>,
    #[command(flatten)]
    pub fetch: FetchArgs,
}

#[derive(Debug, Args)]
pub struct WaitArgs {
    #[command(flatten)]
    pub select: SelectArgs,
    #[command(flatten)]
    pub fetch: FetchArgs,
    #[command(flatten)]
    pub timeout: TimeoutArgs,
}

#[derive(Debug, Args)]
#[command(
    after_help = "A name is the key with `.` for brackets and commas: `onboarding[de,pro]` is saved as `onboarding.de.pro.mp4`."
)]
pub struct PullArgs {
    #[command(flatten)]
    pub select: SelectArgs,
    /// Save files to this directory [default: dist in the project]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Name files by {key}, {base}, {name}, {matrix.AXIS}, {row.COLUMN}, {digest}, {attempt}, {env}, {ext}; `/` creates
    /// directories [default: {key}.{ext}, or `pull.name` of the manifest]
    #[arg(long, value_name = "TEMPLATE")]
    pub name: Option<String>,
    /// Write subtitles next to each video: `srt,vtt` [default: none, or `pull.subtitles` of the manifest]
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', value_enum)]
    pub subtitles: Vec<SubtitlesArg>,
    /// Prefer this quality of the vendor's files, or use another if it is missing [default: the best]
    #[arg(long, value_name = "LINES")]
    pub quality: Option<QualityArg>,
    /// Skip videos that the lockfile records as saved, wherever their files are
    #[arg(long)]
    pub unsaved: bool,
    /// Wait until the submitted videos are rendered
    #[arg(long)]
    pub wait: bool,
    #[command(flatten)]
    pub timeout: TimeoutArgs,
    /// Limit the number of concurrent downloads
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=32))]
    pub parallel: u8,
    #[command(flatten)]
    pub fetch: FetchArgs,
}

/// Formats of subtitles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SubtitlesArg {
    /// `SubRip`, for players and editors
    Srt,
    /// `WebVTT`, for browsers
    Vtt,
    /// No subtitles, whatever the manifest says
    None,
}

/// Resolutions of a video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum QualityArg {
    /// 1280×720 in landscape, otherwise 720 wide
    #[value(name = "720p")]
    Hd,
    /// 1920×1080 in landscape, otherwise 1080 wide
    #[value(name = "1080p")]
    FullHd,
}

/// The group of a line in `lock report`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportBy {
    /// The month of the submission, UTC
    Month,
    /// Avatar and voice, by their preset names if the manifest has them
    Preset,
    /// The value of the matrix axis `locale`, `language` or `lang`
    Locale,
}
