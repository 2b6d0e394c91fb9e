//! Options that all or several commands share, and the parsers of their values.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use clap_complete::ArgValueCompleter;

use super::format::OutputFormat;
use super::project_words::{environments, keys};
use crate::source::parse_duration;

/// The selection of videos.
#[derive(Clone, Debug, Default, Args)]
pub struct SelectArgs {
    /// Select by key or glob (`*` and `?` are wildcards, brackets are plain characters)
    #[arg(value_name = "KEY-GLOB", add = ArgValueCompleter::new(keys))]
    pub globs: Vec<String>,
    /// Select by key or glob; may be repeated
    #[arg(long, value_name = "GLOB", add = ArgValueCompleter::new(keys))]
    pub only: Vec<String>,
    /// Leave out by key or glob; may be repeated
    #[arg(long, value_name = "GLOB", add = ArgValueCompleter::new(keys))]
    pub except: Vec<String>,
    /// Select only the first N videos, in manifest order
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
}

/// The limits of one run. They override the manifest's `guards`.
#[derive(Clone, Debug, Default, PartialEq, Args)]
#[expect(clippy::struct_field_names, reason = "the flags are named as in manifests")]
pub struct GuardArgs {
    /// Limit the number of submissions
    #[arg(long, value_name = "N")]
    pub max_submissions: Option<u64>,
    /// Limit the credits, by the upper estimate
    #[arg(long, value_name = "CREDITS", value_parser = credits)]
    pub max_credits: Option<f64>,
    /// Limit the share of already paid videos to submit again: `30%` or `0.3`
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub max_share: Option<f64>,
    /// Limit the credits of this calendar month (UTC), by the upper estimate of the takes in the lockfile
    #[arg(long, value_name = "CREDITS", value_parser = credits)]
    pub max_credits_per_month: Option<f64>,
}

/// The limit of a wait.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct TimeoutArgs {
    /// Wait no longer than this in total, then exit with 4: `90s`, `20m`, `1h30m`, `2d`
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = parse_duration_argument)]
    pub timeout: Duration,
}

pub(super) fn credits(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number such as `1.5`".to_owned())?;
    if number.is_finite() && number >= 0.0 { Ok(number) } else { Err("must be 0 or more".to_owned()) }
}

fn share(text: &str) -> Result<f64, String> {
    let number = match text.strip_suffix('%') {
        Some(percent) => credits(percent)? / 100.0,
        None => credits(text)?,
    };
    match number {
        _ if number <= 1.0 => Ok(number),
        _ if number <= 100.0 && !text.ends_with('%') => Err(format!("write `{text}%`, or a number from 0 to 1")),
        _ => Err("must be between 0% and 100%".to_owned()),
    }
}

/// The flag of commands that read the shared ledger.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct FetchArgs {
    /// Read the shared ledger from its remote first
    #[arg(long)]
    pub fetch: bool,
}

/// Clocks do not calculate with longer spans.
const MAX_DURATION: Duration = Duration::from_hours(100 * 366 * 24);

/// A span in whole seconds with its units: `90s`, `20m`, `1h30m`, `2d`.
///
/// # Errors
/// The message for anything else.
pub fn parse_duration_argument(text: &str) -> Result<Duration, String> {
    parse_duration(text.trim())
        .filter(|span| !text.contains("ms") && *span <= MAX_DURATION)
        .ok_or_else(|| "write a time with its unit, such as `90s`, `20m`, `1h30m` or `2d`".to_owned())
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percent_or_fraction() {
        assert_eq!(super::share("30%"), Ok(0.3));
        assert_eq!(super::share("0.3"), Ok(0.3));
        assert!(super::share("130%").is_err());
        assert!(super::share("-1").is_err());
    }

    #[test]
    fn spans_have_whole_seconds_and_an_end() {
        assert_eq!(parse_duration_argument(" 1h30m "), Ok(Duration::from_mins(90)));
        for wrong in ["", "20", "-5m", "1000ms", "36601d", "99999999999999d"] {
            assert!(parse_duration_argument(wrong).is_err(), "{wrong}");
        }
    }
}
