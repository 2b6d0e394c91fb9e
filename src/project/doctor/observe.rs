//! Observes one take at the vendor until its list entry and its task detail no longer change.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use tokio::time::Instant;

use crate::lockfile::Take;
use crate::results::PollSchedule;
use crate::spec::{marker, submitted_name};
use crate::vendor::{CallError, HttpVendor, ListedVideo, MarkerIndex, StopToken, TaskState, Vendor, unescaped};

/// Final statuses in the list: generated, failed.
const LAST_STATUSES: [i64; 2] = [1, 3];

/// A status when it was first seen.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "SeenStatusV1")]
pub struct SeenStatus {
    /// Seconds after the submission.
    #[serde(serialize_with = "serialize_tenths")]
    #[schemars(with = "f64")]
    pub after: SignedDuration,
    /// The vendor's number, if it gave one.
    pub status: Option<i64>,
    /// Whether the response contains the URL of a file.
    pub file: bool,
}

/// Returns a duration in seconds, rounded to tenths.
pub fn tenths(span: SignedDuration) -> f64 {
    (span.as_secs_f64() * 10.0).round() / 10.0
}

fn serialize_tenths<S: Serializer>(span: &SignedDuration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(tenths(*span))
}

/// The reason why an observation ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ObservationEnd {
    /// All observations are complete.
    Settled,
    /// The time ran out.
    #[default]
    OutOfTime,
    /// The user stopped it.
    Stopped,
}

/// The observations. They contain no id, no URL and no credential.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observations {
    /// The time of submission, by this machine's clock.
    pub sent: Timestamp,
    /// Whether this run submitted it, so that its times are known.
    pub fresh: bool,
    /// The last time after the submission at which the list did not show the take yet.
    pub missed: Option<SignedDuration>,
    /// The time after the submission at which the list first showed the take.
    pub listed: Option<SignedDuration>,
    /// How its name differs in the list. `None` if the list does not show it.
    pub name: Option<Vec<NameChange>>,
    /// Whether the marker can be read from the listed name.
    pub marker: Option<bool>,
    /// Whether the list's id is the task id. `None` if one of them is unknown.
    pub same_id: Option<bool>,
    /// The statuses of the list, in order.
    pub list_statuses: Vec<SeenStatus>,
    /// The statuses of the task, in order.
    pub task_statuses: Vec<SeenStatus>,
    /// Whether the list was served by POST. `None` if it was never served.
    pub by_post: Option<bool>,
    /// How far the vendor's clock is ahead, if known.
    pub clock: Option<SignedDuration>,
    /// The lifetime of a token, if one was created.
    pub token_life: Option<Duration>,
    /// The message of the last request that failed.
    pub trouble: Option<String>,
    /// Whether the vendor rejected the credentials.
    pub rejected: bool,
    /// The reason why the observation ended.
    pub end: ObservationEnd,
}

impl Observations {
    fn start(take: &Take, fresh: bool) -> Self {
        Self { sent: take.at, fresh, ..Self::default() }
    }

    /// Returns the shortest `settle_grace` that is safe with this vendor, if the current one is too short.
    ///
    /// It is twice the time that the list needed: a take still absent after that is not merely late.
    pub fn grace(&self, present: Duration) -> Option<Duration> {
        let needed = self.listed.filter(|_| self.fresh)?.unsigned_abs().saturating_mul(2);
        let step = if needed <= Duration::from_mins(1) { 10 } else { 60 };
        let seconds = needed.as_secs() + u64::from(needed.subsec_nanos() > 0);
        (needed > present).then(|| Duration::from_secs(seconds.div_ceil(step) * step))
    }
}

/// Observes a take until its list entry and its task are final, the time runs out, or `stop` is requested. Checks an
/// earlier take only once.
pub async fn observe(
    vendor: &HttpVendor,
    take: &Take,
    (fresh, patience): (bool, PollSchedule),
    stop: &StopToken,
) -> Observations {
    let mut measured = Observations::start(take, fresh);
    let end = Instant::now().checked_add(patience.timeout);
    let mut pause = patience.first_interval;
    let observation = async {
        loop {
            let settled = query_once(vendor, take, &mut measured).await;
            if settled || !fresh || measured.rejected {
                return ObservationEnd::Settled;
            }
            let left = end.map_or(pause, |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return ObservationEnd::OutOfTime;
            }
            tokio::time::sleep(pause.min(left)).await;
            pause = pause.mul_f64(1.5).min(patience.max_interval);
        }
    };
    let end = tokio::select! {
        end = observation => end,
        () = stop.stop_requested() => ObservationEnd::Stopped,
    };
    Observations { end, ..measured }
}

