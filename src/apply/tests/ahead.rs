//! Intents written ahead: a freed slot sends at once, and whatever ends the run finds none that only waits.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::world::{Answer, HOST, Ink, World, line, work};
use crate::apply::{Event, NotSent, Work};
use crate::lockfile::{Record, State, Take};
use crate::vendor::{Stop, StopSwitch};

/// A vendor that answers within 50 ms, and so many videos.
fn brisk(videos: usize) -> (World, Vec<Work>) {
    let world = World::new();
    *world.latency.lock().unwrap() = Duration::from_millis(50);
    (world, (0..videos).map(|number| work(&format!("k{number:02}"))).collect())
}

fn gaps(world: &World) -> Vec<i128> {
    let posts = world.posts.lock().unwrap();
    posts.windows(2).map(|pair| pair[1].1.duration_since(pair[0].1).as_millis()).collect()
}

fn takes(world: &World) -> Vec<Take> {
    let lines = world.lines.lock().unwrap();
    lines.iter().filter_map(|line| if let Record::Take(take) = line { Some(take.clone()) } else { None }).collect()
}

/// The most intents that were ever open on the disk.
fn most_open(world: &World) -> usize {
    let (mut open, mut most) = (HashSet::new(), 0);
    for take in takes(world) {
        if take.state == State::Intent {
            open.insert(take.key)
        } else {
            open.remove(&take.key)
        };
        most = most.max(open.len());
    }
    most
}

