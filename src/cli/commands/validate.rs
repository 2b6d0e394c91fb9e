//! `validate`: all faults of all files.

use super::{Call, Failure};
use crate::cli::args::Format;
use crate::cli::exit::Exit;
use crate::output::{DiagnosticsV1, diagnostics_github, diagnostics_text};

pub fn run(call: &mut Call) -> Result<Exit, Failure> {
    let compiled = call.compile()?;
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
