//! Determines the status of one take from the vendor's responses.
//!
//! The vendor's numbers contradict one another (0 is "done" in one reading and "draft only" in another), and its list
//! and its task details do not change at the same moment. So:
//!
//! - a usable address outranks every status, whichever source names it;
//! - a failure is believed only without an address;
//! - every other response is "still rendering" while the take is younger than the vendor keeps results;
//! - a task that the vendor does not know is "not visible yet" for ten minutes after its submission.
//!
//! Only [`VideoStatus::denied`] may lead to the advice to pay again, and only the vendor's own response sets it.

use jiff::{SignedDuration, Timestamp};

use super::{Phase, VideoStatus};
use crate::lockfile::{TakeSource, VENDOR_RETENTION};
use crate::vendor::{ListedVideo, TaskDetail, TaskState};

/// How long after its submission a task may be unknown to the vendor.
const NOT_VISIBLE_YET: SignedDuration = SignedDuration::from_mins(10);
/// The earliest plausible date of a video. An earlier date means none: `1970-01-01 00:00:00`.
const MIN_VENDOR_TIME: Timestamp = Timestamp::constant(1_577_836_800, 0);
/// The reason why a take with the status "done" is still awaited.
const NO_FILE_YET: &str = "the vendor reports it as done, but names no file yet";
/// The reason why an old take is given up.
const NO_FILE_LEFT: &str = "the vendor names no file, and the 7 days that it keeps results are over";

/// The vendor's responses about one take. A source that was not queried, or sent no usable response, is absent.
#[derive(Clone, Debug, Default)]
pub(super) struct TakeAnswers {
    /// The result of the list.
    pub listed: ListAnswer,
    /// The task's detail, or the vendor's message that the task does not exist.
    pub task: Option<Result<TaskDetail, String>>,
    /// Whether the query of the task failed, so that its state is unknown.
    pub is_task_unanswered: bool,
}

/// The result of the list for one take.
#[derive(Clone, Debug, Default)]
pub(super) enum ListAnswer {
    #[default]
    NotQueried,
    /// A complete list does not show it.
    Absent,
    /// Its entry.
    Video(ListedVideo),
}

impl TakeAnswers {
    /// Returns the video in the list.
    pub fn video(&self) -> Option<&ListedVideo> {
        if let ListAnswer::Video(video) = &self.listed { Some(video) } else { None }
    }

    /// Whether the list makes a query of the task unnecessary.
    pub fn is_settled_by_list(&self) -> bool {
        self.video().is_some_and(|video| !video.results.is_empty())
    }

    /// Whether the task's response needs a second source: it names no file, and does not say "queued" or "running".
    pub fn needs_second_opinion(&self) -> bool {
        match &self.task {
            Some(Ok(detail)) => {
                detail.results.is_empty() && !matches!(detail.state, TaskState::Waiting | TaskState::Running)
            }
            Some(Err(_)) => true,
            None => false,
        }
    }
}

/// A take's age, by the limits that matter.
#[derive(Clone, Copy, Debug)]
struct Age {
    /// Submitted within the last ten minutes.
    fresh: bool,
    /// Older than the vendor keeps results.
    old: bool,
}

/// The status of one take.
#[derive(Debug, PartialEq)]
struct PhaseUpdate {
    phase: Phase,
    message: String,
    denied: bool,
}

impl PhaseUpdate {
    fn open(phase: Phase, message: &str) -> Self {
        Self { phase, message: message.to_owned(), denied: false }
    }

    fn denied(phase: Phase, message: &str) -> Self {
        Self { phase, message: message.to_owned(), denied: true }
    }
}

