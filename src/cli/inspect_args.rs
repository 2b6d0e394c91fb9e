//! The arguments of commands that change nothing at the vendor: `validate`, `catalog`, `explain`, `preview`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::ArgValueCompleter;

use super::completion_candidates::keys_and_presets;
use super::shared_args::SelectArgs;

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
    Sync(SyncArgs),
    /// List avatars
    Avatars(FilterArgs),
    /// List voices
    Voices(FilterArgs),
    /// List templates
    Templates(FilterArgs),
}

/// The extent of a sync.
#[derive(Debug, Args)]
pub struct SyncArgs {
    /// Download the pictures of avatars and templates that the project uses, too; `preview` draws them
    #[arg(long)]
    pub pictures: bool,
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
    /// `backgrounds.NAME`
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
    /// Download remote background images to `.callsheet/media`; https only, sends no API key
    #[arg(long)]
    pub fetch: bool,
}

fn frame_scale(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.05..=2.0).contains(&number) { Ok(number) } else { Err("must be from 0.05 to 2".to_owned()) }
}
