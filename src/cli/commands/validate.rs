//! `validate`: reports all errors of all files.

use super::{CliError, Context, catalog};
use crate::cli::command_args::ValidateArgs;
use crate::cli::exit::Exit;
use crate::cli::format::OutputFormat;
use crate::output::{DiagnosticsV1, diagnostics_github, diagnostics_sarif, pluralize, versioned, versioned_line};
use crate::project::{self, CompiledProject};
use crate::vendor::redact_signatures;

pub fn run(call: &mut Context, args: &ValidateArgs) -> Result<Exit, CliError> {
    let compiled = check(call, args)?;
    show(call, &compiled, false)?;
    Ok(if compiled.report.has_errors() { Exit::Error } else { Exit::Success })
}

/// Compiles the project, and compares it with the catalog if requested.
pub fn check(call: &Context, args: &ValidateArgs) -> Result<CompiledProject, CliError> {
    let mut compiled = call.compile()?;
    call.refresh_schema(&compiled)?;
    if args.catalog {
        let environment = call.environment(&compiled)?;
        let known = catalog::known(call, &compiled.root, &environment)?;
        project::check_catalog(&mut compiled, &known);
        call.view.info(&format!("compared with the catalog of {}", catalog::age_sentence(call, &known)))?;
    }
    if args.strict {
        compiled.report.deny_warnings();
    }
    Ok(compiled)
}

/// Prints the report in the requested format. `one_line` prints JSON on one line, for a stream of documents.
pub fn show(call: &Context, compiled: &CompiledProject, one_line: bool) -> Result<(), CliError> {
    let (report, sources) = (&compiled.report, &compiled.sources);
    let folder = || project::path_in_repository(&compiled.root).unwrap_or_default();
    match call.global.format {
        OutputFormat::Json => {
            let document = DiagnosticsV1::new(report, sources);
            call.view.data(&if one_line { versioned_line(&document) } else { versioned(&document) })?;
        }
        OutputFormat::Github => {
            call.view.verbatim(&redact_signatures(&diagnostics_github(report, sources, &folder())))?;
        }
        OutputFormat::Sarif => call.view.data(&diagnostics_sarif(report, sources, &folder()))?,
        OutputFormat::Human => {
            if !report.is_empty() {
                call.view.diagnostics(report, sources, call.screen_err())?;
            }
            if !report.has_errors() {
                let videos = pluralize(compiled.videos.len() as u64, "video");
                let files = pluralize(sources.iter().count() as u64, "file");
                call.view.info(&format!("valid: {videos} from {files}"))?;
            }
        }
        _ => return Err(call.unknown_format()),
    }
    Ok(())
}
