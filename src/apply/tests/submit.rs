//! The consequence of every response of the vendor, of a stop and of a full disk.

use std::time::Duration;

use super::fakes::{Answer, Fakes, WriteBehavior, after, line, options, wanted, work};
use crate::apply::{ApplyEvent, Outcome, PlannedSubmission, RoundInput, SkipReason, submit_rounds};
use crate::lockfile::{Lockfile, Record, Take, TakeState};
use crate::vendor::{StopSource, StopToken};

#[tokio::test(start_paused = true)]
async fn an_accepted_submission_has_its_intent_before_and_its_answer_after() {
    let fakes = Fakes::new();
    let outcome = fakes.execute(&[work("welcome")]).await;
    assert_eq!(fakes.written(), ["welcome 1 intent", "welcome 1 submitted"]);
    assert_eq!(outcome.submitted[0].task, "task-1");
    assert_eq!(outcome.summary().submitted, 1);
    assert!(!outcome.must_stop());
    let lines = fakes.lines.lock().unwrap();
    let [Record::Take(intent), Record::Take(submitted)] = lines.as_slice() else { panic!("{lines:?}") };
    assert!(intent.at <= fakes.posts.lock().unwrap()[0].1, "the intent is older than the submission");
    assert_eq!(submitted.at, intent.at, "a submitted line tells when it was sent");
    assert_eq!(intent.name.as_deref(), Some(fakes.posts.lock().unwrap()[0].0.as_str()));
    assert!(intent.spec.as_ref().unwrap().text().unwrap().contains(r#""name":"welcome""#));
    assert_eq!(&*intent.host, "devapi.vidnoz.com");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_told_before_it_is_on_disk() {
    let fakes = Fakes::new();
    fakes.ink.lock().unwrap().extend([WriteBehavior::Writes, WriteBehavior::CrashBefore]);
    let keys = [work("welcome")];
    tokio::select! {
        biased;
        () = fakes.crash.notified() => {}
        _ = fakes.execute(&keys) => panic!("the journal never answered"),
    }
    assert_eq!(fakes.written(), ["welcome 1 intent"]);
    let told = fakes.events.lock().unwrap();
    assert!(matches!(told.as_slice(), [ApplyEvent::Submitting { tries: 1, .. }]), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_surely_not_accepted_is_sent_again_with_a_fresh_intent() {
    for answer in [Answer::Unreachable, Answer::TooFast(0)] {
        let fakes = Fakes::new();
        fakes.plays("welcome", &[answer, answer]);
        let outcome = fakes.execute(&[work("welcome")]).await;
        let expected = ["welcome 1 intent", "welcome 1 intent", "welcome 1 intent", "welcome 1 submitted"];
        assert_eq!(fakes.written(), expected, "{answer:?}");
        assert_eq!((outcome.submitted.len(), fakes.accepted("welcome")), (1, 1));
        let names: Vec<String> = fakes.posts.lock().unwrap().iter().map(|(name, _)| name.clone()).collect();
        assert!(names.iter().all(|name| *name == names[0]), "one marker for all tries: {names:?}");
        let times: Vec<_> = fakes.lines.lock().unwrap().iter().map(at).collect();
        assert!(times[0] < times[1] && times[1] < times[2] && times[2] == times[3], "{times:?}");
    }
}

fn at(record: &Record) -> jiff::Timestamp {
    match record {
        Record::Take(take) => take.at,
        Record::Asset(asset) => asset.at,
        Record::Run(run) => run.at,
    }
}

#[tokio::test(start_paused = true)]
async fn the_vendor_says_how_long_to_wait() {
    let fakes = Fakes::new();
    fakes.plays("welcome", &[Answer::TooFast(30)]);
    fakes.execute(&[work("welcome")]).await;
    let posts = fakes.posts.lock().unwrap();
    let waited = posts[1].1.duration_since(posts[0].1).as_secs();
    assert_eq!(waited, 31, "a second for the answer, thirty as asked");
    let told = fakes.events.lock().unwrap();
    assert!(told.iter().any(|event| matches!(event, ApplyEvent::Waiting { seconds: 30, .. })), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn the_budget_of_tries_ends_and_frees_the_take() {
    let fakes = Fakes::new();
    let mut answers = [Answer::Unreachable; 20];
    // One response among them: the vendor is reachable, whatever the last try returned.
    answers[3] = Answer::TooFast(0);
    fakes.plays("welcome", &answers);
    let outcome = fakes.execute(&[work("welcome"), work("other")]).await;
    let tries = fakes.posts.lock().unwrap().iter().filter(|(name, _)| name.starts_with("welcome")).count();
    assert_eq!(tries, 8);
    assert_eq!(fakes.written().last().map(String::as_str), Some("welcome 1 freed"));
    assert_eq!(outcome.refused[0].message, "gave up after 8 tries: connection refused");
    assert_eq!(outcome.refused[0].code, None);
    assert_eq!(&*outcome.submitted[0].key, "other");
    assert_eq!((outcome.unreachable, outcome.not_sent.len()), (None, 0));
}

/// Runs twelve videos against a vendor that is unreachable.
async fn out_of_reach(fakes: &Fakes) -> Outcome {
    let keys: Vec<PlannedSubmission> = (0..12).map(|number| work(&format!("k{number:02}"))).collect();
    for one in &keys {
        fakes.plays(&one.key, &[Answer::Unreachable; 20]);
    }
    fakes.execute(&keys).await
}

#[tokio::test(start_paused = true)]
async fn a_vendor_out_of_reach_is_tried_for_one_submission_and_not_for_each() {
    let fakes = Fakes::new();
    let begun = tokio::time::Instant::now();
    let outcome = out_of_reach(&fakes).await;
    // Half of 1, 2, 4 … 60 seconds, and a second for each response.
    assert!(begun.elapsed() < Duration::from_secs(75), "{:?}", begun.elapsed());
    assert!(fakes.sent() <= 4 * 8, "{} tries", fakes.sent());
    assert_eq!(outcome.unreachable.as_deref(), Some("connection refused"));
    assert!(outcome.must_stop() && outcome.refused.is_empty() && outcome.in_doubt.is_empty());
    assert_eq!(outcome.not_sent.len(), 12);
    assert!(outcome.not_sent.iter().all(|one| one.reason == SkipReason::Unreachable));
    let lockfile = fakes.lockfile();
    assert_eq!(lockfile.takes().filter(|take| take.state == TakeState::Freed).count(), lockfile.takes().count());
    let events = fakes.events.lock().unwrap();
    assert_eq!(events.iter().filter(|event| matches!(event, ApplyEvent::Unreachable { .. })).count(), 1);
    assert!(!events.iter().any(|event| matches!(event, ApplyEvent::Refused { .. })), "{events:?}");
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_did_not_even_list_is_given_up_sooner() {
    let fakes = Fakes::new();
    *fakes.out_of_reach.lock().unwrap() = true;
    let outcome = out_of_reach(&fakes).await;
    assert!(fakes.sent() <= 4 * 2, "{} tries", fakes.sent());
    assert_eq!((outcome.not_sent.len(), outcome.refused.len()), (12, 0));
    let fakes = Fakes::new();
    *fakes.out_of_reach.lock().unwrap() = true;
    fakes.plays("a", &[Answer::TooFast(1), Answer::Unreachable, Answer::Unreachable]);
    let outcome = fakes.execute(&[work("a")]).await;
    assert_eq!(outcome.submitted.len(), 1, "a vendor that answered is there: all its tries are left");
}

#[tokio::test(start_paused = true)]
async fn a_vendor_out_of_reach_loses_no_answer_that_is_under_way() {
    let fakes = Fakes::new();
    *fakes.latency.lock().unwrap() = Duration::from_secs(40);
    fakes.plays("gone", &[Answer::Unreachable; 20]);
    fakes.plays("doubt", &[Answer::Silent]);
    *fakes.out_of_reach.lock().unwrap() = true;
    let keys = ["gone", "late", "doubt", "next", "last"].map(work);
    let outcome = fakes.execute_until(&keys, &StopToken::never(), 2).await;
    // `next` left just before `gone` was given up: its response is awaited and written.
    assert_eq!(outcome.submitted.iter().map(|one| &*one.key).collect::<Vec<_>>(), ["late", "next"]);
    assert_eq!(outcome.in_doubt.iter().map(|one| &*one.key).collect::<Vec<_>>(), ["doubt"]);
    let unsent: Vec<_> = outcome.not_sent.iter().map(|one| (&*one.key, one.reason)).collect();
    assert_eq!(unsent, ["gone", "last"].map(|key| (key, SkipReason::Unreachable)));
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_freed_and_not_sent_again() {
    for code in [400, 402, 403, 404, 422] {
        let fakes = Fakes::new();
        fakes.plays("welcome", &[Answer::Refuse(code)]);
        let outcome = fakes.execute(&[work("welcome"), work("other")]).await;
        assert_eq!(outcome.refused[0].code, Some(code));
        assert_eq!(fakes.sent(), 2);
        let lockfile = fakes.lockfile();
        let take = lockfile.takes_of("devapi.vidnoz.com", &work("welcome").digest).next().unwrap();
        assert_eq!(take.state, TakeState::Freed);
        assert_eq!(outcome.submitted.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_in_doubt_stays_an_intent_and_is_not_sent_again() {
    for answer in [Answer::Lost, Answer::Silent] {
        let fakes = Fakes::new();
        fakes.plays("welcome", &[answer]);
        let outcome = fakes.execute(&[work("welcome"), work("other")]).await;
        assert_eq!(outcome.in_doubt[0].reason, "the connection was reset");
        assert_eq!(outcome.submitted.len(), 1);
        assert!(fakes.lockfile().in_doubt("devapi.vidnoz.com", &work("welcome").digest).is_some());
        assert_eq!(fakes.sent(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_stops_everything_but_what_is_in_flight() {
    let fakes = Fakes::new();
    fakes.plays("a", &[Answer::Key]);
    fakes.plays("b", &[Answer::Unreachable]);
    let keys = ["a", "b", "c", "d", "e"].map(work);
    let outcome = fakes.execute_until(&keys, &StopToken::never(), 3).await;
    assert_eq!(outcome.key_refused.as_deref(), Some("not authorised"));
    assert_eq!(outcome.submitted.iter().map(|one| &*one.key).collect::<Vec<_>>(), ["c"]);
    let unsent: Vec<_> = outcome.not_sent.iter().map(|one| (&*one.key, one.reason)).collect();
    assert_eq!(unsent, ["a", "b", "d", "e"].map(|key| (key, SkipReason::KeyRefused)));
    assert_eq!(fakes.sent(), 3);
    assert_eq!(fakes.lockfile().takes_in_doubt("devapi.vidnoz.com").count(), 0, "nothing is left in doubt");
}

#[tokio::test(start_paused = true)]
async fn a_stop_starts_nothing_new_and_awaits_what_is_in_flight() {
    let fakes = Fakes::new();
    *fakes.latency.lock().unwrap() = Duration::from_secs(20);
    fakes.plays("b", &[Answer::TooFast(50)]);
    let (switch, stop) = StopSource::pair();
    let keys = ["a", "b", "c", "d"].map(work);
    let (outcome, ()) = tokio::join!(fakes.execute_until(&keys, &stop, 2), async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        switch.request_stop();
    });
    assert!(outcome.interrupted);
    assert_eq!(outcome.submitted.iter().map(|one| &*one.key).collect::<Vec<_>>(), ["a"]);
    let unsent: Vec<_> = outcome.not_sent.iter().map(|one| (&*one.key, one.reason)).collect();
    assert_eq!(unsent, ["b", "c", "d"].map(|key| (key, SkipReason::Stopped)));
    assert!(fakes.events.lock().unwrap().contains(&ApplyEvent::Stopping));
    assert_eq!(fakes.lockfile().takes_in_doubt("devapi.vidnoz.com").count(), 0, "b was surely not accepted");
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_a_long_wait_at_once() {
    let fakes = Fakes::new();
    fakes.plays("a", &[Answer::TooFast(60)]);
    let (switch, stop) = StopSource::pair();
    let begun = tokio::time::Instant::now();
    let keys = [work("a")];
    tokio::join!(fakes.execute_until(&keys, &stop, 1), async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        switch.request_stop();
    });
    assert!(begun.elapsed() < Duration::from_secs(11));
    assert_eq!(fakes.written(), ["a 1 intent", "a 1 freed"]);
}

#[tokio::test(start_paused = true)]
async fn without_an_intent_on_disk_nothing_is_sent() {
    let fakes = Fakes::new();
    fakes.ink.lock().unwrap().push_back(WriteBehavior::Fails);
    let outcome = fakes.execute_until(&["a", "b"].map(work), &StopToken::never(), 1).await;
    assert_eq!(fakes.sent(), 0);
    let failure = outcome.lock_failure.as_ref().unwrap();
    assert_eq!((failure.message.as_str(), failure.records.len()), ("the disk is full", 0));
    assert_eq!(outcome.not_sent.len(), 2);
    assert!(outcome.must_stop());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_written_is_handed_over() {
    let fakes = Fakes::new();
    fakes.ink.lock().unwrap().extend([WriteBehavior::Writes, WriteBehavior::Fails]);
    let outcome = fakes.execute_until(&["a", "b"].map(work), &StopToken::never(), 1).await;
    assert_eq!(fakes.sent(), 1);
    let failure = outcome.lock_failure.as_ref().unwrap();
    let [Record::Take(line)] = failure.records.as_slice() else { panic!("{failure:?}") };
    assert_eq!((line.state, line.task.as_deref()), (TakeState::Submitted, Some("task-1")));
    assert!(outcome.submitted.is_empty(), "what is not written is not reported as written");
    assert_eq!(outcome.summary().unwritten, 1);
    assert!(fakes.events.lock().unwrap().iter().any(|event| matches!(event, ApplyEvent::Unwritten { .. })));
}

#[tokio::test(start_paused = true)]
async fn no_more_than_the_concurrency_is_in_flight_and_the_order_is_kept() {
    let fakes = Fakes::new();
    fakes.plays("k0", &[Answer::TooFast(20)]);
    let keys: Vec<PlannedSubmission> = (0..12).map(|number| work(&format!("k{number}"))).collect();
    let outcome = fakes.execute_until(&keys, &StopToken::never(), 3).await;
    assert_eq!(fakes.in_flight.lock().unwrap().1, 3);
    let order: Vec<_> = outcome.submitted.iter().map(|one| one.key.to_string()).collect();
    assert_eq!(order, (0..12).map(|number| format!("k{number}")).collect::<Vec<_>>());
    let first: Vec<String> = fakes.posts.lock().unwrap().iter().take(3).map(|(name, _)| name[..2].to_owned()).collect();
    assert_eq!(first, ["k0", "k1", "k2"]);
}

#[tokio::test(start_paused = true)]
async fn one_content_is_sent_once_however_often_it_stands_in_the_work() {
    let fakes = Fakes::new();
    let twin = PlannedSubmission { key: "twin".into(), ..work("a") };
    let outcome = fakes.execute(&[work("a"), twin]).await;
    assert_eq!(fakes.sent(), 1);
    assert_eq!(outcome.not_sent[0].reason, SkipReason::Duplicate);
}

#[tokio::test(start_paused = true)]
async fn a_stop_finds_no_intent_that_waits_for_its_turn() {
    let fakes = Fakes::new();
    *fakes.turn.lock().unwrap() = Duration::from_secs(20);
    let (switch, stop) = StopSource::pair();
    let keys = ["a", "b"].map(work);
    let begun = tokio::time::Instant::now();
    let (outcome, ()) = tokio::join!(fakes.execute_until(&keys, &stop, 2), async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        switch.request_stop();
    });
    assert_eq!((fakes.sent(), fakes.written().len(), outcome.not_sent.len()), (0, 0, 2));
    assert!(begun.elapsed() < Duration::from_secs(6));
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_the_intent_is_synced_frees_it_unsent() {
    let fakes = Fakes::new();
    let (switch, stop) = StopSource::pair();
    let keys = [work("a")];
    let (outcome, ()) = tokio::join!(fakes.execute_until(&keys, &stop, 1), async { switch.request_stop() });
    assert_eq!(fakes.sent(), 0);
    assert_eq!(outcome.not_sent[0].reason, SkipReason::Stopped);
    assert_eq!(fakes.written(), ["a 1 intent", "a 1 freed"]);
    assert!(outcome.interrupted);
}

#[tokio::test(start_paused = true)]
async fn the_next_attempt_bears_another_marker() {
    let fakes = Fakes::new();
    fakes.plays("a", &[Answer::Refuse(400)]);
    fakes.execute(&[work("a")]).await;
    fakes.execute(&[PlannedSubmission::new(&wanted("a"), 2)]).await;
    let posts = fakes.posts.lock().unwrap();
    assert_ne!(posts[0].0, posts[1].0);
    assert!(posts[0].1 >= after(0));
}

#[tokio::test(start_paused = true)]
async fn what_a_merge_brought_meanwhile_is_not_sent_again() {
    for (state, attempt) in
        [(TakeState::Submitted, 1), (TakeState::Intent, 1), (TakeState::Done, 2), (TakeState::Failed, 1)]
    {
        let fakes = Fakes::new();
        let brought = Take { attempt, ..line("a", state, -600) };
        fakes.lines.lock().unwrap().push(Record::Take(brought));
        let outcome = fakes.execute(&[work("a"), work("b")]).await;
        let unsent: Vec<_> = outcome.not_sent.iter().map(|one| (&*one.key, one.reason)).collect();
        assert_eq!(unsent, [("a", SkipReason::SubmittedElsewhere)], "{state:?}");
        assert_eq!((fakes.sent(), outcome.submitted.len()), (1, 1), "{state:?}");
        assert!(outcome.lock_failure.is_none());
    }
}

#[test]
fn a_run_can_move_between_threads() {
    fn moves<T: Send>(_: &T) {}
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _inside = runtime.enter();
    let fakes = Fakes::new();
    moves(&fakes.execute(&[]));
    let (options, stop, mut lockfile) = (options(), StopToken::never(), Lockfile::default());
    moves(&submit_rounds(fakes.context(&options, &stop), &mut lockfile, RoundInput::default()));
}