/// Updates a row with the vendor's responses. A row without any stays unchanged.
pub(super) fn update_phase(row: &mut VideoStatus, evidence: TakeAnswers, now: Timestamp) {
    let created = evidence.video().and_then(|video| video.created).filter(|created| *created >= MIN_VENDOR_TIME);
    let sent = match (row.sent, created) {
        (Some(sent), Some(created)) => Some(sent.min(created)),
        (sent, created) => sent.or(created),
    };
    let expires = sent.and_then(|sent| sent.checked_add(VENDOR_RETENTION).ok());
    let age = Age {
        fresh: row.sent.is_some_and(|sent| now.duration_since(sent) < NOT_VISIBLE_YET),
        old: expires.is_some_and(|end| end <= now),
    };
    let has_task = row.take.as_ref().is_some_and(|take| take.task.is_some());
    let Some(verdict) = phase_update(&evidence, has_task, age) else { return };
    let TakeAnswers { listed, task, .. } = evidence;
    let video = if let ListAnswer::Video(video) = listed { Some(video) } else { None };
    let detail = task.and_then(Result::ok);
    let results = detail.map(|detail| detail.results).filter(|results| !results.is_empty());
    row.results = results.or_else(|| video.as_ref().map(|video| video.results.clone())).unwrap_or_default();
    let seconds = row.results.iter().find_map(|one| one.seconds);
    row.seconds = seconds.or(video.and_then(|video| video.seconds)).or(row.seconds);
    row.denied = verdict.denied;
    if row.take.as_ref().is_some_and(|take| take.how == Some(TakeSource::Adopted)) {
        // An adopted take was found later than it was sent.
        row.sent = sent;
    }
    // A saved video stays saved, and needs no date.
    if row.phase != Phase::Pulled {
        (row.phase, row.message, row.expires) = (verdict.phase, verdict.message, expires);
    }
}

/// Returns the status, or `None` if no source decides.
fn phase_update(evidence: &TakeAnswers, has_task: bool, age: Age) -> Option<PhaseUpdate> {
    let has_file = matches!(&evidence.task, Some(Ok(detail)) if !detail.results.is_empty());
    if has_file || evidence.is_settled_by_list() {
        return Some(PhaseUpdate::open(Phase::Done, ""));
    }
    match (&evidence.task, &evidence.listed) {
        (Some(Ok(detail)), _) => Some(by_detail(detail, age)),
        (Some(Err(_)), ListAnswer::Video(video)) => by_list(video.status, true, age),
        (Some(Err(message)), _) => Some(unknown_to_the_vendor(message, age)),
        (None, ListAnswer::Video(video)) => by_list(video.status, !has_task, age),
        // An old take is not queried each time, because a project may have many.
        (None, ListAnswer::Absent) if !has_task || (age.old && !evidence.is_task_unanswered) => {
            Some(unknown_to_the_vendor("the vendor's list does not show it", age))
        }
        (None, _) => None,
    }
}

/// Determines the status from a task's detail that names no file.
fn by_detail(detail: &TaskDetail, age: Age) -> PhaseUpdate {
    match detail.state {
        TaskState::Failed => PhaseUpdate::open(Phase::Failed, &detail.message),
        // The task's own status counts even for an old take: waiting may help, and paying again may be unnecessary.
        TaskState::Waiting => PhaseUpdate::open(Phase::Queued, ""),
        TaskState::Running => PhaseUpdate::open(Phase::Rendering, ""),
        TaskState::Done | TaskState::Unknown(_) if age.old => PhaseUpdate::denied(Phase::Expired, NO_FILE_LEFT),
        TaskState::Done => PhaseUpdate::open(Phase::Rendering, NO_FILE_YET),
        TaskState::Unknown(number) => PhaseUpdate::open(Phase::Unknown(number), ""),
    }
}

/// Determines the status from a listed video without a file. Unless the list is `alone`, a failure and an old take
/// depend on the task, so the result is `None` before the task responds.
fn by_list(status: Option<i64>, alone: bool, age: Age) -> Option<PhaseUpdate> {
    Some(match status {
        Some(2) => PhaseUpdate::open(Phase::Rendering, ""),
        Some(3 | -3) if alone => PhaseUpdate::open(Phase::Failed, ""),
        Some(3 | -3) => return None,
        _ if age.old && alone => PhaseUpdate::denied(Phase::Expired, NO_FILE_LEFT),
        _ if age.old => return None,
        Some(0) | None => PhaseUpdate::open(Phase::Rendering, ""),
        Some(1) => PhaseUpdate::open(Phase::Rendering, NO_FILE_YET),
        Some(number) => PhaseUpdate::open(Phase::Unknown(number), ""),
    })
}

fn unknown_to_the_vendor(message: &str, age: Age) -> PhaseUpdate {
    if age.fresh {
        return PhaseUpdate::open(Phase::Submitted, "not visible at the vendor yet");
    }
    PhaseUpdate::denied(if age.old { Phase::Expired } else { Phase::Missing }, message)
}
