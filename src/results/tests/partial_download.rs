//! Partial downloads, and files whose name another file needs.

use std::fs;
use std::io::Write as _;

use super::*;
use crate::results::file_hash::{FileHash, hash_file};
use crate::results::partial_download::PartialDownload;
use crate::results::saved_files::{SavedVideos, copy, move_into_place};

fn known() -> Take {
    take("a", 1, TakeState::Done, hours_ago(1))
}

#[test]
fn only_what_was_noted_as_synced_is_gone_on_with() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("a.mp4");
    let mut part = PartialDownload::beside(&target, &known());
    assert_eq!(part.resume(Some(720)), None);
    let mut file = part.open(0, Some("\"tag\"".to_owned()), Some(720)).unwrap();
    file.write_all(b"0123456789").unwrap();
    part.record_synced(6).unwrap();
    let found = PartialDownload::beside(&target, &known());
    assert_eq!(found.resume(Some(720)).map(|resume| resume.from), Some(6));
    assert_eq!(found.resume(Some(1080)), None, "another quality is another file");
    // A file that is shorter than its recorded state has lost bytes: only its actual bytes count.
    fs::OpenOptions::new().write(true).open(&part.path).unwrap().set_len(4).unwrap();
    assert_eq!(found.resume(Some(720)).map(|resume| resume.from), Some(4));
    let again = PartialDownload::beside(&target, &known()).open(4, None, Some(720)).unwrap();
    assert_eq!(again.metadata().unwrap().len(), 4);
    assert_eq!(
        PartialDownload::beside(&target, &known()).resume(Some(720)),
        None,
        "a server that says nothing safe starts anew"
    );
}

#[test]
fn a_note_that_cannot_be_read_is_none() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("a.mp4");
    let mut part = PartialDownload::beside(&target, &known());
    part.open(0, Some("\"tag\"".to_owned()), None).unwrap().write_all(b"0123").unwrap();
    part.record_synced(4).unwrap();
    let note = directory.path().join(".a.mp4.010101010101-1.part.json");
    for text in ["", "{", "[]", r#"{"format":2,"synced":4}"#, "\0\0\0\0"] {
        fs::write(&note, text).unwrap();
        assert_eq!(PartialDownload::beside(&target, &known()).resume(None), None, "{text}");
    }
}

#[test]
fn a_finished_file_is_known_by_its_note_only_while_it_is_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("a.mp4");
    let mut part = PartialDownload::beside(&target, &known());
    part.open(0, None, None).unwrap().write_all(b"whole").unwrap();
    let whole = hash_file(&part.path).unwrap().unwrap();
    part.mark_complete(&whole, Some(3.0)).unwrap();
    assert_eq!(PartialDownload::beside(&target, &known()).completed(&target), None, "it has no name yet");
    move_into_place(&part.path, &whole, &target, directory.path()).unwrap();
    assert_eq!(PartialDownload::beside(&target, &known()).completed(&target), Some((whole, Some(3.0))));
    fs::write(&target, "other").unwrap();
    assert_eq!(PartialDownload::beside(&target, &known()).completed(&target), None);
}

#[test]
fn what_stands_in_the_way_moves_aside_and_is_found_there() {
    let directory = tempfile::tempdir().unwrap();
    let (target, fresh) = (directory.path().join("a.mp4"), directory.path().join("fresh"));
    fs::write(&target, "old").unwrap();
    fs::write(&fresh, "new").unwrap();
    let (old, new) = (hash_file(&target).unwrap().unwrap(), hash_file(&fresh).unwrap().unwrap());
    move_into_place(&fresh, &new, &target, directory.path()).unwrap();
    assert_eq!(fs::read_to_string(&target).unwrap(), "new");
    let found = SavedVideos::in_directory(directory.path()).find(&old).unwrap().to_owned();
    assert!(found.ends_with(format!(".replaced/{}.mp4", &old.sha256[..16])), "{found:?}");
    copy(&found, &old, &target, directory.path()).unwrap();
    assert_eq!(fs::read_to_string(&target).unwrap(), "old");
    assert!(SavedVideos::in_directory(directory.path()).find(&new).is_some(), "nothing is ever overwritten");
    // A directory with the target's name is not a file that could be moved.
    let taken = directory.path().join("taken.mp4");
    fs::create_dir(&taken).unwrap();
    assert!(copy(&found, &old, &taken, directory.path()).is_err() && taken.is_dir());
    let wrong = FileHash { sha256: "0".repeat(64), bytes: 3 };
    assert!(copy(&found, &wrong, &target, directory.path()).is_err(), "a copy is checked too");
}
