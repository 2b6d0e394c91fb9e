//! Presets, `defaults`, and a video's own fields.

use super::*;
use serde_json::json as value;

#[test]
fn a_video_of_a_script_alone_takes_all_else_from_defaults() {
    let outcome = Project::videos("  welcome: { script: Hello. }\n").expand();
    let video = outcome.video();
    assert_eq!((&*video.key, video.spec.name(), text(video)), ("welcome", "welcome", "Hello."));
    assert_eq!(json(video)["avatar"], value!({ "id": "AVATAR1", "style": "half" }));
    assert_eq!(json(video)["background"]["color"], "#f4f4f4", "colours are stored in lower case");
    assert_eq!(origin(&outcome, video, "voice.tts.speed"), Some((5, "1.05")), "the preset gives the speed");
    assert_eq!(origin(&outcome, video, "voice.tts.pitch"), None, "a default has no place");
}

#[test]
fn an_object_with_use_is_laid_deeply_over_its_preset() {
    let outcome = Project::videos(
        "  v:\n    script: Hi\n    avatar: { use: anna, offset: { x: 3 } }\n    voice: { use: narrator, tts: { pitch: 5 } }\n",
    )
    .expand();
    let spec = json(outcome.video());
    assert_eq!(spec["avatar"], value!({ "id": "AVATAR1", "style": "half", "offset": { "x": 3 } }));
    assert_eq!(spec["voice"]["tts"], value!({ "id": "VOICE1", "text": "Hi", "speed": 1.05, "pitch": 5 }));
}

#[test]
fn one_member_of_an_exclusive_group_drives_the_others_out() {
    let manifest = format!(
        "{BASE}videos:\n  a: {{ voice: {{ use: narrator, silence: {{ duration: 4 }} }} }}\n  \
         b: {{ voice: {{ use: narrator, file: {{ url: \"https://x.y/a.mp3\" }} }} }}\n  \
         c: {{ script: Hi, background: {{ use: photo, media: {{ asset_id: A2 }} }} }}\n\
         x-note: 1\n"
    )
    .replace("backgrounds:\n", "backgrounds:\n  photo: { media: { url: \"https://x.y/p.jpg\", fit: cover } }\n");
    let outcome = Project::new(&manifest).expand();
    assert_eq!(outcome.keys(), ["a", "b", "c"]);
    let specs: Vec<_> = outcome.expansion.videos.iter().map(json).collect();
    assert_eq!(specs[0]["voice"], value!({ "silence": { "duration": 4 } }));
    assert_eq!(specs[1]["voice"], value!({ "file": { "url": "https://x.y/a.mp3" } }));
    let media = value!({ "asset_id": "A2", "fit": "cover" });
    assert_eq!(specs[2]["background"]["media"], media, "what is not of the group stays");
}

#[test]
fn a_chain_of_a_thousand_presets_is_followed() {
    let mut manifest = String::from("callsheet: 1\navatars:\n  p0: { id: A }\n");
    for number in 1..1_000 {
        manifest += &format!("  p{number}: {{ use: p{} }}\n", number - 1);
    }
    manifest += "voices: { v: { silence: {} } }\nbackgrounds: { b: { color: \"#000000\" } }\n\
                 defaults: { avatar: p999, voice: v, background: b }\nvideos: { x: {} }\n";
    let outcome = Project::new(&manifest).expand();
    assert_eq!(json(outcome.video())["avatar"]["id"], "A");
}

#[test]
fn a_circle_is_named_whole_even_when_unused() {
    let manifest = "callsheet: 1\nvoices:\n  c: { use: a }\n  a: { use: b }\n  b: { use: c }\n  d: { use: a }\n  \
                    me: { use: me }\n";
    let outcome = Project::new(manifest).expand();
    let lines = outcome.lines();
    let circles: Vec<_> = lines.iter().filter(|line| line.starts_with("preset-circle")).collect();
    assert_eq!(circles.len(), 2, "{lines:#?}");
    assert!(
        circles[0].starts_with(
            "preset-circle callsheet.yaml:4:13 `b` voice presets use one another in a cycle: `a → b → c → a`"
        ),
        "{circles:#?}"
    );
    assert!(circles[1].contains("`me → me`"), "{circles:#?}");
}

#[test]
fn an_unknown_preset_gets_the_nearest_name() {
    let outcome =
        Project::videos("  v: { script: Hi, voice: narator }\n  w: { script: Hi, avatar: { use: bob } }\n").expand();
    assert_eq!(
        outcome.lines(),
        [
            "unknown-preset callsheet.yaml:10:27 `narator` there is no voice preset `narator` | did you mean `narrator`?",
            "unknown-preset callsheet.yaml:11:35 `bob` there is no avatar preset `bob` | the avatar presets are `anna`",
        ]
    );
    assert_eq!(outcome.expansion.invalid.iter().map(|key| &**key).collect::<Vec<_>>(), ["v", "w"]);
    assert!(outcome.expansion.videos.is_empty());
}

#[test]
fn a_preset_may_be_chosen_by_a_template() {
    let manifest = BASE.replace(
        "voices:\n",
        "voices:\n  n-de: { tts: { id: DE } }\n  n-en: { tts: { id: EN } }\n  \
        any: { use: \"n-{{ matrix.l }}\", tts: { speed: 0.9 } }\n",
    );
    let videos = "videos:\n  v: { matrix: { l: [de, en, fr] }, script: Hi, voice: \"n-{{ matrix.l }}\" }\n  \
                  w: { matrix: { l: [de, en] }, script: Hi, voice: any }\n";
    let outcome = Project::new(&format!("{manifest}{videos}")).expand();
    assert_eq!(
        outcome.lines(),
        [
            "unknown-preset callsheet.yaml:13:56 `\"n-{{ matrix.l }}\"` there is no voice preset `n-fr` | the voice presets are `any`, `n-de`, `n-en`, `narrator` | key v[fr]"
        ]
    );
    let ids: Vec<_> = outcome
        .expansion
        .videos
        .iter()
        .map(|video| {
            let speed = video.spec.read(key::SPEED).unwrap_or_default();
            (&*video.key, video.spec.read::<&str>(key::VOICE_ID).unwrap_or_default(), speed)
        })
        .collect();
    assert_eq!(ids, [("v[de]", "DE", 1.0), ("v[en]", "EN", 1.0), ("w[de]", "DE", 0.9), ("w[en]", "EN", 0.9)]);
}

#[test]
fn a_circle_through_templates_is_found_in_its_instance() {
    let manifest = BASE.replace("voices:\n", "voices:\n  a: { use: \"{{ matrix.to }}\" }\n  b: { use: a }\n");
    let outcome =
        Project::new(&format!("{manifest}videos:\n  v: {{ matrix: {{ to: [b, narrator] }}, script: Hi, voice: a }}\n"))
            .expand();
    let lines = outcome.lines();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].contains("`a → b → a`") && lines[0].ends_with("| key v[b]"), "{lines:#?}");
    assert_eq!(outcome.expansion.videos.len(), 1);
}
