//! Downloads one file: resumes it, checks it, and moves it into place.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncSeekExt, AsyncWriteExt};
use tokio::time::Instant;

use super::disk::{Facts, put};
use super::finish::{Verdict, judge};
use super::part::Part;
use super::poll::earlier_clock;
use super::{AskTime, Event, Item, PullMeans, Quality, Standing, ask};
use crate::lockfile::Take;
use crate::vendor::{CallError, DownloadError, ResultBody, TaskResult, Vendor, fraction};

/// Maximum tries without progress.
const TRIES: u32 = 5;
/// Number of received bytes, or time, after which the file is synced and its state recorded.
const SYNC_BYTES: u64 = 4 << 20;
const SYNC_TIME: Duration = Duration::from_millis(250);
/// Maximum pause between tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// The reason why a file is not tried again.
const OUT_OF_TIME: &str = "the time ran out before the next try";

/// A file in its place.
#[derive(Clone, Debug)]
pub(super) struct Fetched {
    pub facts: Facts,
    pub seconds: Option<f64>,
    pub moved: u64,
}

/// The reason why a file is not in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    Stopped,
    KeyRefused(String),
    /// The vendor no longer has it.
    Gone(String),
    /// The file on disk has another quality, and the requested one is not available.
    OtherQuality,
    Failed(String),
}

/// The result of a try that did not succeed.
enum Miss {
    /// Tried again after a pause.
    Again(String, Option<Duration>),
    /// The download URL no longer works. A new one is requested.
    Stale(String),
    /// A complete file was received, but it is invalid.
    Wrong(String),
    Over(Failure),
}

impl From<io::Error> for Miss {
    fn from(error: io::Error) -> Self {
        Self::Over(Failure::Failed(format!("cannot be written: {error}")))
    }
}

/// Downloads the file of one take. `has_other` means that a valid file of another quality exists.
pub(super) async fn fetch<V: Vendor>(
    context: &PullMeans<'_, V>,
    item: &Item,
    take: &Take,
    has_other: bool,
) -> Result<Fetched, Failure> {
    let mut row = item.row.clone();
    let mut part = Part::of(&item.target, take);
    let (mut idle, mut best, mut moved) = (0, 0, 0);
    let (mut fresh, mut wrong, mut told) = (false, false, false);
    loop {
        if row.results.is_empty() {
            refresh(context, &mut row).await?;
            fresh = true;
        }
        let chosen = context.options.quality.choose(&row.results).cloned();
        let Some(chosen) = chosen else { return Err(nameless(&row)) };
        if has_other && !context.options.quality.is(chosen.height) {
            return Err(Failure::OtherQuality);
        }
        if !context.options.quality.is(chosen.height) && !std::mem::replace(&mut told, true) {
            tell_fallback(context, &row, &chosen);
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
            Ok((facts, seconds)) => return Ok(Fetched { facts, seconds, moved }),
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
            Miss::Over(failure) => return Err(failure),
            Miss::Stale(reason) if fresh => return Err(refused(context, &row, &reason)),
            Miss::Stale(_) => {
                row.results.clear();
                continue;
            }
            Miss::Wrong(reason) if wrong => return Err(reject(&mut part, &reason)),
            Miss::Wrong(reason) => {
                part.reset();
                row.results.clear();
                (wrong, best) = (true, 0);
                (reason, None)
            }
            Miss::Again(reason, wait) => (reason, wait),
        };
        if idle >= TRIES {
            return Err(Failure::Failed(reason));
        }
        pause(context, &row, reason, wait, idle).await?;
    }
}

/// Returns the failure of a take without a download URL. It is gone only if the vendor says so.
fn nameless(row: &Standing) -> Failure {
    let words = if row.message.is_empty() { "the vendor names no file for it now" } else { &row.message };
    if row.denied { Failure::Gone(words.to_owned()) } else { Failure::Failed(format!("{words}; try again")) }
}

