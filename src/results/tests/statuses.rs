//! The vendor's contradictory statuses, in both readings: which ones count, and which never lead to paying again.

use super::*;
use crate::lockfile::TakeSource;
use crate::results::{Phase, VideoStatus, poll, video_statuses};
use crate::vendor::MarkerIndex;

/// Returns the one row of a take that was sent some minutes before noon, after a query at noon.
async fn after(vendor: &Told, minutes: i64) -> VideoStatus {
    let sent = noon() - SignedDuration::from_mins(minutes);
    let mut board =
        video_statuses(&[wish("a", 1)], &lockfile([take("a", 1, TakeState::Submitted, sent)]), HOST, noon());
    poll(vendor, &mut board, VideoStatus::is_pending, (noon(), None)).await.unwrap();
    board.swap_remove(0)
}

fn vendor(detail: Result<TaskDetail, CallError>, list: Vec<ListedVideo>) -> Told {
    let vendor = Told::default();
    vendor.details.lock().unwrap().insert("task-1".to_owned(), detail);
    *vendor.list.lock().unwrap() = Some(Ok(list));
    vendor
}

fn no_task() -> Result<TaskDetail, CallError> {
    Err(CallError::Refused { code: 404, message: "task not found".to_owned() })
}

#[expect(clippy::unnecessary_wraps, reason = "as an answer comes from the vendor")]
fn failed(message: &str) -> Result<TaskDetail, CallError> {
    Ok(TaskDetail { state: TaskState::Failed, status: None, message: message.to_owned(), results: Vec::new() })
}

const HOUR: i64 = 60;
const EIGHT_DAYS: i64 = 8 * 24 * 60;

#[tokio::test]
async fn a_file_outranks_every_status_of_either_source() {
    let states = [TaskState::Waiting, TaskState::Running, TaskState::Done, TaskState::Failed, TaskState::Unknown(9)];
    for minutes in [0, HOUR, EIGHT_DAYS] {
        for state in states {
            let by_task = Ok(TaskDetail { state, status: None, message: "no".to_owned(), results: vec![result(720)] });
            let row = after(&vendor(by_task, Vec::new()), minutes).await;
            assert_eq!((row.phase, row.results.len(), row.denied), (Phase::Done, 1, false), "{state:?} {minutes}");
        }
        // The task says "done" without a file, an unclear status, or that it does not exist. The list has the file.
        for by_task in [detail(TaskState::Done), detail(TaskState::Unknown(9)), failed("no"), no_task()] {
            for status in [0, 1, 2, 3, 99] {
                let row =
                    after(&vendor(by_task.clone(), vec![listed("x1", 1, status, vec![result(720)])]), minutes).await;
                assert_eq!((row.phase, row.message.as_str()), (Phase::Done, ""), "{by_task:?} {status} {minutes}");
            }
        }
    }
}

#[tokio::test]
async fn what_names_no_file_is_still_being_made_while_the_take_is_young() {
    for (by_task, phase) in [
        (detail(TaskState::Done), Phase::Rendering),
        (detail(TaskState::Unknown(17)), Phase::Unknown(17)),
        (detail(TaskState::Running), Phase::Rendering),
        (detail(TaskState::Waiting), Phase::Queued),
    ] {
        for list in [Vec::new(), vec![listed("x1", 1, 1, Vec::new())], vec![listed("x1", 1, 3, Vec::new())]] {
            let row = after(&vendor(by_task.clone(), list), 6 * 24 * HOUR).await;
            assert_eq!((row.phase, row.is_pending(), row.denied), (phase, true, false), "{by_task:?}");
        }
    }
    // Listed only: an adopted take has no task to query.
    for (status, phase) in [(0, Phase::Rendering), (1, Phase::Rendering), (2, Phase::Rendering), (9, Phase::Unknown(9))]
    {
        let told = Told::default();
        *told.list.lock().unwrap() = Some(Ok(vec![listed("x1", 1, status, Vec::new())]));
        let sent = noon() - SignedDuration::from_hours(1);
        let found = Take {
            task: None,
            video: Some("x1".to_owned()),
            how: Some(TakeSource::Adopted),
            ..take("a", 1, TakeState::Submitted, sent)
        };
        let mut board = video_statuses(&[wish("a", 1)], &lockfile([found]), HOST, noon());
        poll(&told, &mut board, VideoStatus::is_pending, (noon(), None)).await.unwrap();
        assert_eq!((board[0].phase, board[0].is_pending()), (phase, true), "{status}");
    }
}

