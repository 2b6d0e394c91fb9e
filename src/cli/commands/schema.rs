//! `schema`, `completions` and `man`: what the program knows of its own formats and words.

use super::{Call, Failure};
use crate::cli::args::{CompletionsArgs, ManArgs, SchemaArgs, SchemaName, command};
use crate::cli::complete::registration;
use crate::cli::exit::Exit;
use crate::project::ProjectError;
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
    let script = registration(&args.shell.to_string());
    let script = script.ok_or_else(|| Failure::Other(format!("there is no completion for `{}`", args.shell)))?;
    call.view.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Ok)
}

pub fn man(call: &mut Call, args: &ManArgs) -> Result<Exit, Failure> {
    let Some(folder) = &args.out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command()).render(&mut page)?;
        call.view.data(&String::from_utf8_lossy(&page))?;
        return Ok(Exit::Ok);
    };
    let folder = call.folder.join(folder);
    let written = std::fs::create_dir_all(&folder).and_then(|()| clap_mangen::generate_to(command(), &folder));
    written.map_err(|error| ProjectError::io("write", &folder, error))?;
    call.view
        .say(&format!("wrote the manual pages; `man {}` shows the first", folder.join("callsheet.1").display()))?;
    Ok(Exit::Ok)
}
