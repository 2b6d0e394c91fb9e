//! The command line of what brings videos home: `status`, `wait`, `pull`, and the groups of `lock report`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::args::SelectArgs;
use super::span::parse_span;
use crate::results;

/// How long to wait.
#[derive(Clone, Copy, Debug, Args)]
pub struct TimeoutArgs {
    /// Wait no longer than this in all: `90s`, `20m`, `1h30m`, `2d`; then exit with 4
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = parse_span)]
    pub timeout: Duration,
}

/// `status`
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Which videos.
    #[command(flatten)]
    pub select: SelectArgs,
    /// Earlier contents of videos too
    #[arg(long)]
    pub all: bool,
    /// Ask nobody: what the lockfile knows
    #[arg(long, conflicts_with = "watch")]
    pub offline: bool,
    /// Look again and again until nothing is under way any more
    #[arg(long)]
    pub watch: bool,
    /// Exit with 6 when an unsaved result expires within this time, or has expired: `48h`
    #[arg(long, value_name = "TIME", value_parser = parse_span)]
    pub fail_on_expiring: Option<Duration>,
}

/// `wait`
#[derive(Debug, Args)]
pub struct WaitArgs {
    /// Which videos.
    #[command(flatten)]
    pub select: SelectArgs,
    /// How long.
    #[command(flatten)]
    pub timeout: TimeoutArgs,
}

/// `pull`
#[derive(Debug, Args)]
#[command(
    after_help = "A name is the key with `.` for brackets and commas: `onboarding[de,pro]` is saved as `onboarding.de.pro.mp4`."
)]
pub struct PullArgs {
    /// Which videos.
    #[command(flatten)]
    pub select: SelectArgs,
    /// The folder [default: dist in the project]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Names of files: {key}, {base}, {digest}, {attempt}, {env}, {ext}; `/` makes folders
    #[arg(long, value_name = "TEMPLATE", default_value = results::DEFAULT_TEMPLATE)]
    pub name: String,
    /// Which of the vendor's files; another one where it is not there [default: the best]
    #[arg(long, value_name = "LINES")]
    pub quality: Option<QualityArg>,
    /// Wait until the vendor has made the videos
    #[arg(long)]
    pub wait: bool,
    /// How long.
    #[command(flatten)]
    pub timeout: TimeoutArgs,
    /// Files under way at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=32))]
    pub parallel: u8,
}

/// Lines of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum QualityArg {
    /// 1280×720, or 720 across
    #[value(name = "720p")]
    Hd,
    /// 1920×1080, or 1080 across
    #[value(name = "1080p")]
    FullHd,
}

/// What a line of `lock report` stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportBy {
    /// The month of the submission, UTC
    Month,
    /// Avatar and voice, by their presets' names where the manifest has them
    Preset,
    /// The value of the matrix axis `locale`, `language` or `lang`
    Locale,
}
