//! The commands, one file each. Every command computes a value and passes it to a view.

mod apply;
mod apply_finish;
mod catalog;
mod confirm;
mod context;
mod dispatch;
mod doctor;
mod explain;
mod init;
mod json_into;
mod lock;
mod lock_remote;
mod lock_share;
mod missing_lockfile;
mod plan;
mod preview;
mod pull;
mod render;
mod report;
mod results_context;
mod sandbox;
mod schema;
mod shared_ledger;
mod signals;
mod status;
mod validate;
mod validate_watch;
mod vendor_session;
mod wait;

pub use context::{CliError, Context, runtime};
pub use dispatch::dispatch;
