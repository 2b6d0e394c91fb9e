//! The status of takes: for humans one row per take and a sentence, for programs format 1.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::text::{Widths, cell, counts, format_bytes, format_length, format_span, pluralize, truncate};
use super::theme::{CYAN, DIM, GREEN, MAGENTA, RED, Theme, YELLOW};
use crate::results::{Phase, Pulled, StatusRole, VideoStatus};
use crate::source::sanitize;
use crate::spec::{Credits, Digest};

/// Maximum number of columns of a key.
const KEY_COLUMNS: usize = 48;

/// Returns the name of a phase.
pub fn phase_word(phase: Phase) -> String {
    match phase {
        Phase::NotSubmitted => "not submitted".to_owned(),
        Phase::InDoubt => "in doubt".to_owned(),
        Phase::Submitted => "submitted".to_owned(),
        Phase::Queued => "queued".to_owned(),
        Phase::Rendering => "rendering".to_owned(),
        Phase::Unknown(number) => format!("unknown status {number}"),
        Phase::Done => "done".to_owned(),
        Phase::Failed => "failed".to_owned(),
        Phase::Pulled => "pulled".to_owned(),
        Phase::Expired => "expired".to_owned(),
        Phase::Missing => "missing".to_owned(),
    }
}

/// Returns the state of a row. Only the vendor can report that a result has expired.
fn row_word(row: &VideoStatus) -> String {
    if row.may_have_expired() { "may have expired".to_owned() } else { phase_word(row.phase) }
}

fn style(phase: Phase) -> anstyle::Style {
    match phase {
        Phase::NotSubmitted => DIM,
        Phase::InDoubt | Phase::Unknown(_) => MAGENTA,
        Phase::Submitted | Phase::Queued | Phase::Rendering => CYAN,
        Phase::Done => YELLOW,
        Phase::Pulled => GREEN,
        Phase::Failed | Phase::Expired | Phase::Missing => RED,
    }
}

/// Returns one row per take with key, state, length and remarks, and then the counts.
pub fn status_human(rows: &[VideoStatus], now: jiff::Timestamp, color: bool) -> String {
    let theme = Theme::new(color);
    let row = |row: &VideoStatus| {
        let key = truncate(&sanitize(&row.key), KEY_COLUMNS).into_owned();
        let length = row.seconds.map(format_length).unwrap_or_default();
        vec![cell(key), cell(row_word(row)).style(style(row.phase)), cell(length).right(), cell(hint(row, now))]
    };
    let cells: Vec<_> = rows.iter().map(row).collect();
    let widths = Widths::of(&cells).at_least(2, 7);
    let mut text: String = cells.iter().map(|row| widths.line(row, theme) + "\n").collect();
    let _infallible = writeln!(text, "{}{}", if rows.is_empty() { "" } else { "\n" }, sentence(rows));
    text
}

/// Returns the counts: `8 videos: 6 done, 2 pulled`.
fn sentence(rows: &[VideoStatus]) -> String {
    let mut counts: BTreeMap<(Phase, String), u64> = BTreeMap::new();
    for row in rows {
        *counts.entry((row.phase, row_word(row))).or_default() += 1;
    }
    let parts: Vec<String> = counts.iter().map(|((_, word), count)| format!("{count} {word}")).collect();
    let all = pluralize(rows.len() as u64, "video");
    if parts.is_empty() { all } else { format!("{all}: {}", parts.join(", ")) }
}

fn hint(row: &VideoStatus, now: jiff::Timestamp) -> String {
    let mut notes = Vec::new();
    match row.role {
        StatusRole::Wanted => {}
        StatusRole::Orphan => notes.push("no longer in any manifest".to_owned()),
        StatusRole::Old => notes.push("an earlier content".to_owned()),
    }
    let left = row.expires.map(|end| end.duration_since(now).as_secs());
    match row.phase {
        Phase::Done => notes.extend(left.map(|left| match left {
            1.. => format!("expires in {}", format_span(left)),
            _ => "older than 7 days, still at the vendor".to_owned(),
        })),
        Phase::Expired if row.denied => {
            notes.push("the vendor keeps results for 7 days, never pulled".to_owned());
            notes.push(retake(row));
        }
        Phase::Missing if row.denied => notes.push(retake(row)),
        Phase::Pulled => notes.extend(row.take.as_ref().and_then(|take| take.bytes).map(format_bytes)),
        _ => {}
    }
    if !row.message.is_empty() {
        notes.push(sanitize(&row.message).into_owned());
    }
    notes.join("; ")
}

