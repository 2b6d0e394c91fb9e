//! The queries of a plan, answered by the folded lines.

use super::super::{ANY_HOST, Lockfile, Record, Take, TakeSource, TakeState, encode};
use super::{HOST, asset, digest, records, submitted, take};

fn lockfile(takes: impl IntoIterator<Item = Take>) -> Lockfile {
    let mut lockfile = Lockfile::default();
    for record in records(takes) {
        lockfile.insert(record);
    }
    lockfile
}

fn states(lockfile: &Lockfile) -> Vec<TakeState> {
    lockfile.takes().map(|take| take.state).collect()
}

#[test]
fn a_whole_life_leaves_one_line() {
    let task = |state, minute| Take { state, ..submitted("welcome", '1', "T1", minute) };
    let life = [
        Take { task: None, ..task(TakeState::Intent, 0) },
        task(TakeState::Submitted, 1),
        Take { seconds: Some(12.5), ..task(TakeState::Done, 2) },
        Take { seconds: Some(12.5), sha256: Some("a".repeat(64)), bytes: Some(9), ..task(TakeState::Pulled, 3) },
    ];
    let folded = lockfile(life);
    assert_eq!(folded.lines().count(), 1);
    assert_eq!(states(&folded), [TakeState::Pulled]);
}

#[test]
fn rank_holds_over_time_and_time_over_equal_rank() {
    let folded = lockfile([
        submitted("a", '1', "T1", 9),
        Take { task: Some("T1".into()), ..take("a", '1', 1, TakeState::Done, 1) },
    ]);
    assert_eq!(states(&folded), [TakeState::Done]);
    let folded = lockfile([submitted("b", '1', "T1", 1), submitted("a", '1', "T1", 2)]);
    assert_eq!(folded.takes().map(|take| take.key.to_string()).collect::<Vec<_>>(), ["a"]);
}

#[test]
fn a_bare_higher_line_hides_nothing_that_a_lower_one_knew() {
    let folded = lockfile([take("a", '1', 1, TakeState::Done, 5), submitted("a", '1', "T1", 1)]);
    let view = folded.takes().next().unwrap();
    assert_eq!((view.state, view.task.as_deref()), (TakeState::Done, Some("T1")));
    assert!(view.spec.is_some() && view.name.is_some());
    // Both lines stay in the file until one line has all the information.
    assert_eq!(folded.lines().count(), 2);
}

#[test]
fn only_what_was_accepted_by_the_vendor_is_paid() {
    for (state, paid) in [
        (TakeState::Intent, false),
        (TakeState::Freed, false),
        (TakeState::Submitted, true),
        (TakeState::Failed, false),
        (TakeState::Done, true),
        (TakeState::Pulled, true),
        (TakeState::Forgotten, false),
    ] {
        let folded = lockfile([take("a", '1', 1, state, 0)]);
        assert_eq!(folded.paid(HOST, &digest('1'), "any").is_some(), paid, "{state:?}");
        assert!(folded.paid("other.host", &digest('1'), "a").is_none());
    }
}

#[test]
fn a_persons_word_counts_for_its_key_only() {
    let accepted = |key| Take { how: Some(TakeSource::Accepted), ..submitted(key, '1', "OLD", 5) };
    let folded = lockfile([accepted("a")]);
    assert!(folded.paid(HOST, &digest('1'), "a").is_some());
    assert!(folded.paid(HOST, &digest('1'), "b").is_none());
    assert!(folded.failed(HOST, &digest('1')).is_none());
    // Two keys accepted on two branches: both lines stay, though the take is one.
    let folded = lockfile([accepted("a"), accepted("b")]);
    assert!(folded.paid(HOST, &digest('1'), "a").is_some() && folded.paid(HOST, &digest('1'), "b").is_some());
    assert!(folded.paid(HOST, &digest('1'), "c").is_none());
    assert_eq!(folded.takes_of_key(HOST, "a").count() + folded.takes_of_key(HOST, "b").count(), 2);
}

