//! The lockfile for programs, format 1: takes, and the findings of `lock verify`.

use schemars::JsonSchema;
use serde::Serialize;

use super::document::{versioned, versioned_of_raw};
use super::lock_human::word;
use crate::ledger::BranchSetting;
use crate::lockfile::{Finding, Take};

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
    /// The folder of the project on the branch; empty for its root.
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