#[tokio::test]
async fn an_old_take_is_given_up_only_by_the_vendors_own_answer() {
    for by_task in [detail(TaskState::Done), detail(TaskState::Unknown(17)), no_task()] {
        let row = after(&vendor(by_task.clone(), Vec::new()), EIGHT_DAYS).await;
        assert_eq!((row.phase, row.denied, row.is_pending()), (Phase::Expired, true, false), "{by_task:?}");
    }
    for (by_task, phase) in
        [(detail(TaskState::Running), Phase::Rendering), (detail(TaskState::Waiting), Phase::Queued)]
    {
        let row = after(&vendor(by_task, Vec::new()), EIGHT_DAYS).await;
        assert_eq!((row.phase, row.denied), (phase, false), "the vendor says that it is at it");
    }
    let silent = vendor(Err(CallError::InvalidResponse("no answer".to_owned())), Vec::new());
    let row = after(&silent, EIGHT_DAYS).await;
    assert_eq!((row.phase, row.denied, row.is_pending()), (Phase::Expired, false, true), "only the calendar says so");
    assert!(row.message.contains("the vendor was not queried"), "{}", row.message);
}

#[tokio::test]
async fn an_unknown_task_is_not_visible_for_ten_minutes_and_then_missing() {
    for code in [400, 404] {
        for (minutes, phase, denied) in
            [(0, Phase::Submitted, false), (9, Phase::Submitted, false), (10, Phase::Missing, true)]
        {
            let unknown = Err(CallError::Refused { code, message: "task not found".to_owned() });
            let row = after(&vendor(unknown, Vec::new()), minutes).await;
            let message = if denied { "task not found" } else { "not visible at the vendor yet" };
            assert_eq!((row.phase, row.denied, row.message.as_str()), (phase, denied, message), "{code} {minutes}");
        }
    }
    // A clock that was set back does not make a take older.
    let row = after(&vendor(no_task(), Vec::new()), -HOUR).await;
    assert_eq!(row.phase, Phase::Submitted);
    // The list has it: it is not missing, whatever the task says.
    let row = after(&vendor(no_task(), vec![listed("x1", 1, 2, Vec::new())]), HOUR).await;
    assert_eq!((row.phase, row.denied), (Phase::Rendering, false));
}

#[tokio::test]
async fn an_address_that_knows_neither_task_nor_list_is_not_believed() {
    let gateway = vendor(no_task(), Vec::new());
    let nothing_here = CallError::Refused { code: 404, message: String::new() };
    *gateway.list.lock().unwrap() = Some(Err(nothing_here.clone()));
    let sent = noon() - SignedDuration::from_hours(1);
    let mut board =
        video_statuses(&[wish("a", 1)], &lockfile([take("a", 1, TakeState::Submitted, sent)]), HOST, noon());
    let asked = poll(&gateway, &mut board, VideoStatus::is_pending, (noon(), None)).await.unwrap();
    assert_eq!((board[0].phase, board[0].denied, asked.error), (Phase::Submitted, false, Some(nothing_here)));
    // A list with only a temporary error does not affect the task's response.
    *gateway.list.lock().unwrap() = Some(Err(CallError::Refused { code: 500, message: String::new() }));
    assert_eq!(after(&gateway, HOUR).await.phase, Phase::Missing);
}

#[tokio::test]
async fn a_failure_has_the_vendors_message() {
    let row = after(&vendor(failed("the script is too long"), vec![listed("x1", 1, 2, Vec::new())]), 1).await;
    assert_eq!((row.phase, row.message.as_str(), row.denied), (Phase::Failed, "the script is too long", false));
    // The list alone counts only if the task cannot contradict it.
    let unheard = vendor(Err(CallError::InvalidResponse("no answer".to_owned())), vec![listed("x1", 1, 3, Vec::new())]);
    assert_eq!(after(&unheard, HOUR).await.phase, Phase::Submitted);
    let row = after(&vendor(no_task(), vec![listed("x1", 1, 3, Vec::new())]), HOUR).await;
    assert_eq!(row.phase, Phase::Failed);
}

