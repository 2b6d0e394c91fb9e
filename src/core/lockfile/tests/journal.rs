//! Many tasks, one file: shared syncs, and one failure that stops all writes.

use super::super::{Journal, Store, StoreError, TakeState};
use super::{HOST, digest, records, submitted, take};

fn store(directory: &tempfile::TempDir) -> Store {
    Store::open(&directory.path().join("callsheet.lock")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_that_wait_together_share_syncs_and_none_is_lost() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::start(store(&directory));
    let tasks: Vec<_> = (0..400_u32)
        .map(|number| {
            let journal = journal.clone();
            let mut one = submitted(&format!("key-{number}"), '1', &format!("T{number}"), 0);
            one.digest = crate::spec::Digest::parse(&format!("v1:{number:032x}")).unwrap();
            tokio::spawn(async move { journal.write(records([one])).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(journal.read(|lockfile| lockfile.takes().count()).await, Some(400));
    let done = journal.finish().await.unwrap();
    assert!(done.syncs() < 400, "{} syncs", done.syncs());
    assert_eq!(store(&directory).lockfile.takes().count(), 400);
}

#[tokio::test]
async fn what_is_written_is_on_disk_before_the_answer() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::start(store(&directory));
    journal.write(records([take("a", '1', 1, TakeState::Intent, 0)])).await.unwrap();
    assert!(store(&directory).lockfile.in_doubt(HOST, &digest('1')).is_some());
    journal.write(records([submitted("a", '1', "T1", 1)])).await.unwrap();
    assert!(store(&directory).lockfile.paid(HOST, &digest('1'), "a").is_some());
    assert_eq!(journal.read(|lockfile| lockfile.paid(HOST, &digest('1'), "a").is_some()).await, Some(true));
}

#[tokio::test]
async fn a_dropped_future_does_not_take_its_write_back() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::start(store(&directory));
    {
        let write = journal.write(records([submitted("a", '1', "T1", 0)]));
        let _answered = futures_util::future::FutureExt::now_or_never(write);
    }
    journal.finish().await.unwrap();
    assert!(store(&directory).lockfile.paid(HOST, &digest('1'), "a").is_some());
}

#[tokio::test]
async fn after_one_failure_all_later_writes_fail_and_each_gets_its_own_lines_back() {
    let directory = tempfile::tempdir().unwrap();
    let mut broken = store(&directory);
    broken.append(&records([submitted("a", '1', "T1", 0)])).unwrap();
    broken.simulate_full_disk();
    let journal = Journal::start(broken);
    let error = journal.write(records([submitted("b", '2', "T2", 0)])).await.unwrap_err();
    assert!(error.to_string().contains("No space left on device"), "{error}");
    // The disk would accept it now, but an intent that was rejected must stay rejected.
    let later = journal.write(records([take("c", '3', 1, TakeState::Intent, 0)])).await.unwrap_err();
    assert!(later.to_string().contains("No space left on device"), "{later}");
    assert!(error.unwritten().unwrap().contains("T2") && !error.unwritten().unwrap().contains("\"c\""));
    assert!(later.unwritten().unwrap().contains("\"c\"") && !later.unwritten().unwrap().contains("T2"));
    let store_after = journal.finish().await.unwrap();
    assert!(store_after.lockfile.paid(HOST, &digest('2'), "b").is_some());
    assert!(store_after.lockfile.in_doubt(HOST, &digest('3')).is_none());
}

#[tokio::test]
async fn after_the_end_nothing_is_taken_for_written() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::start(store(&directory));
    let late = journal.clone();
    journal.finish().await.unwrap();
    let error = late.write(records([submitted("a", '1', "T1", 0)])).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unwritten { cause, .. } if matches!(**cause, StoreError::Closed)), "{error}");
    assert!(error.unwritten().unwrap().contains("T1"));
    assert!(late.read(|_| ()).await.is_none());
    assert!(late.finish().await.is_none());
}

#[tokio::test]
async fn a_line_that_nobody_could_read_never_reaches_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::start(store(&directory));
    let error = journal.write(records([submitted("a", '1', "T\u{7}", 0)])).await.unwrap_err();
    assert!(error.to_string().contains("`task` holds a control character"), "{error}");
    assert!(error.unwritten().unwrap().contains("T\\u0007"));
    journal.write(records([submitted("b", '2', "T2", 0)])).await.unwrap();
    let mut done = journal.finish().await.unwrap();
    assert!(done.append(&records([submitted("a", '1', "", 0)])).is_err());
    assert_eq!(store(&directory).lockfile.takes().count(), 1);
}

#[tokio::test]
async fn an_intent_is_not_written_when_the_file_has_learnt_of_its_content_meanwhile() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::start(store(&directory));
    let begin =
        |key: &'static str, digit, again| journal.write_intent(take(key, digit, 1, TakeState::Intent, 0), again);
    assert!(begin("a", '1', false).await.unwrap());
    assert!(!begin("a", '1', false).await.unwrap(), "its own intent is there already");
    assert!(begin("a", '1', true).await.unwrap(), "unless it is another try of it");
    // A merge during the run.
    let mut other = store(&directory);
    other.append(&records([submitted("twin", '2', "T2", 0), take("c", '3', 1, TakeState::Intent, 0)])).unwrap();
    assert!(!begin("b", '2', false).await.unwrap(), "paid for under another key");
    assert!(!begin("c", '3', false).await.unwrap(), "in doubt elsewhere");
    assert!(begin("d", '4', false).await.unwrap());
    journal.write(records([submitted("d", '4', "T4", 1)])).await.unwrap();
    let states: Vec<_> = store(&directory).lockfile.takes().map(|take| (take.key.to_string(), take.state)).collect();
    let state = |key: &str, state| (key.to_owned(), state);
    assert_eq!(
        states,
        [
            state("a", TakeState::Intent),
            state("c", TakeState::Intent),
            state("d", TakeState::Submitted),
            state("twin", TakeState::Submitted)
        ]
    );
}

#[tokio::test]
async fn the_order_of_the_calls_is_the_order_in_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::start(store(&directory));
    // A response, and the intent that may be written because of it. The intent is polled first.
    let answer = journal.write(records([submitted("answer", '1', "T1", 1)]));
    let intent = journal.write_intent(take("intent", '2', 1, TakeState::Intent, 0), false);
    assert!(intent.await.unwrap());
    answer.await.unwrap();
    let text = std::fs::read_to_string(directory.path().join("callsheet.lock")).unwrap();
    let keys: Vec<&str> = text.lines().skip(1).map(|line| line.split('"').nth(3).unwrap()).collect();
    assert_eq!(keys, ["answer", "intent"]);
}