#[test]
fn a_submission_stands_beside_a_later_word_of_a_person() {
    let accepted = Take { how: Some(TakeSource::Accepted), ..submitted("a", '1', "OLD", 9) };
    let done = Take { state: TakeState::Done, ..accepted.clone() };
    for word in [accepted, done] {
        let folded = lockfile([word, submitted("b", '1', "NEW", 1)]);
        let paid = folded.paid(HOST, &digest('1'), "c").unwrap();
        assert_eq!(paid.task.as_deref(), Some("NEW"));
    }
}

#[test]
fn the_same_attempt_paid_twice_keeps_both_tasks() {
    let folded = lockfile([submitted("a", '1', "T1", 1), submitted("a", '1', "T2", 2)]);
    assert_eq!(folded.takes().count(), 1);
    assert!(encode(&folded).contains("T1") && encode(&folded).contains("T2"));
}

#[test]
fn of_two_tasks_under_one_attempt_the_failure_of_one_is_not_the_others() {
    let failed = |task: &str| Take { state: TakeState::Failed, ..submitted("a", '1', task, 1) };
    let ask = |lines: Vec<Take>| {
        let folded = lockfile(lines);
        let task = folded.paid(HOST, &digest('1'), "any").map(|take| take.task.clone().unwrap_or_default());
        (task, folded.failed(HOST, &digest('1')).is_some(), folded.paid_at_other_host("other", &digest('1')).is_some())
    };
    let both = vec![submitted("a", '1', "T1", 1), submitted("b", '1', "T2", 2), failed("T2")];
    assert_eq!(ask(both.clone()), (Some("T1".to_owned()), false, true));
    let (one, all) = (vec![submitted("a", '1', "T1", 1), failed("T1")], [both, vec![failed("T1")]].concat());
    for lines in [one, all] {
        assert_eq!(ask(lines), (None, true, false), "what failed is not paid for");
    }
    // A take that is known by its list id may be the same submission that failed under its task.
    let listed = Take { task: None, video: Some("V1".to_owned()), ..submitted("a", '1', "T1", 1) };
    assert_eq!(ask(vec![listed, failed("T2")]), (None, true, false));
}

#[test]
fn an_intent_is_in_doubt_until_it_is_answered_or_freed() {
    let intent = take("a", '1', 1, TakeState::Intent, 0);
    let folded = lockfile([intent.clone()]);
    assert_eq!(folded.in_doubt(HOST, &digest('1')).unwrap().attempt, 1);
    assert_eq!(folded.takes_in_doubt(HOST).count(), 1);
    let freed = lockfile([intent.clone(), take("a", '1', 1, TakeState::Freed, 1)]);
    assert!(freed.in_doubt(HOST, &digest('1')).is_none());
    assert_eq!(freed.next_attempt(HOST, &digest('1')), 2);
    let sent = lockfile([intent, submitted("a", '1', "T1", 1)]);
    assert!(sent.in_doubt(HOST, &digest('1')).is_none() && sent.takes_in_doubt(HOST).next().is_none());
}

#[test]
fn an_intent_without_a_host_counts_at_every_host_until_an_attempt_there_answers_it() {
    let nowhere = Take { host: ANY_HOST.into(), ..take("a", '1', 1, TakeState::Intent, 0) };
    let mut folded = lockfile([nowhere.clone()]);
    assert!(folded.in_doubt(HOST, &digest('1')).is_some() && folded.in_doubt("other", &digest('1')).is_some());
    assert_eq!(folded.takes_in_doubt(HOST).count(), 1);
    assert_eq!(folded.next_attempt(HOST, &digest('1')), 2);
    folded.insert(Record::Take(submitted("a", '1', "T1", 1)));
    assert!(folded.in_doubt(HOST, &digest('1')).is_none() && folded.takes_in_doubt(HOST).next().is_none());
    let freed = lockfile([nowhere.clone(), Take { state: TakeState::Freed, ..nowhere }]);
    assert!(freed.in_doubt(HOST, &digest('1')).is_none());
}

