//! Dispatches a parsed command to its function.

use super::{
    CliError, Context, apply, catalog, doctor, explain, init, lock, plan, preview, pull, render, sandbox, schema,
    status, validate, validate_watch, wait,
};
use crate::cli::args::Command;
use crate::cli::exit::Exit;

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
