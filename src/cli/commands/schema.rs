//! `schema` and `completions`: what the program knows of its own formats and words.

use super::{Call, Failure};
use crate::cli::args::{CompletionsArgs, SchemaArgs, SchemaName, command};
use crate::cli::exit::Exit;
use crate::{lock, output, schema};

pub fn run(call: &mut Call, args: &SchemaArgs) -> Result<Exit, Failure> {
    let value = match args.which {
        SchemaName::Manifest => schema::manifest_schema(),
        SchemaName::Lock => lock::line_schema(),
        SchemaName::Plan => output::plan_schema(),
        SchemaName::Events => output::events_schema(),
    };
    call.view.data(&schema::to_pretty(&value))?;
    Ok(Exit::Ok)
}

pub fn completions(call: &mut Call, args: &CompletionsArgs) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command(), "callsheet", &mut script);
    call.view.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Ok)
}
