//! Guards and causes: the cost of a plan, and its origin.

use std::collections::BTreeSet;

use crate::lockfile::{Take, TakeSource, TakeState};
use crate::plan::test_support::{HOST, at_speed, line, lockfile, options, planned, sources, video};
use crate::plan::*;
use crate::source::Location;
use crate::spec::Video;

#[test]
fn equal_causes_are_gathered() {
    let keys = ["one", "two", "three"];
    let old = keys.map(|key| video(key, key));
    let new = old.clone().map(|video| at_speed(video, 1.1));
    let lock = lockfile(old.iter().map(|video| line(video, 1, TakeState::Done, 0)));
    let mut videos = new.to_vec();
    videos[2] = at_speed(video("three", "another text"), 1.1);
    let plan = planned(&videos, &lock);
    let found = causes(&plan);
    assert_eq!(found.len(), 1, "a text that only one video changes is no common cause");
    assert_eq!((&*found[0].field.path, found[0].keys.len()), ("voice.tts.speed", 3));
    assert_eq!(found[0].field.origin.as_ref().map(|place| place.line), Some(3));
}

fn limit<T>(value: T) -> Limit<T> {
    Limit { value, origin: LimitOrigin::Manifest(Location { file: "callsheet.yaml".into(), line: 9, column: 29 }) }
}

fn flags(submissions: u64, credits: f64) -> Guards {
    let (submissions, credits) = (Limit::flag(submissions), Limit::flag(credits));
    Guards { max_submissions: Some(submissions), max_credits: Some(credits), ..Guards::default() }
}

/// Returns the month of all lines, with nothing counted.
fn november() -> Month {
    Month::starting_with("2026-11-30T23:59:59Z".parse().unwrap())
}

/// Returns the credits of the month of a time, by these lines.
fn spent(now: &str, lines: impl IntoIterator<Item = Take>) -> (f64, u64, u64) {
    let mut month = Month::starting_with(now.parse().unwrap());
    month.add(&lockfile(lines), HOST);
    ((month.credits * 1000.0).round() / 1000.0, month.submissions, month.unknown)
}

/// Returns a video of 300 characters: 5 credits by the upper estimate.
fn long(key: &str) -> Video {
    video(key, &"x".repeat(300))
}

#[test]
fn a_month_counts_all_that_may_have_been_paid_for() {
    let now = "2026-11-30T23:59:59Z";
    let of = |state| line(&long("a"), 1, state, 0);
    for state in [
        TakeState::Intent,
        TakeState::Submitted,
        TakeState::Failed,
        TakeState::Done,
        TakeState::Pulled,
        TakeState::Forgotten,
    ] {
        let task = Some("t".to_owned()).filter(|_| state != TakeState::Intent);
        assert_eq!(spent(now, [Take { task, ..of(state) }]), (5.0, 1, 0), "{state:?}");
    }
    assert_eq!(spent(now, [of(TakeState::Freed)]), (0.0, 0, 0), "never accepted");
    let accepted = Take { how: Some(TakeSource::Accepted), ..of(TakeState::Submitted) };
    assert_eq!(spent(now, [accepted.clone()]), (0.0, 0, 0), "nothing was sent");
    assert_eq!(spent(now, [accepted, of(TakeState::Submitted)]), (5.0, 1, 0), "but it was");
    let other = Take { task: Some("other".into()), ..of(TakeState::Submitted) };
    assert_eq!(spent(now, [of(TakeState::Submitted), other]), (10.0, 2, 0), "two machines, one number");
    assert_eq!(spent(now, [1, 2].map(|attempt| line(&long("a"), attempt, TakeState::Failed, 0))), (10.0, 2, 0));
    assert_eq!(spent(now, [Take { seconds: Some(30.0), ..of(TakeState::Done) }]), (3.0, 1, 0), "its length is known");
    assert_eq!(spent(now, [Take { spec: None, ..of(TakeState::Submitted) }]), (40.0, 1, 1), "like unknown audio");
    let short = Take { spec: None, seconds: Some(30.0), ..of(TakeState::Done) };
    assert_eq!(spent(now, [short]), (2.0, 1, 1));
    let torn = Take { host: "".into(), ..of(TakeState::Intent) };
    assert_eq!(spent(now, [torn]), (5.0, 1, 0), "a torn line names no host");
    assert_eq!(spent(now, [Take { host: "other.example".into(), ..of(TakeState::Done) }]), (0.0, 0, 0));
}

#[test]
fn a_month_begins_and_ends_in_utc_and_a_clock_that_is_behind_lifts_nothing() {
    let at = |time: &str| [Take { at: time.parse().unwrap(), ..line(&long("a"), 1, TakeState::Submitted, 0) }];
    for (now, sent, counted) in [
        ("2026-11-30T23:59:59Z", "2026-11-01T00:00:00Z", 1),
        ("2026-11-30T23:59:59Z", "2026-10-31T23:59:59Z", 0),
        ("2026-12-01T00:30:00+02:00", "2026-11-01T00:00:00Z", 1),
        ("2026-12-01T00:00:00Z", "2026-11-30T23:59:59Z", 0),
        ("2020-01-01T00:00:00Z", "2026-11-30T23:59:59Z", 1),
    ] {
        assert_eq!(spent(now, at(sent)).1, counted, "{now} {sent}");
    }
}

