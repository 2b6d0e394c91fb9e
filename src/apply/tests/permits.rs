//! Permits: one for each submission that may have an open intent, free as soon as the response's record is queued.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::fakes::{Fakes, WriteBehavior, work};
use crate::apply::PlannedSubmission;
use crate::lockfile::{Record, Take, TakeState};
use crate::vendor::StopToken;

/// Returns a vendor that responds within 50 ms, and this number of videos.
fn quick(videos: usize) -> (Fakes, Vec<PlannedSubmission>) {
    let fakes = Fakes::new();
    *fakes.latency.lock().unwrap() = Duration::from_millis(50);
    (fakes, (0..videos).map(|number| work(&format!("k{number:02}"))).collect())
}

fn takes(fakes: &Fakes) -> Vec<Take> {
    let lines = fakes.lines.lock().unwrap();
    lines.iter().filter_map(|line| if let Record::Take(take) = line { Some(take.clone()) } else { None }).collect()
}

/// Returns the maximum number of intents that were open on disk.
fn most_open(fakes: &Fakes) -> usize {
    let (mut open, mut most) = (HashSet::new(), 0);
    for take in takes(fakes) {
        if take.state == TakeState::Intent {
            open.insert(take.key)
        } else {
            open.remove(&take.key)
        };
        most = most.max(open.len());
    }
    most
}

#[tokio::test(start_paused = true)]
async fn intents_are_on_disk_before_their_submissions_and_never_more_open_than_permits() {
    for concurrency in [1, 3, 8] {
        let (fakes, keys) = quick(60);
        *fakes.sync.lock().unwrap() = Duration::from_millis(7);
        let outcome = fakes.execute_until(&keys, &StopToken::never(), concurrency).await;
        assert_eq!((outcome.submitted.len(), fakes.in_flight.lock().unwrap().1), (60, concurrency));
        assert_eq!(most_open(&fakes), concurrency);
        let posts: HashMap<_, _> = fakes.posts.lock().unwrap().iter().cloned().collect();
        for take in takes(&fakes).iter().filter(|take| take.state == TakeState::Intent) {
            assert!(take.at < posts[take.name.as_deref().unwrap()], "{take:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_intent_shares_the_sync_of_the_answer_and_the_order_is_kept() {
    let (fakes, keys) = quick(10);
    *fakes.sync.lock().unwrap() = Duration::from_millis(20);
    fakes.execute_until(&keys, &StopToken::never(), 1).await;
    let posts = fakes.posts.lock().unwrap();
    let gaps: Vec<_> = posts.windows(2).map(|pair| pair[1].1.duration_since(pair[0].1).as_millis()).collect();
    // 50 ms for the response, and 20 ms for one sync, not two.
    assert!(gaps.iter().all(|gap| (70..75).contains(gap)), "{gaps:?}");
    let order: Vec<_> = posts.iter().map(|(name, _)| &name[..3]).collect();
    assert_eq!(order, keys.iter().map(|one| &*one.key).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_fails_lets_nothing_further_leave() {
    let (fakes, keys) = quick(30);
    // Every write from some line on fails.
    fakes.ink.lock().unwrap().extend(std::iter::repeat_n(WriteBehavior::Writes, 15));
    fakes.ink.lock().unwrap().extend(std::iter::repeat_n(WriteBehavior::Fails, 100));
    let outcome = fakes.execute_until(&keys, &StopToken::never(), 3).await;
    let failure = outcome.lock_failure.as_ref().unwrap();
    let intents = takes(&fakes).iter().filter(|take| take.state == TakeState::Intent).count();
    assert!(fakes.sent() <= intents, "{} sent, {intents} intents", fakes.sent());
    // An accepted submission is written or returned. An intent that never left is freed, or returned as freed.
    let handed = |state| {
        let of = |record: &&Record| matches!(record, Record::Take(take) if take.state == state);
        failure.records.iter().filter(of).count()
    };
    assert_eq!(outcome.submitted.len() + handed(TakeState::Submitted), fakes.sent());
    assert_eq!(handed(TakeState::Submitted), outcome.summary().unwritten, "what is freed was not submitted");
    assert_eq!(fakes.sent() + handed(TakeState::Freed), intents);
}
