//! The command lines of the commands about videos: `validate`, `catalog`, `explain`, `preview`, `render`, `plan`, `show`,
//! `apply`, `status`, `wait`, `pull`; and the groups of `lock report`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use clap_complete::ArgValueCompleter;

use super::project_words::keys_and_presets;
use super::shared_args::{FetchArgs, GuardArgs, SelectArgs, TimeoutArgs, parse_duration_argument};

#[derive(Debug, Args)]
pub struct RenderArgs {
    #[command(flatten)]
    pub select: SelectArgs,
    /// Include the signatures of presigned URLs in curl commands, although they are secrets
    #[arg(long)]
    pub show_signatures: bool,
}

#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub select: SelectArgs,
    /// Exit with 2 if something would be submitted or is in doubt
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Save the plan to a file for `apply FILE`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write the plan as JSON to a file too, as `--format json` prints it
    #[arg(long, value_name = "FILE")]
    pub json_into: Option<PathBuf>,
    /// Plan failed videos again
    #[arg(long)]
    pub retry_failed: bool,
    /// Link the storyboard at this address in the Markdown
    #[arg(long, value_name = "URL", value_parser = web_address)]
    pub storyboard: Option<String>,
    #[command(flatten)]
    pub fetch: FetchArgs,
    #[command(flatten)]
    pub guards: GuardArgs,
}

/// Checks an address and returns it normalized. A space, `<` or `>` would end the link.
fn web_address(text: &str) -> Result<String, String> {
    match url::Url::parse(text) {
        Ok(url) if ["http", "https"].contains(&url.scheme()) => Ok(url.into()),
        _ => Err("must be an address such as `https://example.com/storyboard`".to_owned()),
    }
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Show the plan in this file, which `plan --out` wrote
    pub file: PathBuf,
}

#[derive(Debug, Default, Args)]
#[command(
    after_help = "A single argument that is a file saved by `plan --out`, and not a key, is applied as with --plan: exactly, or rejected as stale."
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a separate flag")]
pub struct ApplyArgs {
    #[command(flatten)]
    pub select: SelectArgs,
    /// Apply exactly the plan in this file, which `plan --out` wrote
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Write the events as JSON Lines to a file too, as `--format json` prints them
    #[arg(long, value_name = "FILE")]
    pub json_into: Option<PathBuf>,
    /// Apply without asking
    #[arg(short, long)]
    pub yes: bool,
    /// Do not check the vendor's list before submitting
    #[arg(long)]
    pub no_check_remote: bool,
    /// Submit failed videos again
    #[arg(long)]
    pub retry_failed: bool,
    /// Wait until the submitted videos are rendered
    #[arg(long)]
    pub wait: bool,
    #[command(flatten)]
    pub timeout: TimeoutArgs,
    #[command(flatten)]
    pub guards: GuardArgs,
}

#[derive(Clone, Debug, Default, Args)]
pub struct ValidateArgs {
    /// Warn about ids and emotions that are not in the catalog; `catalog sync` downloads it
    #[arg(long)]
    pub catalog: bool,
    /// Treat each warning as an error, unless `allow` names it
    #[arg(long)]
    pub strict: bool,
    /// Validate again after every change, until Ctrl-C; JSON is one document per line
    #[arg(short, long)]
    pub watch: bool,
}

#[derive(Debug, Subcommand)]
pub enum CatalogCommand {
    /// Download all lists from the vendor to `.callsheet/catalog.json`
    Sync {
        /// Download the pictures of avatars and templates that the project uses, too; `preview` draws them
        #[arg(long)]
        pictures: bool,
    },
    /// List avatars
    Avatars(FilterArgs),
    /// List voices
    Voices(FilterArgs),
    /// List templates
    Templates(FilterArgs),
}

/// The selection of entries.
#[derive(Debug, Args)]
pub struct FilterArgs {
    /// Show only entries with these words: in id, name, language or country, or as gender or emotion
    #[arg(value_name = "FILTER")]
    pub words: Vec<String>,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Explain this video, by its key `onboarding[de,pro]`, or preset: `avatars.NAME`, `voices.NAME`,
    /// `backgrounds.NAME`, `templates.NAME`
    #[arg(value_name = "KEY|PRESET", add = ArgValueCompleter::new(keys_and_presets))]
    pub key: String,
}

#[derive(Debug, Args)]
pub struct PreviewArgs {
    #[command(flatten)]
    pub select: SelectArgs,
    /// Write frames and storyboard to this directory [default: .callsheet/preview of the project]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Scale the frames relative to 1080p: 0.5 draws 960 × 540
    #[arg(long, value_name = "FACTOR", default_value_t = 0.5, value_parser = frame_scale)]
    pub scale: f64,
    /// Draw safe areas, thirds and center lines over the frames
    #[arg(long)]
    pub guides: bool,
    /// Render MP4 clips too, with timed captions and, if espeak-ng is installed, speech
    #[arg(long)]
    pub video: bool,
    /// Play finished videos from this directory [default: dist of the project]
    #[arg(long, value_name = "DIR")]
    pub videos: Option<PathBuf>,
    /// Download remote background images to `.callsheet/media`; https only, sends no credentials
    #[arg(long)]
    pub fetch: bool,
}

fn frame_scale(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.05..=2.0).contains(&number) { Ok(number) } else { Err("must be from 0.05 to 2".to_owned()) }
}

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
    /// Exit with 6 if an unsaved result expires within this time, or has expired: `48h`. Reads a shared ledger first,
    /// unless `--offline`
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
