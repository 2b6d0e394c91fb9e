//! Tokens that expire during a run: a certain refusal is repeated once, and nothing else is.

use super::fakes::{Answer, Fakes, work};
use crate::apply::{ApplyEvent, Outcome, SkipReason};
use crate::lockfile::Record;
use crate::vendor::CallError;

fn reasons(outcome: &Outcome) -> Vec<(&str, SkipReason)> {
    outcome.not_sent.iter().map(|one| (&*one.key, one.reason)).collect()
}

fn renews(fakes: &Fakes, times: usize) {
    fakes.renewals.lock().unwrap().extend(std::iter::repeat_n(Ok(()), times));
}

#[tokio::test(start_paused = true)]
async fn a_refused_submission_is_repeated_once_with_an_intent_of_its_own() {
    let fakes = Fakes::new();
    fakes.plays("welcome", &[Answer::Key]);
    renews(&fakes, 1);
    let outcome = fakes.execute(&[work("welcome")]).await;
    assert_eq!((outcome.submitted.len(), outcome.key_refused), (1, None));
    assert_eq!(fakes.written(), ["welcome 1 intent", "welcome 1 intent", "welcome 1 submitted"]);
    let posts = fakes.posts.lock().unwrap().clone();
    let [(first, _), (second, second_at)] = &posts[..] else { panic!("two tries: {posts:?}") };
    assert_eq!(first, second, "the same attempt and marker");
    let lines = fakes.lines.lock().unwrap();
    let [Record::Take(old), Record::Take(new), Record::Take(done)] = &lines[..] else { panic!("three lines") };
    assert!(new.at.duration_since(old.at).as_secs() >= 4, "the time of the second try, after the renewal");
    assert!(second_at.duration_since(new.at).as_secs() < 1 && done.at == new.at);
}

#[tokio::test(start_paused = true)]
async fn a_submission_that_is_refused_again_ends_the_run() {
    let fakes = Fakes::new();
    fakes.plays("a", &[Answer::Key, Answer::Key]);
    renews(&fakes, 9);
    let outcome = fakes.execute_until(&["a", "b"].map(work), &crate::vendor::StopToken::never(), 1).await;
    assert_eq!(outcome.key_refused.as_deref(), Some("not authorised"));
    assert_eq!(reasons(&outcome), [("a", SkipReason::KeyRefused), ("b", SkipReason::KeyRefused)]);
    assert_eq!((fakes.sent(), *fakes.renewed.lock().unwrap()), (2, 1));
    assert_eq!(fakes.written(), ["a 1 intent", "a 1 intent", "a 1 freed"]);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_dies_again_between_tries_is_renewed_again() {
    let fakes = Fakes::new();
    fakes.plays("a", &[Answer::Key, Answer::TooFast(60), Answer::Key]);
    renews(&fakes, 2);
    let outcome = fakes.execute(&[work("a")]).await;
    assert_eq!((outcome.submitted.len(), fakes.sent()), (1, 4));
}

#[tokio::test(start_paused = true)]
async fn each_submission_in_flight_gets_its_own_repetition() {
    let fakes = Fakes::new();
    let keys = ["a", "b", "c", "d"];
    for key in keys {
        fakes.plays(key, &[Answer::Key]);
    }
    renews(&fakes, 4);
    let outcome = fakes.execute(&keys.map(work)).await;
    assert_eq!((outcome.submitted.len(), fakes.sent()), (4, 8));
    assert!(keys.iter().all(|key| fakes.accepted(key) == 1));
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_frees_what_was_refused_and_ends_the_run() {
    let fakes = Fakes::new();
    fakes.plays("a", &[Answer::Key]);
    fakes.renewals.lock().unwrap().push_back(Err(CallError::NoToken("no connection".to_owned())));
    let outcome = fakes.execute_until(&["a", "b"].map(work), &crate::vendor::StopToken::never(), 1).await;
    assert_eq!(outcome.no_token.as_deref(), Some("no connection"));
    assert_eq!(reasons(&outcome), [("a", SkipReason::NoToken), ("b", SkipReason::NoToken)]);
    assert_eq!(fakes.written(), ["a 1 intent", "a 1 freed"]);
    assert!(outcome.must_stop() && outcome.key_refused.is_none());
    let halts = fakes.events.lock().unwrap().iter().filter(|event| matches!(event, ApplyEvent::Halted { .. })).count();
    assert_eq!(halts, 1);
}

#[tokio::test(start_paused = true)]
async fn a_turn_without_a_token_sends_and_writes_nothing() {
    for (error, reason) in [
        (CallError::NoToken("down".to_owned()), SkipReason::NoToken),
        (CallError::Key("wrong".to_owned()), SkipReason::KeyRefused),
    ] {
        let fakes = Fakes::new();
        *fakes.tokenless.lock().unwrap() = Some(error);
        let outcome = fakes.execute(&["a", "b"].map(work)).await;
        assert_eq!(reasons(&outcome), [("a", reason), ("b", reason)]);
        assert_eq!((fakes.sent(), fakes.written().len()), (0, 0));
        assert_eq!(outcome.key_refused.is_some(), reason == SkipReason::KeyRefused);
    }
}

#[tokio::test(start_paused = true)]
async fn a_doubtful_401_is_never_repeated_and_lets_nothing_further_start() {
    let fakes = Fakes::new();
    fakes.plays("a", &[Answer::DoubtfulKey]);
    renews(&fakes, 9);
    let outcome = fakes.execute_until(&["a", "b"].map(work), &crate::vendor::StopToken::never(), 1).await;
    assert_eq!((outcome.in_doubt.len(), outcome.key_refused.as_deref()), (1, Some("not authorised")));
    assert_eq!(reasons(&outcome), [("b", SkipReason::KeyRefused)]);
    assert_eq!((fakes.sent(), *fakes.renewed.lock().unwrap()), (1, 0));
    assert_eq!(fakes.written(), ["a 1 intent"], "it stays in doubt");
}
