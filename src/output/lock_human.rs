//! The lockfile, human-readable: takes, and the findings of `lock verify`.

use std::fmt::Write as _;

use super::Theme;
use super::table::{Widths, cell};
use super::text::format_timestamp;
use super::theme::DIM;
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
