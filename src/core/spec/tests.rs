//! Compares the canonical form and the digest with texts written by hand and with hashes from sha256sum.
//!
//! Lockfiles contain these digests. A change here that is not a new `v2:` bills every user again.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value as Json;

use super::test_support::{local_file, spec};
use super::*;
use crate::fields::{Record, RowId, Type, VENDOR, Value};

fn plain() -> Spec {
    spec("Hello").with("avatar.id", "A").with("voice.tts.id", "V")
}

fn full() -> Spec {
    spec("Grüße, \"Welt\"\n👋")
        .with("name", "full")
        .with("aspect", "9:16")
        .with("avatar.id", "Rk1n==")
        .with("avatar.style", "round")
        .with("avatar.circle_bgcolor", "#ffeecc")
        .with("avatar.scale", 1.1)
        .with("avatar.offset.x", -240)
        .with("avatar.offset.y", 12)
        .with("voice.tts.id", "V")
        .with("voice.tts.speed", 1.05)
        .with("voice.tts.pitch", -5)
        .with("voice.tts.emotion", "cheerful")
        .with("background.color", "#f4f4f4")
        .with("background.media.url", "https://cdn.example.com/office.jpg?v=2")
        .with("background.media.fit", "cover")
        .with("background.media.loop", true)
        .with("take", 2)
}

fn with_picture(name: &str, sha256: &str) -> Spec {
    plain().with_file("background.media.path", &local_file(name, sha256))
}

#[test]
fn golden_digests() {
    let filed = with_picture("office.jpg", &"ab".repeat(32)).with("voice.file.asset_id", "154");
    let file_text = format!(
        r#"{{"avatar":{{"id":"A"}},"background":{{"media":{{"sha256":"{}"}}}},"voice":{{"file":{{"asset_id":"154"}}}}}}"#,
        "ab".repeat(32)
    );
    let full_text = concat!(
        r##"{"aspect":"9:16","avatar":{"circle_bgcolor":"#ffeecc","id":"Rk1n==","offset":{"x":-240,"y":12},"scale":1.1,"##,
        r##""style":"round"},"background":{"color":"#f4f4f4","media":{"fit":"cover","loop":true,"##,
        r##""url":"https://cdn.example.com/office.jpg?v=2"}},"take":2,"voice":{"tts":{"emotion":"cheerful","id":"V","##,
        r##""pitch":-5,"speed":1.05,"text":"Grüße, \"Welt\"\n👋"}}}"##,
    );
    let cases = [
        (
            plain(),
            r#"{"avatar":{"id":"A"},"background":{},"voice":{"tts":{"id":"V","text":"Hello"}}}"#,
            "v1:21624a359b7ca430b29730ac15e1d2bd",
        ),
        (full(), full_text, "v1:60b706c2fd9ef124ca825221323e67f0"),
        (filed, file_text.as_str(), "v1:2d224a8e56948ed8f647ec6db712eccd"),
        (
            plain().with("voice.silence.duration", 30),
            r#"{"avatar":{"id":"A"},"background":{},"voice":{"silence":{"duration":30}}}"#,
            "v1:93fe6a356f35652ca7af758b591c8ee7",
        ),
        (
            plain().with("voice.silence.duration", 1),
            r#"{"avatar":{"id":"A"},"background":{},"voice":{"silence":{}}}"#,
            "v1:eee7108cd08a0bfad85cfbf1c202aec4",
        ),
    ];
    for (spec, text, hash) in cases {
        assert_eq!(canonical_json(&spec, false), text);
        assert_eq!(digest(&spec).to_string(), hash, "{text}");
    }
}

