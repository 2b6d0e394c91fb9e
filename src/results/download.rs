//! Downloads one file: resumes it, checks it, and moves it into place.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncSeekExt, AsyncWriteExt};
use tokio::time::Instant;

use super::file_hash::FileHash;
use super::mp4::{FileCheck, check_file};
use super::partial_download::PartialDownload;
use super::poll::earlier_clock;
use super::saved_files::move_into_place;
use super::{PullContext, PullItem, Quality, ResultsEvent, VideoStatus, poll};
use crate::lockfile::Take;
use crate::vendor::{CallError, DownloadError, ResultBody, TaskResult, Vendor, fraction};

/// Maximum tries without progress.
const MAX_TRIES_WITHOUT_PROGRESS: u32 = 5;
/// Number of received bytes, or time, after which the file is synced and its state recorded.
const SYNC_BYTES: u64 = 4 << 20;
const SYNC_TIME: Duration = Duration::from_millis(250);
/// Maximum pause between tries.
const MAX_PAUSE: Duration = Duration::from_secs(20);

/// The reason why a file is not tried again.
const TIMED_OUT: &str = "the time ran out before the next try";

/// A file in its place.
#[derive(Clone, Debug)]
pub(super) struct SavedFile {
    pub facts: FileHash,
    pub seconds: Option<f64>,
    pub moved: u64,
}

/// The reason why a file is not in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PullFailure {
    Stopped,
    KeyRefused(String),
    /// The vendor no longer has it.
    Gone(String),
    /// The file on disk has another quality, and the requested one is not available.
    OtherQuality,
    Failed(String),
}

/// The result of a try that did not succeed.
enum TryError {
    /// Tried again after a pause.
    Transient(String, Option<Duration>),
    /// The download URL no longer works. A new one is requested.
    StaleUrl(String),
    /// A complete file was received, but it is invalid.
    Invalid(String),
    Fatal(PullFailure),
}

impl From<io::Error> for TryError {
    fn from(error: io::Error) -> Self {
        Self::Fatal(PullFailure::Failed(format!("cannot be written: {error}")))
    }
}

/// Downloads the file of one take. `has_other` means that a valid file of another quality exists.
pub(super) async fn download<V: Vendor>(
    context: &PullContext<'_, V>,
    item: &PullItem,
    take: &Take,
    has_other: bool,
) -> Result<SavedFile, PullFailure> {
    let mut row = item.row.clone();
    let mut part = PartialDownload::beside(&item.target, take);
    let (mut idle, mut best, mut moved) = (0, 0, 0);
    let (mut fresh, mut wrong, mut told) = (false, false, false);
    loop {
        if row.results.is_empty() {
            refresh(context, &mut row).await?;
            fresh = true;
        }
        let chosen = context.options.quality.choose(&row.results).cloned();
        let Some(chosen) = chosen else { return Err(no_url(&row)) };
        if has_other && !context.options.quality.matches(chosen.height) {
            return Err(PullFailure::OtherQuality);
        }
        if !context.options.quality.matches(chosen.height) && !std::mem::replace(&mut told, true) {
            report_fallback(context, &row, &chosen);
        }
        tracing::debug!(
            key = &*row.key,
            lines = chosen.height,
            of = row.results.len(),
            fresh_address = fresh,
            have = part.resume(chosen.height).map_or(0, |resume| resume.from),
            "fetching",
        );
        let tried = attempt(context, item, &chosen, &mut part, &mut moved).await;
        let miss = match tried.and_then(|verdict| finish(context, item, verdict, &chosen, &mut part)) {
            Ok((facts, seconds)) => return Ok(SavedFile { facts, seconds, moved }),
            Err(miss) => miss,
        };
        let there = part.resume(chosen.height).map_or(0, |resume| resume.from);
        if there > best {
            // A URL that made progress may have expired since then.
            (idle, best, fresh) = (0, there, false);
        } else {
            idle += 1;
        }
        let (reason, wait) = match miss {
            TryError::Fatal(failure) => return Err(failure),
            TryError::StaleUrl(reason) if fresh => return Err(refused(context, &row, &reason)),
            TryError::StaleUrl(_) => {
                row.results.clear();
                continue;
            }
            TryError::Invalid(reason) if wrong => return Err(quarantine(&mut part, &reason)),
            TryError::Invalid(reason) => {
                part.reset();
                row.results.clear();
                (wrong, best) = (true, 0);
                (reason, None)
            }
            TryError::Transient(reason, wait) => (reason, wait),
        };
        if idle >= MAX_TRIES_WITHOUT_PROGRESS {
            return Err(PullFailure::Failed(reason));
        }
        pause(context, &row, reason, wait, idle).await?;
    }
}