#[test]
fn a_failure_is_the_last_word_until_something_later_is_known() {
    let failed = Take { message: Some("moderated".into()), ..take("a", '1', 1, TakeState::Failed, 0) };
    let with = |more: Vec<Take>| lockfile(std::iter::once(failed.clone()).chain(more));
    assert_eq!(with(vec![]).failed(HOST, &digest('1')).unwrap().message.as_deref(), Some("moderated"));
    assert_eq!(with(vec![]).next_attempt(HOST, &digest('1')), 2);
    for later in [TakeState::Intent, TakeState::Freed, TakeState::Submitted, TakeState::Done, TakeState::Forgotten] {
        let folded = with(vec![take("a", '1', 2, later, 1)]);
        assert!(folded.failed(HOST, &digest('1')).is_none(), "{later:?}");
    }
    assert_eq!(with(vec![take("a", '1', 2, TakeState::Failed, 1)]).failed(HOST, &digest('1')).unwrap().attempt, 2);
}

#[test]
fn next_attempt_counts_the_highest_known() {
    assert_eq!(lockfile([]).next_attempt(HOST, &digest('1')), 1);
    let folded = lockfile([take("a", '1', 4, TakeState::Forgotten, 0), take("a", '1', 2, TakeState::Failed, 1)]);
    assert_eq!(folded.next_attempt(HOST, &digest('1')), 5);
    assert_eq!(folded.next_attempt("other", &digest('1')), 1);
    assert_eq!(folded.next_attempt(HOST, &digest('2')), 1);
    assert_eq!(folded.takes_of(HOST, &digest('1')).map(|take| take.attempt).collect::<Vec<_>>(), [2, 4]);
}

#[test]
fn the_next_attempt_is_the_lowest_unused_above_what_is_over_and_counts() {
    use TakeState::{Failed, Forgotten, Freed, Intent, Submitted};
    let next = |lines: &[(TakeState, u32)]| {
        let takes = lines.iter().map(|(state, attempt)| take("a", '1', *attempt, *state, 0));
        lockfile(takes).next_attempt(HOST, &digest('1'))
    };
    assert_eq!(next(&[(Freed, 1), (Freed, 2), (Freed, 3)]), 4);
    assert_eq!(next(&[(Freed, 3)]), 4, "part of the history: what was freed raises");
    assert_eq!(next(&[(Intent, 3)]), 1, "what is open does not");
    assert_eq!(next(&[(Failed, 1), (Submitted, 2), (Submitted, 3), (Intent, 5)]), 4, "but it is used");
    assert_eq!(next(&[(Freed, 9_999)]), 10_000);
    assert_eq!(next(&[(Freed, 9_999), (Freed, 10_000), (Freed, 10_002)]), 10_001);
    for over in [Freed, Failed, Forgotten] {
        assert_eq!(next(&[(over, u32::MAX)]), 1, "known, and that is all");
        assert_eq!(next(&[(over, 10_000), (Failed, 2), (Intent, 3)]), 4);
    }
    assert_eq!(next(&[(Intent, u32::MAX), (Submitted, u32::MAX - 1)]), 1);
    let nowhere = Take { host: ANY_HOST.into(), ..take("a", '1', 1, Intent, 0) };
    assert_eq!(lockfile([nowhere]).next_attempt(HOST, &digest('1')), 2, "a torn line has used its number");
}

#[test]
fn an_absurd_number_blocks_nothing_and_hides_nothing() {
    for state in [TakeState::Freed, TakeState::Failed, TakeState::Forgotten] {
        let absurd = take("a", '1', u32::MAX, state, 0);
        let with = |more: Vec<Take>| lockfile(std::iter::once(absurd.clone()).chain(more));
        let intent = |attempt| take("a", '1', attempt, TakeState::Intent, 1);
        assert!(!with(vec![]).conflicts_with(&intent(1), false), "{state:?}: it may be sent");
        assert!(with(vec![]).conflicts_with(&intent(u32::MAX), false), "but not under that number");
        let tried = with(vec![intent(1)]);
        assert!(!tried.conflicts_with(&intent(1), true) && tried.conflicts_with(&intent(2), false));
        assert!(with(vec![take("a", '1', 1, TakeState::Freed, 1)]).conflicts_with(&intent(1), true), "it is over");
        // A later failure decides: it is not sent again without a request.
        let failed = with(vec![take("a", '1', 1, TakeState::Failed, 1)]);
        assert_eq!(failed.failed(HOST, &digest('1')).map(|take| take.attempt), Some(1));
        // The intent of a torn line is still in doubt.
        let nowhere = Take { host: ANY_HOST.into(), ..intent(1) };
        assert!(with(vec![nowhere.clone()]).in_doubt(HOST, &digest('1')).is_some());
        assert_eq!(with(vec![nowhere]).takes_in_doubt(HOST).count(), 1);
    }
    let alone = lockfile([take("a", '1', u32::MAX, TakeState::Failed, 0)]);
    assert!(alone.failed(HOST, &digest('1')).is_some());
    // In doubt with such an attempt, it can be settled. Attempts then continue where they were.
    let nowhere = Take { host: ANY_HOST.into(), ..take("a", '1', u32::MAX, TakeState::Intent, 0) };
    let mut folded = lockfile([nowhere.clone()]);
    assert!(folded.in_doubt(HOST, &digest('1')).is_some());
    folded.insert(Record::Take(Take { host: HOST.into(), state: TakeState::Freed, ..nowhere }));
    assert!(folded.in_doubt(HOST, &digest('1')).is_none() && folded.takes_in_doubt(HOST).next().is_none());
    assert_eq!(folded.next_attempt(HOST, &digest('1')), 1);
}

