//! `init`: a starter project.

use super::{Call, Failure};
use crate::cli::exit::Exit;
use crate::project;

pub fn run(call: &mut Call) -> Result<Exit, Failure> {
    let shown = call.global.directory.clone().unwrap_or_else(|| ".".into());
    let done = project::scaffold(&call.folder.join(&shown))?;
    for (word, names) in [("wrote", &done.written), ("extended", &done.extended), ("kept", &done.kept)] {
        for name in names {
            call.view.say(&format!("{word:>8} {name}"))?;
        }
    }
    let place = if call.global.directory.is_some() { format!(" -C {}", shown.display()) } else { String::new() };
    call.view.say(&format!(
        "\nNext:\n  callsheet{place} validate\n  callsheet{place} apply --env sandbox    tries it all out: no key, no network, no cost"
    ))?;
    Ok(Exit::Ok)
}
