//! Resolves conflict markers to the union of all sides.

use std::fs;

use super::super::{Store, encode, merge_file, parse_bytes, resolve_conflicts};
use super::{HEADER, file, submitted};

fn line(key: &str, digit: char) -> String {
    submitted(key, digit, &format!("T{digit}"), 1).to_line() + "\n"
}

fn resolved(text: &str) -> String {
    resolve_conflicts("callsheet.lock", text).unwrap()
}

#[test]
fn both_sides_and_the_base_are_kept_once() {
    let (a, b, c, d) = (line("a", '1'), line("b", '2'), line("c", '3'), line("d", '4'));
    let two = format!("{HEADER}<<<<<<< HEAD\n{d}{b}=======\n{c}{b}>>>>>>> theirs\n{a}");
    assert_eq!(resolved(&two), format!("{HEADER}{a}{b}{c}{d}"));
    let three = format!("{HEADER}<<<<<<< HEAD\n{b}||||||| 1234567\n{a}=======\n{c}>>>>>>> theirs\n{d}");
    assert_eq!(resolved(&three), format!("{HEADER}{a}{b}{c}{d}"));
    let several = format!("<<<<<<< a\n{HEADER}{b}=======\n{HEADER}>>>>>>> b\n{a}<<<<<<< a\n=======\n{c}>>>>>>> b\n");
    assert_eq!(resolved(&several), format!("{HEADER}{a}{b}{c}"));
    assert_eq!(resolved(&three.replace('\n', "\r\n")), format!("{HEADER}{a}{b}{c}{d}"));
    assert_eq!(resolved(&format!("\u{feff}{}", several.trim_end())), format!("{HEADER}{a}{b}{c}"));
}

#[test]
fn a_criss_cross_merge_nests_its_base_with_longer_markers() {
    let (a, b, c, d) = (line("a", '1'), line("b", '2'), line("c", '3'), line("d", '4'));
    let base = format!("<<<<<<<<< one\n{a}||||||||| base\n=========\n{b}>>>>>>>>> two\n");
    let text = format!("{HEADER}<<<<<<< HEAD\n{c}||||||| merged\n{base}=======\n{d}>>>>>>> theirs\n");
    assert_eq!(resolved(&text), format!("{HEADER}{a}{b}{c}{d}"));
}

#[test]
fn a_text_without_markers_is_put_in_order() {
    let text = format!("{HEADER}{}{HEADER}{}", line("b", '2'), line("a", '1'));
    assert_eq!(resolved(&text), file(&[submitted("a", '1', "T1", 1), submitted("b", '2', "T2", 1)]));
    assert_eq!(resolved(""), HEADER);
    let canonical = encode(&parse_bytes("l", &text).unwrap().lockfile);
    assert_eq!(resolved(&canonical), canonical);
}

#[test]
fn markers_out_of_order_are_refused_with_their_line() {
    let a = line("a", '1');
    for (text, line, why) in [
        (format!("{HEADER}<<<<<<< x\n{a}<<<<<<< y\n"), 4, "begins inside another"),
        (format!("{HEADER}<<<<<<< x\n=======\n<<<<<<<<< y\n"), 4, "begins inside another"),
        (format!("{HEADER}{a}=======\n"), 3, "without a beginning"),
        (format!("{HEADER}>>>>>>> y\n"), 2, "without a beginning"),
        (format!("{HEADER}||||||| y\n"), 2, "without a beginning"),
        (format!("{HEADER}<<<<<<< x\n>>>>>>> y\n"), 3, "out of order"),
        (format!("{HEADER}<<<<<<< x\n=======\n=======\n"), 4, "out of order"),
        (format!("{HEADER}<<<<<<< x\n=======\n||||||| b\n"), 4, "out of order"),
        (format!("{HEADER}<<<<<<< x\n||||||| b\n||||||| b\n"), 4, "out of order"),
        (format!("{HEADER}{a}<<<<<<< x\n=======\n{a}"), 3, "has no end"),
        (format!("{HEADER}<<<<<<< x\n{a}"), 2, "has no end"),
    ] {
        let message = resolve_conflicts("callsheet.lock", &text).unwrap_err().to_string();
        assert!(message.starts_with(&format!("callsheet.lock:{line}: ")) && message.contains(why), "{text}{message}");
    }
}

#[test]
fn a_broken_line_in_a_conflict_keeps_its_number() {
    let text = format!("{HEADER}<<<<<<< x\nnonsense\n=======\n>>>>>>> y\n");
    let message = resolve_conflicts("callsheet.lock", &text).unwrap_err().to_string();
    assert!(message.starts_with("callsheet.lock:3: not JSON"), "{message}");
}

#[test]
fn a_file_is_merged_in_its_place_with_rescued_lines() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("callsheet.lock");
    let (a, b, c) = (line("a", '1'), line("b", '2'), line("c", '3'));
    fs::write(&path, format!("{HEADER}<<<<<<< x\n{b}=======\n{a}>>>>>>> y\n")).unwrap();
    assert!(Store::open(&path).is_err());
    assert!(merge_file(&path, &[("callsheet.lock.rescue", &format!("{HEADER}{c}"))]).unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{HEADER}{a}{b}{c}"));
    assert!(!merge_file(&path, &[]).unwrap());
}

#[test]
fn a_merge_that_is_refused_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("callsheet.lock");
    assert!(!merge_file(&path, &[]).unwrap() && !path.exists());
    for text in [format!("{HEADER}<<<<<<< x\n"), format!("{HEADER}nonsense\n")] {
        fs::write(&path, &text).unwrap();
        assert!(merge_file(&path, &[]).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    fs::write(&path, HEADER).unwrap();
    let message = merge_file(&path, &[("other.txt", "hello\n")]).unwrap_err().to_string();
    assert!(message.starts_with("other.txt:1: the header"), "{message}");
    assert_eq!(fs::read_to_string(&path).unwrap(), HEADER);
}
