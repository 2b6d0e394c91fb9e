//! A torn last line is reported, and any digest in it is in doubt.

use super::super::{ANY_HOST, ParsedLockfile, StoredSpec, Take, TakeState, encode, parse_bytes};
use super::{HEADER, HOST, digest, file, submitted, take};

fn read(text: &str) -> ParsedLockfile {
    parse_bytes("callsheet.lock", text).unwrap()
}

/// Parses a file of one valid take and a line torn after `end`.
fn torn_after(line: &Take, end: &str) -> ParsedLockfile {
    let text = line.to_line();
    let cut = text.find(end).unwrap() + end.len();
    read(&format!("{}{}", file(&[submitted("other", '9', "T9", 7)]), &text[..cut]))
}

#[test]
fn a_digest_that_can_be_read_is_in_doubt() {
    let line = Take { attempt: 3, ..submitted("a", '1', "T1", 8) };
    let parsed = torn_after(&line, "\"spec\":{\"na");
    assert_eq!(parsed.torn.as_ref().unwrap().0, 3);
    let doubt = parsed.lockfile.in_doubt(HOST, &digest('1')).unwrap();
    assert_eq!((&*doubt.key, doubt.attempt, doubt.at, doubt.task.as_deref()), ("a", 3, line.at, Some("T1")));
    assert!(parsed.lockfile.paid(HOST, &digest('1'), "a").is_none());
}

#[test]
fn what_the_tear_took_is_filled_so_that_nothing_is_sent_again() {
    let parsed = torn_after(&submitted("a", '1', "T1", 8), &format!("\"{}\"", digest('1')));
    let doubt = parsed.lockfile.in_doubt(HOST, &digest('1')).unwrap();
    assert_eq!((&*doubt.key, doubt.attempt, &*doubt.host), ("a", 1, HOST));
    assert_eq!(doubt.at.to_string(), "2026-11-22T11:07:00Z");
    // A number at the end of a torn line may have had more digits.
    let line = Take { attempt: 12, ..submitted("a", '1', "T1", 8) };
    assert_eq!(torn_after(&line, "\"attempt\":1").lockfile.in_doubt(HOST, &digest('1')).unwrap().attempt, 1);
    assert_eq!(torn_after(&line, "\"attempt\":12,").lockfile.in_doubt(HOST, &digest('1')).unwrap().attempt, 12);
}

#[test]
fn without_any_host_it_is_in_doubt_everywhere_and_stays_so_when_saved() {
    let line = submitted("a", '1', "T1", 8).to_line();
    let cut = line.find("\"host\"").unwrap();
    let parsed = read(&format!("{HEADER}{}", &line[..cut]));
    assert_eq!(&*parsed.lockfile.in_doubt(HOST, &digest('1')).unwrap().host, ANY_HOST);
    let saved = read(&encode(&parsed.lockfile));
    assert!(saved.torn.is_none() && saved.lockfile.in_doubt(HOST, &digest('1')).is_some());
}

#[test]
fn a_torn_update_of_a_paid_take_leaves_it_paid() {
    let paid = submitted("a", '1', "T1", 1);
    let update = Take { state: TakeState::Done, ..submitted("a", '1', "T1", 9) }.to_line();
    for cut in [update.find("\"attempt\"").unwrap(), update.find("\"task\"").unwrap(), update.len() - 1] {
        let parsed = read(&format!("{}{}", file(std::slice::from_ref(&paid)), &update[..cut]));
        assert!(parsed.torn.is_some());
        assert_eq!(parsed.lockfile.paid(HOST, &digest('1'), "a").unwrap().task.as_deref(), Some("T1"));
        assert!(parsed.lockfile.in_doubt(HOST, &digest('1')).is_none());
    }
}

#[test]
fn a_torn_line_after_a_failure_or_a_freed_intent_is_the_next_attempt() {
    for state in [TakeState::Failed, TakeState::Freed, TakeState::Forgotten] {
        let before = take("a", '1', 1, state, 1);
        let line = submitted("a", '1', "T2", 9).to_line();
        let cut = line.find("\"attempt\"").unwrap();
        let parsed = read(&format!("{}{}", file(&[before]), &line[..cut]));
        assert_eq!(parsed.lockfile.in_doubt(HOST, &digest('1')).unwrap().attempt, 2, "{state:?}");
    }
}

#[test]
fn a_torn_line_without_a_whole_digest_is_only_told() {
    let parsed = torn_after(&submitted("a", '1', "T1", 8), "\"digest\":\"v1:1111");
    assert_eq!(parsed.torn, Some((3, "{\"key\":\"a\",\"digest\":\"v1:1111".to_owned())));
    assert_eq!(parsed.lockfile.takes().count(), 1);
}

#[test]
fn words_of_a_script_are_not_taken_for_fields() {
    let spec = format!(r#"{{"text":"\"digest\":\"{}\","}}"#, digest('7'));
    let line = Take { spec: StoredSpec::new(spec), ..submitted("a", '1', "T1", 8) };
    let parsed = torn_after(&line, "\\\",\"");
    assert!(parsed.lockfile.in_doubt(HOST, &digest('7')).is_none());
    assert!(parsed.lockfile.in_doubt(HOST, &digest('1')).is_some());
}

#[test]
fn whole_records_before_the_tear_are_kept() {
    let (first, second) = (submitted("a", '1', "T1", 1).to_line(), submitted("b", '2', "T2", 2).to_line());
    let parsed = read(&format!("{HEADER}{first}{}", &second[..second.len() - 4]));
    assert!(parsed.torn.is_some());
    assert!(parsed.lockfile.paid(HOST, &digest('1'), "a").is_some());
    assert!(parsed.lockfile.in_doubt(HOST, &digest('2')).is_some());
}

#[test]
fn zeros_after_a_loss_of_power_are_a_tear() {
    let whole = file(&[submitted("a", '1', "T1", 1)]);
    let line = submitted("b", '2', "T2", 2).to_line();
    let zeros = "\0".repeat(4096);
    let parsed = read(&format!("{whole}{zeros}"));
    assert_eq!(parsed.torn, Some((3, String::new())));
    assert_eq!(parsed.lockfile.takes().count(), 1);
    // A complete line before the zeros counts as a line.
    let parsed = read(&format!("{whole}{line}{zeros}"));
    assert_eq!(parsed.torn, Some((3, line.clone())));
    assert!(parsed.lockfile.paid(HOST, &digest('2'), "b").is_some());
    let parsed = read(&format!("{whole}{}{zeros}", &line[..line.len() - 3]));
    assert!(parsed.lockfile.in_doubt(HOST, &digest('2')).is_some());
}

#[test]
fn the_first_write_of_all_may_be_torn_in_its_header() {
    for cut in 1..HEADER.len() - 1 {
        let parsed = read(&HEADER[..cut]);
        assert_eq!(parsed.torn, Some((1, HEADER[..cut].trim().to_owned())));
        assert!(!parsed.header && parsed.lockfile.is_empty());
    }
}

#[test]
fn a_tear_inside_a_character_is_a_tear() {
    let mut bytes = file(&[submitted("a", '1', "T1", 1)]).into_bytes();
    let line = submitted("ü", '2', "T2", 2).to_line();
    bytes.extend(&line.as_bytes()[..=line.find('ü').unwrap()]);
    let parsed = super::super::parse_bytes("callsheet.lock", &bytes).unwrap();
    assert!(parsed.torn.is_some());
    assert_eq!(parsed.lockfile.takes().count(), 1);
}