#[test]
fn the_takes_of_a_key_come_oldest_first_and_follow_the_key() {
    let folded = lockfile([submitted("a", '2', "T2", 5), submitted("a", '1', "T1", 1), submitted("b", '3', "T3", 0)]);
    let tasks: Vec<_> = folded.takes_of_key(HOST, "a").filter_map(|take| take.task.as_deref()).collect();
    assert_eq!(tasks, ["T1", "T2"]);
    // A later line of the same take under another key moves the take.
    let moved = lockfile([submitted("a", '1', "T1", 1), submitted("b", '1', "T1", 2)]);
    assert_eq!(moved.takes_of_key(HOST, "a").count(), 0);
    assert_eq!(moved.takes_of_key(HOST, "b").count(), 1);
}

#[test]
fn a_line_just_after_another_is_later_and_of_the_same_month() {
    for (at, after) in [
        ("2026-11-22T11:00:00Z", "2026-11-22T11:00:00.001Z"),
        ("2026-11-30T23:59:59.9989Z", "2026-11-30T23:59:59.9999Z"),
        ("2026-11-30T23:59:59.999Z", "2026-11-30T23:59:59.999000001Z"),
        ("2026-11-30T23:59:59.999999999Z", "2026-12-01T00:00:00.000999999Z"),
        ("9999-12-30T22:00:00.999999999Z", "9999-12-30T22:00:00.999999999Z"),
    ] {
        let line = Take { at: at.parse().unwrap(), ..take("a", '1', 1, TakeState::Done, 0) };
        assert_eq!(line.just_after().to_string(), after);
    }
}

#[test]
fn of_two_uploads_of_one_content_the_later_holds() {
    let mut folded = Lockfile::default();
    for one in [asset('1', "new", 2), asset('1', "old", 1), asset('2', "other", 0)] {
        folded.insert(Record::Asset(one));
    }
    assert_eq!(folded.asset(HOST, &"1".repeat(64)).unwrap().id, "new");
    assert!(folded.asset("elsewhere", &"1".repeat(64)).is_none());
    assert_eq!(folded.assets().count(), 2);
}

#[test]
fn each_of_a_hundred_thousand_takes_is_found_by_its_key() {
    let line = submitted("KEY", '1', "T", 1).to_line();
    let mut text = super::HEADER.to_owned();
    for number in 0..100_000_u32 {
        let line =
            line.replace("KEY", &format!("thanks[{number}]")).replace(&"1".repeat(32), &format!("{number:032x}"));
        text.push_str(&line);
        text.push('\n');
    }
    let parsed = super::super::parse_bytes("callsheet.lock", &text).unwrap();
    let wanted = crate::spec::Digest::parse(&format!("v1:{:032x}", 77_777)).unwrap();
    assert_eq!(&*parsed.lockfile.paid(HOST, &wanted, "any").unwrap().key, "thanks[77777]");
    for number in 0..100_000_u32 {
        assert_eq!(parsed.lockfile.takes_of_key(HOST, &format!("thanks[{number}]")).count(), 1);
    }
}
