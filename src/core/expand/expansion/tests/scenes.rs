//! Videos of a vendor template: a voice for each scene, and what a template excludes.

use serde_json::json as value;

use super::*;
use crate::spec::digest;

const TEMPLATES: &str = "templates:
  launch: { id: 4711, scene_count: 3 }
  other: { use: launch, id: 4712 }
";

/// A project with the presets of the base, vendor templates and videos.
fn project(videos: &str) -> Project {
    let base = BASE.replace("voices:\n", "voices:\n  pause: { silence: { duration: 3 } }\n");
    Project::new(&format!("{base}{TEMPLATES}vars: {{ product: Acme }}\nvideos:\n{videos}"))
}

const PROMO: &str = "  promo:
    template: launch
    voice: { tts: { id: V2 } }
    scenes:
      - script: \"Welcome to {{ vars.product }}.\"
      - voice: pause
      - { voice: narrator, script: { path: end.txt } }
";

#[test]
fn each_scene_has_the_voice_of_the_video_or_its_own() {
    let outcome = project(PROMO).file("end.txt", "Bye, {{ vars.product }}!\n").expand();
    let video = &outcome.expansion.videos[0];
    let text = concat!(
        r#"{"template":{"id":4711,"scenes":[{"tts":{"id":"V2","text":"Welcome to Acme."}},"#,
        r#"{"silence":{"duration":3}},{"tts":{"id":"VOICE1","text":"Bye, Acme!"}}]}}"#,
    );
    assert_eq!(crate::spec::canonical_json(&video.spec, false), text);
    assert_eq!(video.digest, digest(&video.spec));
    assert_eq!(video.spec.name(), "promo");
    let lines = outcome.lines();
    assert_eq!(
        lines,
        ["warning not-in-scene callsheet.yaml:6:34 `speed` the voice preset `narrator` sets `speed`, which a scene \
             of a vendor template cannot set | the scenes leave it out; the vendor template determines it"]
    );
}

#[test]
fn each_value_of_a_scene_has_its_place_and_its_trace() {
    let project = project(PROMO).file("end.txt", "Bye, {{ vars.product }}!\n");
    let outcome = project.expand();
    let video = &outcome.expansion.videos[0];
    let places: Vec<(String, Option<u32>)> = video
        .spec
        .field_paths()
        .into_iter()
        .filter(|field| video.spec.get(*field).is_some())
        .map(|field| {
            let origin = video.provenance.origin(field);
            let line = origin.map(|origin| outcome.sources.locate(origin).1.line);
            (VENDOR.canonical_path(field), line)
        })
        .collect();
    let place = |path: &str, line| (path.to_owned(), line);
    assert_eq!(
        places,
        [
            place("name", None),
            place("template.id", Some(11)),
            place("template.scenes[0].tts.id", Some(17)),
            place("template.scenes[0].tts.text", Some(19)),
            place("template.scenes[1].silence.duration", Some(5)),
            place("template.scenes[2].tts.id", Some(6)),
            place("template.scenes[2].tts.text", Some(21)),
            place("take", None),
        ]
    );
    let (traces, _) = project.trace(&["promo"]);
    let fields = &traces["promo"].fields;
    let paths: Vec<String> = fields.iter().map(|trace| VENDOR.canonical_path(trace.field)).collect();
    assert_eq!(paths, ["template.scenes[0].tts.text", "template.scenes[2].tts.text"]);
    assert_eq!(fields[0].references[0].path, "vars.product");
    assert!(fields[1].script.as_ref().is_some_and(|script| script.references[0].path == "vars.product"));
}

#[test]
fn defaults_serve_scenes_and_a_template_excludes_those_of_avatar_videos() {
    let head = BASE.replace("background: plain }", "background: plain, aspect: \"9:16\", script: Ignored. }");
    let videos = "  a: { template: { id: 7 }, scenes: [{ script: Hi }] }\n  b: { script: Hi }\n";
    let outcome = Project::new(&format!("{head}videos:\n{videos}")).expand();
    let specs: Vec<_> = outcome.expansion.videos.iter().map(json).collect();
    let scenes = value!([{ "tts": { "id": "VOICE1", "text": "Hi" } }]);
    assert_eq!(specs[0], value!({ "name": "a", "template": { "id": 7, "scenes": scenes } }));
    assert_eq!(specs[1]["aspect"], "9:16");
    assert_eq!(specs[1].get("template"), None);
}

#[test]
fn a_template_of_defaults_gives_way_to_an_avatar() {
    let manifest = "callsheet: 1\ndefaults: { template: { id: 7 }, voice: { tts: { id: V } } }\nvideos:\n  \
                    a: { scenes: [{ script: Hi }] }\n  b: { avatar: { id: A }, background: {}, script: Hi }\n";
    let outcome = Project::new(manifest).expand();
    let specs: Vec<_> = outcome.expansion.videos.iter().map(json).collect();
    assert_eq!(specs[0]["template"]["id"], 7);
    assert_eq!(specs[1]["avatar"]["id"], "A");
}

