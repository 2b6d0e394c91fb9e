//! Dispatches a parsed command to its function.

use super::{
    Call, Failure, apply, catalog, doctor, explain, init, lock, plan, preview, pull, render, sandbox, schema, status,
    validate, wait,
};
use crate::cli::args::{Command, Format, Late, LockCommand};
use crate::cli::exit::Exit;

/// Runs one command.
///
/// # Errors
///
/// Returns the error that stopped the command.
pub fn dispatch(command: Command, call: &mut Call) -> Result<Exit, Failure> {
    let known: &[Format] = match &command {
        Command::Validate(_) => &[Format::Human, Format::Json, Format::Github, Format::Sarif],
        Command::Render(_) => &[Format::Human, Format::Json, Format::Yaml, Format::Curl],
        Command::Plan(_) | Command::Show(_) => &[Format::Human, Format::Json, Format::Markdown, Format::Github],
        Command::Lock(Late(LockCommand::Report { .. })) => &[Format::Human, Format::Json, Format::Csv],
        Command::Init
        | Command::Lock(Late(LockCommand::Merge { .. } | LockCommand::Missing { .. }))
        | Command::Completions(_)
        | Command::Man(_) => &[Format::Human],
        Command::Apply(_)
        | Command::Status(_)
        | Command::Wait(_)
        | Command::Pull(_)
        | Command::Lock(_)
        | Command::Preview(_)
        | Command::Catalog(_)
        | Command::Explain(_)
        | Command::Doctor(_)
        | Command::Schema(_)
        | Command::Sandbox(_) => &[Format::Human, Format::Json],
    };
    if !known.contains(&call.global.format) {
        let names: Vec<String> =
            known.iter().map(|format| format!("`{}`", format!("{format:?}").to_lowercase())).collect();
        return Err(Failure::Usage(format!("this command writes {}", names.join(", "))));
    }
    match command {
        Command::Init => init::run(call),
        Command::Validate(Late(args)) => validate::run(call, &args),
        Command::Render(Late(args)) => render::run(call, &args),
        Command::Explain(Late(args)) => explain::run(call, &args),
        Command::Plan(Late(args)) => plan::run(call, &args),
        Command::Show(Late(args)) => plan::show(call, &args),
        Command::Apply(Late(args)) => apply::run(call, &args),
        Command::Status(Late(args)) => status::run(call, &args),
        Command::Wait(Late(args)) => wait::run(call, &args),
        Command::Pull(Late(args)) => pull::run(call, &args),
        Command::Preview(Late(args)) => preview::run(call, &args),
        Command::Lock(Late(command)) => lock::run(call, &command),
        Command::Catalog(Late(command)) => catalog::run(call, &command),
        Command::Doctor(Late(args)) => doctor::run(call, &args),
        Command::Sandbox(Late(args)) => sandbox::run(call, &args),
        Command::Schema(Late(args)) => schema::run(call, &args),
        Command::Completions(Late(args)) => schema::completions(call, &args),
        Command::Man(Late(args)) => schema::man(call, &args),
    }
}
