//! The plans that takes and specs produce together.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::json;

use crate::fields::VENDOR;
use crate::lockfile::{Take, TakeSource, TakeState};
use crate::plan::test_support::{
    MANIFEST, at_speed, line, lockfile, options, planned, sources, take_number, video, with,
};
use crate::plan::*;
use crate::source::{FileId, Location, Origin};
use crate::spec::digest;

/// Returns `+welcome` for each change, followed by `*` if it is submitted, then the number of unchanged videos.
fn shape(plan: &Plan) -> String {
    let mut shape: Vec<String> = plan
        .changes
        .iter()
        .map(|change| format!("{}{}{}", change.action.symbol(), change.key, if change.submits { "*" } else { "" }))
        .collect();
    shape.push(format!("={}", plan.summary.unchanged));
    shape.join(" ")
}

#[test]
fn each_state_of_a_take_asks_for_its_own_action() {
    let hello = video("welcome", "Hello");
    for (state, expected, retried) in [
        (TakeState::Intent, "?welcome =0", "?welcome =0"),
        (TakeState::Freed, "+welcome* =0", "+welcome* =0"),
        (TakeState::Submitted, "=1", "=1"),
        (TakeState::Failed, "!welcome =0", "!welcome* =0"),
        (TakeState::Done, "=1", "=1"),
        (TakeState::Pulled, "=1", "=1"),
        (TakeState::Forgotten, "+welcome* =0", "+welcome* =0"),
    ] {
        let lock = lockfile([line(&hello, 1, state, 0)]);
        let videos = std::slice::from_ref(&hello);
        assert_eq!(shape(&planned(videos, &lock)), expected, "{state:?}");
        let retry = PlanOptions { retry_failed: true, ..options() };
        assert_eq!(shape(&plan(videos, &sources(), &lock, &retry)), retried, "{state:?} with --retry-failed");
    }
    assert_eq!(shape(&planned(&[hello], &lockfile([]))), "+welcome* =0");
}

#[test]
fn a_new_submission_of_a_content_has_the_next_attempt() {
    let hello = video("welcome", "Hello");
    for (state, attempt) in
        [(TakeState::Freed, 2), (TakeState::Forgotten, 2), (TakeState::Failed, 2), (TakeState::Intent, 1)]
    {
        let plan = planned(std::slice::from_ref(&hello), &lockfile([line(&hello, 1, state, 0)]));
        assert_eq!(plan.changes[0].attempt, attempt, "{state:?}");
    }
}

#[test]
fn changed_content_is_told_field_by_field_with_the_line_that_caused_it() {
    let (old, new) = (video("welcome", "Hello"), at_speed(video("welcome", "Hello"), 1.1));
    let plan = planned(&[new], &lockfile([line(&old, 1, TakeState::Done, 0)]));
    assert_eq!(shape(&plan), "~welcome* =0");
    let change = &plan.changes[0];
    assert_eq!(change.reason, Reason::ContentChanged);
    let place = Location { file: "voices.yaml".into(), line: 3, column: 12 };
    let start = MANIFEST.find("1.1").unwrap() as u32;
    let expected = FieldChange {
        path: "voice.tts.speed".into(),
        before: Some(json!(1.0)),
        after: Some(json!(1.1)),
        origin: Some(place),
        declared: Some((VENDOR.field_at("voice.tts.speed").unwrap(), Origin::new(FileId(0), start, start + 3))),
    };
    assert_eq!(change.diff, [expected]);
}

#[test]
fn a_take_raised_by_itself_has_its_own_reason() {
    let hello = video("welcome", "Hello");
    let lock = lockfile([line(&hello, 1, TakeState::Pulled, 0)]);
    let raised = planned(&[take_number(hello.clone(), 2)], &lock);
    assert_eq!((shape(&raised), &raised.changes[0].reason), ("~welcome* =0".into(), &Reason::TakeRaised));
    let more = planned(&[take_number(at_speed(hello, 1.2), 2)], &lock);
    assert_eq!(more.changes[0].reason, Reason::ContentChanged);
}

#[test]
fn a_revert_and_a_rename_cost_nothing() {
    let (old, new) = (video("welcome", "Hello"), video("welcome", "Goodbye"));
    let lock = lockfile([line(&old, 1, TakeState::Pulled, 0), line(&new, 1, TakeState::Done, 1)]);
    assert_eq!(shape(&planned(&[old], &lock)), "=1");
    assert_eq!(shape(&planned(&[new], &lock)), "=1");
    let renamed = planned(&[video("hello", "Goodbye")], &lock);
    assert_eq!(shape(&renamed), ">hello =0", "its older content is history, no orphan");
    assert_eq!(renamed.changes[0].reason, Reason::SameContent("welcome".into()));
    assert!(renamed.changes[0].estimate.credits == Some(0.0) && renamed.summary.credits_at_most == 0.0);
}

