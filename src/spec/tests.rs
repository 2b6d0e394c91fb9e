//! The canonical form and the digest, against texts written by hand and hashes made by sha256sum.
//!
//! These digests are in lockfiles: a change here that is not a new `v2:` makes every user pay again.

use std::path::PathBuf;
use std::sync::Arc;

use super::*;

fn plain() -> VideoSpec {
    VideoSpec {
        name: "welcome".into(),
        aspect: Aspect::Wide,
        avatar: Avatar {
            id: "A".into(),
            style: Style::Full,
            circle_bgcolor: "#ffffff".into(),
            scale: 1.0,
            offset: Offset::default(),
        },
        voice: Voice::Tts(Tts { id: "V".into(), text: "Hello".into(), speed: 1.0, pitch: 0, emotion: None }),
        background: Background { color: "#ffffff".into(), media: None },
        take: 1,
    }
}

fn full() -> VideoSpec {
    VideoSpec {
        name: "full".into(),
        aspect: Aspect::Tall,
        avatar: Avatar {
            id: "Rk1n==".into(),
            style: Style::Round,
            circle_bgcolor: "#ffeecc".into(),
            scale: 1.1,
            offset: Offset { x: -240, y: 12 },
        },
        voice: Voice::Tts(Tts {
            id: "V".into(),
            text: "Grüße, \"Welt\"\n👋".into(),
            speed: 1.05,
            pitch: -5,
            emotion: Some("cheerful".into()),
        }),
        background: Background {
            color: "#f4f4f4".into(),
            media: Some(Media {
                source: MediaSource::Url("https://cdn.example.com/office.jpg?v=2".into()),
                fit: Fit::Cover,
                loop_: true,
            }),
        },
        take: 2,
    }
}

fn with_voice(voice: Voice) -> VideoSpec {
    VideoSpec { voice, ..plain() }
}

fn with_media(source: MediaSource) -> VideoSpec {
    let mut spec = plain();
    spec.background.media = Some(Media { source, fit: Fit::Contain, loop_: false });
    spec
}

fn local(name: &str, sha256: &str) -> MediaSource {
    MediaSource::File(Arc::new(LocalFile {
        name: name.into(),
        path: PathBuf::from("/anywhere").join(name),
        sha256: sha256.into(),
        bytes: 1,
        format: crate::spec::MediaFormat::Png,
    }))
}

fn with_scale(scale: f64) -> VideoSpec {
    let mut spec = plain();
    spec.avatar.scale = scale;
    spec
}

