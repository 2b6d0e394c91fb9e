//! The command line of `render`, `plan`, `show` and `apply`.

use std::path::PathBuf;

use clap::Args;

use super::shared_args::{FetchArgs, GuardArgs, SelectArgs, TimeoutArgs};

#[derive(Debug, Args)]
pub struct RenderArgs {
    #[command(flatten)]
    pub select: SelectArgs,
    /// Include the signatures of presigned URLs in curl commands, although they are secrets
    #[arg(long)]
    pub show_signatures: bool,
}

#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub select: SelectArgs,
    /// Exit with 2 if something would be submitted or is in doubt
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Save the plan to a file for `apply FILE`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write the plan as JSON to a file too, as `--format json` prints it
    #[arg(long, value_name = "FILE")]
    pub json_into: Option<PathBuf>,
    /// Plan failed videos again
    #[arg(long)]
    pub retry_failed: bool,
    /// Link the storyboard at this address in the Markdown
    #[arg(long, value_name = "URL", value_parser = web_address)]
    pub storyboard: Option<String>,
    #[command(flatten)]
    pub fetch: FetchArgs,
    #[command(flatten)]
    pub guards: GuardArgs,
}

/// Checks an address and returns it normalized. A space, `<` or `>` would end the link.
fn web_address(text: &str) -> Result<String, String> {
    match url::Url::parse(text) {
        Ok(url) if ["http", "https"].contains(&url.scheme()) => Ok(url.into()),
        _ => Err("must be an address such as `https://example.com/storyboard`".to_owned()),
    }
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Show the plan in this file, which `plan --out` wrote
    pub file: PathBuf,
}

#[derive(Debug, Default, Args)]
#[command(
    after_help = "A single argument that is a file saved by `plan --out`, and not a key, is applied as with --plan: exactly, or rejected as stale."
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a separate flag")]
pub struct ApplyArgs {
    #[command(flatten)]
    pub select: SelectArgs,
    /// Apply exactly the plan in this file, which `plan --out` wrote
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Write the events as JSON Lines to a file too, as `--format json` prints them
    #[arg(long, value_name = "FILE")]
    pub json_into: Option<PathBuf>,
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
    #[command(flatten)]
    pub timeout: TimeoutArgs,
    #[command(flatten)]
    pub guards: GuardArgs,
}
