//! The arguments of commands that only look: `validate`, `catalog`, `explain`, `preview`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::ArgValueCompleter;

use super::args::SelectArgs;
use super::complete::keys_and_presets;

/// `validate`
#[derive(Clone, Debug, Default, Args)]
pub struct ValidateArgs {
    /// Warn of ids and emotions that the catalogue does not list; `catalog sync` fetches it
    #[arg(long)]
    pub catalog: bool,
    /// Make an error of each warning that `allow` does not name
    #[arg(long)]
    pub strict: bool,
    /// Validate again whenever something is saved, until Ctrl-C; JSON comes as a document a line
    #[arg(short, long)]
    pub watch: bool,
}

/// `catalog …`
#[derive(Debug, Subcommand)]
pub enum CatalogCommand {
    /// Fetch all lists from the vendor into .callsheet/catalog.json
    Sync,
    /// List avatars
    Avatars(FilterArgs),
    /// List voices
    Voices(FilterArgs),
    /// List templates
    Templates(FilterArgs),
}

/// Which entries.
#[derive(Debug, Args)]
pub struct FilterArgs {
    /// Words that an entry must have: in its id, name, language or country, or as its gender or one of its emotions
    #[arg(value_name = "FILTER")]
    pub words: Vec<String>,
}

/// `explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The key of one video: `onboarding[de,pro]`; or a preset: `avatars.NAME`, `voices.NAME`, `backgrounds.NAME`
    #[arg(value_name = "KEY|PRESET", add = ArgValueCompleter::new(keys_and_presets))]
    pub key: String,
}

/// `preview`
#[derive(Debug, Args)]
pub struct PreviewArgs {
    /// Which videos.
    #[command(flatten)]
    pub select: SelectArgs,
    /// Where frames and storyboard go [default: .callsheet/preview of the project]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The size of frames against 1080p: 0.5 draws 960 × 540
    #[arg(long, value_name = "FACTOR", default_value_t = 0.5, value_parser = frame_scale)]
    pub scale: f64,
    /// Draw safe areas, thirds and the middle over the frames
    #[arg(long)]
    pub guides: bool,
    /// Make MP4 drafts too: captions in time, spoken by espeak-ng where it is installed
    #[arg(long)]
    pub video: bool,
    /// Fetch remote background pictures: https only, no key is sent; kept in .callsheet/media
    #[arg(long)]
    pub fetch: bool,
}

fn frame_scale(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.05..=2.0).contains(&number) { Ok(number) } else { Err("must be from 0.05 to 2".to_owned()) }
}
