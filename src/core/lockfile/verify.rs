//! Checks a lockfile in a repository, for CI.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::record_line::{self, ParsedLine};
use super::{LockError, Lockfile, Record, StoreError, StoredSpec, Take, TakeState, durable_fs, encode, parse_bytes};
use crate::spec::Digest;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Worth knowing.
    Information,
    /// Works, but needs attention.
    Warning,
    /// Must be fixed.
    Error,
}

/// A problem or a fact that `lock verify` reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The severity.
    pub level: Level,
    /// A stable word: `refused`, `torn`, `unsorted`, `in-doubt`, `paid-twice`, `claimed-twice`, `spec-digest`.
    pub code: &'static str,
    /// The line, from 1, if the finding has one.
    pub line: Option<usize>,
    /// The message, without the file and the line.
    pub message: String,
}

/// Returns the bytes of a lockfile, or `None` if it does not exist.
///
/// # Errors
/// If it is not a regular file of the project, or cannot be read.
pub fn read_lockfile(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    let found = durable_fs::resolve_links(path).and_then(|target| durable_fs::read(&target));
    found.map_err(|error| StoreError::Read(path.to_owned(), Arc::new(error)))
}

/// Returns all findings about a lockfile's text. Empty if it is exactly as `apply` writes it.
pub fn verify(name: &str, text: impl AsRef<[u8]>) -> Vec<Finding> {
    let parsed = match parse_bytes(name, text.as_ref()) {
        Ok(parsed) => parsed,
        Err(LockError { name, line, problem }) => {
            let message = problem.message(&name);
            return vec![Finding { level: Level::Error, code: "refused", line: Some(line), message }];
        }
    };
    // Only a torn last line may be invalid UTF-8.
    let text = String::from_utf8_lossy(text.as_ref());
    let mut findings = Vec::new();
    if let Some((line, torn)) = &parsed.torn {
        let message = format!("the last line is torn: `{}`", torn.chars().take(80).collect::<String>());
        findings.push(Finding { level: Level::Warning, code: "torn", line: Some(*line), message });
    } else if !text.is_empty() && encode(&parsed.lockfile) != *text {
        let message = "not sorted and folded; the next `apply` or `callsheet lock merge` will do it".to_owned();
        findings.push(Finding { level: Level::Warning, code: "unsorted", line: None, message });
    }
    let lines = takes(&text);
    findings.extend(lines.iter().filter_map(|(line, take)| wrong_spec(*line, take)));
    findings.extend(twice(
        &lines,
        |take| take.task.as_deref(),
        |take, known, own| {
            let message =
                format!("`{}` was paid for twice: tasks `{known}` and `{own}` are the same content", take.key);
            (Level::Information, "paid-twice", message)
        },
    ));
    findings.extend(paid_again(&parsed.lockfile, &lines));
    findings.extend(twice(
        &lines,
        |take| take.run.as_deref(),
        |take, known, own| {
            let message = format!("`{}` was claimed by two runs as one attempt: `{known}` and `{own}`", take.key);
            (Level::Warning, "claimed-twice", message)
        },
    ));
    for take in parsed.lockfile.takes().filter(|take| take.state == TakeState::Intent) {
        let message = match (take.until, &take.run) {
            (Some(until), Some(run)) => format!(
                "`{}` is claimed by {} until {until:.0}, and the answer is missing; after that time settle it with \
                 `callsheet apply`, or `callsheet lock free --run {run}`",
                take.key,
                parsed.lockfile.who(run),
            ),
            _ => format!(
                "`{}` has been in doubt since {:.0}: the response was lost; settle it with `callsheet apply`, `lock \
                 adopt` or `lock free`",
                take.key, take.at
            ),
        };
        findings.push(Finding { level: Level::Warning, code: "in-doubt", line: line_of(take, &lines), message });
    }
    findings
}

/// Returns the finding for a file with an unresolved git conflict, whose content cannot be checked.
pub fn unmerged() -> Finding {
    let message = "git has a conflict here; run `callsheet lock merge`, then `git add` the file".to_owned();
    Finding { level: Level::Error, code: "refused", line: None, message }
}

/// Returns the first line of a take.
fn line_of(take: &Take, lines: &[(usize, Take)]) -> Option<usize> {
    let same = |known: &Take| (known.digest, known.attempt, &known.host) == (take.digest, take.attempt, &take.host);
    lines.iter().find(|(_, known)| same(known)).map(|(line, _)| *line)
}

/// Returns the takes in file order, each with its line number.
fn takes(text: &str) -> Vec<(usize, Take)> {
    let read = |(index, text): (usize, &str)| match record_line::read(text.trim_start_matches('\u{feff}').trim()) {
        Ok(ParsedLine::Record(Record::Take(take))) => Some((index + 1, take)),
        _ => None,
    };
    text.split('\n').enumerate().filter_map(read).collect()
}

fn wrong_spec(line: usize, take: &Take) -> Option<Finding> {
    let computed = digest_of(take.spec.as_ref()?);
    if computed == Some(take.digest) {
        return None;
    }
    let computed = computed.map_or_else(|| "none".to_owned(), |digest| digest.to_string());
    let message =
        format!("the spec of `{}` has the digest `{computed}`, but the line says `{}`", take.key, take.digest);
    Some(Finding { level: Level::Error, code: "spec-digest", line: Some(line), message })
}

/// Returns the digest of a stored spec. Its name is a label and does not count.
fn digest_of(spec: &StoredSpec) -> Option<Digest> {
    let mut value = spec.value()?;
    value.as_object_mut()?.shift_remove("name");
    let canonical = serde_json_canonicalizer::to_string(&value).ok()?;
    Some(Digest::from_canonical(&canonical))
}

/// Finds takes with two task ids, as two machines submitted the same content as the same attempt, or with two runs of a
/// shared ledger, which its protocol rules out. `finding` makes the level, the code and the message of both values.
fn twice<'a>(
    lines: &'a [(usize, Take)],
    value: impl Fn(&'a Take) -> Option<&'a str>,
    finding: impl Fn(&Take, &str, &str) -> (Level, &'static str, String),
) -> Vec<Finding> {
    let mut first: BTreeMap<(&str, Digest, u32), &str> = BTreeMap::new();
    let mut findings = Vec::new();
    for (line, take) in lines {
        let Some(own) = value(take) else { continue };
        let known = *first.entry((&take.host, take.digest, take.attempt)).or_insert(own);
        if known != own {
            let (level, code, message) = finding(take, known, own);
            findings.push(Finding { level, code, line: Some(*line), message });
        }
    }
    findings
}

/// Contents that two submissions of different numbers paid for: another checkout bought what this one had.
fn paid_again(lockfile: &Lockfile, lines: &[(usize, Take)]) -> Vec<Finding> {
    let mut first: BTreeMap<(&str, Digest), &Take> = BTreeMap::new();
    let mut findings = Vec::new();
    let mut takes: Vec<&Take> = lockfile.takes().filter(|take| take.is_paid_submission()).collect();
    takes.sort_by_key(|take| take.attempt);
    for take in takes {
        let known = *first.entry((&take.host, take.digest)).or_insert(take);
        if known.attempt != take.attempt {
            let message = format!(
                "`{}` was paid for twice: attempts {} and {} are the same content",
                take.key, known.attempt, take.attempt
            );
            let line = line_of(take, lines);
            findings.push(Finding { level: Level::Information, code: "paid-twice", line, message });
        }
    }
    findings
}