/// Requests the list and the task detail. Returns `true` if both are final.
async fn query_once(vendor: &HttpVendor, take: &Take, measured: &mut Observations) -> bool {
    let listed = query_list(vendor, take, measured).await;
    let task = query_task(vendor, take, measured).await;
    measured.clock = vendor.clock_offset().or(measured.clock);
    measured.token_life = vendor.token_life();
    listed && task
}

async fn query_list(vendor: &HttpVendor, take: &Take, measured: &mut Observations) -> bool {
    let videos = match vendor.list_videos().await {
        Ok(videos) => videos,
        Err(error) => return failed(&error, measured),
    };
    let after = Timestamp::now().duration_since(take.at);
    measured.by_post = Some(vendor.lists_by_post());
    let Some((video, changes, marked)) = find(&videos, take) else {
        measured.missed = Some(after);
        return false;
    };
    measured.listed.get_or_insert(after);
    (measured.name, measured.marker) = (changes, Some(marked));
    measured.same_id = take.task.as_ref().map(|task| *task == video.id);
    let file = !video.results.is_empty();
    note(&mut measured.list_statuses, SeenStatus { after, status: video.status, file });
    file || video.status.is_some_and(|status| LAST_STATUSES.contains(&status))
}

async fn query_task(vendor: &HttpVendor, take: &Take, measured: &mut Observations) -> bool {
    // A take that was found by its marker has no task id.
    let Some(task) = &take.task else { return true };
    let detail = match vendor.task_detail(task).await {
        Ok(detail) => detail,
        Err(error) => return failed(&error, measured),
    };
    let after = Timestamp::now().duration_since(take.at);
    let file = !detail.results.is_empty();
    note(&mut measured.task_statuses, SeenStatus { after, status: detail.status, file });
    file || detail.state == TaskState::Failed
}

fn failed(error: &CallError, measured: &mut Observations) -> bool {
    measured.rejected |= matches!(error, CallError::Key(_));
    measured.trouble = Some(error.to_string());
    false
}

/// Adds a status if it differs from the last one.
fn note(seen: &mut Vec<SeenStatus>, one: SeenStatus) {
    if seen.last().is_none_or(|last| (last.status, last.file) != (one.status, one.file)) {
        seen.push(one);
    }
}

/// Finds the take in the list: by its marker, by its task id, or by the rest of its truncated name.
fn find<'a>(videos: &'a [ListedVideo], take: &Take) -> Option<(&'a ListedVideo, Option<Vec<NameChange>>, bool)> {
    let marker = marker(&take.digest, take.attempt);
    let name = take.name.clone().unwrap_or_else(|| submitted_name(&take.key, &marker));
    let changes = |video: &ListedVideo| name_changes(&name, &video.name);
    let marked = MarkerIndex::new(videos);
    if let Some(video) = marked.with_marker(&marker).first() {
        return Some((video, Some(changes(video)), true));
    }
    let known = take.task.as_deref().or(take.video.as_deref());
    let by_id = videos.iter().find(|video| Some(video.id.as_str()) == known);
    let cut = |video: &&ListedVideo| match changes(video)[..] {
        [.., NameChange::Cut(left)] => left >= MIN_TRUNCATED_CHARS,
        _ => false,
    };
    let by_name = || videos.iter().filter(cut).max_by_key(|video| video.created);
    let video = by_id.or_else(by_name)?;
    Some((video, Some(changes(video)), false))
}

/// Minimum length of a truncated name that identifies a take: `Doctor 1:`.
const MIN_TRUNCATED_CHARS: usize = 9;

