//! Asks the vendor how takes stand: one list for many, the detail of a task for the rest.

use std::collections::{BTreeMap, HashMap};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use super::{Phase, Standing, line};
use crate::lock::{How, KEPT_BY_VENDOR, Record, State};
use crate::spec::marker;
use crate::vendor::{CallError, ListedVideo, Marked, TaskDetail, TaskState, Vendor};

/// From so many takes on the list is asked, which answers for a thousand at once.
const LIST_FROM: usize = 4;
/// Questions under way at once; the rate that all share spaces them.
const AT_ONCE: usize = 4;

/// What came of asking.
#[derive(Debug, Default)]
pub struct Asked {
    /// Lines that tell what is new.
    pub records: Vec<Record>,
    /// A question that failed; how its takes stand is not known.
    pub trouble: Option<CallError>,
}

/// Asks about the rows that are chosen, and notes the answers in them.
///
/// # Errors
/// Only when the key is refused; other troubles are noted, and those rows stay as they were.
pub async fn ask<V: Vendor>(
    vendor: &V,
    board: &mut [Standing],
    chosen: impl Fn(&Standing) -> bool,
    now: Timestamp,
) -> Result<Asked, CallError> {
    let rows: Vec<usize> = (0..board.len()).filter(|row| board[*row].id().is_some() && chosen(&board[*row])).collect();
    let mut asked = Asked::default();
    let by_list = rows.iter().any(|row| task(&board[*row]).is_none());
    if !rows.is_empty() {
        let by = match () {
            () if by_list => "the list: some are known by their video alone",
            () if rows.len() >= LIST_FROM => "the list, which answers for many at once",
            () => "each task",
        };
        tracing::debug!(takes = rows.len(), by, "asking the vendor");
    }
    let mut left = rows.clone();
    if by_list || rows.len() >= LIST_FROM {
        match vendor.list_videos().await {
            Ok(videos) => {
                left = from_list(board, &rows, &videos);
                let (listed, settled) = (videos.len(), rows.len() - left.len());
                tracing::debug!(listed, settled, left = left.len(), "the list was read");
            }
            Err(CallError::Key(message)) => return Err(CallError::Key(message)),
            Err(error) => asked.trouble = Some(error),
        }
    }
    let tasks: BTreeMap<String, Vec<usize>> = left.into_iter().fold(BTreeMap::new(), |mut tasks, row| {
        if let Some(task) = task(&board[row]) {
            tasks.entry(task.to_owned()).or_default().push(row);
        }
        tasks
    });
    let mut answers = stream::iter(tasks)
        .map(|(task, rows)| async move { (vendor.task_detail(&task).await, rows) })
        .buffer_unordered(AT_ONCE);
    while let Some((answer, rows)) = answers.next().await {
        for row in rows {
            match &answer {
                Ok(detail) => from_detail(&mut board[row], detail),
                Err(CallError::Key(message)) => return Err(CallError::Key(message.clone())),
                Err(CallError::Refused { code: 400 | 403 | 404 | 410 | 422, message }) => {
                    missing(&mut board[row], message, now);
                }
                Err(error) => asked.trouble = Some(error.clone()),
            }
        }
    }
    for row in rows.iter().map(|row| &board[*row]) {
        tracing::debug!(key = &*row.key, id = row.id(), state = ?row.phase, files = row.results.len(), "the vendor says");
    }
    asked.records = rows.iter().filter_map(|row| news(&board[*row])).collect();
    Ok(asked)
}

fn task(row: &Standing) -> Option<&str> {
    row.take.as_ref()?.task.as_deref()
}

/// Notes what the list says; gives back the rows that it does not settle.
fn from_list(board: &mut [Standing], rows: &[usize], videos: &[ListedVideo]) -> Vec<usize> {
    let marked = Marked::new(videos);
    let by_id: HashMap<&str, &ListedVideo> = videos.iter().map(|video| (video.id.as_str(), video)).collect();
    let mut left = Vec::new();
    for &row in rows {
        let standing = &mut board[row];
        let Some(take) = &standing.take else { continue };
        let known = take.video.as_deref();
        let found = match known.and_then(|id| by_id.get(id).copied()) {
            Some(video) => Some(video),
            // Two of one marker are two submissions: which is this take's only its task can tell.
            None => match marked.bearing(&marker(&take.digest, take.attempt)) {
                [video] => Some(*video),
                _ => None,
            },
        };
        match found {
            Some(video) => {
                if !listed(standing, video) {
                    left.push(row);
                }
            }
            None if take.task.is_some() => left.push(row),
            None => {
                standing.phase = Phase::Missing;
                "the vendor's list does not show it".clone_into(&mut standing.message);
            }
        }
    }
    left
}

/// Notes what the list says of one video; false when its task has to be asked for the rest.
fn listed(row: &mut Standing, video: &ListedVideo) -> bool {
    row.results.clone_from(&video.results);
    row.seconds = video.seconds.or(row.seconds);
    let adopted = row.take.as_ref().is_some_and(|take| take.how == Some(How::Adopted));
    if let (true, Some(sent), Some(created)) = (adopted, row.sent, video.created) {
        // It was only found later than it was sent; but no vendor's clock makes a result older than it can be.
        let oldest = sent.checked_sub(KEPT_BY_VENDOR).unwrap_or(Timestamp::MIN);
        let sent = sent.min(created.max(oldest));
        row.expires = row.expires.and(sent.checked_add(KEPT_BY_VENDOR).ok());
    }
    let has_task = task(row).is_some();
    let phase = match video.status {
        _ if !video.results.is_empty() => Phase::Done,
        Some(2) => Phase::Rendering,
        // Its task may know more: the address of what is made, the words for a failure.
        _ if has_task => return false,
        Some(1) => Phase::Done,
        Some(3) => Phase::Failed,
        other => Phase::Unknown(other.unwrap_or(-1)),
    };
    settle(row, phase, "");
    true
}

fn from_detail(row: &mut Standing, detail: &TaskDetail) {
    row.results.clone_from(&detail.results);
    row.seconds = detail.results.iter().find_map(|one| one.seconds).or(row.seconds);
    let phase = match detail.state {
        TaskState::Waiting => Phase::Queued,
        TaskState::Running => Phase::Rendering,
        TaskState::Done => Phase::Done,
        TaskState::Failed => Phase::Failed,
        TaskState::Unknown(number) => Phase::Unknown(number),
    };
    let message = if phase == Phase::Failed { detail.message.as_str() } else { "" };
    settle(row, phase, message);
}

/// Notes a state. What is saved stays saved, and what is gone by the calendar is only there if a file is.
fn settle(row: &mut Standing, phase: Phase, message: &str) {
    let keeps = match row.phase {
        Phase::Pulled => true,
        Phase::Expired => row.results.is_empty() && phase == Phase::Done,
        _ => false,
    };
    if !keeps {
        row.phase = phase;
        message.clone_into(&mut row.message);
    }
}

fn missing(row: &mut Standing, message: &str, now: Timestamp) {
    row.results.clear();
    if row.phase == Phase::Pulled {
        return;
    }
    let expired = row.expires.is_some_and(|end| end <= now);
    row.phase = if expired { Phase::Expired } else { Phase::Missing };
    message.clone_into(&mut row.message);
}

/// The line that tells what the lockfile does not know yet.
fn news(row: &Standing) -> Option<Record> {
    let take = row.take.as_ref()?;
    match (take.state, row.phase) {
        (State::Submitted | State::Failed, Phase::Done) => Some(line::done(take, row.seconds)),
        (State::Submitted, Phase::Failed) => Some(line::failed(take, &row.message)),
        _ => None,
    }
}
