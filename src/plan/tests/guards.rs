//! Guards and causes: what a plan comes to, and from where.

use std::collections::BTreeSet;

use crate::lock::State;
use crate::plan::testing::{at_speed, line, lockfile, options, planned, sources, video};
use crate::plan::*;

#[test]
fn equal_causes_are_gathered() {
    let keys = ["one", "two", "three"];
    let old = keys.map(|key| video(key, key));
    let new = old.clone().map(|video| at_speed(video, 1.1));
    let lock = lockfile(old.iter().map(|video| line(video, 1, State::Done, 0)));
    let mut videos = new.to_vec();
    videos[2] = at_speed(video("three", "another text"), 1.1);
    let found = causes(&planned(&videos, &lock));
    assert_eq!(found.len(), 1, "a text that only one video changes is no common cause");
    assert_eq!((&*found[0].path, found[0].keys.len()), ("voice.tts.speed", 3));
    assert_eq!(found[0].origin.as_ref().map(|place| place.line), Some(3));
}

fn limit<T>(value: T) -> Limit<T> {
    Limit { value, origin: LimitOrigin::Manifest(Place { file: "callsheet.yaml".into(), line: 9, column: 29 }) }
}

#[test]
fn guards_count_doubts_and_the_dearer_reading_and_name_the_way_out() {
    let doubt = video("gone", &"x".repeat(300));
    let plan = planned(&[video("a", "Hello"), video("b", "Bye")], &lockfile([line(&doubt, 1, State::Intent, 0)]));
    let guards = Guards { max_submissions: Some(limit(2)), max_credits: Some(limit(5.0)), max_share: None };
    let said: Vec<String> = guard(&plan, &guards).iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "`max_submissions` is 2 (set at callsheet.yaml:9:29), this plan comes to 3: 2 to submit and 1 in doubt; \
             `--max-submissions 3` allows it",
            "`max_credits` is 5 (set at callsheet.yaml:9:29), this plan comes to up to 5.2: 2 to submit and 1 in doubt; \
             `--max-credits 5.2` allows it",
        ]
    );
    assert_eq!(guard(&plan, &guards.clone().with_flags(Some(3), Some(5.2), None)), [], "the advice is enough");
    let stricter = guard(&plan, &guards.with_flags(Some(1), Some(9.0), None));
    assert_eq!((stricter.len(), &stricter[0].origin), (1, &LimitOrigin::Flag), "flags go before the manifest");
}

#[test]
fn a_share_is_of_known_videos_and_from_ten() {
    let all: Vec<_> = (0..10).map(|number| video(&format!("v{number}"), &format!("Text {number}"))).collect();
    let lock = lockfile(all.iter().map(|video| line(video, 1, State::Done, 0)));
    let third = Guards { max_share: Some(limit(0.3)), ..Guards::default() };
    let changed = |count: usize| -> Vec<_> {
        let speed = |(index, video): (usize, _)| if index < count { at_speed(video, 1.1) } else { video };
        all.iter().cloned().enumerate().map(speed).chain([video("new", "New")]).collect()
    };
    assert_eq!(
        guard(&planned(&changed(3), &lock), &third),
        [],
        "exactly the share is allowed, new videos do not count"
    );
    let refused = guard(&planned(&changed(4), &lock), &third);
    assert_eq!(
        refused[0].to_string(),
        "`max_share` is 30% (set at callsheet.yaml:9:29), this plan comes to 40%: 4 of 10 known videos would be \
         submitted again; `--max-share 40%` allows it"
    );
    let nine = &changed(9)[1..10];
    assert_eq!(guard(&planned(nine, &lock), &third), [], "nine known videos make no share");
    let selected = PlanOptions { selected: Some(BTreeSet::from(["v0".into()])), ..options() };
    let canary = plan(&changed(10), &sources(), &lock, &selected);
    assert_eq!(
        (canary.summary.submit, guard(&canary, &third)),
        (1, vec![]),
        "one of ten, though one of one is selected"
    );
}
