//! The findings that CI reports about a lockfile.

use super::super::{Level, StoredSpec, Take, TakeState, verify};
use super::{HEADER, file, submitted, take};
use crate::spec::Digest;

/// Returns a take whose digest matches its spec. The spec's fields are in canonical order.
fn honest(key: &str, text: &str, task: &str) -> Take {
    use sha2::Digest as _;
    let without = format!("{{\"avatar\":{{\"id\":\"A\"}},\"voice\":{{\"tts\":{{\"text\":\"{text}\"}}}}}}");
    let with = without.replacen("},\"voice\"", &format!("}},\"name\":\"{key}\",\"voice\""), 1);
    let hash = data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(without.as_bytes()));
    let digest = Digest::parse(&format!("v1:{}", &hash[..32])).unwrap();
    Take { digest, spec: StoredSpec::new(with), ..submitted(key, '1', task, 1) }
}

fn found(text: &str) -> Vec<(Level, &'static str, Option<usize>)> {
    verify("callsheet.lock", text).iter().map(|finding| (finding.level, finding.code, finding.line)).collect()
}

#[test]
fn a_lockfile_as_apply_leaves_it_has_no_findings() {
    assert_eq!(found(&file(&[honest("a", "Hi", "T1"), honest("b", "Ho", "T2")])), []);
    assert_eq!(found(HEADER), []);
    assert_eq!(found(""), []);
}

#[test]
fn a_changed_spec_is_an_error() {
    let line = honest("a", "Hi", "T1").to_line();
    let text = format!("{HEADER}{}\n", line.replace("Hi", "Ha"));
    assert_eq!(found(&text), [(Level::Error, "spec-digest", Some(2))]);
    // A label is not part of the content.
    assert_eq!(found(&format!("{HEADER}{}\n", line.replace("\"name\":\"a\"}", "\"name\":\"b\"}"))), []);
}

#[test]
fn an_unsorted_file_is_a_warning() {
    let text = file(&[honest("b", "Ho", "T2"), honest("a", "Hi", "T1")]);
    assert_eq!(found(&text), [(Level::Warning, "unsorted", None)]);
    assert_eq!(found(&file(&[honest("a", "Hi", "T1")]).replace('\n', "\r\n")), [(Level::Warning, "unsorted", None)]);
}

#[test]
fn a_torn_line_and_its_doubt_are_warnings() {
    let text = file(&[honest("a", "Hi", "T1"), honest("b", "Ho", "T2")]);
    let expected = [(Level::Warning, "torn", Some(3)), (Level::Warning, "in-doubt", None)];
    assert_eq!(found(&text[..text.len() - 4]), expected);
}

#[test]
fn doubts_are_named_with_their_line() {
    let text = file(&[honest("a", "Hi", "T1"), take("b", '2', 1, TakeState::Intent, 0)]);
    assert_eq!(found(&text), [(Level::Warning, "in-doubt", Some(3))]);
    assert!(verify("l", &text)[0].message.contains("`b` has been in doubt since 2026-11-22T11:00:00Z"));
}

#[test]
fn content_paid_for_twice_is_told() {
    let (one, two) = (honest("a", "Hi", "T1"), honest("a", "Hi", "T2"));
    assert_eq!(found(&file(&[one, two])), [(Level::Information, "paid-twice", Some(3))]);
}

#[test]
fn two_paid_attempts_of_one_content_are_told() {
    let attempt = |attempt, task: &str| Take { attempt, ..honest("a", "Hi", task) };
    let twice = file(&[attempt(1, "T1"), attempt(4, "T4"), attempt(5, "T5")]);
    let expected = [(Level::Information, "paid-twice", Some(3)), (Level::Information, "paid-twice", Some(4))];
    assert_eq!(found(&twice), expected);
    assert!(verify("l", &twice)[0].message.contains("attempts 1 and 4"), "{:?}", verify("l", &twice));
    // A failed, forgotten or accepted take is not a second payment, and neither is one at another host.
    let lines = |second: Take| file(&[attempt(1, "T1"), second]);
    for state in [TakeState::Freed, TakeState::Failed, TakeState::Forgotten] {
        assert_eq!(found(&lines(Take { state, ..attempt(4, "T4") })), [], "{state:?}");
    }
    let accepted = Take { how: Some(crate::lockfile::TakeSource::Accepted), ..attempt(4, "T1") };
    assert_eq!(found(&lines(accepted)), []);
    assert_eq!(found(&lines(Take { host: "other.host".into(), ..attempt(4, "T4") })), []);
}

#[test]
fn what_cannot_be_read_is_one_error() {
    assert_eq!(found("<<<<<<< HEAD\n"), [(Level::Error, "refused", Some(1))]);
    let finding = &verify("callsheet.lock", format!("{HEADER}nonsense\n{HEADER}"))[0];
    assert_eq!(finding.line, Some(2));
    assert!(finding.message.starts_with("not JSON"), "{}", finding.message);
}
