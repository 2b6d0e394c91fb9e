//! The arguments of commands that only look: `validate`, `catalog`, `explain`.

use clap::{Args, Subcommand};
use clap_complete::ArgValueCompleter;

use super::complete::keys;

/// `validate`
#[derive(Clone, Debug, Default, Args)]
pub struct ValidateArgs {
    /// Warn of ids and emotions that the catalogue does not list; `catalog sync` fetches it
    #[arg(long)]
    pub catalog: bool,
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
    /// The key of one video: `onboarding[de,pro]`
    #[arg(add = ArgValueCompleter::new(keys))]
    pub key: String,
}
