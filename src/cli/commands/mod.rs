//! The commands, one file each. Every command computes a value and passes it to a view. Those that need the async runtime
//! start it.

mod apply;
mod apply_finish;
mod catalog;
mod confirm;
mod context;
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

pub use context::{CliError, Context};

use super::args::Command;
use super::run::Exit;

/// Runs one command.
///
/// # Errors
///
/// Returns the error that stopped the command.
pub fn dispatch(command: Command, call: &mut Context) -> Result<Exit, CliError> {
    match command {
        Command::Init => init::run(call),
        Command::Validate(args) if args.watch => validate_watch::run(call, &args),
        Command::Validate(args) => validate::run(call, &args),
        Command::Render(args) => render::run(call, &args),
        Command::Explain(args) => explain::run(call, &args),
        Command::Plan(args) => plan::run(call, &args),
        Command::Show(args) => plan::show(call, &args),
        Command::Apply(args) => apply::run(call, &args),
        Command::Status(args) => status::run(call, &args),
        Command::Wait(args) => wait::run(call, &args),
        Command::Pull(args) => pull::run(call, &args),
        Command::Preview(args) => preview::run(call, &args),
        Command::Lock(command) => lock::run(call, &command),
        Command::Catalog(command) => catalog::run(call, &command),
        Command::Doctor(args) => doctor::run(call, &args),
        Command::Sandbox(args) => sandbox::run(call, &args),
        Command::Schema(args) => schema::run(call, &args),
        Command::Completions(args) => schema::completions(call, &args),
        Command::Man(args) => schema::man(call, &args),
    }
}

/// Creates a runtime on all cores.
pub fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.map_err(|error| CliError::Other(format!("cannot start the runtime: {error}")))
}
