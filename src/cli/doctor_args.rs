//! The command line of `doctor`.

use std::time::Duration;

use clap::Args;

use super::args::GuardArgs;
use super::span::parse_span;

/// `doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Submit one silent second, which costs credits, and measure what the vendor does with it
    #[arg(long)]
    pub spend: bool,
    /// With --spend: the avatar, by its id or its preset's name [default: that of the first video]
    #[arg(long, value_name = "AVATAR", requires = "spend")]
    pub avatar: Option<String>,
    /// With --spend: submit another one, though an earlier run submitted one already
    #[arg(long, requires = "spend")]
    pub retake: bool,
    /// With --spend: do not ask
    #[arg(short, long, requires = "spend")]
    pub yes: bool,
    /// With --spend: observe no longer than this: `90s`, `20m`; then exit with 4 [default: 30m]
    #[arg(long, value_name = "TIME", value_parser = parse_span, requires = "spend")]
    pub timeout: Option<Duration>,
    /// Limits.
    #[command(flatten)]
    pub guards: GuardArgs,
}
