//! The lockfile, human-readable and for programs in format 1: takes, and the findings of `lock verify`.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::Theme;
use super::document::{versioned, versioned_of_raw};
use super::text::{Widths, cell, format_timestamp};
use super::theme::DIM;
use crate::ledger::BranchSetting;
use crate::lockfile::{Finding, Level, Take, TakeState};
use crate::source::sanitize;

/// Columns that keys are padded to. A longer key moves only its own line.
const KEY_COLUMNS: usize = 48;

/// Returns one line per take: key, state, attempt, time, digest. `who` names the run of a claim.
pub fn takes_text<'a>(takes: impl Iterator<Item = &'a Take>, who: impl Fn(&str) -> String, color: bool) -> String {
    let row = |take: &'a Take| {
        let digest = take.digest.to_string();
        let claim = take.until.zip(take.run.as_deref()).filter(|_| take.state == TakeState::Intent);
        let claim =
            claim.map(|(until, run)| format!("  claimed by {} until {}", sanitize(&who(run)), format_timestamp(until)));
        let cells = vec![cell(sanitize(&take.key)), cell(take.state.word()), cell(digest).style(DIM)];
        (cells, (take.attempt, claim.unwrap_or_default()))
    };
    let (rows, attempts): (Vec<_>, Vec<(u32, String)>) = takes.map(row).unzip();
    let mut widths = Widths::of(&rows).at_least(1, 9);
    widths.0.first_mut().into_iter().for_each(|keys| *keys = (*keys).min(KEY_COLUMNS));
    let mut text = String::new();
    for (row, (attempt, claim)) in rows.iter().zip(attempts) {
        let attempt = if attempt == 1 { String::new() } else { format!("  attempt {attempt}") };
        let _infallible = writeln!(text, "{}{attempt}{claim}", widths.line(row, Theme::new(color)));
    }
    text
}

/// Returns the findings of `lock verify`, one per line.
pub fn findings_text(name: &str, findings: &[Finding]) -> String {
    findings.iter().fold(String::new(), |mut text, finding| {
        let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
        let _infallible =
            writeln!(text, "{}[{}]: {name}{line}: {}", word(finding.level), finding.code, sanitize(&finding.message));
        text
    })
}

/// Returns the name of a level, for humans and programs.
pub(super) fn word(level: Level) -> &'static str {
    match level {
        Level::Information => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

/// What `callsheet lock show --format json` prints, and what `lock adopt`, `free`, `reuse` and `forget` wrote.
///
/// Fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Takes")]
pub struct TakesDocument<'a> {
    /// The shared ledger that the manifest sets.
    #[serde(skip_serializing_if = "Option::is_none")]
    ledger: Option<LedgerPart<'a>>,
    /// By key, then time.
    takes: Vec<&'a Take>,
}

/// The shared ledger.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SharedLedger")]
struct LedgerPart<'a> {
    /// The branch that holds it.
    branch: &'a str,
    /// The name of the remote.
    remote: &'a str,
    /// The directory of the project on the branch; empty for its root.
    name: &'a str,
}

/// What `callsheet lock verify --format json` prints.
///
/// Fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Findings")]
pub struct FindingsDocument<'a> {
    /// Empty if the file is exactly as `apply` writes it, or missing.
    findings: Vec<FindingRow<'a>>,
}

/// A problem or a fact about a lockfile.
// [`Finding`] does not know its file.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
struct FindingRow<'a> {
    /// The severity. An `error` must be fixed.
    #[schemars(extend("enum" = ["note", "warning", "error"]))]
    level: &'static str,
    /// A stable word: `refused`, `torn`, `unsorted`, `in-doubt`, `paid-twice`, `claimed-twice`, `spec-digest`.
    code: &'a str,
    /// The lockfile's name; with `--staged` its path.
    file: &'a str,
    /// The line, from 1, if the finding has one.
    line: Option<usize>,
    /// The message.
    message: &'a str,
}

/// `lock show --format json`.
pub fn takes_json<'a>(takes: impl Iterator<Item = &'a Take>, ledger: Option<&BranchSetting>) -> String {
    let ledger = ledger.map(|BranchSetting { branch, remote, name }| LedgerPart { branch, remote, name });
    versioned_of_raw(&TakesDocument { ledger, takes: takes.collect() })
}

/// Returns `lock verify --format json`.
pub fn findings_json(checked: &[(String, Vec<Finding>)]) -> String {
    let findings = checked.iter().flat_map(|(name, findings)| {
        findings.iter().map(|finding| FindingRow {
            level: word(finding.level),
            code: finding.code,
            file: name,
            line: finding.line,
            message: &finding.message,
        })
    });
    versioned(&FindingsDocument { findings: findings.collect() })
}
