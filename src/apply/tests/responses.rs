//! Responses that a vendor should not send: codes that no table has, and one task id for two takes.

use super::fakes::{Answer, Fakes, line, options, work};
use crate::apply::SkipReason;
use crate::lockfile::{Record, Take, TakeState};
use crate::vendor::{StopToken, UnknownCode};

const KEYS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

async fn one_by_one(fakes: &Fakes, keys: &[&str]) -> crate::apply::Outcome {
    let work: Vec<_> = keys.iter().map(|key| work(key)).collect();
    fakes.execute_until(&work, &StopToken::never(), 1).await
}

fn plays(answers: &[Answer]) -> Fakes {
    let fakes = Fakes::new();
    for (key, answer) in KEYS.iter().zip(answers) {
        fakes.plays(key, &[*answer]);
    }
    fakes
}

#[tokio::test(start_paused = true)]
async fn three_equal_unknown_codes_in_a_row_end_the_run() {
    // A lost response and a wait for the rate decide nothing, so they do not interrupt a sequence.
    let fakes = plays(&[Answer::Code(1234), Answer::Code(1234), Answer::Lost, Answer::Code(1234)]);
    fakes.plays("b", &[Answer::TooFast(0), Answer::Code(1234)]);
    let outcome = one_by_one(&fakes, &KEYS).await;
    let unknown = UnknownCode { code: 1234, message: "frozen".to_owned() };
    assert_eq!(outcome.unknown_code, Some(unknown));
    let unsent: Vec<_> = outcome.not_sent.iter().map(|one| (&*one.key, one.reason)).collect();
    assert_eq!(unsent, [("e", SkipReason::UnknownCode), ("f", SkipReason::UnknownCode)]);
    assert_eq!((outcome.in_doubt.len(), fakes.sent()), (4, 5));
    assert!(outcome.must_stop());
}

#[tokio::test(start_paused = true)]
async fn another_answer_begins_the_row_again() {
    for between in [Answer::Accept, Answer::Refuse(400), Answer::Code(77)] {
        let code = Answer::Code(1234);
        let fakes = plays(&[code, code, between, code, code]);
        let outcome = one_by_one(&fakes, &KEYS).await;
        assert_eq!((outcome.unknown_code, fakes.sent()), (None, 6), "{between:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_message_of_an_unknown_code_is_kept_with_the_intent() {
    let fakes = plays(&[Answer::Code(1234)]);
    one_by_one(&fakes, &["a"]).await;
    let lockfile = fakes.lockfile();
    let take = lockfile.takes_in_doubt(&options().host).next().unwrap();
    assert_eq!((take.state, take.message.as_deref()), (TakeState::Intent, Some("code 1234: frozen")));
    let text = crate::lockfile::encode(&lockfile);
    assert_eq!(text.lines().count(), 2, "one line for the take: {text}");
}

#[tokio::test(start_paused = true)]
async fn a_task_id_counts_for_one_take_only() {
    for concurrency in [1, 4] {
        let fakes = plays(&[Answer::Accept, Answer::SameTask, Answer::SameTask, Answer::Accept]);
        let work = KEYS[..4].iter().map(|key| work(key)).collect::<Vec<_>>();
        let outcome = fakes.execute_until(&work, &StopToken::never(), concurrency).await;
        let submitted: Vec<_> = outcome.submitted.iter().map(|one| (&*one.key, one.task.as_str())).collect();
        assert_eq!(submitted, [("a", "task-1"), ("d", "task-4")]);
        let doubts: Vec<_> = outcome.in_doubt.iter().map(|one| (&*one.key, one.reason.as_str())).collect();
        let reason = "the vendor answered with task `task-1`, which is the task of `a`";
        assert_eq!(doubts, [("b", reason), ("c", reason)]);
        assert_eq!(fakes.lockfile().takes_in_doubt(&options().host).count(), 2, "their records stay intents");
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_id_of_the_lockfile_counts_in_every_state_but_only_at_its_host() {
    for state in [TakeState::Submitted, TakeState::Failed, TakeState::Done, TakeState::Pulled, TakeState::Forgotten] {
        for (host, taken) in [(options().host, true), ("elsewhere.example".into(), false)] {
            let fakes = Fakes::new();
            let old = Take { task: Some("task-1".to_owned()), host, ..line("old", state, 0) };
            fakes.lines.lock().unwrap().push(Record::Take(old));
            let outcome = one_by_one(&fakes, &["new"]).await;
            assert_eq!((outcome.in_doubt.len(), outcome.submitted.len()), (usize::from(taken), usize::from(!taken)));
            assert!(outcome.in_doubt.iter().all(|one| one.reason.ends_with("the task of `old`")), "{outcome:?}");
        }
    }
}
