//! The lockfile for people and programs: takes, and what `lock verify` found.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::Theme;
use crate::lock::{Finding, Level, Take};
use crate::source::clean;

#[derive(Serialize)]
struct TakesV1<'a> {
    format_version: u32,
    takes: Vec<&'a Take>,
}

#[derive(Serialize)]
struct FindingsV1<'a> {
    format_version: u32,
    findings: Vec<FindingV1<'a>>,
}

#[derive(Serialize)]
struct FindingV1<'a> {
    level: &'static str,
    code: &'a str,
    file: &'a str,
    line: Option<usize>,
    message: &'a str,
}

/// `lock show --format json`: the takes as the lockfile's lines hold them.
pub fn takes_json<'a>(takes: impl Iterator<Item = &'a Take>) -> String {
    pretty(&TakesV1 { format_version: 1, takes: takes.collect() })
}

/// One line a take: key, state, attempt, when, digest.
pub fn takes_text<'a>(takes: impl Iterator<Item = &'a Take>, color: bool) -> String {
    let takes: Vec<&Take> = takes.collect();
    let width = takes.iter().map(|take| take.key.chars().count()).max().unwrap_or(0).min(48);
    let theme = Theme::new(color);
    let mut text = String::new();
    for take in takes {
        let attempt = if take.attempt == 1 { String::new() } else { format!("  attempt {}", take.attempt) };
        let _infallible = writeln!(
            text,
            "{:width$}  {:<9}  {}{attempt}",
            clean(&take.key),
            take.state.word(),
            theme.paint(super::theme::DIM, take.digest.as_str()),
        );
    }
    text
}

/// What `lock verify` found, a line each.
pub fn findings_text(name: &str, findings: &[Finding]) -> String {
    findings.iter().fold(String::new(), |mut text, finding| {
        let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
        let _infallible =
            writeln!(text, "{}[{}]: {name}{line}: {}", word(finding.level), finding.code, clean(&finding.message));
        text
    })
}

/// `lock verify --format json`.
pub fn findings_json(name: &str, findings: &[Finding]) -> String {
    let findings = findings.iter().map(|finding| FindingV1 {
        level: word(finding.level),
        code: finding.code,
        file: name,
        line: finding.line,
        message: &finding.message,
    });
    pretty(&FindingsV1 { format_version: 1, findings: findings.collect() })
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Information => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

fn pretty(value: &impl Serialize) -> String {
    // Strings, numbers and specs that were JSON when they were read: nothing in it can refuse.
    let value: Value = serde_json::to_value(value).unwrap_or_default();
    format!("{value:#}\n")
}
