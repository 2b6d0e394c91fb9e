//! The command line of `doctor`.

use std::time::Duration;

use clap::Args;

use super::duration::parse_duration_argument;
use super::shared_args::GuardArgs;

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