#[test]
fn equal_content_is_sent_once_in_each_state() {
    let (one, two) = (video("one", "Hello"), video("two", "Hello"));
    let videos = [one.clone(), two.clone()];
    assert_eq!(shape(&planned(&videos, &lockfile([]))), "+one* >two =0");
    assert_eq!(shape(&planned(&videos, &lockfile([line(&two, 1, TakeState::Done, 0)]))), "=2", "nothing is left to do");
    assert_eq!(shape(&planned(&videos, &lockfile([line(&two, 1, TakeState::Intent, 0)]))), ">one ?two =0");
    assert_eq!(shape(&planned(&videos, &lockfile([line(&two, 1, TakeState::Failed, 0)]))), ">one !two =0");
    let gone = line(&video("three", "Hello"), 1, TakeState::Intent, 0);
    assert_eq!(shape(&planned(&videos, &lockfile([gone]))), "?one >two =0");
}

#[test]
fn two_keys_of_equal_content_have_one_take_for_good() {
    let (one, two, three) = (video("one", "Hello"), video("two", "Hello"), video("three", "Hello"));
    let lock = lockfile([line(&one, 1, TakeState::Submitted, 0)]);
    let both = planned(&[two.clone(), one.clone(), three.clone()], &lock);
    assert_eq!((shape(&both), both.previously_paid, both.relabels.len()), ("=3".into(), 3, 0));
    for key in ["one", "two"] {
        let only = PlanOptions { selected: Some(BTreeSet::from([key.into()])), ..options() };
        assert_eq!(shape(&plan(&[one.clone(), two.clone()], &sources(), &lock, &only)), "=1", "only {key}");
    }
    assert_eq!(shape(&planned(&[two.clone(), three], &lock)), ">two >three =0", "the key of the take is gone: renamed");
    let other = video("one", "Other");
    assert_eq!(shape(&planned(&[other, two.clone()], &lock)), "~one* >two =0", "its key has other content now");
    let merged = lockfile([line(&one, 1, TakeState::Done, 0), line(&video("gone", "Hello"), 2, TakeState::Done, 1)]);
    assert_eq!(shape(&planned(&[one, two], &merged)), "=2", "whichever take is asked");
}

#[test]
fn both_takes_of_a_merge_count_for_their_keys() {
    let (one, two) = (video("one", "Hello"), video("two", "Hello"));
    let lock = lockfile([line(&one, 1, TakeState::Done, 0), line(&two, 2, TakeState::Done, 1)]);
    assert_eq!(shape(&planned(&[one, two], &lock)), "=2");
}

#[test]
fn what_a_person_accepted_holds_for_that_key_only() {
    let (one, two) = (video("one", "Hello"), video("two", "Hello"));
    let mut accepted = line(&one, 1, TakeState::Submitted, 0);
    accepted.how = Some(TakeSource::Accepted);
    assert_eq!(shape(&planned(&[one, two], &lockfile([accepted]))), "+two* =1");
}

#[test]
fn another_host_is_another_shop() {
    let hello = video("welcome", "Hello");
    let mut elsewhere = line(&hello, 1, TakeState::Done, 0);
    elsewhere.host = "127.0.0.1".into();
    let gone = Take { host: "127.0.0.1".into(), ..line(&video("gone", "Bye"), 1, TakeState::Intent, 0) };
    assert_eq!(shape(&planned(&[hello], &lockfile([elsewhere, gone]))), "+welcome* =0");
}

#[test]
fn a_change_is_told_against_the_last_paid_take() {
    let (paid, failed) = (video("welcome", "Paid"), video("welcome", "Failed"));
    let wanted = [video("welcome", "Wanted")];
    let both = lockfile([line(&paid, 1, TakeState::Done, 0), line(&failed, 1, TakeState::Failed, 1)]);
    let text = |plan: &Plan| plan.changes[0].diff[0].before.clone();
    assert_eq!(text(&planned(&wanted, &both)), Some(json!("Paid")));
    let only = planned(&wanted, &lockfile([line(&failed, 1, TakeState::Failed, 1)]));
    assert_eq!((shape(&only), text(&only)), ("~welcome* =0".into(), Some(json!("Failed"))));
    assert_eq!((only.previously_paid, planned(&wanted, &both).previously_paid), (0, 1));
    let doubt = planned(&wanted, &lockfile([line(&paid, 1, TakeState::Intent, 0)]));
    assert_eq!(shape(&doubt), "+welcome* ?welcome =0", "the doubt about the old content stays in sight");
    assert_eq!(doubt.changes[1].video, None);
}