#[test]
fn golden_digests() {
    let mut filed = with_media(local("office.jpg", &"ab".repeat(32)));
    filed.voice = Voice::File(MediaSource::Asset("154".into()));
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
            with_voice(Voice::Silence(30)),
            r#"{"avatar":{"id":"A"},"background":{},"voice":{"silence":{"duration":30}}}"#,
            "v1:93fe6a356f35652ca7af758b591c8ee7",
        ),
        (
            with_voice(Voice::Silence(1)),
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
    let renamed = VideoSpec { name: "other".into(), ..plain() };
    assert_eq!(digest(&renamed), digest(&plain()));
    assert!(canonical_json(&renamed, true).contains(r#""name":"other""#));
    assert!(!canonical_json(&renamed, false).contains("other"));
}

fn tts(spec: &mut VideoSpec) -> &mut Tts {
    match &mut spec.voice {
        Voice::Tts(tts) => tts,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_other_field_is_part_of_the_digest() {
    let mut seen = vec![("nothing", digest(&plain()))];
    let mut changed = |what: &'static str, change: &dyn Fn(&mut VideoSpec)| {
        let mut spec = plain();
        change(&mut spec);
        let hash = digest(&spec);
        if let Some((other, _)) = seen.iter().find(|(_, known)| *known == hash) {
            panic!("{what} and {other} have the same digest");
        }
        seen.push((what, hash));
    };
    changed("aspect", &|spec| spec.aspect = Aspect::Square);
    changed("avatar", &|spec| spec.avatar.id = "B".into());
    changed("style", &|spec| spec.avatar.style = Style::Round);
    changed("circle", &|spec| {
        spec.avatar.style = Style::Round;
        spec.avatar.circle_bgcolor = "#000000".into();
    });
    changed("scale", &|spec| spec.avatar.scale = 1.1);
    changed("x", &|spec| spec.avatar.offset.x = 1);
    changed("y", &|spec| spec.avatar.offset.y = 1);
    changed("voice", &|spec| tts(spec).id = "W".into());
    changed("text", &|spec| tts(spec).text = "Hello!".into());
    changed("speed", &|spec| tts(spec).speed = 1.1);
    changed("pitch", &|spec| tts(spec).pitch = 1);
    changed("emotion", &|spec| tts(spec).emotion = Some("normal".into()));
    changed("silence", &|spec| spec.voice = Voice::Silence(1));
    changed("longer silence", &|spec| spec.voice = Voice::Silence(2));
    changed("audio asset", &|spec| spec.voice = Voice::File(MediaSource::Asset("1".into())));
    changed("audio url", &|spec| spec.voice = Voice::File(MediaSource::Url("1".into())));
    changed("audio file", &|spec| spec.voice = Voice::File(local("a.wav", "1")));
    changed("color", &|spec| spec.background.color = "#000000".into());
    changed("media asset", &|spec| *spec = with_media(MediaSource::Asset("1".into())));
    changed("media url", &|spec| *spec = with_media(MediaSource::Url("1".into())));
    changed("media file", &|spec| *spec = with_media(local("a.png", "1")));
    changed("fit", &|spec| {
        spec.background.media = Some(Media { source: MediaSource::Asset("1".into()), fit: Fit::Cover, loop_: false });
    });
    changed("loop", &|spec| {
        spec.background.media = Some(Media { source: MediaSource::Asset("1".into()), fit: Fit::Contain, loop_: true });
    });
    changed("take", &|spec| spec.take = 2);
    assert_eq!(seen.len(), 25);
}

#[test]
fn what_is_never_sent_is_never_hashed() {
    let mut circled = plain();
    circled.avatar.circle_bgcolor = "#123456".into();
    assert_eq!(digest(&circled), digest(&plain()), "a circle colour counts only with style round");
}

#[test]
fn a_default_is_left_out_whatever_the_style() {
    let mut round = plain();
    round.avatar.style = Style::Round;
    let text = canonical_json(&round, false);
    assert!(text.contains(r#""avatar":{"id":"A","style":"round"}"#), "{text}");
    let media = canonical_json(&with_media(MediaSource::Asset("1".into())), false);
    assert!(media.contains(r#""background":{"media":{"asset_id":"1"}}"#), "{media}");
}

#[test]
fn an_absent_emotion_stays_absent_and_normal_is_said() {
    let mut said = plain();
    if let Voice::Tts(tts) = &mut said.voice {
        tts.emotion = Some("normal".into());
    }
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
        let json = canonical_json(&with_scale(scale), false);
        assert!(json.contains(&format!(r#""scale":{text}}}"#)), "{scale}: {json}");
    }
}

#[test]
fn a_local_file_counts_by_content_alone() {
    let here = with_media(local("office.jpg", "ab"));
    let there = with_media(local("moved/other.jpg", "ab"));
    let changed = with_media(local("office.jpg", "cd"));
    assert_eq!(digest(&here), digest(&there));
    assert_ne!(digest(&here), digest(&changed));
}

#[test]
fn a_new_signature_changes_neither_digest_nor_what_is_stored() {
    let signed = |signature: &str| {
        let url = format!("https://b.s3.example/a.jpg?id=7&X-Amz-Date=1&X-Amz-Signature={signature}");
        with_media(MediaSource::Url(url.into()))
    };
    assert_eq!(digest(&signed("aa")), digest(&signed("bb")));
    assert_eq!(digest(&signed("aa")), digest(&with_media(MediaSource::Url("https://b.s3.example/a.jpg?id=7".into()))));
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
    let markers = |spec: &VideoSpec| [marker(&digest(spec), 1), marker(&digest(spec), 2)];
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
    // The cut falls on a blank: no two blanks before the marker.
    let blank = submitted_name(&format!("{} tail", "x".repeat(47)), marker);
    assert_eq!(blank, format!("{} #{marker}", "x".repeat(47)));
    assert_eq!(submitted_name("a\nb\u{7}c", marker), "abc #m5arylcx7m");
    assert_eq!(submitted_name("", marker), " #m5arylcx7m");
}

#[test]
fn the_label_is_what_stands_before_the_last_marker() {
    assert_eq!(label_of_submitted("welcome #m5arylcx7m"), "welcome");
    assert_eq!(label_of_submitted("offer #1 #m5arylcx7m"), "offer #1");
    assert_eq!(label_of_submitted("no marker"), "no marker");
}

proptest::proptest! {
    #[test]
    fn a_label_stays_whole_when_its_submitted_name_gives_it_back(label in "[ -~]{0,6}|.{40,60}|[a-z#\n ]{0,52}") {
        let sent = submitted_name(&label, "m5arylcx7m");
        proptest::prop_assert_eq!(super::label_stays_whole(&label), label_of_submitted(&sent) == label);
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
