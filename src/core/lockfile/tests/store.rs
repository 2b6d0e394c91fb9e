//! The file on disk after every step, and what survives if a step fails.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;

use super::super::{
    ApplyLock, Record, Store, StoreError, Take, TakeState, durable_fs, encode, encode_records, merge_file, parse_bytes,
    unsaved_records, write_rescue_file,
};
use super::{HEADER, HOST, asset, digest, file, records, submitted, take};

/// Returns a directory and the path of the lockfile in it.
fn place() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("callsheet.lock");
    (directory, path)
}

fn names(directory: &tempfile::TempDir) -> Vec<String> {
    let entry = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(directory.path()).unwrap().map(entry).collect();
    names.sort();
    names
}

#[test]
fn lines_are_appended_as_they_come_and_sorted_at_the_end() {
    let (directory, path) = place();
    let mut store = Store::open(&path).unwrap();
    let (b, a) = (submitted("b", '2', "T2", 1), submitted("a", '1', "T1", 2));
    store.append(&records([take("b", '2', 1, TakeState::Intent, 0)])).unwrap();
    store.append(&records([b.clone(), a.clone()])).unwrap();
    store.append(&[]).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text, file(&[take("b", '2', 1, TakeState::Intent, 0), b.clone(), a.clone()]));
    assert_eq!(store.syncs(), 2);
    assert!(store.compact().unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), file(&[a, b]));
    assert!(!store.compact().unwrap());
    assert_eq!(names(&directory), ["callsheet.lock"]);
}

#[test]
fn a_missing_file_stays_missing_and_an_empty_one_empty_when_nothing_is_known() {
    let (directory, path) = place();
    let mut store = Store::open(&path).unwrap();
    store.check_writable().unwrap();
    assert!(!store.compact().unwrap());
    assert!(names(&directory).is_empty());
    fs::write(&path, "").unwrap();
    assert!(!Store::open(&path).unwrap().compact().unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), "");
    let mut store = Store::open(&path).unwrap();
    store.append(&records([submitted("a", '1', "T1", 0)])).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), file(&[submitted("a", '1', "T1", 0)]));
}

#[test]
fn an_equal_file_is_left_untouched() {
    let (_folder, path) = place();
    fs::write(&path, file(&[submitted("a", '1', "T1", 0)])).unwrap();
    let before = fs::metadata(&path).unwrap();
    let mut store = Store::open(&path).unwrap();
    store.check_writable().unwrap();
    assert!(!store.compact().unwrap());
    let after = fs::metadata(&path).unwrap();
    assert_eq!((before.ino(), before.modified().unwrap()), (after.ino(), after.modified().unwrap()));
}

#[test]
fn a_line_without_its_newline_gets_it_before_anything_follows() {
    let (_folder, path) = place();
    let (a, b) = (submitted("a", '1', "T1", 0), submitted("b", '2', "T2", 1));
    fs::write(&path, file(std::slice::from_ref(&a)).trim_end()).unwrap();
    let mut store = Store::open(&path).unwrap();
    assert!(store.torn.is_none());
    store.append(&records([b.clone()])).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), file(&[a, b]));
}

#[test]
fn a_torn_line_is_mended_before_anything_follows() {
    let (_folder, path) = place();
    let a = submitted("a", '1', "T1", 0);
    let torn = submitted("b", '2', "T2", 1).to_line();
    fs::write(&path, file(std::slice::from_ref(&a)) + &torn[..torn.len() - 5]).unwrap();
    let mut store = Store::open(&path).unwrap();
    assert_eq!(store.torn.as_ref().unwrap().0, 3);
    store.append(&records([submitted("c", '3', "T3", 2)])).unwrap();
    // Even if this run is killed here, the next one can read the file and finds the take in doubt.
    let again = Store::open(&path).unwrap();
    assert!(again.torn.is_none());
    assert!(again.lockfile.in_doubt(HOST, &digest('2')).is_some());
    assert_eq!(again.lockfile.takes().count(), 3);
}

#[test]
fn a_first_write_torn_in_its_header_is_begun_again() {
    let (_folder, path) = place();
    fs::write(&path, &HEADER[..9]).unwrap();
    let mut store = Store::open(&path).unwrap();
    store.append(&records([submitted("a", '1', "T1", 0)])).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), file(&[submitted("a", '1', "T1", 0)]));
}