#[test]
fn a_doubt_beside_a_paid_take_stays_in_sight() {
    let hello = video("welcome", "Hello");
    let lock = lockfile([line(&hello, 1, TakeState::Done, 0), line(&hello, 2, TakeState::Intent, 1)]);
    assert_eq!(shape(&planned(&[hello], &lock)), "?welcome =1");
}

#[test]
fn a_take_without_its_spec_changes_without_a_diff() {
    let mut bare = line(&video("welcome", "Hello"), 1, TakeState::Done, 0);
    bare.spec = None;
    let plan = planned(&[video("welcome", "Bye")], &lockfile([bare]));
    assert_eq!((shape(&plan).as_str(), plan.changes[0].diff.len()), ("~welcome* =0", 0));
    assert_eq!(plan.changes[0].reason, Reason::ContentChanged);
}

#[test]
fn an_orphan_is_a_key_gone_whose_content_nobody_wants() {
    let old =
        [line(&video("old[b]", "One"), 1, TakeState::Pulled, 0), line(&video("old[b]", "Two"), 1, TakeState::Done, 1)];
    let lock = lockfile(old.into_iter().chain([line(&video("lost", "x"), 1, TakeState::Forgotten, 0)]));
    let kept = [video("welcome", "Hello")];
    let plan1 = planned(&kept, &lock);
    assert_eq!(shape(&plan1), "+welcome* .old[b] =0", "once a key, forgotten ones not at all");
    assert_eq!(plan1.changes[1].digest, digest(&video("old[b]", "Two").spec), "by its latest take");
    let selected = PlanOptions { selected: Some(BTreeSet::from(["welcome".into()])), ..options() };
    assert_eq!(shape(&plan(&kept, &sources(), &lock, &selected)), "+welcome* =0");
    let faulty = PlanOptions { invalid_base_keys: BTreeSet::from(["old".into()]), ..options() };
    assert_eq!(shape(&plan(&kept, &sources(), &lock, &faulty)), "+welcome* =0", "its manifest only has a fault");
}

#[test]
fn money_in_doubt_is_shown_though_its_video_is_gone() {
    let lock = lockfile([line(&video("gone", &"x".repeat(300)), 1, TakeState::Intent, 5)]);
    let plan = planned(&[], &lock);
    assert_eq!(shape(&plan), "?gone =0");
    assert_eq!(plan.summary.in_doubt, 1);
    assert!((plan.summary.credits_at_most - 5.0).abs() < 1e-9, "a minute and a credit of speech");
}

#[test]
fn keys_outside_the_selection_are_ignored() {
    let (one, two) = (video("one", "Hello"), video("two", "Hello"));
    let only = PlanOptions { selected: Some(BTreeSet::from(["two".into()])), ..options() };
    let lock = lockfile([line(&video("one", "Old"), 1, TakeState::Done, 0)]);
    let made = plan(&[one, two], &sources(), &lock, &only);
    assert_eq!(shape(&made), "+two* =0");
    assert_eq!(made.previously_paid, 1, "shares are reckoned of the whole project");
}

