//! `validate`: all faults of all files.

use super::{Call, Failure, catalog};
use crate::cli::args::{Format, ValidateArgs};
use crate::cli::exit::Exit;
use crate::output::{DiagnosticsV1, diagnostics_github, diagnostics_text};
use crate::project;

pub fn run(call: &mut Call, args: &ValidateArgs) -> Result<Exit, Failure> {
    let mut compiled = call.compile()?;
    if args.catalog {
        let environment = call.environment(&compiled)?;
        let known = catalog::known(call, &compiled.root, &environment)?;
        project::check_catalog(&mut compiled, &known);
        call.view.say(&format!("compared with the catalogue of {}", catalog::told_age(call, &known)))?;
    }
    let (report, sources) = (&compiled.report, &compiled.sources);
    match call.global.format {
        Format::Json => call.view.data(&DiagnosticsV1::new(report, sources).to_json())?,
        Format::Github => call.view.data(&diagnostics_github(report, sources))?,
        _ => {
            if !report.is_empty() {
                let screen = call.screen();
                call.view.tell(&diagnostics_text(report, sources, screen))?;
            }
        }
    }
    if report.has_errors() {
        return Ok(Exit::Failed);
    }
    if call.global.format == Format::Human {
        let files = compiled.sources.iter().count();
        let videos = compiled.videos.len();
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        call.view.say(&format!("valid: {videos} video{} from {files} file{}", plural(videos), plural(files)))?;
    }
    Ok(Exit::Ok)
}
