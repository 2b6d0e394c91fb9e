//! The command line of `doctor`, `sandbox`, `schema`, `completions` and `man`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::shared_args::{GuardArgs, credits, parse_duration_argument};

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

#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Submit one silent second, which costs credits, and measure how the vendor processes it
    #[arg(long)]
    pub spend: bool,
    /// Use this avatar for --spend, by its id or its preset's name [default: that of the first video]
    #[arg(long, value_name = "AVATAR", requires = "spend")]
    pub avatar: Option<String>,
    /// Submit another second with --spend, although an earlier run already submitted one
    #[arg(long, requires = "spend")]
    pub retake: bool,
    /// Submit the second of --spend without asking
    #[arg(short, long, requires = "spend")]
    pub yes: bool,
    /// Stop the observation of --spend after this time and exit with 4: `90s`, `20m` [default: 30m]
    #[arg(long, value_name = "TIME", value_parser = parse_duration_argument, requires = "spend")]
    pub timeout: Option<Duration>,
    #[command(flatten)]
    pub guards: GuardArgs,
}

#[derive(Debug, Args)]
pub struct SandboxArgs {
    /// Listen on this port on loopback; 0 selects a free one
    #[arg(long, value_name = "PORT", default_value_t = 8787)]
    pub port: u16,
    /// Answer code 803 beyond this many requests per second and token; 0 means unlimited
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = credits)]
    pub rate: f64,
    /// Store tasks in this directory [default: .callsheet/sandbox of the project]
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// Accept only this ready token [default: any]
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// Exchange only this client id for tokens [default: any]
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// Exchange only this client secret for tokens [default: any]
    #[arg(long, value_name = "SECRET")]
    pub client_secret: Option<String>,
    /// Queue a task for this time, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 200)]
    pub queue: u64,
    /// Render a task for this time, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 500)]
    pub render: u64,
    /// Inject a fault: `accept-then-drop:5%`, `slow:2s`, `803:3`; may be repeated
    #[arg(long = "fault", value_name = "SPEC")]
    pub faults: Vec<String>,
}
