//! Version 2: what a shared ledger adds, and that version 1 stays as it is.

use proptest::prelude::*;

use super::super::{Level, Lockfile, Record, Run, Take, TakeState, encode, parse_bytes, verify};
use super::{HEADER, HOST, digest, records, submitted, take};

fn of(run: &str, take: Take) -> Take {
    Take { run: Some(run.into()), ..take }
}

fn claim(run: &str, until: u32) -> Take {
    let until = format!("2026-11-22T12:{until:02}:00Z").parse().unwrap();
    Take { until: Some(until), ..of(run, take("a", '1', 1, TakeState::Intent, 0)) }
}

fn fold(takes: impl IntoIterator<Item = Take>) -> Lockfile {
    let mut lockfile = Lockfile::default();
    for record in records(takes) {
        lockfile.insert(record);
    }
    lockfile
}

#[test]
fn only_its_own_run_answers_a_claim() {
    for state in [TakeState::Freed, TakeState::Failed, TakeState::Forgotten] {
        for other in [take("a", '1', 1, state, 9), of("other", take("a", '1', 1, state, 9))] {
            let open = fold([claim("mine", 6), other]);
            assert!(open.in_doubt(HOST, &digest('1')).is_some(), "{state:?}");
            // A file that has dropped what is covered says the same.
            assert!(parse_bytes("l", encode(&open)).unwrap().lockfile.in_doubt(HOST, &digest('1')).is_some());
        }
        let answered = fold([claim("mine", 6), of("mine", take("a", '1', 1, state, 9))]);
        assert_eq!(answered.in_doubt(HOST, &digest('1')).map(Take::to_line), None);
        assert_eq!(answered.next_attempt(HOST, &digest('1')), 2);
    }
}

#[test]
fn an_answer_of_any_run_pays() {
    for run in [None, Some("other")] {
        let paid = Take { run: run.map(Into::into), ..submitted("a", '1', "T1", 5) };
        let both = fold([claim("mine", 6), paid]);
        assert_eq!(both.paid(HOST, &digest('1'), "a").unwrap().task.as_deref(), Some("T1"));
        assert_eq!(both.lines().count(), 2, "the claim is still open");
    }
}

#[test]
fn a_failure_of_one_run_says_nothing_of_anothers_payment() {
    let failed = of("mine", Take { task: Some("T1".into()), ..take("a", '1', 1, TakeState::Failed, 9) });
    let both = fold([failed, of("other", submitted("a", '1', "T2", 5))]);
    assert_eq!(both.paid(HOST, &digest('1'), "a").unwrap().task.as_deref(), Some("T2"));
    assert!(both.failed(HOST, &digest('1')).is_none());
}

#[test]
fn of_one_claim_the_later_until_holds() {
    let renewed = Take { at: "2026-11-22T10:59:00Z".parse().unwrap(), ..claim("mine", 9) };
    let both = fold([renewed, claim("mine", 6)]);
    assert_eq!(both.in_doubt(HOST, &digest('1')).unwrap().until, claim("mine", 9).until);
    assert_eq!(both.lines().count(), 1);
}

#[test]
fn the_header_and_the_runs_are_kept() {
    let text = concat!(
        r#"{"callsheet":"lock","version":2,"home":"github.com/acme/videos"}"#,
        "\n",
        r#"{"run":"q7h2m4x0ta","who":"github run 812/1","url":"https://github.com/acme/videos/actions/runs/812","commit":"3cae5a9","clock":-0.4,"at":"2026-11-22T11:00:00Z"}"#,
        "\n",
    );
    let mut lockfile = parse_bytes("l", text).unwrap().lockfile;
    assert_eq!(encode(&lockfile), text);
    assert_eq!((lockfile.home(), lockfile.who("q7h2m4x0ta")), (Some("github.com/acme/videos"), "github run 812/1"));
    // Git's union leaves both headers.
    let merged = parse_bytes("l", format!("{HEADER}{text}{}\n", submitted("a", '1', "T1", 1).to_line())).unwrap();
    assert!(encode(&merged.lockfile).starts_with(text));
    lockfile.close("2026-12-01T00:00:00Z".parse().unwrap());
    lockfile.union(&merged.lockfile);
    let closed = encode(&lockfile);
    assert!(closed.starts_with(
        r#"{"callsheet":"lock","version":2,"home":"github.com/acme/videos","closed":"2026-12-01T00:00:00Z"}"#
    ));
    assert_eq!(encode(&parse_bytes("l", &closed).unwrap().lockfile), closed);
}

#[test]
fn bad_lines_of_version_2_are_named() {
    for (line, why) in [
        (r#"{"callsheet":"lock","version":1,"home":"x"}"#, "`home` is not a field of a line"),
        (r#"{"callsheet":"lock","version":2,"home":7}"#, "`home` must be a text"),
        (r#"{"callsheet":"lock","version":2,"closed":"soon"}"#, "`closed` must be a time"),
        (r#"{"callsheet":"lock","version":3}"#, "format version 3 is newer than this callsheet reads (2)"),
        (r#"{"run":"a","at":"2026-11-22T11:00:00Z"}"#, "`who` is missing"),
        (r#"{"run":"a","who":"b","clock":"slow","at":"2026-11-22T11:00:00Z"}"#, "`clock` must be a number"),
        (r#"{"run":"","who":"b","at":"2026-11-22T11:00:00Z"}"#, "`run` is empty"),
    ] {
        let error = parse_bytes("l", format!("{HEADER}{line}\n")).unwrap_err().to_string();
        assert!(error.contains(why), "{line}: {error}");
    }
}

#[test]
fn claims_are_found() {
    let run = Run {
        run: "mine".into(),
        who: "github run 812/1".to_owned(),
        url: None,
        commit: None,
        clock: None,
        at: "2026-11-22T11:00:00Z".parse().unwrap(),
    };
    let mut lockfile = fold([claim("mine", 6), claim("other", 6)]);
    lockfile.insert(Record::Run(run));
    let findings = verify("l", encode(&lockfile));
    let told: Vec<_> = findings.iter().map(|one| (one.code, one.level)).collect();
    assert_eq!(told, [("claimed-twice", Level::Warning), ("in-doubt", Level::Warning)]);
    let mut one = fold([claim("mine", 6)]);
    lockfile.runs().for_each(|run| one.insert(Record::Run(run.clone())));
    let findings = verify("l", encode(&one));
    assert!(findings[0].message.contains("claimed by github run 812/1 until 2026-11-22T12:06:00Z"), "{findings:?}");
}

proptest! {
    #[test]
    fn lines_without_a_run_are_written_as_version_1(minutes in prop::collection::vec((0..59_u32, 0..7_usize, 1..3_u32), 0..9)) {
        let takes = minutes.iter().map(|(minute, state, attempt)| take("a", '1', *attempt, TakeState::ALL[*state], *minute));
        let text = encode(&fold(takes));
        prop_assert!(text.starts_with(HEADER) && !text.contains("run") && !text.contains("until"));
    }
}