/// Returns the failure of a take without a download URL. It is gone only if the vendor says so.
fn no_url(row: &VideoStatus) -> PullFailure {
    let words = if row.message.is_empty() { "the vendor names no file for it now" } else { &row.message };
    if row.denied { PullFailure::Gone(words.to_owned()) } else { PullFailure::Failed(format!("{words}; try again")) }
}

/// Returns the failure of a new URL that does not work. It is gone if its days are over, else a retry may succeed.
fn refused<V: Vendor>(context: &PullContext<'_, V>, row: &VideoStatus, reason: &str) -> PullFailure {
    let now = jiff::Timestamp::now();
    let now = context.vendor.map_or(now, |vendor| earlier_clock(vendor, now));
    if row.is_past_retention(now) {
        PullFailure::Gone(format!("{reason}, and the 7 days that the vendor keeps results are over"))
    } else {
        PullFailure::Failed(format!("{reason}, though the vendor keeps results for 7 days: try again"))
    }
}

/// Requests new download URLs from the vendor.
async fn refresh<V: Vendor>(context: &PullContext<'_, V>, row: &mut VideoStatus) -> Result<(), PullFailure> {
    let Some(vendor) = context.vendor else {
        return Err(PullFailure::Failed("cannot refresh the download URL without a vendor client".to_owned()));
    };
    let time = (jiff::Timestamp::now(), context.deadline);
    let asked = tokio::select! {
        asked = poll(vendor, std::slice::from_mut(row), |_| true, time) => asked,
        () = context.stop.stop_requested() => return Err(PullFailure::Stopped),
    };
    match asked {
        Ok(asked) if asked.out_of_time => Err(PullFailure::Failed(TIMED_OUT.to_owned())),
        Ok(asked) => match asked.error {
            Some(error) => Err(PullFailure::Failed(format!("the vendor could not be queried: {error}"))),
            None => Ok(()),
        },
        Err(CallError::Key(message)) => Err(PullFailure::KeyRefused(message)),
        Err(error) => Err(PullFailure::Failed(error.to_string())),
    }
}

fn report_fallback<V>(context: &PullContext<'_, V>, row: &VideoStatus, chosen: &TaskResult) {
    let Quality::Lines(asked) = context.options.quality else { return };
    let there = chosen.height.map_or_else(|| "the only file".to_owned(), |lines| format!("{lines}p"));
    let message = format!("`{}` is not available in {asked}p: {there} is saved", row.key);
    context.progress.event(&ResultsEvent::Warning { message });
}

/// Makes one try: requests the rest of the file, or all of it, and writes what is received. Returns the check of the
/// complete file.
async fn attempt<V: Vendor>(
    context: &PullContext<'_, V>,
    item: &PullItem,
    chosen: &TaskResult,
    part: &mut PartialDownload,
    moved: &mut u64,
) -> Result<FileCheck, TryError> {
    let resume = part.resume(chosen.height);
    let opened = tokio::select! {
        opened = context.download.open(&chosen.url, resume.as_ref()) => opened,
        () = context.stop.stop_requested() => return Err(TryError::Fatal(PullFailure::Stopped)),
    };
    let mut body = opened.map_err(|error| try_error(&error, part))?;
    let file = part.open(body.start, body.validator.clone(), chosen.height)?;
    context.progress.event(&ResultsEvent::Fetching {
        key: item.row.key.clone(),
        file: item.display_path.clone(),
        from: body.start,
        total: body.total.or(chosen.bytes),
    });
    let (bytes, ended) = receive(context, &item.row, &mut body, (part, file)).await?;
    *moved += bytes - body.start;
    ended?;
    if let Some(total) = body.total.filter(|total| *total != bytes) {
        return Err(TryError::Transient(format!("`{}` sent {bytes} of {total} bytes", body.host), None));
    }
    let path = part.path.clone();
    Ok(tokio::task::spawn_blocking(move || check_file(&path)).await.map_err(io::Error::other)??)
}

