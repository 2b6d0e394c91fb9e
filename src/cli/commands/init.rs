//! `init`: a starter project.

use super::{CliError, Context};
use crate::cli::exit::Exit;
use crate::project;

pub fn run(call: &mut Context) -> Result<Exit, CliError> {
    let directory = call.global.directory.as_ref();
    let folder = directory.map_or_else(|| call.working_directory.clone(), |folder| call.working_directory.join(folder));
    let done = project::scaffold(&folder, &call.process_env)?;
    for (word, names) in [("wrote", &done.written), ("extended", &done.extended), ("kept", &done.kept)] {
        for name in names {
            call.view.info(&format!("{word:>8} {name}"))?;
        }
    }
    for hint in &done.hints {
        call.view.info(hint)?;
    }
    let place = directory.map(|folder| format!(" -C {}", folder.display())).unwrap_or_default();
    call.view.info(&format!(
        "\nNext:\n  callsheet{place} validate\n  callsheet{place} apply --env sandbox    tries it all out: no credentials, no network, no cost"
    ))?;
    Ok(Exit::Success)
}
