//! Queries the vendor for the status of takes: one list for many, and task details for the rest.

use std::collections::{BTreeMap, HashMap};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};

use super::phase::{ListAnswer, TakeAnswers, update_phase};
use super::{Phase, VideoStatus};
use crate::lockfile::{Record, Take, TakeSource, TakeState};
use crate::spec::marker;
use crate::vendor::{CallError, ListedVideo, MarkerIndex, Vendor};

/// Minimum number of takes for a query of the list: one page has up to a thousand.
const MIN_TAKES_FOR_LIST: usize = 4;
/// Number of tasks that are queried, different ones each time, although the list was clear: generating, or old and
/// absent. The list may lag.
const SAMPLE_SIZE: usize = 4;
/// Maximum number of concurrent queries. The shared rate spaces them.
const CONCURRENT_QUERIES: usize = 4;

/// The result of a query.
#[derive(Debug, Default)]
pub struct PollOutcome {
    /// The records of new states.
    pub records: Vec<Record>,
    /// The error of a failed query. The status of its takes is unknown.
    pub error: Option<CallError>,
    /// Whether the deadline passed before all responses arrived.
    pub out_of_time: bool,
}

/// Queries the status of the chosen rows and updates them. Responses before the deadline count, which includes retries
/// and their pauses.
///
/// # Errors
/// Only if the vendor refuses the credentials. Other errors are returned in [`PollOutcome::error`], and their rows stay
/// unchanged.
pub async fn poll<V: Vendor>(
    vendor: &V,
    board: &mut [VideoStatus],
    chosen: impl Fn(&VideoStatus) -> bool,
    (now, deadline): (Timestamp, Option<Instant>),
) -> Result<PollOutcome, CallError> {
    let rows: Vec<usize> = (0..board.len()).filter(|row| board[*row].id().is_some() && chosen(&board[*row])).collect();
    let mut inquiry =
        Poll { board, found: vec![TakeAnswers::default(); rows.len()], rows: &rows, trouble: None, no_list: None };
    let gathering = inquiry.gather(vendor, now);
    let gathered = match deadline {
        Some(deadline) => timeout_at(deadline, gathering).await,
        None => Ok(gathering.await),
    };
    let out_of_time = gathered.is_err();
    gathered.unwrap_or(Ok(()))?;
    let Poll { found, trouble, .. } = inquiry;
    let now = earlier_clock(vendor, now);
    for (row, evidence) in rows.iter().zip(found) {
        update_phase(&mut board[*row], evidence, now);
        let row = &board[*row];
        tracing::debug!(key = &*row.key, id = row.id(), state = ?row.phase, files = row.results.len(), "the vendor says");
    }
    let records = rows.iter().filter_map(|row| new_record(&board[*row])).collect();
    Ok(PollOutcome { records, error: trouble, out_of_time })
}

/// Returns the earlier of the vendor's time and ours, by which takes are younger, so that none is given up too early.
pub(super) fn earlier_clock<V: Vendor>(vendor: &V, now: Timestamp) -> Timestamp {
    vendor.clock_offset().and_then(|offset| now.checked_add(offset).ok()).map_or(now, |then| then.min(now))
}

/// The queries about some rows, with the responses so far.
struct Poll<'a> {
    board: &'a [VideoStatus],
    rows: &'a [usize],
    /// One element for each of `rows`.
    found: Vec<TakeAnswers>,
    trouble: Option<CallError>,
    /// The error of a list that is unknown at this URL. Then "no such task" proves nothing about a task.
    no_list: Option<CallError>,
}

