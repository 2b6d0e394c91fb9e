//! Guards: one message for all that block, and the monthly budget.

use serde_json::Value;

use crate::fixture::Scene;
use crate::server::Server;

/// Three videos of 300 characters: up to 5 credits each.
fn project(guards: &str, environments: &str) -> Scene {
    let script = "x".repeat(299);
    let video = |key: &str| format!("  {key}: {{ script: {key}{script} }}\n");
    let videos: String = ["a", "b", "c"].iter().map(|key| video(key)).collect();
    Scene::manifest(&format!(
        "callsheet: 1\ndefaults: {{ avatar: {{ id: A1 }}, voice: {{ tts: {{ id: V1 }} }}, background: {{ color: \"#f4f4f4\" }} }}\n\
         guards: {{ {guards} }}\nenvironments: {{ production: {{ rate: 0, timeout: 2s, settle_grace: 1s }}{environments} }}\nvideos:\n{videos}"
    ))
}

#[test]
fn one_message_names_every_guard_that_blocks_and_the_flags_that_lift_them() {
    let scene = project("max_submissions: 2, max_credits: 9, max_credits_per_month: 8", "");
    let server = Server::start(&scene, &[]);
    let refused = server.exits(&scene, 5, &["apply", "--yes"]);
    let errors: Vec<&str> = refused.err.lines().filter(|line| line.starts_with("error: ")).collect();
    let [error] = errors[..] else { panic!("{errors:?}") };
    assert!(
        error.starts_with("error: 3 guards block this plan: `max_submissions` is 2 (set at callsheet.yaml:3:"),
        "{error}"
    );
    let lift = "--max-submissions 3 --max-credits 15 --max-credits-per-month 15";
    assert!(error.ends_with(&format!("; `{lift}` together allow it; nothing was sent")), "{error}");
    assert!(server.ok(&scene, &["plan"]).out.contains(&format!("`{lift}` together allow it\n")));
    assert_eq!(server.accepted().len(), 0);
    let args: Vec<&str> = ["apply", "--yes"].into_iter().chain(lift.split(' ')).collect();
    server.ok(&scene, &args);
    assert_eq!(server.accepted().len(), 3);
}

#[test]
fn a_month_of_small_applies_stays_within_the_budget() {
    let scene = project("max_credits_per_month: 12", "");
    let server = Server::start(&scene, &[]);
    let plan = server.ok(&scene, &["plan", "a"]).out;
    let month = jiff::Timestamp::now().strftime("%Y-%m").to_string();
    assert!(
        plan.contains(&format!(
            "Budget {month}: up to 0.0 of 12 credits spent and 5.0 planned, 7.0 left; counts what this lockfile knows\n"
        )),
        "{plan}"
    );
    server.ok(&scene, &["apply", "--yes", "a"]);
    server.ok(&scene, &["apply", "--yes", "b"]);
    let refused = server.exits(&scene, 5, &["apply", "--yes", "c"]);
    assert!(
        refused.err.contains("`max_credits_per_month` is 12") && refused.err.contains("up to 10 in"),
        "{}",
        refused.err
    );
    let report = server.ok(&scene, &["lock", "report"]).out;
    assert!(report.contains("up to 10.0 of 12 credits spent and 0.0 planned, 2.0 left"), "{report}");
    // A removed and forgotten take still counts as paid.
    let text = scene.read("callsheet.yaml");
    scene
        .write("callsheet.yaml", &text.lines().filter(|line| !line.starts_with("  a:")).collect::<Vec<_>>().join("\n"));
    server.ok(&scene, &["lock", "forget", "a"]);
    server.ok(&scene, &["lock", "verify"]);
    let json: Value = serde_json::from_str(&server.ok(&scene, &["plan", "--format", "json"]).out).unwrap();
    assert_eq!((&json["budget"]["spent"], &json["budget"]["left"]), (&10.0.into(), &0.0.into()), "{json}");
    assert_eq!(json["refusals"][0]["guard"], "max_credits_per_month");
    server.exits(&scene, 5, &["apply", "--yes"]);
    let json: Value = serde_json::from_str(&server.ok(&scene, &["lock", "report", "--format", "json"]).out).unwrap();
    assert_eq!((&json["budget"]["spent"], &json["budget"]["submissions"]), (&10.0.into(), &2.into()), "{json}");
    server.ok(&scene, &["apply", "--yes", "--max-credits-per-month", "15"]);
    assert_eq!(server.accepted().len(), 3);
}

#[test]
fn an_environment_has_a_budget_and_a_lockfile_of_its_own() {
    let scene = project("max_credits_per_month: 100", ", staging: { rate: 0, max_credits_per_month: 4 }");
    let server = Server::start(&scene, &[]);
    let refused = server.exits(&scene, 5, &["apply", "--yes", "a", "--env", "staging"]);
    assert!(refused.err.contains("`max_credits_per_month` is 4 (set at callsheet.yaml:4:"), "{}", refused.err);
    server.ok(&scene, &["apply", "--yes", "a"]);
    let plan = server.ok(&scene, &["plan", "b", "--env", "staging"]).out;
    assert!(plan.contains("up to 0.0 of 4 credits spent"), "{plan}");
}

#[test]
fn what_is_in_doubt_counts_and_is_work() {
    let scene = project("max_credits_per_month: 9", "");
    let server = Server::start(&scene, &["accept-then-drop", "late-list:1h"]);
    server.exits(&scene, 6, &["apply", "--yes", "a"]);
    let refused = server.exits(&scene, 5, &["apply", "--yes", "b"]);
    assert!(refused.err.contains("reaches up to 10"), "{}", refused.err);
    // A pipeline that applies if there are changes also settles takes in doubt.
    server.exits(&scene, 2, &["plan", "a", "--detailed-exitcode"]);
    let told = server.ok(&scene, &["plan", "a", "--format", "github"]).out;
    assert!(told.contains("changes=true\nsubmit=0\n"), "{told}");
    server.exits(&scene, 6, &["apply", "--yes", "a"]);
    assert_eq!(server.accepted().len(), 1);
    drop(server);
    let server = Server::start(&scene, &[]);
    server.ok(&scene, &["apply", "--yes", "a"]);
    server.ok(&scene, &["plan", "a", "--detailed-exitcode"]);
    assert!(server.ok(&scene, &["plan", "a", "--format", "github"]).out.contains("changes=false\n"));
}
