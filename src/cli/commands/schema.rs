//! `schema`, `completions` and `man`: print the program's own formats and commands.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use super::json_into::output_path;
use super::{CliError, Context};
use crate::cli::args::command;
use crate::cli::complete::registration;
use crate::cli::exit::Exit;
use crate::cli::man_pages;
use crate::cli::tool_args::{CompletionsArgs, ManArgs, SchemaArgs, SchemaName};
use crate::project::{ProjectError, SCHEMA_FILE};
use crate::source::{read_regular, write_atomically, write_output};
use crate::{lockfile, output, project, schema};

pub fn run(call: &mut Context, args: &SchemaArgs) -> Result<Exit, CliError> {
    if args.project {
        let compiled = call.compile()?;
        if args.write && !compiled.editor.complete {
            let words =
                "the manifests cannot all be read, so the schema would lack names; `callsheet validate` says why";
            return Err(CliError::Other(words.to_owned()));
        }
        return put(call, args, &project::schema_text(&compiled)?);
    }
    let value = match args.which {
        SchemaName::Manifest => schema::manifest_schema(),
        SchemaName::Lock => lockfile::line_schema(),
        SchemaName::Plan => output::schema_of::<output::PlanDocument<'_>>(),
        SchemaName::Status => output::lenient_schema_of::<output::StatusDocument<'_>>(),
        SchemaName::Report => output::lenient_schema_of::<output::ReportView<'_>>(),
        SchemaName::Preset => output::lenient_schema_of::<output::PresetDocument<'_>>(),
        SchemaName::Events => output::schema_of_line::<output::AnyEvent>(),
        SchemaName::Diagnostics => output::schema_of::<output::DiagnosticsV1>(),
        SchemaName::Render => output::schema_of::<output::RenderDocument<'_>>(),
        SchemaName::Explain => output::schema_of::<output::ExplainDocument<'_>>(),
        SchemaName::Preview => output::schema_of::<output::PreviewV1<'_>>(),
        SchemaName::Takes => output::schema_of::<output::TakesDocument<'_>>(),
        SchemaName::Findings => output::schema_of::<output::FindingsDocument<'_>>(),
        SchemaName::Catalog => output::schema_of::<output::CatalogDocument<'_>>(),
        SchemaName::CatalogSync => output::schema_of::<output::SyncedDocument<'_>>(),
        SchemaName::Doctor => output::schema_of::<output::DoctorV1<'_>>(),
    };
    let name = args.which.to_possible_value();
    let file = match name.as_ref().map(PossibleValue::get_name) {
        None | Some("manifest") => "callsheet",
        Some(name) => name,
    };
    put(call, args, &schema::to_json_pretty(&schema::identified(value, file)))
}

/// Whether a text is a schema, or the empty one that stands for a schema still to be written.
fn is_schema(text: &str) -> bool {
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text)
        .is_ok_and(|schema| schema.is_empty() || ["properties", "$defs"].iter().any(|key| schema.contains_key(*key)))
}

/// Prints the schema, or writes it to a file if the content differs.
fn put(call: &mut Context, args: &SchemaArgs, text: &str) -> Result<Exit, CliError> {
    let path = match &args.out {
        _ if args.write && args.which != SchemaName::Manifest => {
            return Err(CliError::Usage("`schema --write` writes the schema of manifests only".to_owned()));
        }
        _ if args.write => call.root()?.join(SCHEMA_FILE),
        Some(file) => output_path(call, "--out", file, is_schema)?,
        None => {
            call.view.verbatim(text)?;
            return Ok(Exit::Success);
        }
    };
    if read_regular(&path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(Exit::Success);
    }
    let folder = path.parent().unwrap_or(&call.working_directory);
    let written = match args.out {
        Some(_) => std::fs::create_dir_all(folder).and_then(|()| write_output(&path, text.as_bytes())),
        None => write_atomically(&call.root()?, &path, text.as_bytes()),
    };
    written.map_err(|error| ProjectError::io("write", &path, error))?;
    let shown = args.out.as_deref().unwrap_or(std::path::Path::new(SCHEMA_FILE));
    call.view.info(&format!("`{}` is written", shown.display()))?;
    Ok(Exit::Success)
}

pub fn completions(call: &mut Context, args: &CompletionsArgs) -> Result<Exit, CliError> {
    let script = registration(&args.shell.to_string());
    let script = script.ok_or_else(|| CliError::Other(format!("there is no completion for `{}`", args.shell)))?;
    call.view.verbatim(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Success)
}

pub fn man(call: &mut Context, args: &ManArgs) -> Result<Exit, CliError> {
    let Some(folder) = &args.out else {
        call.view.verbatim(&man_pages::page(command())?)?;
        return Ok(Exit::Success);
    };
    let folder = call.working_directory.join(folder);
    let written = std::fs::create_dir_all(&folder).and_then(|()| man_pages::write_pages(command(), &folder));
    written.map_err(|error| ProjectError::io("write", &folder, error))?;
    call.view
        .info(&format!("wrote the manual pages; `man {}` shows the first", folder.join("callsheet.1").display()))?;
    Ok(Exit::Success)
}