#[test]
fn the_name_is_no_part_of_the_digest_but_of_what_is_stored() {
    let renamed = plain().with("name", "other");
    assert_eq!(digest(&renamed), digest(&plain()));
    assert!(canonical_json(&renamed, true).contains(r#""name":"other""#));
    assert!(!canonical_json(&renamed, false).contains("other"));
}

/// Two values of a type, whatever the bounds of a field are.
fn two_values(ty: &Type) -> [Value; 2] {
    match ty {
        Type::Integer(..) => [Value::Integer(7), Value::Integer(8)],
        Type::Number(_) => [Value::Number(0.25), Value::Number(0.75)],
        Type::Flag => [Value::Flag(false), Value::Flag(true)],
        Type::Words(_) => [Value::Word(0), Value::Word(1)],
        Type::File(_) => ["1", "2"].map(|sha256| Value::File(local_file("a.png", sha256))),
        Type::Items(_) => [1, 2].map(|count| Value::Items(vec![Record::default(); count].into())),
        Type::Label | Type::Id | Type::Speech | Type::Color | Type::Url => {
            ["#000001", "#000002"].map(|text| Value::Text(text.into()))
        }
    }
}

#[test]
fn every_other_field_is_part_of_the_digest() {
    let mut digests = BTreeSet::from([digest(&plain()).to_string()]);
    for row in VENDOR.fields.iter().filter(|row| VENDOR[*row].path != "name") {
        let field = VENDOR[row].field().unwrap();
        let base = match &field.condition {
            Some((other, word)) => plain().with_value(*other, word.clone()),
            None => plain(),
        };
        for value in two_values(&field.field.ty).into_iter().filter(|value| field.default.as_ref() != Some(value)) {
            let spec = base.with_value(row, value);
            assert!(digests.insert(digest(&spec).to_string()), "`{}` changes no digest: {spec:?}", VENDOR[row].path);
        }
    }
}

#[test]
fn what_is_never_sent_is_never_hashed() {
    let circled = plain().with("avatar.circle_bgcolor", "#123456");
    assert_eq!(digest(&circled), digest(&plain()), "a circle colour counts only with style round");
}

#[test]
fn a_default_is_left_out_whatever_the_style() {
    let text = canonical_json(&plain().with("avatar.style", "round").with("avatar.circle_bgcolor", "#ffffff"), false);
    assert!(text.contains(r#""avatar":{"id":"A","style":"round"}"#), "{text}");
    let media =
        canonical_json(&plain().with("background.media.asset_id", "1").with("background.media.fit", "contain"), false);
    assert!(media.contains(r#""background":{"media":{"asset_id":"1"}}"#), "{media}");
}

#[test]
fn an_absent_emotion_stays_absent_and_normal_is_said() {
    let said = plain().with("voice.tts.emotion", "normal");
    assert!(canonical_json(&said, false).contains(r#""emotion":"normal""#));
    assert!(!canonical_json(&plain(), false).contains("emotion"));
}

#[test]
fn numbers_are_those_of_rfc_8785() {
    let cases = [
        (1.1, "1.1"),
        (1.05, "1.05"),
        (0.5, "0.5"),
        (2.0, "2"),
        (100.0, "100"),
        (1e21, "1e+21"),
        (1e-7, "1e-7"),
        (0.1 + 0.2, "0.30000000000000004"),
        (123_456_789_012_345_680.0, "123456789012345680"),
    ];
    for (scale, text) in cases {
        let json = canonical_json(&plain().with("avatar.scale", scale), false);
        assert!(json.contains(&format!(r#""scale":{text}}}"#)), "{scale}: {json}");
    }
}

#[test]
fn a_local_file_counts_by_content_alone() {
    let here = with_picture("office.jpg", "ab");
    let there = with_picture("moved/other.jpg", "ab");
    let changed = with_picture("office.jpg", "cd");
    assert_eq!(digest(&here), digest(&there));
    assert_ne!(digest(&here), digest(&changed));
}

#[test]
fn the_local_files_are_those_of_voice_and_background() {
    let names = |spec: &Spec| spec.files().map(|file| file.name.clone()).collect::<Vec<_>>();
    let pictured = with_picture("loop.MP4", "1");
    assert_eq!(names(&pictured), ["loop.MP4"]);
    assert_eq!(names(&pictured.with_file("voice.file.path", &local_file("a.mp3", "2"))), ["a.mp3", "loop.MP4"]);
    assert!(names(&plain()).is_empty());
}

#[test]
fn a_new_signature_changes_neither_digest_nor_what_is_stored() {
    let with_url = |url: &str| plain().with("background.media.url", url);
    let signed = |signature: &str| {
        with_url(&format!("https://b.s3.example/a.jpg?id=7&X-Amz-Date=1&X-Amz-Signature={signature}"))
    };
    assert_eq!(digest(&signed("aa")), digest(&signed("bb")));
    assert_eq!(digest(&signed("aa")), digest(&with_url("https://b.s3.example/a.jpg?id=7")));
    assert!(!canonical_json(&signed("secret"), true).contains("secret"));
}

#[test]
fn a_digest_is_read_only_as_it_is_written() {
    let hash = digest(&full());
    assert_eq!(Digest::parse(&hash.to_string()), Some(hash));
    let upper = hash.to_string().to_uppercase();
    for wrong in ["", "v1:", "v2:60b706c2fd9ef124ca825221323e67f0", &upper, &hash.hex(), &format!("{hash}0")] {
        assert_eq!(Digest::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn golden_markers() {
    let markers = |spec: &Spec| [marker(&digest(spec), 1), marker(&digest(spec), 2)];
    assert_eq!(markers(&plain()), ["m5arylcx7m", "dnufenk3eb"]);
    assert_eq!(markers(&full()), ["r23l4zqlpe", "q7rwyimcb4"]);
}

#[test]
fn a_submitted_name_has_sixty_characters_at_most_and_always_its_marker() {
    let marker = "m5arylcx7m";
    assert_eq!(submitted_name("welcome", marker), "welcome #m5arylcx7m");
    let long = submitted_name(&"ü👋".repeat(100), marker);
    assert_eq!(long.chars().count(), 60);
    assert_eq!(long, format!("{} #{marker}", "ü👋".repeat(24)));
    // The label is truncated at a space, so the result must not have two spaces before the marker.
    let blank = submitted_name(&format!("{} tail", "x".repeat(47)), marker);
    assert_eq!(blank, format!("{} #{marker}", "x".repeat(47)));
    assert_eq!(submitted_name("a\nb\u{7}c", marker), "abc #m5arylcx7m");
    assert_eq!(submitted_name("", marker), " #m5arylcx7m");
}

#[test]
fn the_label_is_what_stands_before_the_last_marker() {
    assert_eq!(label_of("welcome #m5arylcx7m"), "welcome");
    assert_eq!(label_of("offer #1 #m5arylcx7m"), "offer #1");
    assert_eq!(label_of("no marker"), "no marker");
}

/// Generates values of a field beyond its bounds, because a stored value may have been paid under other bounds.
fn values(ty: &Type) -> BoxedStrategy<Value> {
    match ty {
        Type::Integer(..) => (-(1_i64 << 53)..=1 << 53).prop_map(Value::Integer).boxed(),
        Type::Number(_) => (prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL).prop_map(Value::Number).boxed(),
        Type::Flag => any::<bool>().prop_map(Value::Flag).boxed(),
        Type::Words(words) => (0..words.len() as u8).prop_map(Value::Word).boxed(),
        Type::File(_) => "[0-9a-f]{4}".prop_map(|sha256| Value::File(local_file("a.png", &sha256))).boxed(),
        Type::Url => "https://a\\.b/[a-zä?=&#]{0,9}".prop_map(|url| Value::Text(url.into())).boxed(),
        _ => "(?s).{0,9}|[\\\\\"\0-\x1f\x7f\u{2028}]{0,4}".prop_map(|text| Value::Text(text.into())).boxed(),
    }
}

/// Generates complete specs: a plain one with up to eight changed values.
fn specs() -> impl Strategy<Value = Spec> {
    let fields: Vec<RowId> = VENDOR.fields.without(VENDOR.lists).iter().collect();
    let change = prop::sample::select(fields)
        .prop_flat_map(|row| values(VENDOR.ty(row).unwrap()).prop_map(move |value| (row, value)));
    prop::collection::vec(change, 0..8)
        .prop_map(|changes| changes.into_iter().fold(plain(), |spec, (row, value)| spec.with_value(row, value)))
        .prop_filter("incomplete", |spec| VENDOR.missing(spec.record.present(), spec.kind().rows).next().is_none())
}

proptest! {
    #[test]
    fn the_canonical_form_is_rfc_8785_and_says_everything(spec in specs()) {
        let text = canonical_json(&spec, true);
        let json: Json = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&serde_json_canonicalizer::to_string(&json).unwrap(), &text);
        prop_assert_eq!(stored_spec(&json), Some(spec));
    }
}

#[test]
fn a_digest_in_a_document_is_its_text() {
    let hash = digest(&full());
    let text = serde_json::to_string(&hash).unwrap();
    assert_eq!(text, format!("\"{hash}\""));
    assert_eq!(serde_json::from_str::<Digest>(&text).unwrap(), hash);
    for wrong in
        ["\"\"", "\"v1:\"", "\"v1:60b706c2fd9ef124ca825221323e67\"", "\"v1:60B706C2FD9EF124CA825221323E67F0\"", "1"]
    {
        let error = serde_json::from_str::<Digest>(wrong).unwrap_err().to_string();
        assert!(error.contains("`v1:` and 32 lower-case hex digits"), "{wrong}: {error}");
    }
}

#[test]
fn no_stored_length_lowers_an_estimate_below_zero() {
    for voice in [
        serde_json::json!({ "silence": { "duration": -600 } }),
        serde_json::json!({ "tts": { "text": "a", "speed": -2 } }),
    ] {
        let known = stored_estimate(&serde_json::json!({ "voice": voice }));
        assert!(
            known.credits_at_most >= 0.0 && known.seconds.is_none_or(|seconds| seconds >= 0.0),
            "{voice}: {known:?}"
        );
    }
}

/// The digest of a template video is permanent, as those of avatar videos are.
#[test]
fn the_digest_of_a_template_video_is_golden() {
    let text = r#"{"template":{"id":4711,"scenes":[{"tts":{"id":"V1","text":"Welcome."}},{"silence":{}}]}}"#;
    let json: Json = serde_json::from_str(text).unwrap();
    let spec = stored_spec(&json).unwrap();
    assert_eq!(canonical_json(&spec, false), text);
    assert_eq!(digest(&spec).to_string(), "v1:6df78915462b8a082a4485b08d678fff");
    assert_eq!(spec.voices().count(), 2);
    assert_eq!(spec.kind().kind.name(), "template-to-video");
    // Scenes are ordered: another order is other content.
    let scenes = json["template"]["scenes"].as_array().unwrap();
    let moved = serde_json::json!({ "template": { "id": 4711, "scenes": [scenes[1], scenes[0]] } });
    assert_ne!(digest(&stored_spec(&moved).unwrap()), digest(&spec));
    assert_eq!(stored_spec(&serde_json::json!({ "template": { "id": 4711 } })), None);
}