#[test]
fn a_checkout_under_a_run_loses_nothing_of_either() {
    let (_folder, path) = place();
    let mut store = Store::open(&path).unwrap();
    store.append(&records([submitted("a", '1', "T1", 0)])).unwrap();
    // Another branch's file replaces it, once by renaming, once by writing into it.
    let other = path.with_extension("other");
    fs::write(&other, file(&[submitted("b", '2', "T2", 0)])).unwrap();
    fs::rename(&other, &path).unwrap();
    store.append(&records([submitted("c", '3', "T3", 0)])).unwrap();
    let keys = |path: &PathBuf| {
        let lockfile = Store::open(path).unwrap().lockfile;
        lockfile.takes().map(|take| take.key.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(keys(&path), ["a", "b", "c"]);
    fs::write(&path, file(&[submitted("d", '4', "T4", 0)])).unwrap();
    store.append(&records([submitted("e", '5', "T5", 0)])).unwrap();
    assert_eq!(keys(&path), ["a", "b", "c", "d", "e"]);
    fs::remove_file(&path).unwrap();
    store.append(&records([submitted("f", '6', "T6", 0)])).unwrap();
    assert_eq!(keys(&path), ["a", "b", "c", "d", "e", "f"]);
    assert!(store.lockfile.paid(HOST, &digest('4'), "d").is_some());
}

#[test]
fn lines_that_another_process_appends_are_kept() {
    let (_folder, path) = place();
    let mut one = Store::open(&path).unwrap();
    one.append(&records([submitted("a", '1', "T1", 0)])).unwrap();
    let mut two = Store::open(&path).unwrap();
    two.append(&records([submitted("b", '2', "T2", 0)])).unwrap();
    one.append(&records([submitted("c", '3', "T3", 0)])).unwrap();
    one.compact().unwrap();
    assert_eq!(Store::open(&path).unwrap().lockfile.takes().count(), 3);
    assert!(one.lockfile.paid(HOST, &digest('2'), "b").is_some());
}

#[test]
fn modes_are_kept_and_a_new_file_is_readable() {
    let (_folder, path) = place();
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    let mut store = Store::open(&path).unwrap();
    store.lockfile.insert(Record::Take(submitted("a", '1', "T1", 0)));
    assert!(store.compact().unwrap());
    assert_eq!(mode(), 0o644);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    store.lockfile.insert(Record::Asset(asset('1', "A1", 0)));
    assert!(store.compact().unwrap());
    assert_eq!(mode(), 0o600);
}

#[test]
fn a_link_is_followed_and_stays_a_link() {
    let (directory, path) = place();
    let target = directory.path().join("elsewhere").join("real.lock");
    fs::create_dir(target.parent().unwrap()).unwrap();
    symlink("elsewhere/real.lock", &path).unwrap();
    let mut store = Store::open(&path).unwrap();
    store.append(&records([submitted("b", '2', "T2", 0), submitted("a", '1', "T1", 0)])).unwrap();
    assert!(store.compact().unwrap());
    assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
    assert_eq!(
        fs::read_to_string(&target).unwrap(),
        file(&[submitted("a", '1', "T1", 0), submitted("b", '2', "T2", 0)])
    );
}

#[test]
fn links_in_a_circle_folders_and_devices_are_refused() {
    let (directory, path) = place();
    symlink(&path, &path).unwrap();
    assert!(Store::open(&path).unwrap_err().to_string().contains("symbolic links"));
    assert!(Store::open(directory.path()).unwrap_err().to_string().contains("not a regular file"));
    fs::remove_file(&path).unwrap();
    symlink("/dev/full", &path).unwrap();
    assert!(Store::open(&path).unwrap_err().to_string().contains("not a regular file"));
}

#[test]
fn a_refused_file_stays_as_it_is() {
    let (_folder, path) = place();
    let text = format!("{HEADER}nonsense\n");
    fs::write(&path, &text).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(error.to_string().starts_with("callsheet.lock:2: "), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_conflict_that_appears_during_a_run_costs_no_line() {
    let (_folder, path) = place();
    let mut store = Store::open(&path).unwrap();
    store.append(&records([submitted("a", '1', "T1", 0)])).unwrap();
    let conflict = format!("{HEADER}<<<<<<< HEAD\n");
    fs::write(&path, &conflict).unwrap();
    let error = store.append(&records([submitted("b", '2', "T2", 0)])).unwrap_err();
    assert!(error.unwritten().unwrap().contains("T2"));
    assert!(error.to_string().contains("callsheet.lock:2: git left a conflict"), "{error}");
    assert!(store.compact().is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), conflict);
    // Once the conflict is resolved, all earlier events are saved.
    fs::write(&path, HEADER).unwrap();
    assert!(store.compact().unwrap());
    assert_eq!(Store::open(&path).unwrap().lockfile.takes().count(), 2);
}

#[test]
fn a_full_disk_gives_the_records_back_and_what_happened_is_remembered() {
    let (_folder, path) = place();
    let mut store = Store::open(&path).unwrap();
    store.append(&records([submitted("a", '1', "T1", 0)])).unwrap();
    store.simulate_full_disk();
    let lost = [submitted("b", '2', "T2", 0), take("c", '3', 1, TakeState::Intent, 0)];
    let error = store.append(&records(lost.clone())).unwrap_err();
    assert!(error.to_string().contains("No space left on device"), "{error}");
    assert!(error.to_string().contains("2 line(s)"), "{error}");
    assert_eq!(error.unwritten().unwrap(), lost.map(|take| take.to_line() + "\n").concat());
    // The submission happened. The intent never had one.
    assert!(store.lockfile.paid(HOST, &digest('2'), "b").is_some());
    assert!(store.lockfile.in_doubt(HOST, &digest('3')).is_none());
    // There is space again: the next write saves both.
    store.append(&records([submitted("d", '4', "T4", 0)])).unwrap();
    assert_eq!(Store::open(&path).unwrap().lockfile.takes().count(), 3);
}

#[test]
fn nothing_is_spent_when_the_lock_could_not_be_written() {
    let (directory, path) = place();
    fs::write(&path, HEADER).unwrap();
    let store = Store::open(&path).unwrap();
    store.check_writable().unwrap();
    assert_eq!(names(&directory), ["callsheet.lock"]);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(matches!(store.check_writable(), Err(StoreError::Io(..))));
    // A directory path that is a file stops root too.
    let under = directory.path().join("plain");
    fs::write(&under, "").unwrap();
    let error = Store::open(&under.join("callsheet.lock")).map(|store| store.check_writable());
    assert!(!matches!(error, Ok(Ok(()))), "{error:?}");
    // A file system that accepts no files from any user.
    let proc = PathBuf::from("/proc/callsheet.lock");
    if let Ok(store) = Store::open(&proc) {
        assert!(store.check_writable().is_err());
    }
}

#[test]
fn rescued_lines_find_their_way_back() {
    let (directory, path) = place();
    let lost = records([submitted("b", '2', "T2", 0)]);
    let first = write_rescue_file(&path, &encode_records(&lost)).unwrap();
    let second = write_rescue_file(&path, &(submitted("c", '3', "T3", 0).to_line() + "\n")).unwrap();
    assert_eq!(names(&directory), ["callsheet.lock.rescue", "callsheet.lock.rescue.2"]);
    let mut store = Store::open(&path).unwrap();
    store.append(&records([submitted("a", '1', "T1", 0)])).unwrap();
    assert!(merge_file(&path, &[("notes.txt", "hello\n")]).is_err());
    for saved in [first, second] {
        assert!(merge_file(&path, &[("callsheet.lock.rescue", &fs::read_to_string(saved).unwrap())]).unwrap());
    }
    let keys: Vec<_> = Store::open(&path).unwrap().lockfile.takes().map(|take| take.key.to_string()).collect();
    assert_eq!(keys, ["a", "b", "c"]);
}

#[test]
fn a_folder_that_takes_nothing_is_not_the_end_of_a_rescue() {
    let (directory, _) = place();
    let under = directory.path().join("plain");
    fs::write(&under, "").unwrap();
    let saved =
        write_rescue_file(&under.join("callsheet.lock"), &file(&[submitted("b", '2', "T2", 0)])[HEADER.len()..])
            .unwrap();
    let text = fs::read_to_string(&saved).unwrap();
    fs::remove_file(&saved).unwrap();
    assert_eq!(parse_bytes("rescue", &text).unwrap().lockfile.takes().count(), 1);
}

#[test]
fn a_store_makes_the_folder_that_it_needs() {
    let (directory, _) = place();
    let path = directory.path().join(".callsheet").join("sandbox.lock");
    let mut store = Store::open(&path).unwrap();
    store.append(&records([submitted("a", '1', "T1", 0)])).unwrap();
    assert_eq!(encode(&Store::open(&path).unwrap().lockfile), file(&[submitted("a", '1', "T1", 0)]));
}

#[test]
fn a_kill_after_any_byte_of_an_append_costs_nothing_that_was_synced() {
    let (_folder, path) = place();
    let mut store = Store::open(&path).unwrap();
    store
        .append(&records(
            [Take { task: None, ..submitted("a", '1', "", 0) }].map(|take| Take { state: TakeState::Intent, ..take }),
        ))
        .unwrap();
    let synced = fs::read(&path).unwrap();
    store.append(&records([submitted("a", '1', "T1", 1)])).unwrap();
    let whole = fs::read(&path).unwrap();
    for cut in synced.len()..=whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let mut next = Store::open(&path).unwrap();
        let known = next.lockfile.paid(HOST, &digest('1'), "a").or(next.lockfile.in_doubt(HOST, &digest('1')));
        assert!(known.is_some(), "cut at {cut}");
        next.append(&records([submitted("z", '9', "T9", 2)])).unwrap();
        assert_eq!(Store::open(&path).unwrap().lockfile.takes().count(), 2, "cut at {cut}");
    }
}

#[test]
fn half_a_line_is_taken_back_and_what_another_program_appended_is_not() {
    let (_folder, path) = place();
    let line = submitted("a", '1', "T1", 1).to_line() + "\n";
    for (left, stays) in [
        ("", ""),
        (&line[..9], ""),
        (&*line, ""),
        ("another program's\n", "another program's\n"),
        (&*format!("another program's\n{}", &line[..9]), "another program's\n"),
        (&*format!("{line}another program's\n"), "another program's\n"),
    ] {
        fs::write(&path, format!("{HEADER}{left}")).unwrap();
        let file = fs::OpenOptions::new().append(true).open(&path).unwrap();
        durable_fs::undo_append(&file, &path, HEADER.len() as u64, line.as_bytes());
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(HEADER) && text.contains(stays), "{left:?}: {text}");
        assert_eq!(text == HEADER, stays.is_empty(), "{left:?}: {text}");
    }
}

#[test]
fn what_a_file_does_not_tell_is_known_whatever_became_of_the_file() {
    let (_folder, path) = place();
    let (a, b, intent) =
        (submitted("a", '1', "T1", 1), submitted("b", '2', "T2", 2), take("b", '2', 1, TakeState::Intent, 2));
    let known = parse_bytes("x", file(&[a.clone(), b.clone()])).unwrap().lockfile;
    let (a, b, intent) = (a.to_line() + "\n", b.to_line() + "\n", intent.to_line() + "\n");
    let newer = HEADER.replace(":1}", ":2}");
    for (text, lacks) in [
        (format!("{HEADER}{b}{a}"), ""),
        (format!("<<<<<<< ours\r\n{a}=======\n  {b}>>>>>>> theirs\n"), ""),
        (format!("<<<<<<< ours\n{a}=======\n{intent}>>>>>>> theirs\n"), &*b),
        (format!("{newer}{b}"), &*a),
        (format!("{HEADER}{a}{}", &b[..40]), &*b),
        ("\u{0}\u{0}".to_owned(), &*format!("{a}{b}")),
    ] {
        fs::write(&path, &text).unwrap();
        assert_eq!(unsaved_records(&path, &known).unwrap_or_default(), lacks, "{text}");
    }
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(unsaved_records(&path, &known).unwrap(), format!("{a}{b}"));
}

#[test]
fn without_its_guard_a_store_writes_nothing() {
    let (directory, path) = place();
    let guard = directory.path().join("apply.lock");
    let now = "2026-11-22T11:00:00Z".parse().unwrap();
    let take_guard = || ApplyLock::acquire(&guard, "ada", "callsheet apply", now).unwrap();
    let mut store = Store::open(&path).unwrap().with_lock(take_guard());
    store.append(&records([submitted("b", '2', "T2", 2)])).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    fs::remove_file(&guard).unwrap();
    let other = take_guard();
    let error = store.append(&records([submitted("a", '1', "T1", 1)])).unwrap_err();
    assert!(error.to_string().starts_with("the lock of this apply was deleted: `callsheet apply`"), "{error}");
    assert!(matches!(store.compact(), Err(StoreError::LockLost(_))));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    assert!(unsaved_records(&path, &store.lockfile).unwrap().contains("T1"), "what happened is known all the same");
    drop(other);
    assert!(store.compact().unwrap(), "it can be had again");
    assert!(fs::read_to_string(&path).unwrap().contains("T1"));
}