/// Returns the price of a retake. Use it only if the vendor reports the result as missing, because advice to pay
/// again must never come too early.
fn retake(row: &VideoStatus) -> String {
    format!("a new take costs {}: raise its `take`", row.estimate.price())
}

/// Returns warnings about results that the vendor is about to delete, or has deleted.
pub fn expiry_warnings(
    rows: &[VideoStatus],
    now: jiff::Timestamp,
    within: jiff::SignedDuration,
    again: &str,
) -> Vec<String> {
    let soon = |row: &&VideoStatus| {
        (row.is_pending() || row.phase == Phase::Done)
            && !row.may_have_expired()
            && row.expires.is_some_and(|end| end.duration_since(now) <= within)
    };
    let mut warnings = Vec::new();
    let expiring: Vec<&VideoStatus> = rows.iter().filter(soon).collect();
    if let Some(first) = expiring.iter().filter_map(|row| row.expires).min() {
        warnings.push(format!(
            "{} never pulled and deleted by the vendor within {}, the first in {}: {}; `{again} pull` saves finished videos",
            pluralize(expiring.len() as u64, "result"),
            format_span(within.as_secs()),
            format_span(first.duration_since(now).as_secs()),
            first_keys(expiring.iter().map(|row| &row.key))
        ));
    }
    let unasked: Vec<&VideoStatus> = rows.iter().filter(|row| row.may_have_expired()).collect();
    if !unasked.is_empty() {
        warnings.push(format!(
            "{} may have expired: never pulled, and older than the 7 days that the vendor keeps results: {}; `{again} status` queries the vendor",
            pluralize(unasked.len() as u64, "result"),
            first_keys(unasked.iter().map(|row| &row.key))
        ));
    }
    let expired: Vec<&VideoStatus> = rows.iter().filter(|row| row.phase == Phase::Expired && row.denied).collect();
    if !expired.is_empty() {
        let price: Credits = expired.iter().map(|row| row.estimate.price()).sum();
        warnings.push(format!(
            "{} older than the 7 days that the vendor keeps them, never pulled: {}; retaking them costs {price}",
            pluralize(expired.len() as u64, "result"),
            first_keys(expired.iter().map(|row| &row.key))
        ));
    }
    warnings
}

/// Returns the first keys, and the number of further ones.
fn first_keys<'a>(mut keys: impl ExactSizeIterator<Item = &'a Arc<str>>) -> String {
    let mut text: Vec<String> = keys.by_ref().take(3).map(|key| format!("`{key}`")).collect();
    if keys.len() > 0 {
        text.push(format!("and {} more", keys.len()));
    }
    text.join(", ")
}

/// Returns the videos that were not finished in time, one per line: key, state, and the id for queries.
pub fn pending_lines(rows: &[VideoStatus]) -> String {
    let row = |row: &VideoStatus| {
        let id = sanitize(row.id().unwrap_or_default()).into_owned();
        vec![cell(sanitize(&row.key).into_owned()), cell(row_word(row)), cell(id)]
    };
    let open: Vec<_> = rows.iter().filter(|row| row.is_pending()).map(row).collect();
    let mut widths = Widths::of(&open);
    // Longer states are rare, and move only their own line.
    widths.0.get_mut(1).into_iter().for_each(|width| *width = 9);
    open.iter().map(|row| widths.line(row, Theme::new(false)) + "\n").collect()
}

/// Returns the result of a wait: `Waited: 7 done, 1 failed`.
pub fn waited_sentence(rows: &[VideoStatus]) -> String {
    let waited = |phase: Phase| rows.iter().filter(move |row| row.phase == phase && !row.may_have_expired()).count();
    let open = rows.iter().filter(|row| row.is_pending()).count();
    let said = counts(&[
        (waited(Phase::Done), "done"),
        (waited(Phase::Pulled), "pulled"),
        (open, "not rendered yet"),
        (waited(Phase::Failed), "failed"),
        (waited(Phase::Expired), "expired"),
        (waited(Phase::Missing), "missing"),
        (waited(Phase::InDoubt), "in doubt"),
        (waited(Phase::NotSubmitted), "not submitted"),
    ]);
    format!("Waited: {}", if said.is_empty() { "nothing to wait for" } else { &said })
}

/// Returns the result of a download: `Pulled: 8 saved, 1 not rendered yet · 27.3 kB downloaded`.
///
/// `rest` has the counts of the rows without a result to save.
pub fn pulled_sentence(pulled: &Pulled, rest: &[(usize, &str)]) -> String {
    let subtitled = if pulled.subtitled == 1 { "subtitle file written" } else { "subtitle files written" };
    let own = [
        (pulled.saved.len(), "saved"),
        (pulled.kept, "kept"),
        (pulled.subtitled, subtitled),
        (pulled.unsubtitled.len(), "without subtitles"),
        (pulled.unsaved.len(), "not saved"),
    ];
    let said = counts(own.iter().chain(rest));
    let said = if said.is_empty() { "nothing to save" } else { &said };
    format!("Pulled: {said} · {} downloaded", format_bytes(pulled.moved))
}

