//! One apply at a time, whichever process dies.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::process::Stdio;

use super::super::{ApplyLock, ApplyLockError};

fn now() -> jiff::Timestamp {
    "2026-11-22T11:00:00Z".parse().unwrap()
}

#[test]
fn the_second_one_is_told_of_the_first_and_has_it_after_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(".callsheet").join("apply.lock");
    let first = ApplyLock::acquire(&path, "ada@build", "callsheet apply", now()).unwrap();
    let ApplyLockError::Held { who, since, command } = ApplyLock::acquire(&path, "bob", "x", now()).unwrap_err() else {
        panic!("not held");
    };
    assert_eq!(who, format!("ada@build, process {}", std::process::id()));
    assert_eq!((since.as_str(), command.as_str()), ("2026-11-22T11:00:00Z", "callsheet apply"));
    drop(first);
    assert_eq!(fs::read_to_string(&path).unwrap(), "");
    ApplyLock::acquire(&path, "bob", "x", now()).unwrap();
    assert!(path.exists());
}

#[test]
fn words_left_by_a_killed_holder_do_not_hold() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("apply.lock");
    fs::write(
        &path,
        "{\"pid\":1,\"who\":\"ghost\",\"command\":\"callsheet apply with many words\",\"since\":\"then\"}\n",
    )
    .unwrap();
    let lock = ApplyLock::acquire(&path, "ada", "callsheet apply", now()).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("ghost") && text.lines().count() == 1, "{text}");
    drop(lock);
}

#[test]
fn a_holder_that_says_nothing_holds_all_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("apply.lock");
    let silent = fs::File::create(&path).unwrap();
    silent.lock().unwrap();
    let error = ApplyLock::acquire(&path, "ada", "callsheet apply", now()).unwrap_err();
    assert!(error.to_string().contains("another process"), "{error}");
}

#[test]
fn a_folder_in_its_place_is_an_error_of_the_system() {
    let directory = tempfile::tempdir().unwrap();
    assert!(matches!(ApplyLock::acquire(directory.path(), "ada", "x", now()), Err(ApplyLockError::Io(..))));
}

#[test]
fn a_file_system_without_locks_is_named_and_nothing_is_held() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(".callsheet").join("apply.lock");
    let without_locks = |_: &fs::File| Err(fs::TryLockError::Error(io::Error::from(io::ErrorKind::Unsupported)));
    let error = ApplyLock::acquire_by(&path, without_locks).unwrap_err();
    assert!(matches!(error, ApplyLockError::Unsupported(..)), "{error:?}");
    assert!(error.to_string().ends_with("apply.lock` cannot lock files: unsupported"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "", "it names no holder");
}

#[test]
fn the_lock_falls_with_a_holder_that_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("apply.lock");
    // util-linux's flock takes the same kind of lock, on a descriptor that the sleeper inherits. The script reports
    // `had` after flock has ended: until then flock also has the descriptor, and would outlive the sleeper with it.
    let script = "exec 9<>\"$0\" && flock 9 && echo had && exec sleep 60";
    let mut command = std::process::Command::new("sh");
    let mut holder = command.args(["-c", script]).arg(&path).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(holder.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert_eq!(said, "had\n", "flock of util-linux is needed");
    let take = || ApplyLock::acquire(&path, "ada", "x", now());
    assert!(matches!(take(), Err(ApplyLockError::Held { .. })));
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert!(take().is_ok());
}

#[test]
fn a_lock_whose_file_was_deleted_is_taken_anew_unless_another_has_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(".callsheet").join("apply.lock");
    let take = |who| ApplyLock::acquire(&path, who, "callsheet apply", now());
    let mut first = take("ada").unwrap();
    first.ensure_held().unwrap();
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    first.ensure_held().unwrap();
    assert!(take("bob").unwrap_err().to_string().contains("(ada, process"), "it holds others off again");
    fs::remove_file(&path).unwrap();
    let second = take("bob").unwrap();
    assert!(first.ensure_held().unwrap_err().to_string().contains("(bob, process"), "another has it by now");
    drop(first);
    assert!(take("eve").unwrap_err().to_string().contains("(bob, process"), "the words of the holder stay");
    drop(second);
    take("eve").unwrap();
}
