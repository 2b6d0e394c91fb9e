//! The lockfile, human-readable: takes, and the findings of `lock verify`.

use std::fmt::Write as _;

use super::Theme;
use crate::lockfile::{Finding, Level, Take};
use crate::source::clean;

/// Returns one line per take: key, state, attempt, time, digest.
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
            theme.paint(super::theme::DIM, &take.digest.to_string()),
        );
    }
    text
}

/// Returns the findings of `lock verify`, one per line.
pub fn findings_text(name: &str, findings: &[Finding]) -> String {
    findings.iter().fold(String::new(), |mut text, finding| {
        let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
        let _infallible =
            writeln!(text, "{}[{}]: {name}{line}: {}", word(finding.level), finding.code, clean(&finding.message));
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
