//! The queries of the vendor, and the interpretation of its responses.

use super::*;
use crate::results::{Phase, VideoStatus, poll, video_statuses};

fn rows(count: u8) -> Vec<VideoStatus> {
    let wishes: Vec<_> = (1..=count).map(|number| wish(&format!("v{number}"), number)).collect();
    let takes = (1..=count).map(|number| take(&format!("v{number}"), number, TakeState::Submitted, hours_ago(1)));
    video_statuses(&wishes, &lockfile(takes), HOST, noon())
}

fn states(records: &[Record]) -> Vec<(String, TakeState)> {
    let take = |record: &Record| match record {
        Record::Take(take) => (take.key.to_string(), take.state),
        Record::Asset(_) | Record::Run(_) => panic!("no asset is made here"),
    };
    records.iter().map(take).collect()
}

#[tokio::test]
async fn a_few_takes_are_asked_one_by_one() {
    let vendor = Told::default();
    vendor.details.lock().unwrap().extend([
        ("task-1".to_owned(), detail(TaskState::Waiting)),
        ("task-2".to_owned(), detail(TaskState::Unknown(17))),
        (
            "task-3".to_owned(),
            Ok(TaskDetail {
                state: TaskState::Done,
                status: None,
                message: String::new(),
                results: vec![result(1080), result(720)],
            }),
        ),
    ]);
    let mut board = rows(3);
    let asked = poll(&vendor, &mut board, VideoStatus::is_pending, (noon(), None)).await.unwrap();
    let phases: Vec<Phase> = board.iter().map(|row| row.phase).collect();
    assert_eq!(phases, [Phase::Queued, Phase::Unknown(17), Phase::Done]);
    assert_eq!(states(&asked.records), [("v3".to_owned(), TakeState::Done)]);
    assert_eq!((board[2].seconds, board[2].results.len()), (Some(9.5), 2));
    let mut questions = vendor.asked.lock().unwrap().clone();
    questions.sort();
    assert_eq!(questions, ["list", "task-1", "task-2", "task-3"], "the list may explain the strange number");
}

#[tokio::test]
async fn many_takes_are_asked_by_one_list_and_only_the_rest_one_by_one() {
    let vendor = Told::default();
    *vendor.list.lock().unwrap() = Some(Ok(vec![
        listed("x1", 1, 1, vec![result(720)]),
        listed("x2", 2, 2, Vec::new()),
        listed("x3", 3, 3, Vec::new()),
        // Two videos with one marker: only the task identifies ours.
        listed("x4", 4, 1, vec![result(720)]),
        listed("x5", 4, 2, Vec::new()),
    ]));
    let failed =
        TaskDetail { state: TaskState::Failed, status: None, message: "no such voice".to_owned(), results: Vec::new() };
    vendor.details.lock().unwrap().insert("task-3".to_owned(), Ok(failed));
    vendor.details.lock().unwrap().insert("task-4".to_owned(), detail(TaskState::Running));
    let mut board = rows(5);
    let asked = poll(&vendor, &mut board, VideoStatus::is_pending, (noon(), None)).await.unwrap();
    let phases: Vec<Phase> = board.iter().map(|row| row.phase).collect();
    assert_eq!(phases, [Phase::Done, Phase::Rendering, Phase::Failed, Phase::Rendering, Phase::Missing]);
    assert_eq!(states(&asked.records), [("v1".to_owned(), TakeState::Done), ("v3".to_owned(), TakeState::Failed)]);
    assert_eq!(
        (board[2].message.as_str(), board[4].message.as_str()),
        ("no such voice", "`id` names no task: `task-5`")
    );
    let questions = vendor.asked.lock().unwrap().clone();
    assert_eq!((questions[0].as_str(), questions.len()), ("list", 5), "x2 may be further than the list knows");
}

#[tokio::test]
async fn a_take_known_by_its_video_alone_is_found_in_the_list() {
    let vendor = Told::default();
    *vendor.list.lock().unwrap() = Some(Ok(vec![listed("x9", 200, 1, vec![result(720)])]));
    let adopted = Take {
        task: None,
        video: Some("x9".to_owned()),
        how: Some(crate::lockfile::TakeSource::Adopted),
        ..take("a", 1, TakeState::Submitted, hours_ago(1))
    };
    let lost = Take { task: None, video: Some("x8".to_owned()), ..take("b", 2, TakeState::Submitted, hours_ago(1)) };
    let mut board = video_statuses(&[wish("a", 1), wish("b", 2)], &lockfile([adopted, lost]), HOST, noon());
    poll(&vendor, &mut board, VideoStatus::is_pending, (noon(), None)).await.unwrap();
    assert_eq!((board[0].phase, board[1].phase), (Phase::Done, Phase::Missing));
    assert_eq!(board[1].message, "the vendor's list does not show it");
}

#[tokio::test]
async fn trouble_changes_nothing_and_a_refused_key_ends_it() {
    let vendor = Told::default();
    let broken = Err(CallError::InvalidResponse("the answer did not come".to_owned()));
    vendor.details.lock().unwrap().insert("task-1".to_owned(), broken);
    let mut board = rows(1);
    let asked = poll(&vendor, &mut board, VideoStatus::is_pending, (noon(), None)).await.unwrap();
    assert_eq!((board[0].phase, asked.records.len(), asked.error.is_some()), (Phase::Submitted, 0, true));
    vendor.details.lock().unwrap().insert("task-1".to_owned(), Err(CallError::Key("no".to_owned())));
    let refused = poll(&vendor, &mut board, VideoStatus::is_pending, (noon(), None)).await;
    assert_eq!(refused.err(), Some(CallError::Key("no".to_owned())));
}

#[tokio::test]
async fn what_failed_and_is_there_after_all_is_done() {
    let vendor = Told::default();
    let there = TaskDetail { state: TaskState::Done, status: None, message: String::new(), results: vec![result(720)] };
    vendor.details.lock().unwrap().insert("task-1".to_owned(), Ok(there));
    let failed = take("a", 1, TakeState::Failed, hours_ago(1));
    let mut board = video_statuses(&[wish("a", 1)], &lockfile([failed]), HOST, noon());
    let asked = poll(&vendor, &mut board, |_| true, (noon(), None)).await.unwrap();
    assert_eq!((board[0].phase, states(&asked.records)), (Phase::Done, vec![("a".to_owned(), TakeState::Done)]));
}

#[tokio::test]
async fn any_time_that_a_line_can_name_can_be_reckoned_with() {
    for at in [Timestamp::MIN, Timestamp::MAX] {
        let vendor = Told::default();
        let video = ListedVideo { created: Some(noon()), ..listed("x1", 1, 1, vec![result(720)]) };
        *vendor.list.lock().unwrap() = Some(Ok(vec![video]));
        let adopted = Take {
            task: None,
            video: Some("x1".to_owned()),
            how: Some(crate::lockfile::TakeSource::Adopted),
            ..take("a", 1, TakeState::Submitted, at)
        };
        let mut board = video_statuses(&[wish("a", 1)], &lockfile([adopted]), HOST, noon());
        let asked = poll(&vendor, &mut board, |_| true, (noon(), None)).await.unwrap();
        assert_eq!(states(&asked.records), [("a".to_owned(), TakeState::Done)], "{at}");
    }
}