/// Returns the failure of a new URL that does not work. It is gone if its days are over, else a retry may succeed.
fn refused<V: Vendor>(context: &PullMeans<'_, V>, row: &Standing, reason: &str) -> Failure {
    let now = jiff::Timestamp::now();
    let now = context.vendor.map_or(now, |vendor| earlier_clock(vendor, now));
    if row.is_past_its_days(now) {
        Failure::Gone(format!("{reason}, and the 7 days that the vendor keeps results are over"))
    } else {
        Failure::Failed(format!("{reason}, though the vendor keeps results for 7 days: try again"))
    }
}

/// Requests new download URLs from the vendor.
async fn refresh<V: Vendor>(context: &PullMeans<'_, V>, row: &mut Standing) -> Result<(), Failure> {
    let Some(vendor) = context.vendor else {
        return Err(Failure::Failed("cannot refresh the download URL without a vendor client".to_owned()));
    };
    let time = AskTime { now: jiff::Timestamp::now(), deadline: context.deadline };
    let asked = tokio::select! {
        asked = ask(vendor, std::slice::from_mut(row), |_| true, time) => asked,
        () = context.stop.stop_requested() => return Err(Failure::Stopped),
    };
    match asked {
        Ok(asked) if asked.out_of_time => Err(Failure::Failed(OUT_OF_TIME.to_owned())),
        Ok(asked) => match asked.trouble {
            Some(error) => Err(Failure::Failed(format!("the vendor could not be queried: {error}"))),
            None => Ok(()),
        },
        Err(CallError::Key(message)) => Err(Failure::KeyRefused(message)),
        Err(error) => Err(Failure::Failed(error.to_string())),
    }
}

fn tell_fallback<V>(context: &PullMeans<'_, V>, row: &Standing, chosen: &TaskResult) {
    let Quality::Lines(asked) = context.options.quality else { return };
    let there = chosen.height.map_or_else(|| "the only file".to_owned(), |lines| format!("{lines}p"));
    let message = format!("`{}` is not available in {asked}p: {there} is saved", row.key);
    context.progress.event(&Event::Warning { message });
}

/// Makes one try: requests the rest of the file, or all of it, and writes what is received. Returns the check of the
/// complete file.
async fn attempt<V: Vendor>(
    context: &PullMeans<'_, V>,
    item: &Item,
    chosen: &TaskResult,
    part: &mut Part,
    moved: &mut u64,
) -> Result<Verdict, Miss> {
    let resume = part.resume(chosen.height);
    let opened = tokio::select! {
        opened = context.download.open(&chosen.url, context.options.idle, resume.as_ref()) => opened,
        () = context.stop.stop_requested() => return Err(Miss::Over(Failure::Stopped)),
    };
    let mut body = opened.map_err(|error| missed(&error, part))?;
    let file = part.open(body.start, body.validator.clone(), chosen.height)?;
    context.progress.event(&Event::Fetching {
        key: item.row.key.clone(),
        file: item.shown.clone(),
        from: body.start,
        total: body.total.or(chosen.bytes),
    });
    let (bytes, ended) = receive(context, &item.row, &mut body, (part, file)).await?;
    *moved += bytes - body.start;
    ended?;
    if let Some(total) = body.total.filter(|total| *total != bytes) {
        return Err(Miss::Again(format!("`{}` sent {bytes} of {total} bytes", body.host()), None));
    }
    let path = part.path.clone();
    Ok(tokio::task::spawn_blocking(move || judge(&path)).await.map_err(io::Error::other)??)
}

fn missed(error: &DownloadError, part: &mut Part) -> Miss {
    let words = error.to_string();
    match error {
        DownloadError::Status { status: 400 | 401 | 403 | 404 | 410, .. } => Miss::Stale(words),
        DownloadError::Status { status: 408 | 425 | 429 | 500.., wait, .. } => Miss::Again(words, *wait),
        DownloadError::Refused(_) | DownloadError::Status { .. } => Miss::Over(Failure::Failed(words)),
        DownloadError::Changed(_) => {
            part.reset();
            Miss::Again(words, None)
        }
        DownloadError::Broken(_) => Miss::Again(words, None),
    }
}

