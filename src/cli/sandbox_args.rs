//! The command line of `sandbox`.

use std::path::PathBuf;

use clap::Args;

use super::args::credits;

/// `sandbox`
#[derive(Debug, Args)]
pub struct SandboxArgs {
    /// The port on loopback; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 8787)]
    pub port: u16,
    /// Requests a second and key, beyond which code 803 is answered; 0 = unlimited
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = credits)]
    pub rate: f64,
    /// Where tasks are kept [default: .callsheet/sandbox of the project]
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
    /// How long a task is queued, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 200)]
    pub queue: u64,
    /// How long a task renders, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 500)]
    pub render: u64,
    /// Misbehave, to rehearse: `accept-then-drop:5%`, `slow:2s`, `803:3`; repeatable
    #[arg(long = "fault", value_name = "SPEC")]
    pub faults: Vec<String>,
}
