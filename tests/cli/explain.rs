//! `explain`: every value with its origin, and the takes that paid for it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::fixture::{Scene, repository};
use crate::schemas::valid_lines;

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
    let words: Vec<&str> = told.split_whitespace().collect();
    assert!(words.join(" ").contains(", under `welcome`"), "{told}");
    scene.edit("callsheet.yaml", "  intro:", "  welcome:\n    take: 2");
    let told = json(&scene, &["explain", "welcome", "--env", "sandbox", "--format", "json"]);
    assert_eq!((told["takes"].as_array().unwrap().len(), told["earlier"].as_array().unwrap().len()), (0, 1), "{told}");
    // An unreadable lockfile does not prevent `explain`.
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
                let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
                assert_eq!(Some(&field["value"]), video["spec"].pointer(&pointer), "{name} {key}: {path}");
                let placed = matches!(field["source"].as_str(), Some("video" | "defaults"));
                assert_eq!(field["place"].is_object(), placed, "{name} {key}: {field}");
            }
            assert!(paths.len() >= 8, "{name} {key}: {paths:?}");
        }
    }
}

#[test]
fn a_key_that_is_none_gets_the_nearest() {
    let scene = Scene::example("localized");
    for (key, words) in [
        ("onboarding[de,por]", "did you mean `onboarding[de,pro]`?"),
        (
            "onboarding",
            "`onboarding` is the base key of several videos; name one: `onboarding[en,free]`, `onboarding[en,pro]`",
        ),
        ("zzzzzzzzz", "there is no video or preset `zzzzzzzzz`\n"),
        ("voices.narrator-ed", "there is no video or preset `voices.narrator-ed`; did you mean `voices.narrator-de`?"),
        ("narrator-de", "there is no video or preset `narrator-de`; did you mean `voices.narrator-de`?"),
        ("avatars.narrator-de", "there is no video or preset `avatars.narrator-de`\n"),
    ] {
        let told = scene.run(&["explain", key]);
        assert_eq!(told.code, 1);
        assert!(told.err.contains(words), "{key}: {}", told.err);
    }
}

#[test]
fn every_preset_of_every_example_is_explained_and_keeps_to_the_schema() {
    for name in ["quickstart", "localized", "personalized"] {
        let scene = Scene::example(name);
        let rendered = json(&scene, &["render", "--format", "json"]);
        let videos = rendered["videos"].as_array().unwrap();
        for word in presets(&scene) {
            let args = ["explain", &word, "--format", "json"];
            let told = &valid_lines("preset", &scene.ok(&args).out.replace('\n', ""))[0];
            assert_eq!(told["preset"], word, "{name}");
            let keys: Vec<&Value> = told["videos"].as_array().unwrap().iter().collect();
            assert!(!keys.is_empty(), "{name}: {word}");
            assert!(keys.iter().all(|key| videos.iter().any(|video| video["key"] == **key)), "{name}: {keys:?}");
            for field in told["fields"].as_array().unwrap() {
                let line = field["place"]["line"].as_u64().unwrap() as usize;
                let file = scene.read(field["place"]["file"].as_str().unwrap());
                let value = field["value"].as_str().map_or_else(|| field["value"].to_string(), str::to_owned);
                assert!(file.lines().nth(line - 1).unwrap().contains(&value), "{name}: {field}");
            }
            assert_eq!(scene.ok(&args).out, scene.ok(&[&args[..], &["-v"]].concat()).out, "{name}: {word}");
        }
    }
}

/// Returns the presets that completions offer. In the examples, a video uses each.
fn presets(scene: &Scene) -> Vec<String> {
    let mut command = scene.command(&["--", "callsheet", "explain", ""]);
    let answer = crate::fixture::shown(command.env("COMPLETE", "fish"));
    let words = answer.out.lines().map(|line| line.split('\t').next().unwrap().to_owned());
    let is_preset = |word: &String| ["avatars.", "voices.", "backgrounds."].iter().any(|kind| word.starts_with(kind));
    let presets: Vec<String> = words.filter(is_preset).collect();
    assert!(presets.len() >= 3, "{presets:?}");
    presets
}

#[test]
fn a_key_goes_before_a_preset_of_the_same_name() {
    let scene = Scene::manifest(
        "callsheet: 1
avatars: { anna: { id: A1 } }
voices: { anna: { tts: { id: V1 } }, idle: { tts: { id: V2 } }, around: { use: around } }
defaults: { avatar: anna, voice: anna, background: { color: \"#f4f4f4\" } }
videos: { avatars.anna: { script: Hello }, again: { script: Hello } }
",
    );
    assert!(scene.ok(&["explain", "avatars.anna"]).out.contains("  digest    v1:"));
    let told = scene.ok(&["explain", "voices.anna"]);
    assert!(
        told.out.starts_with("voices.anna  callsheet.yaml:3:11\n  videos    2: avatars.anna, again\n"),
        "{}",
        told.out
    );
    assert!(told.err.contains("warning: the manifests have 1 error"), "{}", told.err);
    assert!(scene.ok(&["explain", "voices.idle"]).out.contains("  videos    no video uses it\n"));
    let told = scene.ok(&["explain", "voices.around"]).out;
    assert!(told.contains("  use       around, a cycle: it is already in this list  callsheet.yaml:3:"), "{told}");
    assert!(told.ends_with("\n  it sets no value\n"), "{told}");
}
