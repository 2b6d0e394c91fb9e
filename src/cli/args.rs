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

/// The titles of a help screen's parts.
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
    /// What every command knows.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every command.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// The project root, instead of the nearest folder upwards with a `callsheet.yaml`
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// The environment: production, sandbox (built in), or one of the manifest's [env: CALLSHEET_ENV]
    #[arg(long, value_name = "NAME", global = true, add = ArgValueCompleter::new(environments))]
    pub env: Option<String>,
    /// How data is written to stdout
    #[arg(long, value_name = "FORMAT", global = true, default_value = "human", hide_default_value = true)]
    pub format: Format,
    /// When to use colour; NO_COLOR and CLICOLOR_FORCE are heeded
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto", hide_default_value = true)]
    pub color: ColorWhen,
    /// Say nothing but data, warnings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: nothing is folded, and each decision is told with its reason, on stderr
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// Output formats; not every command knows every one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// For programs; long commands stream JSON Lines
    Json,
    /// `render` only
    Yaml,
    /// `render` only: runnable curl commands
    Curl,
    /// `plan` only: a pull-request comment
    Markdown,
    /// `validate` and `plan`: annotations, step outputs and summary of GitHub Actions
    Github,
    /// `validate` only: SARIF 2.1.0, for code scanning
    Sarif,
    /// `lock report` only
    Csv,
}

/// When colour is used.
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
    /// Start a project: a commented manifest that validates, and what git must know
    Init,
    /// Check all manifests, scripts and data; no network, no credentials, no lockfile
    Validate(Late<ValidateArgs>),
    /// Show the concrete specs, or the very requests as curl commands
    Render(Late<RenderArgs>),
    /// Show every value of one video or preset and where it came from
    Explain(Late<ExplainArgs>),
    /// Show what apply would submit, and why
    Plan(Late<PlanArgs>),
    /// Show a plan saved with `plan --out`
    Show(Late<ShowArgs>),
    /// Submit what is new; asks first
    Apply(Late<ApplyArgs>),
    /// Show how takes stand at the vendor, and when results expire
    Status(Late<StatusArgs>),
    /// Wait until the vendor has made what was submitted
    Wait(Late<WaitArgs>),
    /// Save finished videos, checked, and write it down
    Pull(Late<PullArgs>),
    /// Draw frames of the videos, and a storyboard to open in a browser
    Preview(Late<PreviewArgs>),
    /// Look at, check and mend the lockfile
    #[command(subcommand)]
    Lock(Late<LockCommand>),
    /// Look at the vendor's avatars, voices and templates, fetched once and kept
    #[command(subcommand)]
    Catalog(Late<CatalogCommand>),
    /// Check the project, git, the network and the credentials, with the next step for each problem
    Doctor(Late<DoctorArgs>),
    /// Serve the local double of the vendor
    Sandbox(Late<SandboxArgs>),
    /// Print a JSON Schema
    Schema(Late<SchemaArgs>),
    /// Print a completion script for a shell; it knows the project's keys and environments
    Completions(Late<CompletionsArgs>),
    /// Print the manual page, or write all pages into a folder
    Man(Late<ManArgs>),
}

/// Which videos.
#[derive(Clone, Debug, Default, Args)]
pub struct SelectArgs {
    /// Keys or globs of keys (`*`, `?`; brackets are plain characters)
    #[arg(value_name = "KEY-GLOB", add = ArgValueCompleter::new(keys))]
    pub globs: Vec<String>,
    /// The same, repeatable
    #[arg(long, value_name = "GLOB", add = ArgValueCompleter::new(keys))]
    pub only: Vec<String>,
    /// Only the first N in manifest order: a canary
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
}

/// `render`
#[derive(Debug, Args)]
pub struct RenderArgs {
    /// Which videos.
    #[command(flatten)]
    pub select: SelectArgs,
    /// Leave the signatures of presigned URLs in curl commands: they are secrets
    #[arg(long)]
    pub show_signatures: bool,
}

/// `plan`
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Which videos.
    #[command(flatten)]
    pub select: SelectArgs,
    /// Exit with 2 when something would be submitted or is in doubt
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Save the plan for `apply FILE`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Plan failed videos again
    #[arg(long)]
    pub retry_failed: bool,
    /// Limits.
    #[command(flatten)]
    pub guards: GuardArgs,
}

/// Limits for one run; they stand above the manifest's `guards`.
#[derive(Clone, Debug, Default, Args)]
#[expect(clippy::struct_field_names, reason = "the flags are named as in manifests")]
pub struct GuardArgs {
    /// At most so many submissions
    #[arg(long, value_name = "N")]
    pub max_submissions: Option<u64>,
    /// At most so many credits, by the dearer estimate
    #[arg(long, value_name = "CREDITS", value_parser = credits)]
    pub max_credits: Option<f64>,
    /// At most this share of known videos again: `30%` or `0.3`
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub max_share: Option<f64>,
    /// Maximum credits of this calendar month (UTC), by the upper estimate of the takes in the lockfile
    #[arg(long, value_name = "CREDITS", value_parser = credits)]
    pub max_credits_per_month: Option<f64>,
}

/// `show`
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The file that `plan --out` wrote
    pub file: PathBuf,
}

/// `apply`
#[derive(Debug, Args)]
#[command(
    after_help = "A single argument that is a file saved by `plan --out`, and not a key, is applied as with --plan: exactly, or refused as stale."
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct ApplyArgs {
    /// Which videos.
    #[command(flatten)]
    pub select: SelectArgs,
    /// Apply a plan saved with `plan --out`, exactly
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// Do not list the vendor's videos before spending
    #[arg(long)]
    pub no_check_remote: bool,
    /// Send failed videos again
    #[arg(long)]
    pub retry_failed: bool,
    /// Wait until the vendor has made the videos
    #[arg(long)]
    pub wait: bool,
    /// How long.
    #[command(flatten)]
    pub timeout: TimeoutArgs,
    /// Limits.
    #[command(flatten)]
    pub guards: GuardArgs,
}

/// The command as clap knows it, with its examples: what is parsed, completed and printed as help.
pub fn command() -> clap::Command {
    with_examples(whole::<Cli>())
}

/// Reads a command line, the program's name first.
///
/// # Errors
/// What is wrong with it, or the help or version it asks for.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let args: Vec<OsString> = args.into_iter().collect();
    // Only help shows examples and other commands' arguments, and help is an error here: whoever runs a command need not
    // wait for them.
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
