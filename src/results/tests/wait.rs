//! Waiting, with a paused clock: the time limit counts, and a single take ends nothing.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::*;
use crate::results::{
    LockfileWriter, Phase, PollSchedule, ResultsEvent, VideoStatus, WaitContext, WaitOutcome, video_statuses, wait,
};
use crate::vendor::{ProgressReporter, StopToken};

/// A vendor whose responses depend on the task and the time since the start. `None` never responds.
struct Played<F> {
    start: Instant,
    answer: F,
    pause: Duration,
}

impl<F: Fn(&str, u64) -> Option<Result<TaskDetail, CallError>> + Send + Sync + 'static> Vendor for Played<F> {
    async fn submit(&self, _: &Form) -> SubmitOutcome {
        panic!("waiting never submits")
    }

    async fn list_videos(&self) -> Result<Vec<ListedVideo>, CallError> {
        Ok(Vec::new())
    }

    async fn task_detail(&self, task: &str) -> Result<TaskDetail, CallError> {
        sleep(self.pause).await;
        match (self.answer)(task, self.start.elapsed().as_secs()) {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }

    async fn upload(&self, _: &LocalFile) -> Result<String, CallError> {
        panic!("waiting never uploads")
    }

    async fn list_assets(&self, _: MediaKind) -> Result<HashSet<String>, CallError> {
        panic!("waiting needs no uploads")
    }
}

#[derive(Default)]
struct Heard(Mutex<Vec<ResultsEvent>>);

impl ProgressReporter<ResultsEvent> for Heard {
    fn event(&self, event: &ResultsEvent) {
        self.0.lock().unwrap().push(event.clone());
    }
}

struct Outcome {
    waited: WaitOutcome,
    phases: Vec<Phase>,
    took: Duration,
    events: Vec<ResultsEvent>,
    lock: String,
}

/// Waits from noon on, within a limit, for takes that were sent at noon.
async fn play(
    count: u8,
    limit: Duration,
    pause: Duration,
    answer: impl Fn(&str, u64) -> Option<Result<TaskDetail, CallError>> + Send + Sync + 'static,
) -> Outcome {
    let directory = tempfile::tempdir().unwrap();
    let ledger = LockfileWriter {
        lockfile: directory.path().join("callsheet.lock"),
        guard: directory.path().join(".callsheet/apply.lock"),
        who: "ada".to_owned(),
        command: "callsheet wait".to_owned(),
    };
    let wishes: Vec<_> = (1..=count).map(|number| wish(&format!("v{number}"), number)).collect();
    let takes = (1..=count).map(|number| take(&format!("v{number}"), number, TakeState::Submitted, hours_ago(0)));
    let mut board: Vec<VideoStatus> = video_statuses(&wishes, &lockfile(takes), HOST, noon());
    let start = Instant::now();
    let vendor = Played { start, answer, pause };
    let heard = Arc::new(Heard::default());
    let stop = StopToken::never();
    let context = WaitContext { vendor: &vendor, writer: &ledger, stop: &stop, clock: noon, addresses: false };
    let patience =
        PollSchedule { first_interval: Duration::from_secs(2), max_interval: Duration::from_secs(20), timeout: limit };
    let waited = wait(&context, &mut board, patience, &*heard).await;
    let events = heard.0.lock().unwrap().clone();
    let lock = std::fs::read_to_string(&ledger.lockfile).unwrap_or_default();
    Outcome { waited, phases: board.iter().map(|row| row.phase).collect(), took: start.elapsed(), events, lock }
}

#[expect(clippy::unnecessary_wraps, reason = "as an answer is played")]
fn made() -> Option<Result<TaskDetail, CallError>> {
    Some(Ok(TaskDetail { state: TaskState::Done, status: None, message: String::new(), results: vec![result(720)] }))
}

#[expect(clippy::unnecessary_wraps, reason = "as an answer is played")]
fn unknown() -> Option<Result<TaskDetail, CallError>> {
    Some(Err(CallError::Refused { code: 404, message: "no such task".to_owned() }))
}

const NO_TIME: Duration = Duration::ZERO;
const LIMIT: Duration = Duration::from_secs(5);

#[tokio::test(start_paused = true)]
async fn the_limit_cuts_off_a_dead_poll_and_a_long_pause_of_the_client() {
    let dead = play(1, LIMIT, NO_TIME, |_, _| None).await;
    assert_eq!((dead.waited, dead.took), (WaitOutcome::TimedOut, LIMIT));
    // As the client waits for a `Retry-After: 30`, or the steps of its own backoff.
    let slow = play(3, LIMIT, Duration::from_secs(30), |_, _| made()).await;
    assert_eq!((slow.waited, slow.took), (WaitOutcome::TimedOut, LIMIT));
    let steps = play(1, LIMIT, NO_TIME, |_, _| Some(detail(TaskState::Running))).await;
    assert_eq!((steps.waited, steps.took), (WaitOutcome::TimedOut, LIMIT));
}

