//! Complete runs: submit, wait for the grace period, settle, submit again.

use std::time::Duration;

use super::fakes::{Answer, Fakes, HOST, WriteBehavior, line, noon, options, wanted, work};
use crate::apply::{
    ApplyContext, ApplyEvent, ApplyOptions, DesiredVideo, Outcome, PlannedSubmission, ReconcileError, RoundInput,
    SkipReason, TakeInDoubt, list_and_reconcile, submit_rounds,
};
use crate::lockfile::{Journal, Lockfile, Record, Store, TakeState};
use crate::vendor::{StopSource, StopToken};

async fn whole(fakes: &Fakes, work: Vec<PlannedSubmission>, standby: &[DesiredVideo]) -> Outcome {
    whole_until(fakes, work, standby, &StopToken::never()).await
}

async fn whole_until(
    fakes: &Fakes,
    work: Vec<PlannedSubmission>,
    standby: &[DesiredVideo],
    stop: &StopToken,
) -> Outcome {
    let options = ApplyOptions { concurrency: 1, ..options() };
    let mut lockfile = fakes.lockfile();
    let in_doubt = standby.iter().map(doubt).collect();
    let assignment = RoundInput { work, standby: standby.to_vec(), in_doubt };
    let outcome = submit_rounds(fakes.context(&options, stop), &mut lockfile, assignment).await;
    let (known, disk) = (lockfile, fakes.lockfile());
    let states = |lock: &crate::lockfile::Lockfile| {
        lock.takes().map(|take| format!("{} {} {:?}", take.key, take.attempt, take.state)).collect::<Vec<_>>()
    };
    assert_eq!(states(&known), states(&disk), "what is known is what is on disk");
    outcome
}

fn doubt(wanted: &DesiredVideo) -> TakeInDoubt {
    let DesiredVideo { key, digest, .. } = wanted.clone();
    TakeInDoubt { key, digest, attempt: 1, since: noon(), reason: "as the first listing left it".into() }
}