/// Returns a warning about videos without subtitles, because callsheet knows no text of them.
pub fn wordless_warning(pulled: &Pulled) -> Option<String> {
    let keys = &pulled.wordless;
    let videos = pluralize(keys.len() as u64, "video");
    let reason = if keys.len() == 1 {
        "it has no known text, as with a recording or silence"
    } else {
        "they have no known text, as with recordings or silence"
    };
    (!keys.is_empty()).then(|| format!("no subtitles for {videos}: {reason}: {}", first_keys(keys.iter())))
}

/// Returns the next steps for results that were not saved.
pub fn unsaved_hint(pulled: &Pulled, rows: &[VideoStatus]) -> String {
    let gone: Vec<&VideoStatus> =
        rows.iter().filter(|row| pulled.unsaved.iter().any(|one| one.gone && one.key == row.key)).collect();
    if gone.is_empty() {
        return String::new();
    }
    let price: Credits = gone.iter().map(|row| row.estimate.price()).sum();
    format!(
        "{} no longer at the vendor; nothing was sent. A new take of {} costs {price}: raise `take` of {}, then apply\n",
        pluralize(gone.len() as u64, "result") + if gone.len() == 1 { " is" } else { " are" },
        if gone.len() == 1 { "it" } else { "them" },
        first_keys(gone.iter().map(|row| &row.key))
    )
}

/// What `callsheet status --format json` prints.
///
/// Fields may be added within one format version.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Status")]
pub struct StatusDocument<'a> {
    /// The environment's name.
    pub environment: &'a str,
    /// The vendor's host.
    pub host: &'a str,
    /// The time of this status, UTC.
    #[schemars(with = "String")]
    pub at: jiff::Timestamp,
    /// Whether the vendor was queried about all pending takes; otherwise only the lockfile was read.
    pub asked: bool,
    /// In manifest order; takes without a video come last.
    pub takes: Vec<TakeRow<'a>>,
    /// Warnings.
    pub warnings: &'a [String],
}

/// The status of one video.
// [`VideoStatus`] has a complete take, and URLs that are secret.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Take")]
pub struct TakeRow<'a> {
    /// The video's key.
    key: &'a str,
    /// The state.
    state: Phase,
    /// The vendor's own number, for the state `unknown`.
    status: Option<i64>,
    /// The relation to the manifests.
    role: StatusRole,
    /// The content.
    digest: Digest,
    /// The number of the submission of this content; null if nothing was submitted.
    attempt: Option<u32>,
    /// The vendor's task id.
    task: Option<&'a str>,
    /// The vendor's id in its list of videos.
    video: Option<&'a str>,
    /// When it was sent, UTC.
    #[schemars(with = "Option<String>")]
    sent: Option<jiff::Timestamp>,
    /// When the vendor deletes it, UTC; null for saved and unfinished videos.
    #[schemars(with = "Option<String>")]
    expires: Option<jiff::Timestamp>,
    /// Seconds until then; negative after that.
    expires_in: Option<i64>,
    /// Seconds of video, once made.
    seconds: Option<f64>,
    /// Why it failed, is missing, or is still awaited; else empty.
    message: &'a str,
    /// The hash of the saved file, 64 hex digits.
    sha256: Option<&'a str>,
    /// The size of the saved file.
    bytes: Option<u64>,
}

impl<'a> TakeRow<'a> {
    /// Returns the row of a video, with what remains of its time.
    pub fn new(row: &'a VideoStatus, now: jiff::Timestamp) -> Self {
        let take = row.take.as_ref();
        let expires = row.expires.filter(|_| row.is_unsaved());
        Self {
            key: &row.key,
            state: row.phase,
            status: if let Phase::Unknown(number) = row.phase { Some(number) } else { None },
            role: row.role,
            digest: row.digest,
            attempt: take.map(|take| take.attempt),
            task: take.and_then(|take| take.task.as_deref()),
            video: take.and_then(|take| take.video.as_deref()),
            sent: row.sent,
            expires,
            expires_in: expires.map(|at| at.duration_since(now).as_secs()),
            seconds: row.seconds,
            message: &row.message,
            sha256: take.and_then(|take| take.sha256.as_deref()),
            bytes: take.and_then(|take| take.bytes),
        }
    }
}
