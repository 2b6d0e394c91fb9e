//! The command line of `schema`, `completions` and `man`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Name the schema
    #[arg(value_enum, default_value = "manifest")]
    pub which: SchemaName,
    /// Write the schema to a file, which stays untouched if it is current
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write the schema to `.callsheet/schema.json` of the project, for editors
    #[arg(long, conflicts_with = "out")]
    pub write: bool,
    /// Print the manifest schema of this project, with its presets, variables and columns
    #[arg(long, conflicts_with = "which")]
    pub project: bool,
}

/// The published schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// `callsheet.yaml` and included files
    Manifest,
    /// One line of the lockfile
    Lock,
    /// `plan --format json`
    Plan,
    /// `status --format json`
    Status,
    /// `lock report --format json`
    Report,
    /// `explain KIND.NAME --format json`, for a preset
    Preset,
    /// One line of `apply --format json`, `wait`, `pull`, `doctor --spend`, `lock settle`, `lock rebuild` or
    /// `sandbox`
    Events,
    /// `validate --format json`
    Diagnostics,
    /// `render --format json`
    Render,
    /// `explain --format json`
    Explain,
    /// `preview --format json`
    Preview,
    /// `lock show --format json`, and the takes that `lock adopt`, `free`, `reuse` and `forget` write
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

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Name the shell
    pub shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write `callsheet.1` and one page per command to this directory
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}
