//! Videos of vendor templates next to avatar videos: what a plan says of scenes, and when `apply` refuses their number.

use serde_json::Value;

use crate::fixture::Scene;

fn plan(scene: &Scene) -> Value {
    serde_json::from_str(&scene.ok(&["plan", "--env", "sandbox", "--format", "json"]).out).unwrap()
}

#[test]
fn a_plan_names_the_scene_and_the_line_of_its_script() {
    let scene = Scene::example("template");
    scene.ok(&["apply", "--env", "sandbox", "--yes"]);
    scene.edit("scripts/opening.de.txt", "Ihr Team", "Euer Team");
    let plan = plan(&scene);
    let change = &plan["changes"][0];
    assert_eq!((&change["key"], &change["kind"]), (&"promo[de]".into(), &"template-to-video".into()));
    let field = &change["diff"][0];
    assert_eq!(field["path"], "template.scenes[0].tts.text");
    assert_eq!((&field["origin"]["file"], &field["origin"]["line"]), (&"scripts/opening.de.txt".into(), &1.into()));
    let screen = scene.ok(&["plan", "--env", "sandbox"]).out;
    assert!(screen.contains("scenes[0].text") && screen.contains("{+Euer+}"), "{screen}");
}

#[test]
fn a_moved_scene_is_a_change_and_a_revert_costs_nothing() {
    let scene = Scene::example("template");
    scene.ok(&["apply", "--env", "sandbox", "--yes"]);
    let silence = "      - voice: { silence: { duration: 3 } }\n";
    let last = "      - script: \"{{ vars.product }}.\"\n";
    scene.edit("callsheet.yaml", &format!("{silence}{last}"), &format!("{last}{silence}"));
    let summary = &plan(&scene)["summary"];
    assert_eq!((&summary["submit"], &summary["changed"]), (&2.into(), &2.into()));
    scene.edit("callsheet.yaml", &format!("{last}{silence}"), &format!("{silence}{last}"));
    scene.ok(&["plan", "--env", "sandbox", "--detailed-exitcode"]);
}

#[test]
fn an_avatar_video_that_becomes_a_template_video_is_a_change() {
    let scene = Scene::example("template");
    scene.ok(&["apply", "--env", "sandbox", "--yes"]);
    let avatar = "    avatar: anna\n    voice: narrator-en\n    background: { color: \"#f4f4f4\" }\n    script: ";
    let template = "    template: { id: 1 }\n    voice: narrator-en\n    scenes:\n      - script: ";
    scene.edit("callsheet.yaml", avatar, template);
    let plan = plan(&scene);
    let change = &plan["changes"][0];
    assert_eq!((&change["key"], &change["action"]), (&"welcome".into(), &"change".into()));
    let paths: Vec<&str> =
        change["diff"].as_array().unwrap().iter().map(|field| field["path"].as_str().unwrap()).collect();
    assert!(paths.contains(&"avatar.id") && paths.contains(&"template.scenes[0].tts.text"), "{paths:?}");
    scene.ok(&["apply", "--env", "sandbox", "--yes"]);
    scene.ok(&["plan", "--env", "sandbox", "--detailed-exitcode"]);
}

#[test]
fn a_fresh_catalog_stops_an_apply_with_another_number_of_scenes_before_anything_is_sent() {
    let scene = Scene::example("template");
    scene.edit("callsheet.yaml", ", scene_count: 3", "");
    scene.edit("callsheet.yaml", "      - voice: { silence: { duration: 3 } }\n", "");
    scene.ok(&["catalog", "sync", "--env", "sandbox"]);
    let checked = scene.run(&["validate", "--catalog", "--env", "sandbox"]);
    assert!(checked.code == 1 && checked.err.contains("error[scene-count]"), "{}", checked.err);
    let refused = scene.run(&["apply", "--env", "sandbox", "--yes"]);
    assert_eq!(refused.code, 1, "{}", refused.err);
    assert!(
        refused.err.contains("has 2 scenes, but `127.0.0.1` lists the template `Launch` with 3"),
        "{}",
        refused.err
    );
    assert!(refused.err.contains("nothing was sent"), "{}", refused.err);
    let lock = std::fs::read_to_string(scene.path().join(".callsheet/sandbox.lock")).unwrap_or_default();
    assert!(!lock.contains("\"state\""), "{lock}");
    // An older catalog proves nothing: the vendor itself refuses, and bills nothing.
    let catalog = scene.read(".callsheet/catalog.json");
    let synced = catalog.split("\"synced\": \"").nth(1).unwrap().split('"').next().unwrap();
    scene.edit(".callsheet/catalog.json", synced, "2026-01-01T00:00:00Z");
    let late = scene.run(&["apply", "--env", "sandbox", "--yes"]);
    assert!(
        late.err.contains("`voices[2]` is required") || late.out.contains("`voices[2]` is required"),
        "{}",
        late.err
    );
}

#[test]
fn a_preview_has_a_frame_for_each_scene() {
    let scene = Scene::example("template");
    let shown: Value = serde_json::from_str(&scene.ok(&["preview", "--format", "json"]).out).unwrap();
    let frames = shown["frames"].as_array().unwrap();
    assert_eq!(frames[0]["scenes"], serde_json::json!(["promo.en scene 2.png", "promo.en scene 3.png"]));
    assert_eq!(frames[2].get("scenes"), None, "an avatar video has one frame");
    for name in ["promo.en.png", "promo.en scene 2.png", "promo.en scene 3.png", "welcome.png"] {
        assert!(scene.path().join(".callsheet/preview").join(name).exists(), "{name}");
    }
    let page = scene.read(".callsheet/preview/index.html");
    assert!(page.contains("3 scenes · ") && page.contains("promo.en scene 3.png"), "{page}");
}
