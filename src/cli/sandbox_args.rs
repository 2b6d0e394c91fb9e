//! The command line of `sandbox`.

use std::path::PathBuf;

use clap::Args;

use super::shared_args::credits;

#[derive(Debug, Args)]
pub struct SandboxArgs {
    /// Listen on this port on loopback; 0 selects a free one
    #[arg(long, value_name = "PORT", default_value_t = 8787)]
    pub port: u16,
    /// Answer code 803 beyond this many requests per second and API key; 0 means unlimited
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
