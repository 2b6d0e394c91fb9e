//! The options of every command.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use clap_complete::ArgValueCompleter;

use super::completion_candidates::environments;
use super::format::OutputFormat;

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Use this project root instead of the nearest directory upward with a `callsheet.yaml`
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// Use an environment: `production`, `sandbox` (built in) or one from the manifest [env: CALLSHEET_ENV]
    #[arg(long, value_name = "NAME", global = true, add = ArgValueCompleter::new(environments))]
    pub env: Option<String>,
    /// Choose the format of the data on stdout
    #[arg(long, value_name = "FORMAT", global = true, default_value = "human", hide_default_value = true)]
    pub format: OutputFormat,
    /// Choose when to use color; NO_COLOR and CLICOLOR_FORCE apply
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto", hide_default_value = true)]
    pub color: ColorWhen,
    /// Print only data, warnings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Show every change, and log each decision with its reason to stderr
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// The condition for color.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On terminals
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
