//! `render`: prints the expanded specs.

use super::{CliError, Context};
use crate::cli::command_args::RenderArgs;
use crate::cli::exit::Exit;
use crate::cli::format::OutputFormat;
use crate::output::{render_curl, render_json, render_yaml};
use crate::project::{self, Selection};

pub fn run(call: &mut Context, args: &RenderArgs) -> Result<Exit, CliError> {
    let compiled = call.compile_valid()?;
    let chosen = project::select(&compiled.videos, &Selection::from(&args.select))?;
    let videos = compiled.videos.iter().filter(|video| chosen.as_ref().is_none_or(|keys| keys.contains(&video.key)));
    let text = match call.global.format {
        OutputFormat::Json => render_json(videos),
        OutputFormat::Curl => {
            let environment = call.environment(&compiled)?;
            render_curl(videos, environment.base_url.as_str(), &environment.variables.token, args.show_signatures)
        }
        OutputFormat::Human | OutputFormat::Yaml => {
            render_yaml(videos).map_err(|error| CliError::Other(format!("cannot write YAML: {error}")))?
        }
        _ => return Err(call.unknown_format()),
    };
    if args.show_signatures {
        call.view.data_with_secrets(&text)?;
    } else {
        call.view.data(&text)?;
    }
    Ok(Exit::Success)
}
