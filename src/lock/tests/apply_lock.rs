//! One apply at a time, whoever dies.

use std::fs;

use super::super::{ApplyLock, ApplyLockError};

fn now() -> jiff::Timestamp {
    "2026-11-22T11:00:00Z".parse().unwrap()
}

#[test]
fn the_second_one_is_told_of_the_first_and_has_it_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".callsheet").join("apply.lock");
    let first = ApplyLock::take(&path, "ada@build", "callsheet apply", now()).unwrap();
    let ApplyLockError::Held { who, since, command } = ApplyLock::take(&path, "bob", "x", now()).unwrap_err() else {
        panic!("not held");
    };
    assert_eq!(who, format!("ada@build, process {}", std::process::id()));
    assert_eq!((since.as_str(), command.as_str()), ("2026-11-22T11:00:00Z", "callsheet apply"));
    drop(first);
    assert_eq!(fs::read_to_string(&path).unwrap(), "");
    ApplyLock::take(&path, "bob", "x", now()).unwrap();
    assert!(path.exists());
}

#[test]
fn words_left_by_a_killed_holder_do_not_hold() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("apply.lock");
    fs::write(
        &path,
        "{\"pid\":1,\"who\":\"ghost\",\"command\":\"callsheet apply with many words\",\"since\":\"then\"}\n",
    )
    .unwrap();
    let lock = ApplyLock::take(&path, "ada", "callsheet apply", now()).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("ghost") && text.lines().count() == 1, "{text}");
    drop(lock);
}

#[test]
fn a_holder_that_says_nothing_holds_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("apply.lock");
    let silent = fs::File::create(&path).unwrap();
    silent.lock().unwrap();
    let error = ApplyLock::take(&path, "ada", "callsheet apply", now()).unwrap_err();
    assert!(error.to_string().contains("another process"), "{error}");
}

#[test]
fn a_folder_in_its_place_is_an_error_of_the_system() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(ApplyLock::take(folder.path(), "ada", "x", now()), Err(ApplyLockError::Io(..))));
}

#[test]
fn the_lock_falls_with_a_holder_that_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("apply.lock");
    fs::write(&path, "").unwrap();
    // util-linux's flock takes the same kind of lock, on a descriptor that the sleeper inherits and alone keeps.
    let script = "exec 9<>\"$0\" && flock 9 && exec sleep 60";
    let mut holder = std::process::Command::new("sh").args(["-c", script]).arg(&path).spawn().unwrap();
    let take = || ApplyLock::take(&path, "ada", "x", now());
    let start = std::time::Instant::now();
    while take().is_ok() && holder.try_wait().unwrap().is_none() && start.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(matches!(take(), Err(ApplyLockError::Held { .. })), "flock of util-linux is needed");
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert!(take().is_ok());
}

#[test]
fn a_lock_whose_file_was_deleted_is_taken_anew_unless_another_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".callsheet").join("apply.lock");
    let take = |who| ApplyLock::take(&path, who, "callsheet apply", now());
    let mut first = take("ada").unwrap();
    first.keep().unwrap();
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    first.keep().unwrap();
    assert!(take("bob").unwrap_err().to_string().contains("(ada, process"), "it holds others off again");
    fs::remove_file(&path).unwrap();
    let second = take("bob").unwrap();
    assert!(first.keep().unwrap_err().to_string().contains("(bob, process"), "another has it by now");
    drop(first);
    assert!(take("eve").unwrap_err().to_string().contains("(bob, process"), "the words of the holder stay");
    drop(second);
    take("eve").unwrap();
}
