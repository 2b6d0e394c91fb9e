//! Complete outputs of plans: for humans, programs and pull requests.

use jiff::Timestamp;
use serde_json::Value;

use super::*;
use crate::lockfile::TakeState;
use crate::plan::test_support::{at_speed, line, lockfile, options, planned, sources, take_number, video, with};
use crate::plan::{FieldChange, Guards, Limit, LimitOrigin, Month, Plan, PlanOptions, Relabel, guard, plan};
use crate::source::Location;
use crate::spec::Video;

const SCRIPT: &str = "Hello! Welcome to Acme, the best place for everything that coyotes need. See you soon!";

/// Returns a plan with one change of each kind.
fn one_of_each() -> Plan {
    let old =
        [video("welcome", SCRIPT), video("onboarding[en,pro]", "Hi"), video("same", "Same"), video("orphan", "Gone")];
    let mut lines: Vec<_> = old.iter().map(|video| line(video, 1, TakeState::Done, 0)).collect();
    lines.push(line(&video("failed", "Failed"), 1, TakeState::Failed, 1));
    lines.push(line(&video("doubt", "Doubt"), 1, TakeState::Intent, 2));
    lines.push(line(&video("lost", "Lost"), 1, TakeState::Intent, 3));
    let relabelled = with(video("same", "Same"), "name", "Label");
    let videos = [
        at_speed(video("welcome", &SCRIPT.replace("Acme", "Acme Cloud").replace("coyotes", "roadrunners")), 1.1),
        at_speed(video("onboarding[en,pro]", "Hi"), 1.1),
        video("new", "New here"),
        relabelled,
        video("moved", "New here"),
        video("failed", "Failed"),
        video("doubt", "Doubt"),
    ];
    let now = Some("2026-12-22T00:00:00Z".parse().unwrap());
    plan(&videos, &sources(), &lockfile(lines), &PlanOptions { now, ..options() })
}

fn shown(plan: &Plan, color: bool, verbose: bool) -> String {
    let limit = Limit {
        value: 2,
        origin: LimitOrigin::Manifest(Location { file: "callsheet.yaml".into(), line: 31, column: 28 }),
    };
    let guards = Guards { max_submissions: Some(limit), ..Guards::default() };
    let refusals = guard(plan, &guards, &Month::starting_with(Timestamp::UNIX_EPOCH));
    plan_human(
        &PlanView { plan, refusals: &refusals, budget: None, storyboard: None },
        Screen { color, width: 100, verbose },
    )
}

fn quiet(plan: &Plan) -> String {
    plan_human(
        &PlanView { plan, refusals: &[], budget: None, storyboard: None },
        Screen { color: false, width: 80, verbose: false },
    )
}