/// Writes received bytes until the end, an error or a stop. Returns the number of bytes that are on disk, synced and
/// recorded.
async fn receive<V>(
    context: &PullMeans<'_, V>,
    row: &Standing,
    body: &mut ResultBody,
    (part, file): (&mut Part, std::fs::File),
) -> io::Result<(u64, Result<(), Miss>)> {
    let mut file = tokio::fs::File::from_std(file);
    let mut at = body.start;
    file.seek(io::SeekFrom::Start(at)).await?;
    let (mut synced, mut since) = (at, Instant::now());
    let ended = loop {
        let next = tokio::select! {
            next = body.chunk() => next,
            () = context.stop.stop_requested() => break Err(Miss::Over(Failure::Stopped)),
        };
        match next {
            Ok(Some(bytes)) => {
                file.write_all(&bytes).await?;
                at += bytes.len() as u64;
                context.progress.event(&Event::Fetched { key: row.key.clone(), bytes: at });
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(missed(&error, part)),
        }
        if at - synced >= SYNC_BYTES || since.elapsed() >= SYNC_TIME {
            file.flush().await?;
            file.sync_data().await?;
            part.synced(at)?;
            (synced, since) = (at, Instant::now());
        }
    };
    file.flush().await?;
    file.sync_all().await?;
    part.synced(at)?;
    Ok((at, ended))
}

/// Moves the file into place, if it is valid.
fn finish<V>(
    context: &PullMeans<'_, V>,
    item: &Item,
    verdict: Verdict,
    chosen: &TaskResult,
    part: &mut Part,
) -> Result<(Facts, Option<f64>), Miss> {
    if let Some(reason) = verdict.rejection(chosen) {
        return Err(Miss::Wrong(reason));
    }
    for warning in verdict.warnings(chosen, item.row.estimate.seconds) {
        context.progress.event(&Event::Warning { message: format!("`{}`: {warning}", item.row.key) });
    }
    let container = verdict.container.unwrap_or_default();
    let seconds = container.seconds.or(chosen.seconds);
    part.whole(&verdict.facts, seconds)?;
    put(&part.path, &verdict.facts, &item.target, &context.options.out)?;
    Ok((verdict.facts, seconds))
}

/// Keeps a file that was invalid twice for inspection: after a week, the vendor no longer has it.
fn reject(part: &mut Part, reason: &str) -> Failure {
    match part.reject() {
        Ok(place) => {
            let name = place.file_name().map(PathBuf::from).unwrap_or_default();
            Failure::Failed(format!(
                "{reason}; this happened twice, so the file is kept as `{}` next to its target",
                name.display()
            ))
        }
        Err(error) => Failure::Failed(format!("{reason}; the file could not be kept: {error}")),
    }
}

async fn pause<V>(
    context: &PullMeans<'_, V>,
    row: &Standing,
    reason: String,
    asked: Option<Duration>,
    idle: u32,
) -> Result<(), Failure> {
    // Unlike `Backoff`, it waits at least half of each step, and progress resets the steps.
    let share = 0.5 + fraction((context.random)()) / 2.0;
    let step = context.options.pause.saturating_mul(1 << idle.min(6)).min(LONGEST_PAUSE).mul_f64(share);
    let wait = asked.map_or(step, |asked| asked.max(step));
    if context.deadline.is_some_and(|end| Instant::now().checked_add(wait).is_none_or(|next| next > end)) {
        return Err(Failure::Failed(format!("{reason}; {OUT_OF_TIME}")));
    }
    let told = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    context.progress.event(&Event::Retrying { key: row.key.clone(), reason, wait: told });
    tokio::select! {
        () = tokio::time::sleep(wait) => Ok(()),
        () = context.stop.stop_requested() => Err(Failure::Stopped),
    }
}
