//! `lock verify`: checks the lockfile of the project, or every lockfile staged in git.

use super::{Call, Failure};
use crate::cli::exit::Exit;
use crate::lockfile::{Finding, Level, read_lockfile, unmerged, verify};
use crate::output::{findings_json, findings_text};
use crate::project::{self, Staged};
use crate::source::clean;

/// Checks the lockfile of the project and environment.
pub fn verify_project(call: &mut Call) -> Result<Exit, Failure> {
    let (_, _, path) = call.lockfile_context()?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Some(text) = read_lockfile(&path)? else {
        call.view.say(&format!("{name}: does not exist yet"))?;
        return report(call, &[]);
    };
    let findings = verify(&name, text);
    report(call, &[(name, findings)])
}

/// Checks the content of the next commit in git's index, not the files on disk. Works without a project.
pub fn verify_staged(call: &mut Call) -> Result<Exit, Failure> {
    let below = call.global.directory.as_deref().unwrap_or(std::path::Path::new("."));
    let staged = project::staged_lockfiles(&call.folder, below).map_err(|error| Failure::Other(error.to_string()))?;
    let mut checked = Vec::new();
    for (name, content) in staged {
        match content {
            Staged::File(text) => checked.push((name.clone(), verify(&name, text))),
            Staged::Unmerged => checked.push((name, vec![unmerged()])),
            Staged::Link => call.view.warning(&format!("{name}: a symbolic link, not checked"))?,
        }
    }
    if checked.is_empty() {
        call.view.say("no lockfile is staged")?;
    }
    report(call, &checked)
}

/// Prints the findings of each file. An error among them fails the command.
fn report(call: &mut Call, checked: &[(String, Vec<Finding>)]) -> Result<Exit, Failure> {
    if call.json() {
        call.view.data(&findings_json(checked))?;
    } else {
        for (name, findings) in checked {
            let name = clean(name);
            if findings.is_empty() {
                call.view.say(&format!("{name}: in order"))?;
            } else {
                call.view.tell(&findings_text(&name, findings))?;
            }
        }
    }
    let bad = checked.iter().flat_map(|(_, findings)| findings).any(|finding| finding.level == Level::Error);
    Ok(if bad { Exit::Failed } else { Exit::Ok })
}