#[test]
fn one_of_each_on_one_screen() {
    insta::assert_snapshot!(shown(&one_of_each(), false, false), @r#"
      ~ welcome             0:06, about 0.7 credits (at most 1.6) · +10 characters, +0.6 s
          text   Hello! Welcome to Acme{+ Cloud+}, the best place for everything
                 that [-coyotes-]{+roadrunners+} need. See you soon!   voices.yaml:4:11
          speed  1.0 → 1.1   voices.yaml:3:12
      ~ onboarding[en,pro]  0:01, under 0.1 credits
          speed  1.0 → 1.1   voices.yaml:3:12
      + new                 0:01, about 0.1 credits (at most 0.2)
      > moved               same content as `new`, nothing sent
      ! failed              failed: no such voice
      ? doubt               in doubt since 2026-11-22 11:02:00 UTC
      ? lost                in doubt since 2026-11-22 11:03:00 UTC, with content that no video uses
      . orphan              no longer in any manifest

    voices.yaml:3 speed 1.0 → 1.1 changes 2 videos · about 0.7 credits (at most 1.7)

    Labels that changed; nothing is sent:
        same  same → Label

    warning: 1 result may have expired: never pulled, and older than the 7 days that the vendor keeps results: `same`; `callsheet status` queries the vendor
    apply would be blocked: `max_submissions` is 2 (set at callsheet.yaml:31:28), but this plan reaches 5: 3 to submit and 2 in doubt; `--max-submissions 5` allows it
    Plan: 3 to submit (1 new, 2 changed), 1 unchanged, 1 moved, 1 failed (send again with --retry-failed), 2 in doubt, 1 orphan · about 0:06 of video, about 0.8 credits (at most 2.0)
    "#);
}

#[test]
fn colour_changes_no_word() {
    let plain = shown(&one_of_each(), false, false);
    let colored = shown(&one_of_each(), true, false);
    assert!(colored.contains("\u{1b}[32m+\u{1b}[0m new"), "{colored}");
    assert_eq!(anstream::adapter::strip_str(&colored).to_string(), plain);
}

#[test]
fn nothing_to_do_is_one_line() {
    let videos = [video("a", "A"), video("b", "B")];
    let done = lockfile(videos.iter().map(|video| line(video, 1, TakeState::Pulled, 0)));
    assert_eq!(quiet(&planned(&videos, &done)), "Plan: nothing to submit, 2 unchanged\n");
    assert_eq!(quiet(&planned(&[], &lockfile([]))), "Plan: nothing to submit\n");
}

#[test]
fn the_sentence_counts_what_cannot_be_measured() {
    let audio = with(video("audio", ""), "voice.file.asset_id", "a1");
    let one = std::slice::from_ref(&audio);
    assert_eq!(
        plan_sentence(&planned(one, &lockfile([]))),
        "Plan: 1 to submit (1 new) · 1 of unknown length, at most 40.0 credits"
    );
    let both = [audio.clone(), video("b", &"x".repeat(900))];
    assert_eq!(
        plan_sentence(&planned(&both, &lockfile([]))),
        "Plan: 2 to submit (2 new) · about 1:00 of video + 1 of unknown length, about 7.0 credits (at most 55.0)"
    );
    let failed = lockfile(both.iter().map(|video| line(video, 1, TakeState::Failed, 0)));
    assert_eq!(
        plan_sentence(&planned(&both, &failed)),
        "Plan: nothing to submit, 2 failed (send again with --retry-failed)"
    );
    let retry = plan(&both, &sources(), &failed, &PlanOptions { retry_failed: true, ..options() });
    assert_eq!(
        plan_sentence(&retry),
        "Plan: 2 to submit (2 failed before) · about 1:00 of video + 1 of unknown length, about 7.0 credits (at most 55.0)"
    );
}

#[test]
fn many_changes_of_one_kind_are_folded_and_their_cause_is_told_once() {
    let old: Vec<_> = (0..60).map(|number| video(&format!("v[{number}]"), &format!("Text {number}"))).collect();
    let lock = lockfile(old.iter().map(|video| line(video, 1, TakeState::Done, 0)));
    let new: Vec<_> = old.into_iter().map(|video| at_speed(video, 1.1)).chain([video("new", "New")]).collect();
    let plan = planned(&new, &lock);
    let screen = quiet(&plan);
    let end: Vec<&str> = screen.lines().skip(40).collect();
    insta::assert_snapshot!(end.join("\n"), @r#"
      + new    0:01, under 0.1 credits
      ~ … and 40 more (--verbose shows all)

    voices.yaml:3 speed 1.0 → 1.1 changes 60 videos · about 3.0 credits (at most 6.9)

    Plan: 61 to submit (1 new, 60 changed) · about 0:25 of video, about 3.0 credits (at most 6.9)
    "#);
    let all = plan_human(
        &PlanView { plan: &plan, refusals: &[], budget: None, storyboard: None },
        Screen { color: false, width: 80, verbose: true },
    );
    assert_eq!(all.lines().filter(|line| line.starts_with("  ~")).count(), 60);
    assert!(!all.contains("--verbose"));
}

/// Returns a video in which every text of a user is hostile.
fn hostile() -> Vec<Video> {
    let evil = "\u{1b}[2J\u{202e}@everyone ``` ````\n</details><script>alert(1)</script> | a\\| b `x` #1 https://evil.example **b**";
    vec![with(with(video("evil", evil), "name", evil), "avatar.id", evil)]
}

#[test]
fn no_text_of_a_user_reaches_the_terminal_raw() {
    let old = video("evil", "Hello");
    let plan = planned(&hostile(), &lockfile([line(&old, 1, TakeState::Done, 0)]));
    for verbose in [false, true] {
        let screen = shown(&plan, false, verbose);
        let raw = |one: char| (one.is_control() && one != '\n') || one == '\u{202e}';
        assert!(!screen.contains(raw), "{screen}");
    }
}

#[test]
fn a_comment_on_a_pull_request() {
    let plan = one_of_each();
    insta::assert_snapshot!(plan_markdown(&PlanView { plan: &plan, refusals: &[], budget: None, storyboard: None }), @r#"
    <!-- callsheet plan production -->
    ### callsheet plan for <code>production</code>

    **Plan: 3 to submit (1 new, 2 changed), 1 unchanged, 1 moved, 1 failed (send again with --retry-failed), 2 in doubt, 1 orphan · about 0:06 of video, about 0.8 credits (at most 2.0)**

    Warnings:
    - <code>1 result may have expired&#58; never pulled, and older than the 7 days that the vendor keeps results&#58; &#96;same&#96;&#59; &#96;callsheet status&#96; queries the vendor</code>

    Equal changes:
    - <code>voices&#46;yaml&#58;3 speed 1&#46;0 → 1&#46;1 changes 2 videos · about 0&#46;7 credits &#40;at most 1&#46;7&#41;</code>

    Labels that changed (nothing is sent):
    - <code>same&#58; same → Label</code>

    | | video | what | length and price |
    |:-:|---|---|---|
    | `~` | <code>welcome</code> | <code>text … to Acme&#123;&#43; Cloud&#43;&#125;, the … that &#91;-coyotes-&#93;&#123;&#43;roadrunners&#43;&#125; …</code><br><code>speed 1&#46;0 → 1&#46;1</code><br>+10 characters, +0.6 s | 0:06, about 0.7 credits (at most 1.6) |
    | `~` | <code>onboarding&#91;en,pro&#93;</code> | <code>speed 1&#46;0 → 1&#46;1</code> | 0:01, under 0.1 credits |
    | `+` | <code>new</code> | first take | 0:01, about 0.1 credits (at most 0.2) |
    | `?` | <code>doubt</code> | in doubt since 2026-11-22T11:02:00Z |  |
    | `?` | <code>lost</code> | in doubt since 2026-11-22T11:03:00Z |  |
    | `>` | <code>moved</code> | same content as <code>new</code>, nothing sent |  |
    | `!` | <code>failed</code> | failed: <code>no such voice</code> |  |
    | `.` | <code>orphan</code> | no longer in any manifest |  |

    <details><summary>Field by field</summary>

    ```diff
    @@ welcome @@
    - voice.tts.text: Hello! Welcome to Acme, the best place for everything that coyotes need. See you soon!
    + voice.tts.text: Hello! Welcome to Acme Cloud, the best place for everything that roadrunners need. See you soon!   (voices.yaml:4:11)
    - voice.tts.speed: 1.0
    + voice.tts.speed: 1.1   (voices.yaml:3:12)
    @@ onboarding[en,pro] @@
    - voice.tts.speed: 1.0
    + voice.tts.speed: 1.1   (voices.yaml:3:12)
    ```

    </details>
    "#);
}

#[test]
fn a_hostile_script_stays_a_text_in_a_comment() {
    let old = video("evil", "Hello");
    let mut failed = line(&video("bad", "x"), 1, TakeState::Failed, 0);
    failed.message = Some("@team </details> <img src=x> | `".into());
    let mut videos = hostile();
    videos.push(video("bad", "x"));
    let plan = planned(&videos, &lockfile([line(&old, 1, TakeState::Done, 0), failed]));
    let text = plan_markdown(&PlanView { plan: &plan, refusals: &[], budget: None, storyboard: None });
    let (outside, fenced) = text.split_once("`````diff\n").expect("a fence longer than any in the script");
    let (inside, after) = fenced.split_once("`````\n").unwrap();
    assert_eq!(after, "\n</details>\n");
    assert!(inside.contains("</details><script>"), "inside the fence the text is shown as it is");
    for mark in ["@", "<script", "<img", "</details>", "https:", "\\"] {
        assert!(!outside.contains(mark), "{mark} in {outside}");
    }
    let cells = outside.lines().filter(|line| line.starts_with("| `")).map(|line| line.matches('|').count());
    assert!(cells.eq([5, 5]), "{outside}");
    let raw = |one: char| (one.is_control() && one != '\n') || one == '\u{202e}';
    assert!(!text.contains(raw), "{text}");
}

#[test]
fn a_comment_is_never_too_long() {
    let texts = ["`".repeat(4_000), "|".repeat(4_000), "東京".repeat(2_000), "word ".repeat(900)];
    for text in texts {
        let old: Vec<_> = (0..150).map(|number| video(&format!("v[{number}]"), &format!("{number} {text}"))).collect();
        let lock = lockfile(old.iter().map(|video| line(video, 1, TakeState::Done, 0)));
        let new: Vec<_> = old.iter().map(|one| video(&one.key, &format!("x{}{text}!", one.key))).collect();
        let mut plan = planned(&new, &lock);
        let zalgo = format!("e{}", "\u{301}".repeat(100_000));
        plan.warnings = [vec!["~".repeat(5_000); 12], vec![zalgo.clone(); 12]].concat();
        let relabel = Relabel { key: "a".into(), before: "~".repeat(5_000), after: zalgo };
        plan.relabels = vec![relabel; 30];
        let comment = plan_markdown(&PlanView { plan: &plan, refusals: &[], budget: None, storyboard: None });
        assert!(comment.len() < 65_536, "{}", comment.len());
        assert!(comment.contains("omitted here for length"), "{comment}");
        assert!(comment.contains("**Plan: 150 to submit (150 changed)"), "the sum always stands first");
    }
}

#[test]
fn a_text_that_moves_to_another_scene_makes_no_script_longer() {
    let text = |index: usize, before: Option<&str>, after: Option<&str>| FieldChange {
        path: format!("template.scenes[{index}].tts.text"),
        before: before.map(Value::from),
        after: after.map(Value::from),
        origin: None,
        declared: None,
    };
    let mut plan = one_of_each();
    let change = plan.changes.iter_mut().find(|change| &*change.key == "welcome").unwrap();
    change.diff = vec![text(0, Some("Hi there"), None), text(1, None, Some("Hi there"))];
    assert_eq!(plan_field::length_change(change), None);
    change.diff =
        vec![text(0, Some("Hi there"), None), text(1, Some("Bye"), Some("Hi there")), text(2, None, Some("Bye!"))];
    assert_eq!(plan_field::length_change(change).as_deref(), Some("+1 character"));
    change.diff = vec![FieldChange { path: "voice.tts.text".into(), ..text(0, None, Some("Hi there")) }];
    assert_eq!(plan_field::length_change(change).as_deref(), Some("+8 characters"));
}

#[test]
fn machines_read_format_1() {
    let mut plan = one_of_each();
    plan.changes.retain(|change| &*change.key == "welcome");
    plan.changes[0].diff.truncate(1);
    insta::assert_snapshot!(plan_json(&PlanView { plan: &plan, refusals: &[], budget: None, storyboard: None }), @r#"
    {
      "format_version": 1,
      "environment": "production",
      "summary": {
        "submit": 3,
        "new": 1,
        "changed": 2,
        "unchanged": 1,
        "moved": 1,
        "orphan": 1,
        "in_doubt": 2,
        "failed": 1,
        "seconds": 6.473,
        "credits": 0.785,
        "credits_at_most": 1.917,
        "unknown_length": 0
      },
      "changes": [
        {
          "key": "welcome",
          "action": "change",
          "reason": "content_changed",
          "digest": "v1:893e204fceae487aeda2fb073b6f2945",
          "before": {
            "avatar": {
              "id": "anna"
            },
            "background": {},
            "name": "welcome",
            "voice": {
              "tts": {
                "id": "narrator",
                "text": "Hello! Welcome to Acme, the best place for everything that coyotes need. See you soon!"
              }
            }
          },
          "after": {
            "avatar": {
              "id": "anna"
            },
            "background": {},
            "name": "welcome",
            "voice": {
              "tts": {
                "id": "narrator",
                "speed": 1.1,
                "text": "Hello! Welcome to Acme Cloud, the best place for everything that roadrunners need. See you soon!"
              }
            }
          },
          "diff": [
            {
              "path": "voice.tts.text",
              "before": "Hello! Welcome to Acme, the best place for everything that coyotes need. See you soon!",
              "after": "Hello! Welcome to Acme Cloud, the best place for everything that roadrunners need. See you soon!",
              "origin": {
                "file": "voices.yaml",
                "line": 4,
                "column": 11
              }
            }
          ],
          "estimate": {
            "seconds": 5.818,
            "credits": 0.708,
            "credits_at_most": 1.6
          },
          "submits": true,
          "attempt": 1,
          "detail": null
        }
      ],
      "warnings": [
        "1 result may have expired: never pulled, and older than the 7 days that the vendor keeps results: `same`; `callsheet status` queries the vendor"
      ],
      "host": "devapi.vidnoz.com",
      "relabels": [
        {
          "key": "same",
          "before": "same",
          "after": "Label"
        }
      ],
      "refusals": []
    }
    "#);
}

#[test]
fn every_plan_keeps_to_the_published_schema() {
    let schema = super::schema_of::<super::PlanDocument<'_>>();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let nothing = planned(&[], &lockfile([]));
    let raised =
        planned(&[take_number(video("a", "A"), 2)], &lockfile([line(&video("a", "A"), 1, TakeState::Done, 0)]));
    for plan in [one_of_each(), nothing, raised] {
        let limit = Limit { value: 0, origin: LimitOrigin::Flag };
        let per_month = Some(Limit { value: 7.5, origin: LimitOrigin::Flag });
        let guards = Guards { max_submissions: Some(limit), max_credits_per_month: per_month, ..Guards::default() };
        let month = Month::starting_with(Timestamp::UNIX_EPOCH);
        let refusals = guard(&plan, &guards, &month);
        let budget = guards.budget(&plan, &month);
        let view = PlanView { plan: &plan, refusals: &refusals, budget: budget.as_ref(), storyboard: None };
        let value: Value = serde_json::from_str(&plan_json(&view)).unwrap();
        assert_eq!(
            validator.iter_errors(&value).map(|error| error.to_string()).collect::<Vec<_>>(),
            Vec::<String>::new()
        );
    }
    assert!(!validator.is_valid(&serde_json::json!({ "format_version": 2 })));
}