fn try_error(error: &DownloadError, part: &mut PartialDownload) -> TryError {
    let words = error.to_string();
    match error {
        DownloadError::Status { status: 400 | 401 | 403 | 404 | 410, .. } => TryError::StaleUrl(words),
        DownloadError::Status { status: 408 | 425 | 429 | 500.., wait, .. } => TryError::Transient(words, *wait),
        DownloadError::Refused(_) | DownloadError::Status { .. } => TryError::Fatal(PullFailure::Failed(words)),
        DownloadError::Changed(_) => {
            part.reset();
            TryError::Transient(words, None)
        }
        DownloadError::Broken(_) => TryError::Transient(words, None),
    }
}

/// Writes received bytes until the end, an error or a stop. Returns the number of bytes that are on disk, synced and
/// recorded.
async fn receive<V>(
    context: &PullContext<'_, V>,
    row: &VideoStatus,
    body: &mut ResultBody,
    (part, file): (&mut PartialDownload, std::fs::File),
) -> io::Result<(u64, Result<(), TryError>)> {
    let mut file = tokio::fs::File::from_std(file);
    let mut at = body.start;
    file.seek(io::SeekFrom::Start(at)).await?;
    let (mut synced, mut since) = (at, Instant::now());
    let ended = loop {
        let next = tokio::select! {
            next = body.chunk() => next,
            () = context.stop.stop_requested() => break Err(TryError::Fatal(PullFailure::Stopped)),
        };
        match next {
            Ok(Some(bytes)) => {
                file.write_all(&bytes).await?;
                at += bytes.len() as u64;
                context.progress.event(&ResultsEvent::Fetched { key: row.key.clone(), bytes: at });
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(try_error(&error, part)),
        }
        if at - synced >= SYNC_BYTES || since.elapsed() >= SYNC_TIME {
            file.flush().await?;
            file.sync_data().await?;
            part.record_synced(at)?;
            (synced, since) = (at, Instant::now());
        }
    };
    file.flush().await?;
    file.sync_all().await?;
    part.record_synced(at)?;
    Ok((at, ended))
}

/// Moves the file into place, if it is valid.
fn finish<V>(
    context: &PullContext<'_, V>,
    item: &PullItem,
    verdict: FileCheck,
    chosen: &TaskResult,
    part: &mut PartialDownload,
) -> Result<(FileHash, Option<f64>), TryError> {
    if let Some(reason) = verdict.rejection(chosen) {
        return Err(TryError::Invalid(reason));
    }
    for warning in verdict.warnings(chosen, item.row.estimate.seconds) {
        context.progress.event(&ResultsEvent::Warning { message: format!("`{}`: {warning}", item.row.key) });
    }
    let container = verdict.container.unwrap_or_default();
    let seconds = container.seconds.or(chosen.seconds);
    part.mark_complete(&verdict.facts, seconds)?;
    move_into_place(&part.path, &verdict.facts, &item.target, &context.options.out)?;
    Ok((verdict.facts, seconds))
}

/// Keeps a file that was invalid twice for inspection: after a week, the vendor no longer has it.
fn quarantine(part: &mut PartialDownload, reason: &str) -> PullFailure {
    match part.reject() {
        Ok(place) => {
            let name = place.file_name().map(PathBuf::from).unwrap_or_default();
            PullFailure::Failed(format!(
                "{reason}; this happened twice, so the file is kept as `{}` next to its target",
                name.display()
            ))
        }
        Err(error) => PullFailure::Failed(format!("{reason}; the file could not be kept: {error}")),
    }
}

async fn pause<V>(
    context: &PullContext<'_, V>,
    row: &VideoStatus,
    reason: String,
    asked: Option<Duration>,
    idle: u32,
) -> Result<(), PullFailure> {
    // Unlike `Backoff`, it waits at least half of each step, and progress resets the steps.
    let share = 0.5 + fraction((context.random)()) / 2.0;
    let step = context.options.pause.saturating_mul(1 << idle.min(6)).min(MAX_PAUSE).mul_f64(share);
    let wait = asked.map_or(step, |asked| asked.max(step));
    if context.deadline.is_some_and(|end| Instant::now().checked_add(wait).is_none_or(|next| next > end)) {
        return Err(PullFailure::Failed(format!("{reason}; {TIMED_OUT}")));
    }
    let told = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    context.progress.event(&ResultsEvent::Retrying { key: row.key.clone(), reason, wait: told });
    tokio::select! {
        () = tokio::time::sleep(wait) => Ok(()),
        () = context.stop.stop_requested() => Err(PullFailure::Stopped),
    }
}