#[test]
fn forgetting_keeps_the_sum_in_whatever_order_lines_are_united() {
    let now: jiff::Timestamp = "2026-12-03T00:00:00Z".parse().unwrap();
    for state in [TakeState::Submitted, TakeState::Failed, TakeState::Done, TakeState::Pulled, TakeState::Freed] {
        let sent = line(&long("a"), 1, state, 0);
        // As `lock forget` writes it.
        let (task, name, spec) = (None, None, None);
        let tombstone = Take { state: TakeState::Forgotten, at: now, task, name, spec, ..sent.clone() };
        let lock = lockfile([sent.clone(), tombstone.clone()]);
        let counted = u64::from(state != TakeState::Freed);
        let other = lockfile([tombstone, sent]);
        for lock in [&lock, &other] {
            let text = crate::lockfile::encode(lock);
            let read = crate::lockfile::parse_bytes("callsheet.lock", &text).unwrap().lockfile;
            assert_eq!(read.takes().map(|take| take.state).collect::<Vec<_>>(), [TakeState::Forgotten]);
            assert_eq!(crate::lockfile::encode(&read), text);
            assert_eq!(spent("2026-11-30T00:00:00Z", read.lines().cloned()).1, counted, "{state:?}");
            assert_eq!(spent("2026-12-30T00:00:00Z", read.lines().cloned()).1, 0, "not when it was forgotten");
        }
    }
}

#[test]
fn a_budget_adds_the_plan_and_counts_a_doubt_once() {
    let (new, doubt) = (long("new"), video("doubt", &"y".repeat(300)));
    let lock = lockfile([line(&doubt, 1, TakeState::Intent, 0)]);
    let plan = planned(&[new, doubt], &lock);
    let guards = Guards { max_credits_per_month: Some(limit(9.0)), ..Guards::default() };
    let mut month = november();
    month.add(&lock, HOST);
    let refused = guard(&plan, &guards, &month);
    assert_eq!(
        refused[0].message,
        "`max_credits_per_month` is 9 (set at callsheet.yaml:9:29), but the month reaches up to 10: up to 5 in 2026-11 by \
         this lockfile, and up to 5 for 1 to submit and 1 in doubt; `--max-credits-per-month 10` allows it"
    );
    let enough = Guards { max_credits_per_month: Some(limit(10.0)), ..Guards::default() };
    assert_eq!(guard(&plan, &enough, &month), []);
    assert!(enough.budget(&plan, &month).unwrap().left < 1e-9);
    let mut december = Month::starting_with("2026-12-01T00:00:00Z".parse().unwrap());
    december.add(&lock, HOST);
    assert_eq!((december.credits, december.planned(&plan)), (0.0, 10.0), "sent again it is december's");
    let nothing = planned(&[], &lockfile([]));
    assert_eq!(guard(&nothing, &guards, &Month { credits: 99.0, ..month }), [], "what is spent blocks nothing else");
}

#[test]
fn guards_count_doubts_and_the_dearer_reading_and_name_the_way_out() {
    let doubt = video("gone", &"x".repeat(300));
    let plan = planned(&[video("a", "Hello"), video("b", "Bye")], &lockfile([line(&doubt, 1, TakeState::Intent, 0)]));
    let guards = Guards { max_submissions: Some(limit(2)), max_credits: Some(limit(5.0)), ..Guards::default() };
    let said: Vec<String> = guard(&plan, &guards, &november()).into_iter().map(|refusal| refusal.message).collect();
    assert_eq!(
        said,
        [
            "`max_submissions` is 2 (set at callsheet.yaml:9:29), but this plan reaches 3: 2 to submit and 1 in doubt; \
             `--max-submissions 3` allows it",
            "`max_credits` is 5 (set at callsheet.yaml:9:29), but this plan reaches about 0.1 credits (at most 5.2), \
             and guards use the upper estimate: 2 to submit and 1 in doubt; `--max-credits 5.2` allows it",
        ]
    );
    assert_eq!(guard(&plan, &guards.clone().with_flags(flags(3, 5.2)), &november()), [], "the advice is enough");
    let stricter = guard(&plan, &guards.clone().with_flags(flags(1, 9.0)), &november());
    assert_eq!((stricter.len(), &stricter[0].origin), (1, &LimitOrigin::Flag), "flags go before the manifest");
    let both = violation_sentence(&guard(&plan, &guards, &november())).unwrap();
    assert!(both.ends_with("; `--max-submissions 3 --max-credits 5.2` together allow it"), "{both}");
    assert_eq!(both.matches("allow").count(), 1, "{both}");
    assert_eq!(violation_sentence(&[]), None);
}

#[test]
fn a_share_is_of_known_videos_and_from_ten() {
    let all: Vec<_> = (0..10).map(|number| video(&format!("v{number}"), &format!("Text {number}"))).collect();
    let lock = lockfile(all.iter().map(|video| line(video, 1, TakeState::Done, 0)));
    let third = Guards { max_share: Some(limit(0.3)), ..Guards::default() };
    let changed = |count: usize| -> Vec<_> {
        let speed = |(index, video): (usize, _)| if index < count { at_speed(video, 1.1) } else { video };
        all.iter().cloned().enumerate().map(speed).chain([video("new", "New")]).collect()
    };
    assert_eq!(
        guard(&planned(&changed(3), &lock), &third, &november()),
        [],
        "exactly the share is allowed, new videos do not count"
    );
    let refused = guard(&planned(&changed(4), &lock), &third, &november());
    assert_eq!(
        refused[0].message,
        "`max_share` is 30% (set at callsheet.yaml:9:29), but this plan reaches 40%: 4 of 10 previously paid videos \
         would be submitted again; `--max-share 40%` allows it"
    );
    let nine = &changed(9)[1..10];
    assert_eq!(guard(&planned(nine, &lock), &third, &november()), [], "nine known videos make no share");
    let selected = PlanOptions { selected: Some(BTreeSet::from(["v0".into()])), ..options() };
    let canary = plan(&changed(10), &sources(), &lock, &selected);
    assert_eq!(
        (canary.summary.submit, guard(&canary, &third, &november())),
        (1, vec![]),
        "one of ten, though one of one is selected"
    );
}