impl Poll<'_> {
    async fn gather<V: Vendor>(&mut self, vendor: &V, now: Timestamp) -> Result<(), CallError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let some_without_task = (0..self.rows.len()).any(|at| self.task(at).is_none());
        let by_list = some_without_task || self.rows.len() >= MIN_TAKES_FOR_LIST;
        let by = match by_list {
            true if some_without_task => "the list: some have only a video id",
            true => "the list, which has many takes per request",
            false => "each task",
        };
        tracing::debug!(takes = self.rows.len(), by, "querying the vendor");
        if by_list {
            let listed = self.read_list(vendor).await;
            self.keep_error(listed)?;
        }
        self.read_details(vendor, self.needing_detail(now)).await?;
        // The list may name a file that the task does not.
        if !by_list && self.found.iter().any(TakeAnswers::needs_second_opinion) {
            match self.read_list(vendor).await {
                Err(CallError::Key(message)) => return Err(CallError::Key(message)),
                // The tasks have responded. The list would only have been a second source.
                Err(error) => tracing::debug!(%error, "the list could not be read as a second source"),
                Ok(()) => {}
            }
        }
        if let Some(error) = self.no_list.take() {
            // A wrong `base_url`, or a gateway without its backend: the server that responds is not the vendor.
            for evidence in self.found.iter_mut().filter(|evidence| matches!(evidence.task, Some(Err(_)))) {
                (evidence.task, evidence.is_task_unanswered) = (None, true);
                self.trouble = Some(error.clone());
            }
        }
        Ok(())
    }

    fn task(&self, at: usize) -> Option<&str> {
        self.board[self.rows[at]].take.as_ref()?.task.as_deref()
    }

    /// Keeps an error for the result. Refused credentials end the query.
    fn keep_error(&mut self, asked: Result<(), CallError>) -> Result<(), CallError> {
        match asked {
            Err(CallError::Key(message)) => return Err(CallError::Key(message)),
            Err(error) => self.trouble = Some(error),
            Ok(()) => {}
        }
        Ok(())
    }

    /// Reads the list and stores its result for each row.
    async fn read_list<V: Vendor>(&mut self, vendor: &V) -> Result<(), CallError> {
        let videos = match vendor.list_videos().await {
            Ok(videos) => videos,
            Err(error) => {
                self.no_list = Some(error.clone())
                    .filter(|error| matches!(error, CallError::Refused { code: 404 | 405 | 410, .. }));
                return Err(error);
            }
        };
        let marked = MarkerIndex::new(&videos);
        let by_id: HashMap<&str, &ListedVideo> = videos.iter().map(|video| (video.id.as_str(), video)).collect();
        for (row, evidence) in self.rows.iter().zip(&mut self.found) {
            let Some(take) = &self.board[*row].take else { continue };
            let known = take.video.as_deref().and_then(|id| by_id.get(id).copied());
            let found = known.or_else(|| match marked.with_marker(&marker(&take.digest, take.attempt)) {
                [video] => Some(*video),
                // Two videos with one marker are two submissions. Only the task identifies this take's video.
                _ => None,
            });
            evidence.listed = found.cloned().map_or(ListAnswer::Absent, ListAnswer::Video);
        }
        let settled = self.found.iter().filter(|evidence| evidence.is_settled_by_list()).count();
        tracing::debug!(listed = videos.len(), settled, left = self.found.len() - settled, "the list was read");
        Ok(())
    }

    /// Returns the tasks to query, each with its rows.
    fn needing_detail(&self, now: Timestamp) -> BTreeMap<String, Vec<usize>> {
        let plain = |at: &usize| match &self.found[*at].listed {
            ListAnswer::Video(video) => video.status == Some(2),
            ListAnswer::Absent => self.board[self.rows[*at]].may_have_expired(),
            ListAnswer::NotQueried => false,
        };
        let open = (0..self.rows.len()).filter(|at| !self.found[*at].is_settled_by_list());
        let (believed, mut asked): (Vec<usize>, Vec<usize>) = open.partition(plain);
        let first = usize::try_from(now.as_second()).unwrap_or_default() % believed.len().max(1);
        asked.extend(believed.iter().cycle().skip(first).take(SAMPLE_SIZE.min(believed.len())));
        let mut tasks: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for at in asked {
            if let Some(task) = self.task(at) {
                tasks.entry(task.to_owned()).or_default().push(at);
            }
        }
        tasks
    }

    async fn read_details<V: Vendor>(
        &mut self,
        vendor: &V,
        tasks: BTreeMap<String, Vec<usize>>,
    ) -> Result<(), CallError> {
        let mut answers = stream::iter(tasks)
            .map(|(task, rows)| async move { (vendor.task_detail(&task).await, rows) })
            .buffer_unordered(CONCURRENT_QUERIES);
        while let Some((answer, rows)) = answers.next().await {
            let answer = match answer {
                Ok(detail) => Ok(detail),
                // The task does not exist. Other errors prove nothing about it.
                Err(CallError::Refused { code: 400 | 404 | 410 | 422, message }) => Err(message),
                Err(error) => {
                    for at in rows {
                        self.found[at].is_task_unanswered = true;
                    }
                    self.keep_error(Err(error))?;
                    continue;
                }
            };
            for at in rows {
                self.found[at].task = Some(answer.clone());
            }
        }
        Ok(())
    }
}

/// Returns the record of a state that the lockfile does not have yet.
///
/// It keeps the time of the submission, if known. The vendor's day of deletion and the month of the bill follow from
/// that time, even if the line of the submission is folded away. An adopted take has the time of its adoption, which
/// the vendor may correct to an earlier one.
pub(super) fn new_record(row: &VideoStatus) -> Option<Record> {
    let take = row.take.as_ref()?;
    let news = match (take.state, row.phase) {
        (TakeState::Submitted | TakeState::Failed, Phase::Done) => {
            let sent = row.sent.filter(|sent| take.how == Some(TakeSource::Adopted) && *sent < take.at);
            let (at, seconds) = (sent.unwrap_or(take.at), row.seconds.or(take.seconds));
            Take { state: TakeState::Done, at, seconds, message: None, ..take.clone() }
        }
        (TakeState::Submitted, Phase::Failed) => {
            let message = if row.message.is_empty() { "the vendor gave no reason" } else { &row.message };
            Take { state: TakeState::Failed, message: Some(message.to_owned()), ..take.clone() }
        }
        _ => return None,
    };
    Some(Record::Take(news))
}