#[tokio::test(start_paused = true)]
async fn what_was_answered_before_the_limit_counts() {
    let some = play(3, LIMIT, NO_TIME, |task, _| if task == "task-2" { None } else { made() }).await;
    assert_eq!(some.waited, WaitOutcome::TimedOut);
    assert_eq!(some.phases, [Phase::Done, Phase::Submitted, Phase::Done]);
    assert_eq!(some.lock.matches("\"done\"").count(), 2, "{}", some.lock);
}

#[tokio::test(start_paused = true)]
async fn a_take_that_is_not_visible_yet_or_done_before_its_file_ends_with_the_file() {
    let minute = Duration::from_mins(1);
    let late = play(2, minute, NO_TIME, |task, second| match (task, second) {
        ("task-1", 0..3) => unknown(),
        (_, 0..3) => Some(detail(TaskState::Running)),
        (_, 3..11) => Some(detail(TaskState::Done)),
        _ => made(),
    })
    .await;
    assert_eq!((late.waited, late.phases), (WaitOutcome::Finished, vec![Phase::Done; 2]));
    let states: Vec<Phase> = late
        .events
        .iter()
        .filter_map(|event| match event {
            ResultsEvent::State { key, phase, .. } if &**key == "v1" => Some(*phase),
            _ => None,
        })
        .collect();
    assert_eq!(states, [Phase::Submitted, Phase::Rendering, Phase::Done]);
}

#[tokio::test(start_paused = true)]
async fn one_failure_does_not_end_the_waiting_for_the_others() {
    let done = play(2, Duration::from_mins(5), NO_TIME, |task, second| match (task, second) {
        ("task-1", _) => Some(Ok(TaskDetail {
            state: TaskState::Failed,
            status: None,
            message: "too loud".to_owned(),
            results: Vec::new(),
        })),
        (_, 0..100) => Some(detail(TaskState::Unknown(7))),
        _ => made(),
    })
    .await;
    assert_eq!((done.waited, done.phases), (WaitOutcome::Finished, vec![Phase::Failed, Phase::Done]));
    assert!(done.lock.contains("too loud"), "{}", done.lock);
}

#[tokio::test(start_paused = true)]
async fn waiting_is_never_silent_for_half_a_minute() {
    for pause in [NO_TIME, Duration::from_secs(200)] {
        let limit = Duration::from_secs(190);
        let long = play(1, limit, pause, |_, _| Some(detail(TaskState::Running))).await;
        let mut said = vec![Duration::ZERO];
        for event in &long.events {
            if let ResultsEvent::StillWaiting { open, waited, left } = event {
                assert_eq!((*open, *waited + *left), (1, limit));
                said.push(*waited);
            }
        }
        said.push(limit);
        assert!(said.windows(2).all(|two| two[1] <= two[0] + Duration::from_secs(30)), "{said:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn where_nothing_can_be_written_waiting_goes_on_and_says_so_once() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join(".callsheet"), "a file where the folder of the lock should be").unwrap();
    let ledger = LockfileWriter {
        lockfile: directory.path().join("callsheet.lock"),
        guard: directory.path().join(".callsheet/apply.lock"),
        who: "ada".to_owned(),
        command: "callsheet wait".to_owned(),
    };
    let takes = [1, 2].map(|number| take(&format!("v{number}"), number, TakeState::Submitted, hours_ago(0)));
    let mut board = video_statuses(&[wish("v1", 1), wish("v2", 2)], &lockfile(takes), HOST, noon());
    let answer =
        |task: &str, second| if task == "task-1" || second > 9 { made() } else { Some(detail(TaskState::Running)) };
    let vendor = Played { start: Instant::now(), answer, pause: NO_TIME };
    let (heard, stop) = (Heard::default(), StopToken::never());
    let context = WaitContext { vendor: &vendor, writer: &ledger, stop: &stop, clock: noon, addresses: false };
    let patience = PollSchedule {
        first_interval: Duration::from_secs(2),
        max_interval: Duration::from_secs(20),
        timeout: Duration::from_mins(1),
    };
    assert_eq!(wait(&context, &mut board, patience, &heard).await, WaitOutcome::Finished);
    let events = heard.0.into_inner().unwrap();
    let warnings = events.iter().filter_map(|event| match event {
        ResultsEvent::Warning { message } => Some(message.as_str()),
        _ => None,
    });
    let warnings: Vec<&str> = warnings.collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].ends_with("the vendor's answers are shown, but not written to the lockfile"), "{warnings:?}");
    assert!(!ledger.lockfile.exists());
}
