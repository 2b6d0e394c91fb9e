//! Saved plans: written and read back, damaged, stale.

use crate::lockfile::{Take, TakeState};
use crate::plan::test_support::{at_speed, line, lockfile, options, planned, sources, video, with};
use crate::plan::*;
use crate::spec::Video;

fn a_plan() -> Plan {
    let old = [video("changed", "Hello"), video("same", "Same"), video("orphan", "Gone")];
    let mut lines: Vec<_> = old.iter().map(|video| line(video, 1, TakeState::Done, 0)).collect();
    lines.push(line(&video("failed", "Failed"), 1, TakeState::Failed, 1));
    lines.push(line(&video("doubt", "Doubt"), 1, TakeState::Intent, 2));
    let relabelled = with(video("same", "Same"), "name", "Label");
    let videos = [
        video("new", "New"),
        at_speed(video("changed", "Hello"), 1.5),
        relabelled,
        video("moved", "New"),
        video("failed", "Failed"),
        video("doubt", "Doubt"),
    ];
    plan(&videos, &sources(), &lockfile(lines), &PlanOptions { retry_failed: true, ..options() })
}

fn saved() -> SavedPlan {
    SavedPlan::new(&a_plan(), "2026-11-22T12:00:00Z".parse().unwrap())
}

#[test]
fn a_plan_comes_back_from_its_file_as_it_was() {
    let text = saved().to_json();
    assert!(is_saved_plan(&text) && text.ends_with("}\n"));
    let back = SavedPlan::parse(&text).unwrap();
    assert_eq!(back, saved());
    let submissions: Vec<String> =
        back.submissions.iter().map(|one| format!("{} {} {}", one.action, one.key, one.attempt)).collect();
    assert_eq!(submissions, ["add new 1", "change changed 1", "retry failed 2"]);
    assert!(back.submissions[0].name.starts_with("new #") && back.retries());
    assert_eq!(
        Action::ALL.iter().filter(|action| back.plan.changes.iter().any(|one| one.action == **action)).count(),
        6
    );
}

#[test]
fn a_plan_is_known_by_its_header_alone() {
    assert!(is_saved_plan("\u{feff}{ \"callsheet\" :\n\"plan\", \"cut off"));
    for text in ["", "welcome", "{\"callsheet\":\"lock\",\"version\":1}", "{\"format_version\":1}", "callsheet: 1\n"] {
        assert!(!is_saved_plan(text), "{text}");
    }
}

#[test]
fn a_saved_plan_holds_the_renames_of_what_is_paid_for() {
    let (old, new) = (video("old", "Hello"), video("new", "Hello"));
    let (twin, again) = (video("twin", "Bye"), video("again", "Bye"));
    let paid = lockfile([line(&old, 1, TakeState::Done, 0)]);
    let whole = planned(&[new.clone(), twin.clone(), again], &paid);
    let saved = SavedPlan::new(&whole, "2026-11-22T12:00:00Z".parse().unwrap());
    assert_eq!(saved.keys().iter().map(|key| &**key).collect::<Vec<_>>(), ["new", "twin"], "`again` is `twin`'s");
    let selected = |videos: &[Video], lines: Vec<Take>| {
        let options = PlanOptions { selected: Some(saved.keys()), ..options() };
        saved.staleness(&plan(videos, &sources(), &lockfile(lines), &options))
    };
    assert_eq!(selected(&[new.clone(), twin.clone()], vec![line(&old, 1, TakeState::Done, 0)]), None);
    assert_eq!(selected(&[new.clone(), twin.clone()], vec![line(&new, 1, TakeState::Done, 0)]), None, "recorded since");
    let wanted = "`new` was only renamed in the plan, and its content is no longer paid for";
    for state in [TakeState::Forgotten, TakeState::Intent, TakeState::Failed] {
        let stale = selected(&[new.clone(), twin.clone()], vec![line(&old, 1, state, 0)]);
        assert_eq!(stale.as_deref(), Some(wanted), "{state:?}");
    }
    assert_eq!(
        selected(&[video("new", "Other"), twin], vec![line(&old, 1, TakeState::Done, 0)]).as_deref(),
        Some(wanted)
    );
}

#[test]
fn a_damaged_plan_is_refused_with_its_damage() {
    let text = saved().to_json();
    let refused = |text: &str| SavedPlan::parse(text).unwrap_err().to_string();
    assert_eq!(refused("{}"), "it does not begin like a saved plan: `{\"callsheet\":\"plan\",…`");
    assert_eq!(
        refused(&text.replace("\"format_version\": 1", "\"format_version\": 2")),
        "its format version is 2, but this callsheet reads 1"
    );
    assert!(refused(&text[..text.len() / 2]).starts_with("it is damaged: EOF"));
    assert!(refused(&text.replace("\"known\"", "\"unknown\"")).contains("unknown field"));
    assert!(refused(&text.replace("v1:", "v9:")).contains("is not a digest"));
    assert!(refused(&text.replace("\"voice.tts.speed\"", "\"voice.tts.\u{202e}\"")).contains("is not a field"));
    let smuggled = text.replacen("\"action\": \"add\"", "\"action\": \"change\"", 1);
    assert_eq!(refused(&smuggled), "it is damaged: its submissions are not those of its changes");
}

#[test]
fn a_stale_plan_says_what_became_of_its_change() {
    let (one, two) = (video("one", "Hello"), video("two", "Bye"));
    let saved =
        SavedPlan::new(&planned(&[one.clone(), two.clone()], &lockfile([])), "2026-11-22T12:00:00Z".parse().unwrap());
    let stale = |videos: &[_], lines: Vec<_>| saved.staleness(&planned(videos, &lockfile(lines))).unwrap_or_default();
    let both = [one.clone(), two.clone()];
    assert_eq!(
        stale(&[two.clone(), one.clone(), video("three", "New")], vec![]),
        "",
        "what is not its own is nothing to it"
    );
    assert_eq!(stale(&[video("one", "Hi"), two.clone()], vec![]), "the content of `one` has changed since");
    let relabelled = with(one.clone(), "name", "Label");
    assert_eq!(stale(&[relabelled, two.clone()], vec![]), "the label of `one` has changed since");
    assert_eq!(stale(&both, vec![line(&one, 1, TakeState::Intent, 0)]), "`one` is in doubt now");
    assert_eq!(stale(&both, vec![line(&one, 1, TakeState::Failed, 0)]), "`one` has failed at the vendor since");
    assert_eq!(
        stale(&both, vec![line(&one, 1, TakeState::Done, 0)]),
        "`one` no longer needs a submission: it was submitted, or its video is gone"
    );
    assert_eq!(
        stale(&both, vec![line(&one, 1, TakeState::Freed, 0)]),
        "`one` would now be submission 2 of its content (`add`), but in the plan it was submission 1 (`add`)"
    );
    assert_eq!(
        stale(&both, vec![line(&video("x", "Hello"), 1, TakeState::Done, 0)]),
        "the content of `one` is now another key's"
    );
    let elsewhere = PlanOptions { host: "127.0.0.1".into(), ..options() };
    assert_eq!(
        saved.staleness(&plan(&both, &sources(), &lockfile([]), &elsewhere)).unwrap(),
        "it was made for the host `devapi.vidnoz.com`, not for `127.0.0.1`"
    );
}
