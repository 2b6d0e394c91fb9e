//! Answers that a vendor should not give: codes that no table knows.

use super::world::{Answer, World, options, work};
use crate::apply::{Halt, NotSent};
use crate::lock::State;
use crate::vendor::{Stop, UnknownCode};

const KEYS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

async fn one_by_one(world: &World, keys: &[&str]) -> crate::apply::Outcome {
    let work: Vec<_> = keys.iter().map(|key| work(key)).collect();
    world.execute_until(&work, &Stop::never(), 1).await
}

fn plays(answers: &[Answer]) -> World {
    let world = World::new();
    for (key, answer) in KEYS.iter().zip(answers) {
        world.plays(key, &[*answer]);
    }
    world
}

#[tokio::test(start_paused = true)]
async fn three_equal_unknown_codes_in_a_row_end_the_run() {
    // A lost answer and a wait for the rate decide nothing, so they break no row.
    let world = plays(&[Answer::Code(1234), Answer::Code(1234), Answer::Lost, Answer::Code(1234)]);
    world.plays("b", &[Answer::TooFast(0), Answer::Code(1234)]);
    let outcome = one_by_one(&world, &KEYS).await;
    let unknown = UnknownCode { code: 1234, message: "frozen".to_owned() };
    assert_eq!(outcome.halted, Some(Halt::UnknownCode(unknown)));
    let unsent: Vec<_> = outcome.not_sent.iter().map(|one| (&*one.key, one.reason)).collect();
    assert_eq!(unsent, [("e", NotSent::UnknownCode), ("f", NotSent::UnknownCode)]);
    assert_eq!((outcome.in_doubt.len(), world.sent()), (4, 5));
    assert!(outcome.is_over());
}

#[tokio::test(start_paused = true)]
async fn another_answer_begins_the_row_again() {
    for between in [Answer::Accept, Answer::Refuse(400), Answer::Code(77)] {
        let code = Answer::Code(1234);
        let world = plays(&[code, code, between, code, code]);
        let outcome = one_by_one(&world, &KEYS).await;
        assert_eq!((outcome.halted, world.sent()), (None, 6), "{between:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_message_of_an_unknown_code_is_kept_with_the_intent() {
    let world = plays(&[Answer::Code(1234)]);
    one_by_one(&world, &["a"]).await;
    let lockfile = world.lockfile();
    let take = lockfile.doubtful(&options().host).next().unwrap();
    assert_eq!((take.state, take.message.as_deref()), (State::Intent, Some("code 1234: frozen")));
    let text = crate::lock::encode(&lockfile);
    assert_eq!(text.lines().count(), 2, "one line for the take: {text}");
}