#[tokio::test]
async fn it_expires_seven_days_after_the_earlier_of_submission_and_creation() {
    let with = |created: Timestamp| {
        let video = ListedVideo { created: Some(created), ..listed("x1", 1, 1, Vec::new()) };
        vendor(detail(TaskState::Done), vec![video])
    };
    let sent = noon() - SignedDuration::from_hours(1);
    let week = SignedDuration::from_hours(7 * 24);
    let early = noon() - SignedDuration::from_hours(100);
    for (created, start) in [(early, early), (noon(), sent), (Timestamp::UNIX_EPOCH, sent)] {
        let row = after(&with(created), HOUR).await;
        assert_eq!((row.phase, row.expires), (Phase::Rendering, Some(start + week)), "{created}");
    }
    let row = after(&with(noon() - week), HOUR).await;
    assert_eq!((row.phase, row.denied), (Phase::Expired, true), "no file, and the vendor's own date is a week old");
}

#[tokio::test]
async fn a_clock_that_is_ahead_of_the_vendors_gives_nothing_up() {
    let mut ahead = vendor(detail(TaskState::Done), Vec::new());
    ahead.offset = Some(SignedDuration::from_hours(-2 * 24));
    assert_eq!(after(&ahead, EIGHT_DAYS).await.phase, Phase::Rendering, "six days by the vendor's clock");
    ahead.offset = Some(SignedDuration::from_hours(2 * 24));
    assert_eq!(after(&ahead, 6 * 24 * HOUR).await.phase, Phase::Rendering, "nor does one that is behind");
}

#[tokio::test]
async fn of_many_that_the_list_calls_generating_a_few_are_asked_in_detail_others_each_time() {
    let count = 40_u8;
    let told = Told::default();
    let videos: Vec<_> = (1..=count).map(|number| listed(&format!("x{number}"), number, 2, Vec::new())).collect();
    assert_eq!(MarkerIndex::new(&videos).with_marker(&marker(&digest(1), 1)).len(), 1);
    *told.list.lock().unwrap() = Some(Ok(videos));
    let wishes: Vec<_> = (1..=count).map(|number| wish(&format!("v{number}"), number)).collect();
    let takes = (1..=count).map(|number| take(&format!("v{number}"), number, TakeState::Submitted, hours_ago(1)));
    let mut board = video_statuses(&wishes, &lockfile(takes), HOST, noon());
    let mut asked = Vec::new();
    for second in 0..2 {
        told.asked.lock().unwrap().clear();
        let now = noon() + SignedDuration::from_secs(second * 4);
        poll(&told, &mut board, VideoStatus::is_pending, (now, None)).await.unwrap();
        asked.push(told.asked.lock().unwrap().clone());
        assert_eq!(asked[0].len(), 5, "the list and four tasks");
        assert!(board.iter().all(|row| row.phase == Phase::Rendering));
    }
    assert!(asked[0][1..].iter().all(|task| !asked[1].contains(task)), "{asked:?}");
}

#[tokio::test]
async fn many_old_takes_that_the_list_does_not_show_cost_no_question_each() {
    let count = 40_u8;
    let told = Told::default();
    let wishes: Vec<_> = (1..=count).map(|number| wish(&format!("v{number}"), number)).collect();
    let takes = (1..=count).map(|number| take(&format!("v{number}"), number, TakeState::Submitted, hours_ago(200)));
    let mut board = video_statuses(&wishes, &lockfile(takes.clone()), HOST, noon());
    assert!(board.iter().all(VideoStatus::may_have_expired));
    poll(&told, &mut board, VideoStatus::is_pending, (noon(), None)).await.unwrap();
    assert_eq!(told.asked.lock().unwrap().len(), 5, "the list and four tasks");
    assert!(board.iter().all(|row| (row.phase, row.denied) == (Phase::Expired, true)));
    // A task whose response did not arrive is not given up because of the list alone.
    let broken = Err(CallError::InvalidResponse("no answer".to_owned()));
    told.details.lock().unwrap().insert("task-1".to_owned(), broken);
    let mut board = crate::results::video_statuses(&wishes[..4], &lockfile(takes.clone().take(4)), HOST, noon());
    poll(&told, &mut board, VideoStatus::is_pending, (noon(), None)).await.unwrap();
    assert_eq!((board[0].denied, board[1].denied), (false, true));
}
