//! A rename is complete after the next apply: the new key is recorded, nothing is sent, and the next plan is empty.

use serde_json::Value;

use crate::fixture::{Scene, Shown};

const TWO: &str = r##"callsheet: 1
defaults: { avatar: { id: A1 }, voice: { tts: { id: V1 } }, background: { color: "#f4f4f4" } }
videos:
  welcome: { script: Welcome. }
  goodbye: { script: Goodbye. }
"##;

const LOCK: &str = ".callsheet/sandbox.lock";

/// Returns a project that is paid for.
fn paid() -> Scene {
    let scene = Scene::manifest(TWO);
    sandbox(&scene, &["apply", "--yes"]);
    scene
}

fn sandbox(scene: &Scene, args: &[&str]) -> Shown {
    scene.ok(&[args, &["--env", "sandbox"]].concat())
}

fn lines(scene: &Scene) -> Vec<Value> {
    scene.read(LOCK).lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn line(scene: &Scene, key: &str) -> Value {
    lines(scene).into_iter().find(|line| line["key"] == key).unwrap_or_else(|| panic!("no line of `{key}`"))
}

fn at(line: &Value) -> jiff::Timestamp {
    line["at"].as_str().unwrap().parse().unwrap()
}

/// Checks that nothing is planned, in any format, and nothing is written.
fn is_over(scene: &Scene) {
    let plan: Value =
        serde_json::from_str(&sandbox(scene, &["plan", "--format", "json", "--detailed-exitcode"]).out).unwrap();
    assert_eq!((&plan["changes"], &plan["relabels"]), (&Value::Array(vec![]), &Value::Array(vec![])), "{plan}");
    let before = scene.read(LOCK);
    let applied = sandbox(scene, &["apply"]);
    assert!(applied.out.starts_with("Applied: nothing to do") && !applied.out.contains("moved"), "{}", applied.out);
    assert_eq!(scene.read(LOCK), before);
}

#[test]
fn the_next_apply_records_the_new_key_without_asking_and_the_next_plan_is_empty() {
    let scene = paid();
    let before = line(&scene, "welcome");
    scene.edit("callsheet.yaml", "welcome:", "intro:");
    let plan = sandbox(&scene, &["plan", "--detailed-exitcode"]);
    assert!(plan.out.contains("> intro  same content as `welcome`"), "{}", plan.out);
    assert_eq!(line(&scene, "welcome"), before, "a plan writes nothing");
    let outputs = scene.path().join("outputs");
    let mut github = scene.command(&["plan", "--env", "sandbox", "--format", "github"]);
    assert!(github.env("GITHUB_OUTPUT", &outputs).output().unwrap().status.success());
    assert!(scene.read("outputs").starts_with("changes=false\nsubmit=0\n"));
    // Without a terminal, apply asks no question here.
    let done = sandbox(&scene, &["apply"]);
    assert_eq!(done.out, "Applied: nothing to do, 1 unchanged, 1 moved\n");
    let after = line(&scene, "intro");
    assert_eq!(at(&after), at(&before).checked_add(jiff::SignedDuration::from_millis(1)).unwrap());
    for field in ["digest", "attempt", "state", "task", "host", "name"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    assert_eq!(lines(&scene).len(), 2, "it takes the place of the old line");
    assert_eq!(sandbox(&scene, &["lock", "verify"]).err, "sandbox.lock: in order\n");
    is_over(&scene);
    // Renames it back.
    scene.edit("callsheet.yaml", "intro:", "welcome:");
    assert_eq!(sandbox(&scene, &["apply"]).out, "Applied: nothing to do, 1 unchanged, 1 moved\n");
    is_over(&scene);
}

#[test]
fn it_is_recorded_where_something_else_is_sent_too() {
    let scene = paid();
    scene.edit("callsheet.yaml", "welcome:", "intro:");
    scene.edit("callsheet.yaml", "Goodbye.", "See you.");
    let done = sandbox(&scene, &["apply", "--yes"]);
    assert!(done.out.starts_with("Applied: 1 submitted"), "{}", done.out);
    assert!(!scene.read(LOCK).contains("\"key\":\"welcome\""));
    is_over(&scene);
    // A blocked or unconfirmed plan changes nothing.
    scene.edit("callsheet.yaml", "intro:", "hello:");
    scene.edit("callsheet.yaml", "See you.", "Farewell.");
    let before = scene.read(LOCK);
    assert_eq!(scene.run(&["apply", "--yes", "--env", "sandbox", "--max-credits", "0.01"]).code, 5);
    assert_eq!(scene.run(&["apply", "--env", "sandbox"]).code, 1);
    assert_eq!(scene.read(LOCK), before);
}

#[test]
fn the_earlier_contents_of_a_key_go_with_it() {
    let scene = paid();
    scene.edit("callsheet.yaml", "Welcome.", "Welcome!");
    sandbox(&scene, &["apply", "--yes"]);
    let before: Vec<Value> = lines(&scene).into_iter().filter(|line| line["key"] == "welcome").collect();
    assert_eq!(before.len(), 2);
    scene.edit("callsheet.yaml", "welcome:", "intro:");
    sandbox(&scene, &["apply"]);
    is_over(&scene);
    let after: Vec<Value> = lines(&scene).into_iter().filter(|line| line["key"] == "intro").collect();
    assert_eq!(
        after.iter().map(|line| &line["task"]).collect::<Vec<_>>(),
        before.iter().map(|line| &line["task"]).collect::<Vec<_>>()
    );
    assert_eq!(sandbox(&scene, &["lock", "verify"]).err, "sandbox.lock: in order\n");
    // A take of another missing key is still an orphan.
    scene.edit("callsheet.yaml", "  goodbye: { script: Goodbye. }\n", "");
    assert!(sandbox(&scene, &["plan"]).out.contains(". goodbye"));
}

#[test]
fn a_key_that_is_still_wanted_keeps_its_take() {
    let scene = paid();
    scene.write("callsheet.yaml", &format!("{TWO}  twin: {{ script: Welcome. }}\n"));
    let before = scene.read(LOCK);
    for args in [&["apply"][..], &["apply", "--only", "twin"]] {
        sandbox(&scene, args);
        assert_eq!(scene.read(LOCK), before, "{args:?}");
    }
    is_over(&scene);
    // If two keys have the content of a removed key, the first takes it over.
    scene.edit("callsheet.yaml", "  welcome:", "  intro:");
    assert_eq!(sandbox(&scene, &["apply"]).out, "Applied: nothing to do, 1 unchanged, 2 moved\n");
    assert_eq!(line(&scene, "intro")["state"], "submitted");
    is_over(&scene);
}

#[test]
fn two_keys_that_take_each_others_content_are_both_recorded() {
    let scene = paid();
    scene.edit("callsheet.yaml", "welcome: { script: Welcome. }", "welcome: { script: Goodbye.. }");
    scene.edit("callsheet.yaml", "goodbye: { script: Goodbye. }", "goodbye: { script: Welcome. }");
    scene.edit("callsheet.yaml", "Goodbye..", "Goodbye.");
    let before = (line(&scene, "welcome")["task"].clone(), line(&scene, "goodbye")["task"].clone());
    assert_eq!(sandbox(&scene, &["apply"]).out, "Applied: nothing to do, 0 unchanged, 2 moved\n");
    assert_eq!((line(&scene, "goodbye")["task"].clone(), line(&scene, "welcome")["task"].clone()), before);
    is_over(&scene);
}

#[test]
fn only_what_is_selected_is_recorded() {
    let scene = paid();
    scene.edit("callsheet.yaml", "welcome:", "intro:");
    scene.edit("callsheet.yaml", "goodbye:", "outro:");
    sandbox(&scene, &["apply", "--only", "outro"]);
    let keys: Vec<Value> = lines(&scene).into_iter().map(|line| line["key"].clone()).collect();
    assert_eq!(keys, ["outro", "welcome"]);
    sandbox(&scene, &["plan", "--out", "rest.plan"]);
    sandbox(&scene, &["apply", "rest.plan"]);
    is_over(&scene);
    // Applying the saved plan again does nothing.
    assert!(sandbox(&scene, &["apply", "rest.plan"]).out.starts_with("Applied: nothing to do"));
    // The same key with other content: apply sends nothing that is not in the saved plan.
    scene.edit("callsheet.yaml", "Welcome.", "Welcome again.");
    let stale = scene.run(&["apply", "--yes", "rest.plan", "--env", "sandbox"]);
    assert!(stale.code == 1 && stale.err.contains("`intro` was only renamed in the plan"), "{}", stale.err);
}

#[test]
fn every_state_and_origin_is_renamed_and_reported_under_the_new_key() {
    let scene = Scene::manifest(
        &[TWO, "  made: { script: Made. }\n  saved: { script: Saved. }\n  failed: { script: \"Failed. [[fail]]\" }\n"]
            .concat(),
    );
    sandbox(&scene, &["apply", "--yes", "welcome"]);
    std::fs::remove_file(scene.path().join(LOCK)).unwrap();
    sandbox(&scene, &["lock", "rebuild"]);
    sandbox(&scene, &["apply", "--yes"]);
    assert_eq!(scene.run(&["wait", "--env", "sandbox", "made", "saved", "failed"]).code, 6);
    sandbox(&scene, &["pull", "saved"]);
    let before: Vec<Value> = ["welcome", "goodbye", "made", "saved", "failed"].map(|key| line(&scene, key)).into();
    let states: Vec<&str> = before.iter().map(|line| line["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["submitted", "submitted", "done", "pulled", "failed"]);
    for key in ["welcome", "goodbye", "made", "saved", "failed"] {
        scene.edit("callsheet.yaml", &format!("  {key}:"), &format!("  new-{key}:"));
    }
    let month = |scene: &Scene| sandbox(scene, &["lock", "report", "--by", "month"]).out;
    let told = month(&scene);
    let done = scene.run(&["apply", "--env", "sandbox"]);
    assert_eq!((done.code, done.out.as_str()), (6, "Applied: nothing to do, 0 unchanged, 4 moved\n"), "{}", done.err);
    for old in &before {
        let new = line(&scene, &format!("new-{}", old["key"].as_str().unwrap()));
        let differs: Vec<&String> = new
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, value)| old[*name] != **value)
            .map(|(name, _)| name)
            .collect();
        assert_eq!(differs, ["key", "at", "spec"], "only the label in the spec");
        assert_eq!(new["spec"]["name"], new["key"]);
    }
    assert_eq!(lines(&scene).len(), 5);
    let plan = sandbox(&scene, &["plan"]);
    assert!(
        plan.out.starts_with("  ! new-failed  failed:")
            && plan.out.ends_with("4 unchanged, 1 failed (send again with --retry-failed)\n"),
        "{}",
        plan.out
    );
    assert_eq!(month(&scene), told, "the month stays");
}

#[test]
fn a_report_by_locale_knows_a_renamed_matrix() {
    let scene = Scene::manifest(
        &[TWO, "  hello: { matrix: { locale: [en, de] }, script: \"{{ matrix.locale }}\" }\n"].concat(),
    );
    sandbox(&scene, &["apply", "--yes"]);
    let report = || sandbox(&scene, &["lock", "report", "--by", "locale"]).out;
    let before = report();
    assert!(before.contains("de"), "{before}");
    scene.edit("callsheet.yaml", "hello:", "greeting:");
    assert!(!report().contains("de"), "the old key is in no manifest");
    sandbox(&scene, &["apply"]);
    assert_eq!(report(), before);
}

#[test]
fn what_a_person_accepted_stays_with_its_key() {
    let scene = paid();
    scene.edit("callsheet.yaml", "Welcome.", "Welcome!");
    sandbox(&scene, &["lock", "reuse", "welcome"]);
    scene.edit("callsheet.yaml", "welcome:", "intro:");
    let before = scene.read(LOCK);
    let plan = sandbox(&scene, &["plan"]);
    assert!(plan.out.contains("+ intro"), "accepted for one key only: {}", plan.out);
    assert_eq!(scene.run(&["apply", "--env", "sandbox"]).code, 1, "nobody is there to ask");
    assert_eq!(scene.read(LOCK), before);
}

#[test]
fn branches_that_renamed_one_key_differently_meet_in_one() {
    let scene = paid();
    let base = scene.read(LOCK);
    let renamed = |to: &str| {
        scene.write("callsheet.yaml", &TWO.replace("welcome:", to));
        scene.write(LOCK, &base);
        sandbox(&scene, &["apply"]);
        scene.read(LOCK)
    };
    let (ours, theirs) = (renamed("hello:"), renamed("intro:"));
    for (left, right) in [(&ours, &theirs), (&theirs, &ours)] {
        for key in ["hello:", "intro:", "welcome:"] {
            scene.write("callsheet.yaml", &TWO.replace("welcome:", key));
            scene.write(LOCK, &format!("{left}{right}{base}"));
            let plan = sandbox(&scene, &["plan", "--detailed-exitcode"]);
            assert!(plan.out.contains("nothing to submit"), "{key} {}", plan.out);
            sandbox(&scene, &["apply"]);
            sandbox(&scene, &["lock", "merge"]);
            is_over(&scene);
            assert_eq!(lines(&scene).len(), 2);
        }
    }
}
