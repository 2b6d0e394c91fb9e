//! `explain`: every value with its history, and the takes that paid for it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::scene::{Scene, repository};

fn json(scene: &Scene, args: &[&str]) -> Value {
    serde_json::from_str(&scene.ok(args).out).unwrap()
}

#[test]
fn takes_of_this_content_and_of_other_content_are_told_apart() {
    let scene = Scene::example("quickstart");
    let explain = ["explain", "welcome", "--env", "sandbox"];
    assert!(scene.ok(&explain).out.contains("  takes     none of this content\n"));
    scene.ok(&["apply", "--yes", "--env", "sandbox"]);
    let told = scene.ok(&explain).out;
    assert!(told.contains("  take      submitted 20") && told.contains(", task "), "{told}");
    scene.edit("callsheet.yaml", "  welcome:", "  intro:");
    let told = scene.ok(&["explain", "intro", "--env", "sandbox"]).out;
    assert!(told.contains(", under `welcome`"), "{told}");
    scene.edit("callsheet.yaml", "  intro:", "  welcome:\n    take: 2");
    let told = json(&scene, &["explain", "welcome", "--env", "sandbox", "--format", "json"]);
    assert_eq!((told["takes"].as_array().unwrap().len(), told["earlier"].as_array().unwrap().len()), (0, 1), "{told}");
    // Nobody is kept from looking by a lockfile that cannot be read.
    scene.write(".callsheet/sandbox.lock", "<<<<<<< HEAD\n");
    let told = scene.ok(&explain);
    assert!(told.err.contains("warning: the takes are left out: "), "{}", told.err);
}

#[test]
fn every_value_of_every_example_has_its_source() {
    for entry in std::fs::read_dir(repository().join("examples")).unwrap() {
        let entry = entry.unwrap();
        if !entry.path().join("callsheet.yaml").exists() {
            continue;
        }
        let name = entry.file_name().into_string().unwrap();
        let scene = Scene::example(&name);
        let rendered = json(&scene, &["render", "--limit", "3", "--format", "json"]);
        for video in rendered["videos"].as_array().unwrap() {
            let key = video["key"].as_str().unwrap();
            let told = json(&scene, &["explain", key, "--format", "json"]);
            assert_eq!((&told["key"], &told["digest"]), (&video["key"], &video["digest"]), "{name}");
            let mut paths = BTreeSet::new();
            for field in told["fields"].as_array().unwrap() {
                let path = field["path"].as_str().unwrap();
                assert!(paths.insert(path.to_owned()), "{name} {key}: {path} twice");
                let pointer = format!("/{}", path.replace('.', "/"));
                assert_eq!(Some(&field["value"]), video["spec"].pointer(&pointer), "{name} {key}: {path}");
                let placed = matches!(field["source"].as_str(), Some("video" | "defaults"));
                assert_eq!(field["place"].is_object(), placed, "{name} {key}: {field}");
            }
            assert!(paths.len() >= 9, "{name} {key}: {paths:?}");
        }
    }
}

#[test]
fn a_key_that_is_none_gets_the_nearest() {
    let scene = Scene::example("localized");
    for (key, words) in [
        ("onboarding[de,por]", "did you mean `onboarding[de,pro]`?"),
        ("onboarding", "it stands for several, name one of them: `onboarding[en,free]`, `onboarding[en,pro]`"),
        ("zzzzzzzzz", "no video matches `zzzzzzzzz`"),
    ] {
        let told = scene.run(&["explain", key]);
        assert_eq!(told.code, 1);
        assert!(told.err.contains(words), "{key}: {}", told.err);
    }
}