#[tokio::test(start_paused = true)]
async fn a_run_without_doubts_does_not_wait() {
    let fakes = Fakes::new();
    let begun = tokio::time::Instant::now();
    let outcome = whole(&fakes, ["a", "b"].map(work).to_vec(), &[]).await;
    assert_eq!(outcome.submitted.len(), 2);
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_found_in_the_same_run() {
    let fakes = Fakes::new();
    fakes.plays("a", &[Answer::Lost]);
    let outcome = whole(&fakes, ["a", "b"].map(work).to_vec(), &[]).await;
    assert_eq!((outcome.adopted.len(), outcome.submitted.len(), outcome.in_doubt.len()), (1, 1, 0));
    assert_eq!(fakes.accepted("a"), 1);
    assert!(fakes.events.lock().unwrap().iter().any(|event| matches!(event, ApplyEvent::Settling { count: 1, .. })));
}

#[tokio::test(start_paused = true)]
async fn what_never_arrived_is_sent_again_in_the_same_run() {
    let fakes = Fakes::new();
    fakes.plays("a", &[Answer::Silent]);
    let outcome = whole(&fakes, ["a", "b"].map(work).to_vec(), &[]).await;
    assert_eq!((outcome.freed.len(), outcome.submitted.len(), outcome.in_doubt.len()), (1, 2, 0));
    assert_eq!((fakes.accepted("a"), fakes.sent()), (1, 3));
    let a = outcome.submitted.iter().find(|one| &*one.key == "a").unwrap();
    assert_eq!(a.attempt, 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_lost_in_every_round_is_reported_as_not_sent() {
    let fakes = Fakes::new();
    fakes.plays("a", &[Answer::Silent; 3]);
    fakes.plays("b", &[Answer::Silent; 2]);
    fakes.plays("c", &[Answer::Silent]);
    let outcome = whole(&fakes, ["a", "b", "c", "d"].map(work).to_vec(), &[]).await;
    // Each round proves the losses by the submission that arrives after them.
    assert_eq!((outcome.freed.len(), outcome.submitted.len(), outcome.in_doubt.len()), (6, 3, 0));
    let left: Vec<_> = outcome.not_sent.iter().map(|one| (&*one.key, one.reason)).collect();
    assert_eq!(left, [("a", SkipReason::LostAgain)], "nothing is left without a word");
    assert_eq!((fakes.accepted("a"), fakes.sent()), (0, 9));
}

#[tokio::test(start_paused = true)]
async fn what_arrives_late_is_not_taken_for_lost() {
    let fakes = Fakes::new();
    *fakes.late.lock().unwrap() = true;
    fakes.plays("a", &[Answer::Silent]);
    fakes.execute(&["a", "b"].map(work)).await;
    let (options, stop, mut lockfile) = (options(), StopToken::never(), fakes.lockfile());
    let early = list_and_reconcile(fakes.context(&options, &stop), &mut lockfile, &[wanted("a")]).await.unwrap();
    assert_eq!((early.freed.len(), early.in_doubt.len()), (0, 1), "the list shows b, but a may be on its way");
    tokio::time::sleep(Duration::from_mins(2)).await;
    let later = list_and_reconcile(fakes.context(&options, &stop), &mut lockfile, &[wanted("a")]).await.unwrap();
    assert_eq!((later.adopted.len(), later.in_doubt.len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn without_a_later_take_it_stays_in_doubt() {
    let fakes = Fakes::new();
    fakes.plays("b", &[Answer::Silent]);
    let outcome = whole(&fakes, ["a", "b"].map(work).to_vec(), &[]).await;
    assert_eq!((outcome.freed.len(), outcome.in_doubt.len(), fakes.sent()), (0, 1, 2));
    assert!(
        outcome.in_doubt[0].reason.contains("a later submission of this lockfile"),
        "the list's reason replaces the answer's"
    );
}

#[tokio::test(start_paused = true)]
async fn an_old_doubt_is_proved_by_what_this_run_sends() {
    let fakes = Fakes::new();
    fakes.lines.lock().unwrap().push(Record::Take(line("old", TakeState::Intent, -86_400)));
    let outcome = whole(&fakes, vec![work("b")], &[wanted("old")]).await;
    assert_eq!(outcome.freed.len(), 1);
    let sent: Vec<_> = outcome.submitted.iter().map(|one| (&*one.key, one.attempt)).collect();
    assert_eq!(sent, [("b", 1), ("old", 2)]);
}

#[tokio::test(start_paused = true)]
async fn an_old_doubt_that_nothing_can_prove_is_not_waited_for() {
    let fakes = Fakes::new();
    fakes.lines.lock().unwrap().push(Record::Take(line("old", TakeState::Intent, -10)));
    let begun = tokio::time::Instant::now();
    let outcome = whole(&fakes, Vec::new(), &[wanted("old")]).await;
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert_eq!(outcome.in_doubt, [doubt(&wanted("old"))]);
    assert!(fakes.lockfile().in_doubt(HOST, &wanted("old").digest).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_freed_take_that_nobody_wants_is_not_sent() {
    let fakes = Fakes::new();
    fakes.lines.lock().unwrap().push(Record::Take(line("gone", TakeState::Intent, -86_400)));
    let outcome = whole(&fakes, vec![work("b")], &[]).await;
    assert_eq!(outcome.freed.len(), 1);
    assert_eq!(fakes.sent(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_fails_leaves_the_doubt() {
    let fakes = Fakes::new();
    fakes.plays("a", &[Answer::Silent]);
    fakes.lister.lock().unwrap().fails = true;
    let outcome = whole(&fakes, ["a", "b"].map(work).to_vec(), &[]).await;
    assert_eq!((outcome.in_doubt.len(), outcome.warnings.len(), fakes.sent()), (1, 1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_the_grace() {
    let fakes = Fakes::new();
    fakes.plays("a", &[Answer::Silent]);
    let (switch, stop) = StopSource::pair();
    let begun = tokio::time::Instant::now();
    let (outcome, ()) = tokio::join!(whole_until(&fakes, ["a", "b"].map(work).to_vec(), &[], &stop), async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        switch.request_stop();
    });
    assert!(outcome.interrupted && begun.elapsed() < Duration::from_secs(31));
    assert_eq!((outcome.in_doubt.len(), fakes.sent()), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn an_adoption_that_cannot_be_written_is_handed_over_and_nothing_more_is_sent() {
    let fakes = Fakes::new();
    fakes.plays("a", &[Answer::Silent]);
    fakes.ink.lock().unwrap().extend([
        WriteBehavior::Writes,
        WriteBehavior::Writes,
        WriteBehavior::Writes,
        WriteBehavior::Fails,
    ]);
    let outcome = whole(&fakes, ["a", "b"].map(work).to_vec(), &[]).await;
    assert_eq!(outcome.lock_failure.unwrap().records.len(), 1);
    assert_eq!(fakes.sent(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_never_arrives_is_not_sent_for_ever() {
    let fakes = Fakes::new();
    fakes.plays("a", &[Answer::Silent; 9]);
    let outcome = whole(&fakes, ["a", "b"].map(work).to_vec(), &[]).await;
    assert_eq!((fakes.accepted("a"), fakes.accepted("b")), (0, 1));
    assert_eq!(outcome.in_doubt.len(), 1, "the second try has nothing sent after it: {outcome:?}");
    assert_eq!(fakes.sent(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_first_listing_is_written_before_it_is_told() {
    let fakes = Fakes::new();
    let (options, stop, mut lockfile) = (options(), StopToken::never(), Lockfile::default());
    fakes.execute(&[work("a")]).await;
    fakes.lines.lock().unwrap().clear();
    fakes.events.lock().unwrap().clear();
    fakes.ink.lock().unwrap().push_back(WriteBehavior::Fails);
    let failed = list_and_reconcile(fakes.context(&options, &stop), &mut lockfile, &[wanted("a")]).await;
    assert!(matches!(failed, Err(ReconcileError::WriteFailed(failure)) if failure.records.len() == 1));
    assert!(lockfile.is_empty() && matches!(fakes.events.lock().unwrap().as_slice(), [ApplyEvent::LockFailure { .. }]));
    let settled = list_and_reconcile(fakes.context(&options, &stop), &mut lockfile, &[wanted("a")]).await.unwrap();
    assert_eq!(settled.adopted.len(), 1);
    assert!(lockfile.paid(HOST, &wanted("a").digest, "a").is_some());
    fakes.lister.lock().unwrap().fails = true;
    let failed = list_and_reconcile(fakes.context(&options, &stop), &mut lockfile, &[]).await.unwrap_err();
    assert!(failed.to_string().contains("remain in doubt: the list did not come"), "{failed}");
}

#[tokio::test(start_paused = true)]
async fn the_lockfile_on_disk_tells_the_whole_run() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("callsheet.lock");
    let fakes = Fakes::new();
    fakes.plays("a", &[Answer::Silent]);
    fakes.plays("c", &[Answer::Refuse(400)]);
    let journal = Journal::start(Store::open(&path).unwrap());
    let (options, stop) = (ApplyOptions { concurrency: 1, ..options() }, StopToken::never());
    let context = ApplyContext {
        vendor: &fakes,
        writer: &journal,
        now: &|| fakes.now(),
        random: || 1 << 63,
        options: &options,
        progress: &fakes,
        stop: &stop,
        shared: None,
    };
    let assignment = RoundInput { work: ["a", "b", "c"].map(work).to_vec(), ..RoundInput::default() };
    submit_rounds(context, &mut Lockfile::default(), assignment).await;
    journal.finish().await.unwrap().compact().unwrap();
    let lockfile = Store::open(&path).unwrap().lockfile;
    let told: Vec<_> = lockfile.takes().map(|take| (&*take.key, take.attempt, take.state)).collect();
    let mut expected =
        [("a", 1, TakeState::Freed), ("a", 2, TakeState::Submitted), ("b", 1, TakeState::Submitted)].to_vec();
    expected.push(("c", 1, TakeState::Freed));
    let sorted: std::collections::BTreeSet<_> = told.into_iter().collect();
    assert_eq!(sorted.into_iter().collect::<Vec<_>>(), expected);
}
