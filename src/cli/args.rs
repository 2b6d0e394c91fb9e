//! The command line as types.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Style, Styles};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::ArgValueCompleter;

pub use super::about_args::{CompletionsArgs, ManArgs, SchemaArgs, SchemaName};
use super::complete::{environments, keys};
pub use super::doctor_args::DoctorArgs;
use super::examples::with_examples;
pub use super::late::Late;
use super::late::whole;
pub use super::lock_args::LockCommand;
pub use super::look::{CatalogCommand, ExplainArgs, FilterArgs, PreviewArgs, ValidateArgs};
use super::results_args::{PullArgs, StatusArgs, TimeoutArgs, WaitArgs};
pub use super::sandbox_args::SandboxArgs;

/// The style of headings on help screens.
pub(super) const HEADER: Style = AnsiColor::Green.on_default().bold();

const STYLES: Styles = Styles::styled()
    .header(HEADER)
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXIT_CODES: &str = "Exit codes: 0 done · 1 manifests invalid or another error · 2 something would be submitted or is in doubt (plan --detailed-exitcode) \
· 3 the vendor rejected the credentials · 4 waiting ran out, or not made yet · 5 a guard refused · 6 some videos failed or are in doubt · 64 bad command line · 130 interrupted";

/// Avatar videos as code: manifests in git, a plan before every submission, nothing paid for twice.
#[derive(Debug, Parser)]
#[command(name = "callsheet", version, styles = STYLES, max_term_width = 100, after_help = EXIT_CODES, subcommand_required = true)]
pub struct Cli {
    /// The flags of every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every command.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// Use this project root instead of the nearest directory upward with a `callsheet.yaml`
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// Use an environment: `production`, `sandbox` (built in) or one from the manifest [env: CALLSHEET_ENV]
    #[arg(long, value_name = "NAME", global = true, add = ArgValueCompleter::new(environments))]
    pub env: Option<String>,
    /// Choose the format of the data on stdout
    #[arg(long, value_name = "FORMAT", global = true, default_value = "human", hide_default_value = true)]
    pub format: Format,
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

/// Output formats. Each command supports some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Human-readable text
    Human,
    /// JSON for programs; long commands stream JSON Lines
    Json,
    /// YAML, for `render` only
    Yaml,
    /// Runnable curl commands, for `render` only
    Curl,
    /// A pull-request comment, for `plan` only
    Markdown,
    /// Annotations, step outputs and summary of GitHub Actions, for `validate` and `plan`
    Github,
    /// SARIF 2.1.0 for code scanning, for `validate` only
    Sarif,
    /// CSV, for `lock report` only
    Csv,
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

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a project: a commented, valid manifest and the git settings it needs
    Init,
    /// Check every manifest, script and data file; no network, no API key, no lockfile
    Validate(Late<ValidateArgs>),
    /// Print the expanded specs, or the exact requests as curl commands
    Render(Late<RenderArgs>),
    /// Show every value of a video or preset, and where it comes from
    Explain(Late<ExplainArgs>),
    /// Show what `apply` would submit, and why
    Plan(Late<PlanArgs>),
    /// Show a plan saved with `plan --out`
    Show(Late<ShowArgs>),
    /// Submit new and changed videos, after confirmation
    Apply(Late<ApplyArgs>),
    /// Show the state of each take, and when results expire
    Status(Late<StatusArgs>),
    /// Wait until submitted videos are rendered
    Wait(Late<WaitArgs>),
    /// Download and verify finished videos
    Pull(Late<PullArgs>),
    /// Render a frame of each video, and a storyboard page
    Preview(Late<PreviewArgs>),
    /// Inspect, check and repair the lockfile
    #[command(subcommand)]
    Lock(Late<LockCommand>),
    /// Search the vendor's avatars, voices and templates, offline
    #[command(subcommand)]
    Catalog(Late<CatalogCommand>),
    /// Check the project, git, the network and the credentials, with the next step for each problem
    Doctor(Late<DoctorArgs>),
    /// Run a local emulator of the Vidnoz API
    Sandbox(Late<SandboxArgs>),
    /// Print a JSON Schema
    Schema(Late<SchemaArgs>),
    /// Print a completion script for a shell, which completes the project's keys and environments
    Completions(Late<CompletionsArgs>),
    /// Print the manual page, or write a page per command
    Man(Late<ManArgs>),
}

/// The selection of videos.
#[derive(Clone, Debug, Default, Args)]
pub struct SelectArgs {
    /// Select by key or glob (`*` and `?` are wildcards, brackets are plain characters)
    #[arg(value_name = "KEY-GLOB", add = ArgValueCompleter::new(keys))]
    pub globs: Vec<String>,
    /// Select by key or glob; may be repeated
    #[arg(long, value_name = "GLOB", add = ArgValueCompleter::new(keys))]
    pub only: Vec<String>,
    /// Select only the first N videos, in manifest order
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
}

/// `render`
#[derive(Debug, Args)]
pub struct RenderArgs {
    /// The selection of videos.
    #[command(flatten)]
    pub select: SelectArgs,
    /// Include the signatures of presigned URLs in curl commands, although they are secrets
    #[arg(long)]
    pub show_signatures: bool,
}

/// `plan`
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The selection of videos.
    #[command(flatten)]
    pub select: SelectArgs,
    /// Exit with 2 if something would be submitted or is in doubt
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Save the plan to a file for `apply FILE`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Plan failed videos again
    #[arg(long)]
    pub retry_failed: bool,
    /// The limits of the run.
    #[command(flatten)]
    pub guards: GuardArgs,
}

/// The limits of one run. They override the manifest's `guards`.
#[derive(Clone, Debug, Default, Args)]
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

/// `show`
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Show the plan in this file, which `plan --out` wrote
    pub file: PathBuf,
}

/// `apply`
#[derive(Debug, Args)]
#[command(
    after_help = "A single argument that is a file saved by `plan --out`, and not a key, is applied as with --plan: exactly, or refused as stale."
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct ApplyArgs {
    /// The selection of videos.
    #[command(flatten)]
    pub select: SelectArgs,
    /// Apply exactly the plan in this file, which `plan --out` wrote
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
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
    /// The limit of `--wait`.
    #[command(flatten)]
    pub timeout: TimeoutArgs,
    /// The limits of the run.
    #[command(flatten)]
    pub guards: GuardArgs,
}

/// Returns the command as clap parses it, completes it and prints its help, with its examples.
pub fn command() -> clap::Command {
    with_examples(whole::<Cli>())
}

/// Parses a command line, which starts with the program's name.
///
/// # Errors
///
/// Returns an error for an invalid command line, and for a request for help or the version.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let args: Vec<OsString> = args.into_iter().collect();
    // Only help shows examples and the arguments of other commands, and clap returns help as an error. So a command
    // that runs does not build them.
    let mut matches = match Cli::command().try_get_matches_from(&args) {
        Ok(matches) => matches,
        Err(version) if version.kind() == ErrorKind::DisplayVersion => return Err(version),
        Err(_) => command().try_get_matches_from(args)?,
    };
    Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command()))
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

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_well_formed() {
        super::command().debug_assert();
    }

    #[test]
    fn shares_are_percent_or_fraction() {
        assert_eq!(super::share("30%"), Ok(0.3));
        assert_eq!(super::share("0.3"), Ok(0.3));
        assert!(super::share("130%").is_err());
        assert!(super::share("-1").is_err());
    }
}
