//! `lock verify`: checks the lockfile of the project, or every lockfile staged in git.

use super::{CliError, Context, shared_ledger};
use crate::cli::run::Exit;
use crate::lockfile::{Finding, Level, encode, parse_bytes, read_lockfile, unmerged, verify};
use crate::output::{findings_json, findings_text};
use crate::project::{self, StagedLockfile};
use crate::source::sanitize;

/// Checks the lockfile of the project and environment.
///
/// Checks the lockfile, together with the last fetched state of a shared ledger.
pub fn verify_project(call: &mut Context, fetch: bool) -> Result<Exit, CliError> {
    let (compiled, environment, path) = call.lockfile_context()?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let text = read_lockfile(&path)?;
    if compiled.manifest.ledger.is_some() && !environment.is_sandbox() {
        let own = text.as_deref().map(|text| verify(&name, text)).unwrap_or_default();
        let of_file = |finding: &Finding| matches!(finding.code, "refused" | "torn" | "unsorted" | "spec-digest");
        let mut checked = vec![(name.clone(), own.into_iter().filter(of_file).collect::<Vec<_>>())];
        let mut union = text.as_deref().and_then(|text| parse_bytes(&name, text).ok()).unwrap_or_default().lockfile;
        if let Some(warning) = shared_ledger::know(call, (&compiled, &environment), &mut union, fetch)? {
            call.view.warning(&warning)?;
        }
        let of_ledger = verify("ledger", encode(&union)).into_iter().filter(|finding| !of_file(finding));
        checked.push(("ledger".to_owned(), of_ledger.map(|finding| Finding { line: None, ..finding }).collect()));
        return report(call, &checked);
    }
    let Some(text) = text else {
        call.view.info(&format!("{name}: does not exist yet"))?;
        return report(call, &[]);
    };
    let findings = verify(&name, text);
    report(call, &[(name, findings)])
}

/// Checks the content of the next commit in git's index, not the files on disk. Works without a project.
pub fn verify_staged(call: &mut Context) -> Result<Exit, CliError> {
    let below = call.global.directory.as_deref().unwrap_or(std::path::Path::new("."));
    let staged = project::staged_lockfiles(&call.working_directory, below)
        .map_err(|error| CliError::Other(error.to_string()))?;
    let mut checked = Vec::new();
    for (name, content) in staged {
        match content {
            StagedLockfile::File(text) => checked.push((name.clone(), verify(&name, text))),
            StagedLockfile::Unmerged => checked.push((name, vec![unmerged()])),
            StagedLockfile::Link => call.view.warning(&format!("{name}: a symbolic link, not checked"))?,
        }
    }
    if checked.is_empty() {
        call.view.info("no lockfile is staged")?;
    }
    report(call, &checked)
}

/// Prints the findings of each file. An error among them fails the command.
fn report(call: &mut Context, checked: &[(String, Vec<Finding>)]) -> Result<Exit, CliError> {
    if call.json() {
        call.view.data(&findings_json(checked))?;
    } else {
        for (name, findings) in checked {
            let name = sanitize(name);
            if findings.is_empty() {
                call.view.info(&format!("{name}: in order"))?;
            } else {
                call.view.notice(&findings_text(&name, findings))?;
            }
        }
    }
    let bad = checked.iter().flat_map(|(_, findings)| findings).any(|finding| finding.level == Level::Error);
    Ok(if bad { Exit::Error } else { Exit::Success })
}