#[test]
fn another_voice_mode_is_told_by_what_was_written() {
    let speech = at_speed(video("welcome", "Hello"), 1.1);
    let silence = with(speech.clone(), "voice.silence.duration", 1);
    let paths = |plan: &Plan| -> Vec<String> {
        let shown = |value: &Option<serde_json::Value>| value.as_ref().map_or("-".into(), ToString::to_string);
        let fields = plan.changes[0].diff.iter();
        fields.map(|field| format!("{} {} {}", field.path, shown(&field.before), shown(&field.after))).collect()
    };
    let to_silence = planned(std::slice::from_ref(&silence), &lockfile([line(&speech, 1, TakeState::Done, 0)]));
    assert_eq!(
        paths(&to_silence),
        [
            r#"voice.tts.id "narrator" -"#,
            r#"voice.tts.text "Hello" -"#,
            "voice.tts.speed 1.1 -",
            "voice.silence.duration - 1",
        ]
    );
    let pictured = with(silence.clone(), "background.media.url", "https://cdn.example.com/a.jpg");
    let pictured = with(pictured, "background.media.loop", true);
    let media = planned(&[pictured], &lockfile([line(&silence, 1, TakeState::Done, 0)]));
    assert_eq!(
        paths(&media),
        [r#"background.media.url - "https://cdn.example.com/a.jpg""#, "background.media.loop - true"]
    );
}

#[test]
fn a_whole_number_in_the_lockfile_equals_its_float() {
    let old = with(video("welcome", "Hello"), "avatar.scale", 2.0);
    let plan = planned(&[take_number(old.clone(), 2)], &lockfile([line(&old, 1, TakeState::Done, 0)]));
    assert_eq!(plan.changes[0].reason, Reason::TakeRaised, "2 and 2.0 are the same scale");
}

#[test]
fn a_label_costs_nothing_and_is_shown() {
    let old = video("welcome", "Hello");
    let new = with(old.clone(), "name", "Willkommen");
    let relabel = Relabel { key: "welcome".into(), before: "welcome".into(), after: "Willkommen".into() };
    let paid = line(&old, 1, TakeState::Done, 0);
    let bare = Take { spec: None, ..paid.clone() };
    for take in [paid, bare] {
        let plan = planned(std::slice::from_ref(&new), &lockfile([take]));
        assert_eq!((shape(&plan).as_str(), &plan.relabels[..]), ("=1", std::slice::from_ref(&relabel)));
    }
}

#[test]
fn a_label_that_was_cut_has_not_changed() {
    let long = with(video("welcome", "Hello"), "name", "x".repeat(80));
    let paid = line(&long, 1, TakeState::Done, 0);
    let bare = Take { spec: None, ..paid.clone() };
    for take in [paid.clone(), bare] {
        assert_eq!(planned(std::slice::from_ref(&long), &lockfile([take])).relabels, []);
    }
    let longer = with(long, "name", format!("{}y", "x".repeat(80)));
    assert_eq!(
        planned(&[longer], &lockfile([paid])).relabels.len(),
        1,
        "the stored spec knows better than the cut name"
    );
}

#[test]
fn results_that_the_vendor_deleted_are_a_warning_not_a_change() {
    let hello = video("welcome", "Hello");
    let later = |state| {
        let now: Timestamp = "2026-11-29T11:30:00Z".parse().unwrap();
        let options = PlanOptions { now: Some(now), ..options() };
        plan(std::slice::from_ref(&hello), &sources(), &lockfile([line(&hello, 1, state, 0)]), &options)
    };
    assert_eq!(shape(&later(TakeState::Done)), "=1");
    assert_eq!(
        later(TakeState::Done).warnings,
        [
            "1 result may have expired: never pulled, and older than the 7 days that the vendor keeps results: `welcome`; `callsheet status` queries the vendor"
        ]
    );
    assert!(later(TakeState::Pulled).warnings.is_empty());
}

#[test]
fn many_videos_are_hashed_on_all_cores_with_the_same_result() {
    let videos: Vec<_> = (0..2_500).map(|number| video(&format!("v{number}"), &format!("Text {number}"))).collect();
    let plan = planned(&videos, &lockfile(videos[..2_000].iter().map(|one| line(one, 1, TakeState::Done, 0))));
    assert_eq!((plan.summary.unchanged, plan.summary.submit), (2_000, 500));
    assert_eq!(plan.changes[0].digest, digest(&videos[2_000].spec));
}

#[test]
fn another_host_means_to_pay_again_and_the_plan_says_so() {
    let (hello, other) = (video("welcome", "Hello"), video("other", "Something else"));
    let elsewhere = |take: Take| Take { host: "127.0.0.1".into(), ..take };
    let paid =
        lockfile([elsewhere(line(&hello, 1, TakeState::Done, 0)), elsewhere(line(&other, 1, TakeState::Failed, 0))]);
    let plan = planned(&[hello.clone(), other], &paid);
    assert_eq!(shape(&plan), "+welcome* +other* =0");
    assert_eq!(
        plan.warnings,
        [
            "1 to submit, but already paid for at `127.0.0.1`: takes at one host do not count at another, so at `devapi.vidnoz.com` it is paid for again"
        ]
    );
    let both = lockfile([elsewhere(line(&hello, 1, TakeState::Done, 0)), line(&hello, 1, TakeState::Done, 0)]);
    assert_eq!(planned(&[hello], &both).warnings, [] as [&str; 0]);
}
