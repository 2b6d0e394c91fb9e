//! Accepted requests survive a restart, however the sandbox ended.

use std::fs;
use std::time::Duration;

use jiff::Timestamp;

use super::{RenderJob, SandboxError, StateError, StateStore, Task, TaskLife, TaskStage};

async fn add(store: &StateStore, name: &str) -> Result<Task, StateError> {
    let work = RenderJob {
        queue: Duration::from_millis(200),
        render: Duration::from_millis(500),
        failure: None,
        aspect: 1,
        colour: "#ffffff".to_owned(),
        seconds: 2.0,
        credits: 1.0,
        template: None,
        parts: vec![("name".to_owned(), name.to_owned())],
    };
    store.add_task(Some(name), Timestamp::from_second(1_800_000_000).unwrap(), work).await
}

fn names(store: &StateStore) -> Vec<String> {
    store.tables().tasks().map(|task| task.name.clone()).collect()
}

#[tokio::test]
async fn a_restart_knows_everything_and_goes_on_counting() {
    let directory = tempfile::tempdir().unwrap();
    let store = StateStore::open(directory.path(), 7, None).unwrap();
    let first = add(&store, "one").await.unwrap();
    store.close();
    assert_eq!(add(&store, "late").await, Err(StateError::Closed));
    let store = StateStore::open(directory.path(), 8, None).unwrap();
    assert_eq!(store.seed, 7, "the seed of the first day");
    let second = add(&store, "two").await.unwrap();
    assert_eq!(names(&store), ["one", "two"]);
    assert_eq!(store.tables().task(&first.task).map(|task| task.number), Some(0));
    assert_eq!(store.tables().video(&second.video).map(|task| task.number), Some(1));
    let ids = [&first.task, &first.video, &second.task, &second.video];
    assert!(ids.iter().all(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())));
    assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
}

#[tokio::test]
async fn two_sandboxes_never_share_a_folder() {
    let directory = tempfile::tempdir().unwrap();
    let store = StateStore::open(directory.path(), 1, None).unwrap();
    let error = StateStore::open(directory.path(), 1, None).expect_err("in use");
    assert!(error.to_string().starts_with("another sandbox is running on `"), "{error}");
    store.close();
    StateStore::open(directory.path(), 1, None).expect("free again");
}

#[tokio::test]
async fn a_torn_last_line_is_cut_off_and_a_broken_middle_refused() {
    let directory = tempfile::tempdir().unwrap();
    let journal = directory.path().join("journal.jsonl");
    let store = StateStore::open(directory.path(), 1, None).unwrap();
    add(&store, "one").await.unwrap();
    store.close();
    let whole = fs::read_to_string(&journal).unwrap();
    for torn in ["{\"task\":{\"num", "\0\0\0\0", "\0\0\0\n"] {
        fs::write(&journal, format!("{whole}{torn}")).unwrap();
        let store = StateStore::open(directory.path(), 1, None).unwrap();
        assert_eq!(names(&store), ["one"]);
        store.close();
        assert_eq!(fs::read_to_string(&journal).unwrap(), whole);
    }
    let broken = whole.replacen('\n', "\n{}\n", 1);
    fs::write(&journal, &broken).unwrap();
    let error = StateStore::open(directory.path(), 1, None).expect_err("broken");
    assert!(matches!(&error, SandboxError::Broken { line: 2, .. }), "{error}");
    assert_eq!(fs::read_to_string(&journal).unwrap(), broken, "left as it is");
    fs::write(&journal, "{\"sandbox\":{\"version\":2,\"seed\":1}}\n").unwrap();
    let error = StateStore::open(directory.path(), 1, None).expect_err("unknown version");
    assert!(error.to_string().contains("version 2 is not known here"), "{error}");
    fs::write(&journal, "{\"sandb").unwrap();
    StateStore::open(directory.path(), 1, None).expect("a crash while the folder was made").close();
}

#[tokio::test]
async fn credits_are_counted_across_restarts() {
    let directory = tempfile::tempdir().unwrap();
    let store = StateStore::open(directory.path(), 1, Some(1.5)).unwrap();
    add(&store, "one").await.unwrap();
    let refused = add(&store, "two").await.expect_err("too dear");
    assert_eq!(refused.to_string(), "not enough credits: 1.00 needed, 0.50 left");
    store.close();
    let store = StateStore::open(directory.path(), 1, Some(1.5)).unwrap();
    add(&store, "two").await.expect_err("still too dear");
    store.close();
    add(&StateStore::open(directory.path(), 1, Some(2.0)).unwrap(), "two").await.expect("enough");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_share_syncs_and_keep_their_order() {
    let directory = tempfile::tempdir().unwrap();
    let store = std::sync::Arc::new(StateStore::open(directory.path(), 1, None).unwrap());
    let tasks: Vec<_> = (0..500)
        .map(|number| {
            let store = std::sync::Arc::clone(&store);
            tokio::spawn(async move { add(&store, &number.to_string()).await })
        })
        .collect();
    for task in tasks {
        let task = task.await.unwrap().unwrap();
        assert!(store.tables().task(&task.task).is_some(), "shown before it is answered");
    }
    let numbers: Vec<u64> = store.tables().tasks().map(|task| task.number).collect();
    assert_eq!(numbers, (0..500).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_life_goes_from_queued_to_done_and_the_result_expires() {
    let directory = tempfile::tempdir().unwrap();
    let store = StateStore::open(directory.path(), 1, None).unwrap();
    let mut task = add(&store, "one").await.unwrap();
    let at = |milliseconds: i64| Timestamp::from_millisecond(1_800_000_000_000 + milliseconds).unwrap();
    let stages = [-5_000, 0, 199, 200, 699, 700].map(|moment| TaskLife::of(&task, at(moment)).stage);
    let [queued, running, done] = [TaskStage::Queued, TaskStage::Running, TaskStage::Done];
    assert_eq!(stages, [queued, queued, queued, running, running, done]);
    assert!(!TaskLife::of(&task, at(604_800_000)).expired);
    assert!(TaskLife::of(&task, at(604_800_700)).expired);
    task.work.failure = Some("no".to_owned());
    assert_eq!(TaskLife::of(&task, at(700)).stage, TaskStage::Failed);
}