/// One way in which a listed name differs from the submitted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "NameChangeV1")]
pub enum NameChange {
    /// In lower case.
    Lowered,
    /// Spaces are missing.
    // At the ends, or several became one.
    Trimmed,
    /// Escaped for HTML.
    Escaped,
    /// The end is missing.
    // Only this number of characters is left.
    Cut(#[serde(skip)] usize),
    /// Something else.
    Other,
}

/// Returns how a name differs from the submitted one. Empty if the names are equal.
pub fn name_changes(submitted: &str, listed: &str) -> Vec<NameChange> {
    if submitted == listed {
        return Vec::new();
    }
    let plain = unescaped(listed);
    let mut changes = Vec::new();
    if plain != listed {
        changes.push(NameChange::Escaped);
    }
    if !submitted.starts_with(&plain) && is_lowered(submitted, &plain) {
        changes.push(NameChange::Lowered);
    }
    let (submitted, plain) = (submitted.to_lowercase(), plain.to_lowercase());
    let (short, squeezed) = (squeeze(&submitted), squeeze(&plain));
    if !submitted.starts_with(&plain) && short.starts_with(&squeezed) {
        changes.push(NameChange::Trimmed);
    }
    if !short.starts_with(&squeezed) || squeezed.is_empty() {
        return vec![NameChange::Other];
    }
    if short != squeezed {
        changes.push(NameChange::Cut(plain.chars().count()));
    }
    if changes.is_empty() { vec![NameChange::Other] } else { changes }
}

/// Returns `true` if the listed name is in lower case where the submitted one has capitals.
fn is_lowered(submitted: &str, listed: &str) -> bool {
    let upper = |text: &str| text.chars().filter(|one| one.is_uppercase()).count();
    let head: String = submitted.chars().take(listed.chars().count()).collect();
    upper(listed) == 0 && upper(&head) > 0
}

/// Joins the words with one space.
fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);
    const NAME: &str = "Doctor 1: \"Ä & B\"  keeps all #k3f2qa2b7c";

    fn take(task: &str) -> Take {
        let line = serde_json::json!({
            "key": "callsheet.doctor", "digest": format!("v1:{}", "0".repeat(32)), "attempt": 1, "state": "submitted",
            "task": task, "name": NAME, "host": "devapi.vidnoz.com", "at": "2026-12-01T12:00:00Z",
        });
        serde_json::from_value(line).unwrap()
    }

    fn video(id: &str, name: &str) -> ListedVideo {
        ListedVideo { id: id.into(), name: name.into(), ..ListedVideo::default() }
    }

    #[test]
    fn a_longer_grace_is_asked_for_only_where_the_list_is_slower_than_half_of_it() {
        let grace = |seconds: i64, fresh: bool, present: Duration| {
            let listed = Some(SignedDuration::from_secs(seconds));
            Observations { listed, ..Observations::start(&take("T"), fresh) }.grace(present)
        };
        assert_eq!(grace(29, true, MINUTE), None);
        assert_eq!(grace(30, true, MINUTE), None);
        assert_eq!(grace(31, true, MINUTE), Some(2 * MINUTE));
        assert_eq!(grace(95, true, 2 * MINUTE), Some(4 * MINUTE));
        assert_eq!(grace(4, true, Duration::from_secs(5)), Some(Duration::from_secs(10)));
        assert_eq!(grace(3600, false, MINUTE), None, "of an earlier take the time is not known");
        assert_eq!(Observations::start(&take("T"), true).grace(MINUTE), None, "never listed");
    }

    #[test]
    fn the_take_is_found_by_marker_then_by_id_then_by_what_is_left_of_its_name() {
        let take = take("T");
        let own = format!("DOCTOR 1 #{}", marker(&take.digest, take.attempt));
        let (marked, same, cut, other) = (
            video("M", &own),
            video("T", "video 17"),
            video("C", "doctor 1: \"ä & b"),
            video("X", "Doctor 2: \"Ä & B"),
        );
        let found = |videos: &[ListedVideo]| find(videos, &take).map(|(video, _, marked)| (video.id.clone(), marked));
        let all = [other.clone(), cut.clone(), same.clone(), marked];
        assert_eq!(found(&all), Some(("M".to_owned(), true)));
        assert_eq!(found(&all[..3]), Some(("T".to_owned(), false)));
        assert_eq!(found(&all[..2]), Some(("C".to_owned(), false)));
        assert_eq!(found(&[other, video("S", "Doctor")]), None, "too little is left");
    }

    const SUBMITTED: &str = "Doctor 1: \"Ä & B\" <C>  keeps #k3f2qa2b7c";

    #[test]
    fn each_change_is_known() {
        let lower = SUBMITTED.to_lowercase();
        let escaped = "Doctor 1: &quot;Ä &amp; B&quot; &lt;C&gt;  keeps #k3f2qa2b7c";
        let trimmed = "Doctor 1: \"Ä & B\" <C> keeps #k3f2qa2b7c";
        for (listed, changes) in [
            (SUBMITTED, vec![]),
            (lower.as_str(), vec![NameChange::Lowered]),
            (escaped, vec![NameChange::Escaped]),
            (trimmed, vec![NameChange::Trimmed]),
            ("Doctor 1: \"Ä & B", vec![NameChange::Cut(16)]),
            ("doctor 1: \"ä & b", vec![NameChange::Lowered, NameChange::Cut(16)]),
            ("Doctor 1: &quot;Ä &amp; B", vec![NameChange::Escaped, NameChange::Cut(16)]),
            ("D", vec![NameChange::Cut(1)]),
            ("", vec![NameChange::Other]),
            ("video 17", vec![NameChange::Other]),
            ("Doctor 2: \"Ä & B", vec![NameChange::Other]),
        ] {
            assert_eq!(name_changes(SUBMITTED, listed), changes, "{listed}");
        }
    }
}
