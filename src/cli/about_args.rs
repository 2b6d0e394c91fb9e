//! The command line of what the program knows of itself: `schema`, `completions`, `man`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `schema`
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Which one
    #[arg(value_enum, default_value = "manifest")]
    pub which: SchemaName,
    /// Write it to a file, which is left alone where it is current
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write it to .callsheet/schema.json of the project, where manifests name it for editors
    #[arg(long, conflicts_with = "out")]
    pub write: bool,
    /// This project's: the manifest's, with its presets, variables and columns
    #[arg(long, conflicts_with = "which")]
    pub project: bool,
}

/// The published schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// `callsheet.yaml` and included files
    Manifest,
    /// A line of the lockfile
    Lock,
    /// `plan --format json`
    Plan,
    /// `status --format json`
    Status,
    /// `lock report --format json`
    Report,
    /// `explain KIND.NAME --format json` of a preset
    Preset,
    /// A line of `apply --format json`, `wait`, `pull`, `doctor --spend`, `lock settle`, `lock rebuild` or `sandbox`
    Events,
    /// `validate --format json`
    Diagnostics,
    /// `render --format json`
    Render,
    /// `explain --format json`
    Explain,
    /// `preview --format json`
    Preview,
    /// `lock show --format json`, and what `lock adopt`, `free`, `accept` and `forget` wrote
    Takes,
    /// `lock verify --format json`
    Findings,
    /// `catalog avatars --format json`, `voices` or `templates`
    Catalog,
    /// `catalog sync --format json`
    CatalogSync,
    /// `doctor --format json`
    Doctor,
}

/// `completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// `man`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write `callsheet.1` and a page for each command into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}