#[test]
fn a_matrix_and_rows_make_template_videos_too() {
    let videos = "  promo:
    matrix: { locale: [en, de] }
    template: { id: \"{{ {'en': 1, 'de': 2}[matrix.locale] }}\" }
    voice: \"{{ 'narrator' if matrix.locale == 'en' else 'pause' }}\"
    scenes: [{}]
";
    let base = BASE.replace("VOICE1,", "VOICE1, text: Hello,");
    let base = base.replace("voices:\n", "voices:\n  pause: { silence: { duration: 3 } }\n");
    let outcome = Project::new(&format!("{base}videos:\n{videos}")).expand();
    assert_eq!(outcome.keys(), ["promo[en]", "promo[de]"]);
    let specs: Vec<_> = outcome.expansion.videos.iter().map(json).collect();
    assert_eq!(specs[0]["template"], value!({ "id": 1, "scenes": [{ "tts": { "id": "VOICE1", "text": "Hello" } }] }));
    assert_eq!(specs[1]["template"], value!({ "id": 2, "scenes": [{ "silence": { "duration": 3 } }] }));
}

#[test]
fn what_a_template_video_does_not_take_is_refused() {
    for (videos, wanted) in [
        (
            "  a: { template: { id: 7 }, scenes: [{ voice: { use: narrator, tts: { speed: 1.2 } }, script: Hi }] }",
            "not-in-scene callsheet.yaml:15:71 `speed` `voice.tts.speed` is given, but the scenes of a vendor template do not have it",
        ),
        (
            "  a: { template: { id: 7 }, voice: { use: narrator, tts: { pitch: 2 } }, scenes: [{ script: Hi }] }",
            "not-in-scene callsheet.yaml:15:60 `pitch` `voice.tts.pitch` is given, but the scenes of a vendor template do not have it",
        ),
        (
            "  a: { template: launch, scenes: [{ script: Hi }, { voice: pause }] }",
            "scene-count callsheet.yaml:15:26 `scenes` video `a` has 2 scenes, but its template has 3",
        ),
        (
            "  a: { template: other, scenes: [{ script: Hi }] }",
            "scene-count callsheet.yaml:15:25 `scenes` video `a` has 1 scene, but its template has 3",
        ),
        (
            "  a: { avatar: anna, template: { id: 7 }, scenes: [{ script: Hi }] }",
            "exclusive-fields callsheet.yaml:15:22 `template` the video has both `avatar` and `template`",
        ),
        (
            "  a: { aspect: \"1:1\", template: { id: 7 }, scenes: [{ script: Hi }] }",
            "exclusive-fields callsheet.yaml:15:23 `template` the video has both `aspect` and `template`",
        ),
        (
            "  a: { script: Hi, template: { id: 7 }, scenes: [{ script: Hi }] }",
            "exclusive-fields callsheet.yaml:15:8 `script` video `a` has a `script`, but a vendor template",
        ),
        (
            "  a: { scenes: [{ script: Hi }] }",
            "missing-field callsheet.yaml:15:8 `scenes` video `a` has `scenes`, but no vendor template",
        ),
        ("  a: { template: { id: 7 } }", "missing-field callsheet.yaml:15:3 `a` video `a` has no `scenes`"),
        (
            "  a: { template: { scene_count: 1 }, scenes: [{ script: Hi }] }",
            "missing-field callsheet.yaml:15:3 `a` video `a` has no `template.id`",
        ),
        (
            "  a: { template: { id: 7 }, scenes: [{ script: Hi }, {}] }",
            "missing-text callsheet.yaml:15:54 `{}` scene 2 of video `a` has nothing to say | give it `script`",
        ),
        (
            "  a: { template: { id: 7 }, scenes: [{ voice: pause, script: Hi }] }",
            "script-without-speech callsheet.yaml:15:54 `script` scene 1 of video `a` has a `script`, but its voice is `silence`",
        ),
        (
            "  a: { template: { id: 7 }, scenes: [{ voice: { file: {} } }] }",
            "missing-field callsheet.yaml:15:55 `{}` `voice.file` has neither `asset_id` nor `url` nor `path`",
        ),
        (
            "  a: { template: { id: 7 }, scenes: [{ voice: { tts: { text: A } }, script: B }] }",
            "exclusive-fields callsheet.yaml:15:69 `script` the scene has both `script` and `voice.tts.text`",
        ),
        (
            "  a: { template: { id: 7 }, scenes: [{ voice: { tts: { id: V }, silence: {} }, script: B }] }",
            "voice-modes callsheet.yaml:15:65 `silence` `voice` has both `tts` and `silence`",
        ),
        (
            "  a: { template: { id: 7 }, scenes: [{ voice: paus }] }",
            "unknown-preset callsheet.yaml:15:47 `paus` there is no voice preset `paus`",
        ),
        (
            "  a: { template: lunch, scenes: [{ script: Hi }] }",
            "unknown-preset callsheet.yaml:15:18 `lunch` there is no template preset `lunch`",
        ),
        (
            "  a: { template: { id: \"{{ vars.product }}\" }, scenes: [{ script: Hi }] }",
            "wrong-result callsheet.yaml:15:24 `\"{{ vars.product }}\"` the template gives `Acme`",
        ),
    ] {
        let outcome = project(&format!("{videos}\n")).expand();
        let lines = outcome.lines();
        assert!(lines.iter().any(|line| line.starts_with(wanted)), "{videos}\nwanted {wanted}\n{lines:#?}");
        assert!(outcome.expansion.videos.is_empty(), "{videos}");
        let errors = lines.iter().filter(|line| !line.starts_with("warning")).count();
        assert_eq!(errors, 1, "one mistake has one message: {videos}\n{lines:#?}");
    }
    let outcome =
        Project::new("callsheet: 1\nvideos:\n  a: { template: { id: 7 }, scenes: [{ script: Hi }] }\n").expand();
    let lines = outcome.lines();
    assert!(
        lines[0].starts_with("missing-voice callsheet.yaml:3:38 `{ script: Hi }` scene 1 of video `a` has no voice"),
        "{lines:#?}"
    );
}
