//! Specs that stay in the file, whatever happens to it.

use std::fs;
use std::path::PathBuf;

use super::super::{Lockfile, ReadOnlyLockfile, Store, StoredSpec, encode};
use super::{HEADER, HOST, digest, file, records, submitted};

/// Returns a lockfile of two takes, opened to read only.
fn opened() -> (tempfile::TempDir, PathBuf, ReadOnlyLockfile) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("callsheet.lock");
    fs::write(&path, file(&[submitted("one", '1', "T1", 0), submitted("two", '2', "T2", 1)])).unwrap();
    let opened = ReadOnlyLockfile::open(&path).unwrap();
    (directory, path, opened)
}

fn spec(lockfile: &Lockfile, digit: char, key: &str) -> Option<String> {
    lockfile.paid(HOST, &digest(digit), key).unwrap().spec.as_ref().unwrap().text().map(Into::into)
}

/// Writes a text, and returns its lockfile with the specs in the file after comparing it with the one in memory.
fn read_both(path: &PathBuf, text: &str) -> ReadOnlyLockfile {
    fs::write(path, text).unwrap();
    let (whole, left) = (Store::open(path).unwrap(), ReadOnlyLockfile::open(path).unwrap());
    assert_eq!(encode(&left.lockfile), encode(&whole.lockfile));
    assert_eq!(left.torn, whole.torn);
    left.check_specs().unwrap();
    left
}

#[cfg(unix)]
#[test]
fn a_spec_stays_in_the_file_until_it_is_requested() {
    let (_folder, _, opened) = opened();
    assert_eq!(opened.lockfile.takes().count(), 2);
    for take in opened.lockfile.takes() {
        assert!(take.spec.as_ref().unwrap().in_memory().is_none(), "{take:?}");
    }
    assert_eq!(spec(&opened.lockfile, '1', "one").unwrap(), r#"{"name":"one"}"#);
    assert_eq!(spec(&opened.lockfile, '2', "two").unwrap(), r#"{"name":"two"}"#);
}

#[test]
fn what_stays_in_the_file_is_what_would_be_in_memory() {
    let (_folder, path, _) = opened();
    let ordinary = fs::read_to_string(&path).unwrap();
    // Other programs may order the fields in another way, and put spaces between them. A key may look like a spec.
    let spaced = r#"{"key":"{\"name\":\"a\"}","digest":"v1:33333333333333333333333333333333","attempt":1,"state":"done","host":"h","at":"2026-11-22T11:00:00Z","spec": {"name":"{\"name\":\"a\"}"}} "#;
    read_both(&path, &format!("{HEADER}{spaced}\t\r\n{spaced}"));
    let line = r#"  { "spec" : {"name":"{\"name\":\"a\"}"}, "digest":"v1:33333333333333333333333333333333","attempt":1,"state":"done","host":"h","at":"2026-11-22T11:00:00Z","key":"{\"name\":\"a\"}" }"#;
    read_both(&path, &format!("\u{feff}{HEADER}\n\r\n{line}\r\n{line}"));
    read_both(&path, &ordinary.replace('\n', "\r\n"));
    let torn = format!("{ordinary}{}", &line[2..line.len() - 40]);
    assert!(read_both(&path, &torn).torn.is_some());
    // A complete record, and the next one, which a crash left torn, on one line.
    let salvaged = format!("{ordinary}{line}{{\"key\":\"b\",\"digest\":\"{}", digest('4'));
    assert!(read_both(&path, &salvaged).torn.is_some());
    read_both(&path, &format!("{ordinary}{line}\0\0\0"));
    assert!(ReadOnlyLockfile::open(&path.with_extension("none")).unwrap().lockfile.is_empty());
}

#[test]
fn a_shared_ledger_adds_its_takes_to_those_in_the_file() {
    let (_folder, path, mut opened) = opened();
    let mut ledger = Lockfile::default();
    ledger.share("github.com/acme/videos");
    for record in records([submitted("one", '1', "T1", 0), submitted("three", '3', "T3", 2)]) {
        ledger.insert(record);
    }
    let mut whole = Store::open(&path).unwrap().lockfile;
    whole.union(&ledger);
    opened.lockfile.union(&ledger);
    assert_eq!(encode(&opened.lockfile), encode(&whole));
    opened.check_specs().unwrap();
}

#[cfg(unix)]
#[test]
fn a_file_that_grows_or_is_replaced_changes_nothing() {
    let (_folder, path, opened) = opened();
    Store::open(&path).unwrap().append(&records([submitted("aaa", '3', "T3", 2)])).unwrap();
    assert!(Store::open(&path).unwrap().compact().unwrap(), "the take is sorted to the top");
    assert_eq!(spec(&opened.lockfile, '1', "one").unwrap(), r#"{"name":"one"}"#);
    fs::remove_file(&path).unwrap();
    assert_eq!(spec(&opened.lockfile, '2', "two").unwrap(), r#"{"name":"two"}"#);
    opened.check_specs().unwrap();
}

#[cfg(unix)]
#[test]
fn a_file_that_is_rewritten_in_place_never_gives_a_wrong_spec() {
    let (_folder, path, opened) = opened();
    // As long as before, with another spec at the place of the first one.
    fs::write(&path, file(&[submitted("owe", '1', "T1", 0), submitted("two", '2', "T2", 1)])).unwrap();
    assert_eq!(spec(&opened.lockfile, '2', "two").unwrap(), r#"{"name":"two"}"#);
    opened.check_specs().unwrap();
    assert_eq!(spec(&opened.lockfile, '1', "one"), None);
    assert_eq!(
        opened.check_specs().unwrap_err().to_string(),
        "another program changed `callsheet.lock` while callsheet read it; run the command again"
    );
}

#[cfg(unix)]
#[test]
fn a_copy_of_a_lockfile_reports_to_the_one_that_was_opened() {
    let (_folder, path, opened) = opened();
    let mut copy = Lockfile::default();
    copy.union(&opened.lockfile);
    fs::write(&path, HEADER).unwrap();
    assert!(encode(&copy).contains(r#""spec":null"#));
    opened.check_specs().unwrap_err();
}

#[test]
fn a_content_with_an_earlier_digest_is_known_by_a_spec_that_stays_in_the_file() {
    let (_folder, path, _) = opened();
    let url = "https://b.s3.example/a.jpg?id=7&X-Amz-Date=1&X-Amz-Signature=aa";
    let spec = format!(r#"{{"background":{{"media":{{"url":"{url}"}}}},"name":"old"}}"#);
    let mut old = submitted("old", '5', "T5", 0);
    old.spec = StoredSpec::new(spec);
    let left = read_both(&path, &file(&[old]));
    let whole = Store::open(&path).unwrap();
    assert_ne!(whole.lockfile.current_digest(&digest('5')), digest('5'));
    assert_eq!(left.lockfile.current_digest(&digest('5')), whole.lockfile.current_digest(&digest('5')));
}
