//! Every example: after an apply to the sandbox nothing remains to do, and a change plans exactly what it changes.

use crate::fixture::Scene;

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn after_apply_nothing_is_planned() {
    for (name, videos) in
        [("quickstart", 3), ("vendor-request", 3), ("localized", 8), ("personalized", 958), ("template", 3)]
    {
        let scene = Scene::example(name);
        let before = scene.run(&["plan", "--env", "sandbox", "--detailed-exitcode", "--format", "json"]);
        assert_eq!(before.code, 2, "{name}: {}", before.err);
        assert_eq!(json(&before.out)["summary"]["submit"], videos, "{name}");
        scene.ok(&["apply", "--env", "sandbox", "--yes"]);
        let lock = scene.read(".callsheet/sandbox.lock");
        assert_eq!(lock.matches("\"state\":\"submitted\"").count(), videos, "{name}");
        scene.ok(&["plan", "--env", "sandbox", "--detailed-exitcode"]);
        let again = scene.ok(&["apply", "--env", "sandbox", "--yes"]);
        assert!(again.out.contains("nothing to do"), "{name}: {}", again.out);
        assert_eq!(scene.read(".callsheet/sandbox.lock"), lock, "{name}: the lockfile is left untouched");
    }
}

#[test]
fn a_changed_preset_plans_exactly_the_videos_that_use_it() {
    let scene = Scene::example("localized");
    scene.ok(&["apply", "--env", "sandbox", "--yes"]);
    scene.edit("voices.yaml", "Vm9pY2VEZQ== }", "Vm9pY2VEZQ==, speed: 0.9 }");
    let plan = json(&scene.ok(&["plan", "--env", "sandbox", "--format", "json"]).out);
    let changes = plan["changes"].as_array().unwrap();
    let keys: Vec<&str> = changes.iter().map(|change| change["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["onboarding[de,free]", "onboarding[de,pro]"]);
    for change in changes {
        assert_eq!(change["action"], "change");
        let diff = &change["diff"][0];
        assert_eq!(
            (&diff["path"], &diff["before"], &diff["after"]),
            (&"voice.tts.speed".into(), &1.05.into(), &0.9.into())
        );
        assert_eq!(diff["origin"]["file"], "voices.yaml");
        assert_eq!(diff["origin"]["line"], 4);
    }
    let screen = scene.ok(&["plan", "--env", "sandbox"]).out;
    assert!(screen.contains("voices.yaml:4"), "{screen}");
    // After the revert, nothing needs to be paid.
    scene.edit("voices.yaml", ", speed: 0.9", "");
    scene.ok(&["plan", "--env", "sandbox", "--detailed-exitcode"]);
}

#[test]
fn a_revert_after_apply_costs_nothing() {
    let scene = Scene::example("quickstart");
    scene.ok(&["apply", "--env", "sandbox", "--yes"]);
    scene.edit("callsheet.yaml", "one minute away", "two minutes away");
    scene.ok(&["apply", "--env", "sandbox", "--yes"]);
    scene.edit("callsheet.yaml", "two minutes away", "one minute away");
    scene.ok(&["plan", "--env", "sandbox", "--detailed-exitcode"]);
}

#[test]
fn a_renamed_key_is_moved_and_costs_nothing() {
    let scene = Scene::example("quickstart");
    scene.ok(&["apply", "--env", "sandbox", "--yes"]);
    scene.edit("callsheet.yaml", "  welcome:", "  intro:");
    let plan = json(&scene.ok(&["plan", "--env", "sandbox", "--format", "json", "--detailed-exitcode"]).out);
    assert_eq!(plan["summary"]["submit"], 0);
    assert_eq!(plan["changes"][0]["action"], "move");
    assert_eq!(plan["changes"][0]["key"], "intro");
    let applied = scene.ok(&["apply", "--env", "sandbox", "--yes"]);
    assert!(applied.out.contains("nothing to do"), "{}", applied.out);
}

#[test]
fn init_writes_a_project_that_validates_and_applies() {
    let scene = Scene::new();
    scene.ok(&["init"]);
    let valid = scene.ok(&["validate"]);
    assert_eq!(valid.err, "valid: 4 videos from 2 files\n");
    scene.ok(&["apply", "--env", "sandbox", "--yes"]);
    scene.ok(&["plan", "--env", "sandbox", "--detailed-exitcode"]);
    assert_eq!(scene.read(".gitattributes"), "callsheet*.lock merge=union eol=lf\n");
}
