//! The command line as types.

use std::ffi::OsString;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use super::command_args::{
    ApplyArgs, CatalogCommand, ExplainArgs, PlanArgs, PreviewArgs, PullArgs, RenderArgs, ShowArgs, StatusArgs,
    ValidateArgs, WaitArgs,
};
use super::format::{check_format, with_formats};
use super::lock_args::LockCommand;
use super::man_pages::with_examples;
use super::shared_args::Global;
use super::tool_args::{CompletionsArgs, DoctorArgs, ManArgs, SandboxArgs, SchemaArgs};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXIT_CODES: &str = "Exit codes: 0 done · 1 manifests invalid or another error · 2 something would be submitted or is in doubt (plan \
--detailed-exitcode) · 3 the vendor rejected the credentials · 4 timed out, or not rendered yet · 5 a guard blocked \
the plan · 6 some videos failed or are in doubt · 64 bad command line · 130 interrupted";

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

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a project: a commented, valid manifest and the git settings it needs
    Init,
    /// Check every manifest, script and data file; no network, no credentials, no lockfile
    Validate(ValidateArgs),
    /// Print the expanded specs, or the exact requests as curl commands
    Render(RenderArgs),
    /// Show every value of a video or preset, and where it comes from
    Explain(ExplainArgs),
    /// Show what `apply` would submit, and why
    Plan(PlanArgs),
    /// Show a plan saved with `plan --out`
    Show(ShowArgs),
    /// Submit new and changed videos, after confirmation
    Apply(ApplyArgs),
    /// Show the state of each take, and when results expire
    Status(StatusArgs),
    /// Wait until submitted videos are rendered
    Wait(WaitArgs),
    /// Download and verify finished videos
    Pull(PullArgs),
    /// Render a frame of each video, and a storyboard page
    Preview(PreviewArgs),
    /// Inspect, check and repair the lockfile
    #[command(subcommand)]
    Lock(LockCommand),
    /// Search the vendor's avatars, voices and templates, offline
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// Check the project, git, the network and the credentials, with the next step for each problem
    Doctor(DoctorArgs),
    /// Run a local emulator of the Vidnoz API
    Sandbox(SandboxArgs),
    /// Print a JSON Schema
    Schema(SchemaArgs),
    /// Print a completion script for a shell, which completes the project's keys and environments
    Completions(CompletionsArgs),
    /// Print the manual page, or write a page per command
    Man(ManArgs),
}

/// Returns the command as clap parses it, completes it and prints its help.
pub fn command() -> clap::Command {
    with_examples(with_formats(Cli::command()))
}

/// Parses a command line, which starts with the program's name.
///
/// # Errors
///
/// Returns an error for an invalid command line, and for a request for help or the version.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut command = command();
    let mut matches = command.try_get_matches_from_mut(args)?;
    check_format(&command, &matches)?;
    Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_well_formed() {
        super::command().debug_assert();
    }
}