#[tokio::test(start_paused = true)]
async fn a_slot_is_free_as_soon_as_the_answer_is_there_and_the_next_one_is_ready() {
    let (world, keys) = brisk(10);
    *world.sync.lock().unwrap() = Duration::from_millis(20);
    let outcome = world.execute_until(&keys, &Stop::never(), 1).await;
    assert_eq!(outcome.submitted.len(), 10);
    // The first answer shows that the vendor is quick; the second submission still waits for its intent.
    assert!(gaps(&world)[0] >= 70, "{:?}", gaps(&world));
    assert!(gaps(&world)[1..].iter().all(|gap| (50..60).contains(gap)), "the disk is waited for: {:?}", gaps(&world));
    let order: Vec<String> = world.posts.lock().unwrap().iter().map(|(name, _)| name[..3].to_owned()).collect();
    assert_eq!(order, keys.iter().map(|one| one.key.to_string()).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn each_intent_is_on_disk_before_its_submission_and_no_more_are_ahead_than_there_are_slots() {
    for concurrency in [1, 3, 8] {
        let (world, keys) = brisk(60);
        *world.sync.lock().unwrap() = Duration::from_millis(7);
        let outcome = world.execute_until(&keys, &Stop::never(), concurrency).await;
        assert_eq!((outcome.submitted.len(), world.in_flight.lock().unwrap().1), (60, concurrency));
        let most = most_open(&world);
        assert!((concurrency + 1..=2 * concurrency).contains(&most), "{most} open with {concurrency} slots");
        let posts: HashMap<_, _> = world.posts.lock().unwrap().iter().cloned().collect();
        for take in takes(&world).iter().filter(|take| take.state == State::Intent) {
            assert!(take.at < posts[take.name.as_deref().unwrap()], "{take:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_is_slow_or_sets_the_pace_gets_no_intents_ahead() {
    for (latency, paced) in [(1_000, false), (50, true)] {
        let (world, keys) = brisk(12);
        *world.latency.lock().unwrap() = Duration::from_millis(latency);
        *world.paced.lock().unwrap() = paced;
        world.execute_until(&keys, &Stop::never(), 3).await;
        assert_eq!((most_open(&world), world.in_flight.lock().unwrap().1), (3, 3), "{latency} ms, {paced}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_frees_what_is_ahead_unsent_and_awaits_what_is_in_flight() {
    let (world, keys) = brisk(20);
    let (switch, stop) = StopSwitch::pair();
    let (outcome, ()) = tokio::join!(world.execute_until(&keys, &stop, 3), async {
        tokio::time::sleep(Duration::from_millis(130)).await;
        assert_eq!(most_open(&world), 6, "three in flight, three ahead");
        switch.finish();
    });
    let sent = world.sent();
    assert_eq!((outcome.submitted.len(), outcome.not_sent.len()), (sent, 20 - sent));
    assert!(outcome.not_sent.iter().all(|one| one.reason == NotSent::Stopped));
    let freed: Vec<_> = takes(&world).into_iter().filter(|take| take.state == State::Freed).collect();
    assert_eq!(freed.len(), 3, "{freed:?}");
    assert!(freed.iter().all(|take| world.accepted(&take.key) == 0), "{freed:?}");
    assert_eq!(world.lockfile().doubtful(HOST).count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_frees_what_is_ahead_unsent() {
    let (world, keys) = brisk(20);
    world.plays("k07", &[Answer::Key]);
    let outcome = world.execute_until(&keys, &Stop::never(), 3).await;
    assert_eq!(outcome.key_refused.as_deref(), Some("not authorised"));
    assert!((8..=10).contains(&world.sent()), "{} were sent", world.sent());
    assert_eq!(outcome.submitted.len() + 1, world.sent());
    assert!(outcome.not_sent.iter().all(|one| one.reason == NotSent::KeyRefused));
    assert_eq!(world.lockfile().doubtful(HOST).count(), 0);
}

#[tokio::test(start_paused = true)]
async fn when_the_disk_fails_only_what_is_ahead_may_still_leave() {
    let (world, keys) = brisk(30);
    // Everything from some line on.
    world.ink.lock().unwrap().extend(std::iter::repeat_n(Ink::Writes, 15));
    world.ink.lock().unwrap().extend(std::iter::repeat_n(Ink::Fails, 100));
    let outcome = world.execute_until(&keys, &Stop::never(), 3).await;
    let failure = outcome.lock_failure.as_ref().unwrap();
    let intents = takes(&world).iter().filter(|take| take.state == State::Intent).count();
    assert!(world.sent() <= intents, "{} sent, {intents} intents", world.sent());
    // Whatever was accepted is written, or handed over; what was never sent is freed or handed over as such.
    let handed = |state| {
        let of = |record: &&Record| matches!(record, Record::Take(take) if take.state == state);
        failure.records.iter().filter(of).count()
    };
    assert_eq!(outcome.submitted.len() + handed(State::Submitted), world.sent());
    assert_eq!(handed(State::Submitted), outcome.summary().unwritten, "what is freed was not submitted");
    assert_eq!(world.sent() + handed(State::Freed), intents);
}

#[tokio::test(start_paused = true)]
async fn an_intent_that_waited_long_for_its_slot_is_written_anew() {
    let (world, keys) = brisk(6);
    world.plays("k02", &[Answer::Unreachable]);
    let outcome = world.execute_until(&keys, &Stop::never(), 1).await;
    assert_eq!(outcome.submitted.len(), 6);
    let posts: HashMap<_, _> = world.posts.lock().unwrap().iter().cloned().collect();
    for take in takes(&world).iter().filter(|take| take.state == State::Submitted) {
        let waited = posts[take.name.as_deref().unwrap()].duration_since(take.at).as_millis();
        assert!(waited <= 510, "{}: the line tells {waited} ms too early", take.key);
    }
    let intents = world.written().iter().filter(|line| *line == "k03 1 intent").count();
    assert_eq!(intents, 2, "{:?}", world.written());
    let told = world.events.lock().unwrap();
    assert!(!told.iter().any(|event| matches!(event, Event::Submitting { key, tries: 2.., .. } if &**key == "k03")));
}

#[tokio::test(start_paused = true)]
async fn what_a_merge_brings_while_an_intent_waits_is_not_sent_again() {
    let (world, keys) = brisk(8);
    let never = Stop::never();
    let (outcome, ()) = tokio::join!(world.execute_until(&keys, &never, 1), async {
        // Within the third submission the intent of the fourth is written already.
        tokio::time::sleep(Duration::from_millis(130)).await;
        assert_eq!((world.sent(), world.written().last().unwrap().as_str()), (3, "k03 1 intent"));
        world.lines.lock().unwrap().push(Record::Take(line("k03", State::Submitted, 0)));
        *world.changes.lock().unwrap() += 1;
    });
    let unsent: Vec<_> = outcome.not_sent.iter().map(|one| (&*one.key, one.reason)).collect();
    assert_eq!(unsent, [("k03", NotSent::KnownMeanwhile)]);
    assert_eq!((world.accepted("k03"), outcome.submitted.len()), (0, 7));
    assert!(world.lockfile().paid(HOST, &work("k03").digest, "k03").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_the_vendor_asks_for_holds_what_is_ahead_too() {
    let (world, keys) = brisk(8);
    world.plays("k02", &[Answer::TooFast(5)]);
    let never = Stop::never();
    let (outcome, ()) = tokio::join!(world.execute_until(&keys, &never, 2), async {
        tokio::time::sleep(Duration::from_millis(90)).await;
        assert!(world.written().contains(&"k03 1 intent".to_owned()));
        // As the shared limiter would: from now on each waits for its turn.
        *world.paced.lock().unwrap() = true;
        *world.turn.lock().unwrap() = Duration::from_secs(5);
    });
    assert_eq!(outcome.submitted.len(), 8);
    let posts = world.posts.lock().unwrap();
    let late = posts
        .iter()
        .filter(|(name, _)| name.as_str() >= "k04")
        .all(|(_, at)| at.duration_since(super::world::noon()).as_secs() >= 5);
    assert!(late, "{posts:?}");
}
