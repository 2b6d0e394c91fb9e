//! The examples of the page: each is a valid project with the results that it states.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use super::{PAGE, blocks};
use crate::fixture::{Scene, repository};

/// Returns a project around an example. It adds missing parts, and a video per preset, named like the preset.
fn project(block: &str) -> Scene {
    let scene = Scene::new();
    let parsed: Value = serde_yaml::from_str(block).unwrap_or_else(|error| panic!("{error}\n{block}"));
    let mut text = format!("{block}\n");
    if parsed.get("callsheet").is_none() {
        text.insert_str(0, "callsheet: 1\n");
    }
    if parsed.get("defaults").is_none() {
        text.push_str("defaults: { avatar: { id: A }, voice: { tts: { id: V } }, background: { color: \"#f4f4f4\" }, script: Hello. }\n");
    }
    if parsed.get("videos").is_none() {
        text.push_str("videos:\n  plain: {}\n");
        for (presets, field) in [("avatars", "avatar"), ("voices", "voice"), ("backgrounds", "background")] {
            for name in parsed.get(presets).and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name) {
                let _infallible = writeln!(text, "  {name}: {{ {field}: {name} }}");
            }
        }
    }
    scene.write("callsheet.yaml", &text);
    scene.write("videos/more.yaml", "vars: { more: 1 }\n");
    scene.write("scripts/onboarding.en.txt", "Welcome, {{ matrix.tier }}.\n");
    scene.write("scripts/onboarding.de.txt", "Willkommen, {{ matrix.tier }}.\n");
    scene.write("data/customers.csv", "id,first_name,active\n1042,Ada,yes\n1043,Bo,no\n1044,Chlo,yes\n");
    scene.write("media/jingle.wav", "RIFF\u{4}\0\0\0WAVEfmt ");
    let picture = repository().join("src/preview/tests/frames/wide-full.png");
    fs::copy(picture, scene.path().join("media/logo.png")).unwrap();
    scene
}

/// Checks the comments of an example, `# gives KEY…` and `# KEY: path = value`. Returns their number.
fn holds(block: &str, rendered: &Value) -> usize {
    let videos = rendered["videos"].as_array().unwrap();
    let mut said = 0;
    for line in block.lines().filter_map(|line| line.strip_prefix("# ")) {
        if let Some(keys) = line.strip_prefix("gives ") {
            let given: Vec<&str> = videos.iter().map(|video| video["key"].as_str().unwrap()).collect();
            assert_eq!(keys.split(' ').collect::<Vec<_>>(), given, "{block}");
            said += 1;
        } else if let Some(((key, path), wanted)) =
            line.split_once(" = ").and_then(|(left, wanted)| Some((left.split_once(": ")?, wanted)))
        {
            let video = videos.iter().find(|video| video["key"] == key).unwrap_or_else(|| panic!("no {key}\n{block}"));
            let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
            let value = video["spec"].pointer(&pointer).cloned().unwrap_or_default();
            let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            assert_eq!(shown, wanted, "{line}\n{block}");
            said += 1;
        }
    }
    said
}

#[test]
fn every_example_of_the_manifest_page_is_valid_and_gives_what_it_says() {
    let page = fs::read_to_string(repository().join(PAGE)).unwrap();
    let blocks = blocks(&page);
    let mut said = 0;
    for block in &blocks {
        let scene = project(block);
        let run = |args: &[&str]| {
            let shown = crate::fixture::shown(scene.command(args).env("CAMPAIGN", "spring"));
            assert_eq!(shown.code, 0, "{block}\n{}", shown.err);
            shown
        };
        let told = run(&["validate"]).err;
        assert!(told.starts_with("valid: "), "{block}\n{told}");
        said += holds(block, &serde_json::from_str(&run(&["render", "--format", "json"]).out).unwrap());
    }
    assert!(blocks.len() >= 8 && said >= 15, "{} examples say {said} things", blocks.len());
}
