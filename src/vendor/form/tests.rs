//! Compares the form with the vendor's own curl command, captured from the network.

use serde::Deserialize;

use super::*;
use crate::fields::VENDOR;
use crate::spec::test_support::{local_file, spec};
use crate::spec::{MediaFormat, MediaKind};

impl Form {
    /// Returns the value of a part as text. `None` if the part is missing or is not text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let part = self.parts.iter().find(|part| part.name == name)?;
        std::str::from_utf8(&part.value).ok()
    }
}

#[derive(Deserialize)]
struct Captured {
    name: String,
    content_type: Option<String>,
    value: String,
}

fn capture() -> Vec<Captured> {
    serde_json::from_str(include_str!("../../../tests/cases/vendor/curl-capture.json")).unwrap()
}

fn captured(name: &str) -> String {
    capture().into_iter().find(|part| part.name == name).unwrap().value
}

/// Returns a spec that equals the captured request.
fn speech() -> Spec {
    spec(&captured("voice[tts][text]"))
        .with("avatar.id", captured("avatar[id]"))
        .with("avatar.style", "round")
        .with("voice.tts.id", captured("voice[tts][id]"))
        .with("voice.tts.emotion", "normal")
}

/// The vendor's fields at the time of the capture.
const CAPTURED_FIELDS: &str = include_str!("../../../tests/frozen/fields.txt");

/// Whether a part belongs to a field that the vendor added after the capture.
fn is_added(part: &FormPart) -> bool {
    let paths: Vec<_> = VENDOR.rows.iter().filter(|row| row.part_name == part.name).map(|row| row.path).collect();
    !paths.is_empty() && paths.iter().all(|path| CAPTURED_FIELDS.lines().all(|known| known != *path))
}

/// Returns the form without the parts of added fields.
fn form_of(spec: &Spec) -> Form {
    let mut form = submission_form(spec, &captured("name"), |_| None).unwrap();
    form.parts.retain(|part| !is_added(part));
    form
}

fn names(form: &Form) -> Vec<&str> {
    form.parts.iter().map(|part| part.name.as_str()).collect()
}

/// The three voice modes, and the two sources of media and audio that the capture shows.
fn all_modes() -> [Spec; 4] {
    let pictured = speech().with("background.media.fit", "cover");
    let asset = pictured.with("background.media.asset_id", captured("background[media][asset_id]"));
    let url = pictured.with("background.media.url", captured("background[media][url]"));
    [
        asset.clone(),
        url.with("voice.file.asset_id", captured("voice[file][asset_id]")),
        url.with("voice.file.url", captured("voice[file][url]")),
        asset.with("voice.silence.duration", 1),
    ]
}

#[test]
fn every_mode_sends_parts_of_the_capture_in_its_order_and_nothing_else() {
    let capture = capture();
    for spec in all_modes() {
        let form = form_of(&spec);
        let mut rest = capture.iter();
        for part in &form.parts {
            let known =
                rest.find(|known| known.name == part.name).unwrap_or_else(|| panic!("{} out of order", part.name));
            assert_eq!(known.content_type.as_deref(), part.content_type, "{}", part.name);
            assert_eq!(known.value.as_bytes(), part.value, "{}", part.name);
            assert_eq!(part.file_name, None);
        }
    }
}

#[test]
fn the_modes_together_are_the_whole_capture() {
    let forms: Vec<Form> = all_modes().iter().map(form_of).collect();
    let union: Vec<String> = capture()
        .into_iter()
        .filter(|known| forms.iter().any(|form| form.text(&known.name) == Some(&*known.value)))
        .map(|known| known.name)
        .collect();
    let whole: Vec<String> = capture().into_iter().map(|known| known.name).collect();
    assert_eq!(union, whole);
}

#[test]
fn exactly_one_voice_mode_and_one_media_place_are_sent() {
    for spec in all_modes() {
        let form = form_of(&spec);
        let modes = ["voice[tts]", "voice[file]", "voice[silence]"];
        let used = modes.iter().filter(|mode| form.parts.iter().any(|part| part.name.starts_with(**mode))).count();
        assert_eq!(used, 1);
        let places = ["background[media][asset_id]", "background[media][url]"];
        assert_eq!(places.iter().filter(|place| form.text(place).is_some()).count(), 1);
    }
}

#[test]
fn a_plain_video_sends_its_defaults_but_no_circle_no_emotion_no_media() {
    let expected = [
        "name",
        "aspect",
        "avatar[id]",
        "avatar[style]",
        "avatar[scale]",
        "avatar[offset][x]",
        "avatar[offset][y]",
        "voice[tts][id]",
        "voice[tts][text]",
        "voice[tts][speed]",
        "voice[tts][pitch]",
        "background[color]",
    ];
    assert_eq!(names(&form_of(&spec("Hello"))), expected);
}

#[test]
fn words_become_the_vendors_numbers() {
    let tall = spec("Hello")
        .with("aspect", "9:16")
        .with("avatar.style", "half")
        .with("avatar.scale", 1.1)
        .with("avatar.offset.x", -240)
        .with("avatar.offset.y", 12)
        .with("background.media.asset_id", "a")
        .with("background.media.loop", true);
    let form = form_of(&tall);
    for (name, value) in [
        ("aspect", "2"),
        ("avatar[style]", "2"),
        ("avatar[scale]", "1.1"),
        ("avatar[offset][x]", "-240"),
        ("avatar[offset][y]", "12"),
        ("background[media][fit]", "0"),
        ("background[media][loop]", "true"),
    ] {
        assert_eq!(form.text(name), Some(value), "{name}");
    }
}

#[test]
fn a_local_file_goes_by_the_id_of_its_upload_and_blocks_the_form_until_it_has_one() {
    let both = spec("Hello")
        .with_file("voice.file.path", &local_file("voice.wav", "1"))
        .with_file("background.media.path", &local_file("office.jpg", "2"));
    assert_eq!(submission_form(&both, "n", |_| None), None);
    let half = |file: &LocalFile| (file.name == "voice.wav").then(|| "7".to_owned());
    assert_eq!(submission_form(&both, "n", half), None);
    let form = submission_form(&both, "n", |file| Some(format!("id of {}", file.name))).unwrap();
    assert_eq!(form.text("voice[file][asset_id]"), Some("id of voice.wav"));
    assert_eq!(form.text("background[media][asset_id]"), Some("id of office.jpg"));
}

#[test]
fn floats_have_a_point_and_no_exponent() {
    for (value, text) in [
        (1.0, "1.0"),
        (1.1, "1.1"),
        (1.05, "1.05"),
        (100.0, "100.0"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e-7, "0.0000001"),
        (1e21, "1000000000000000000000.0"),
    ] {
        assert_eq!(form_of(&spec("Hello").with("avatar.scale", value)).text("avatar[scale]"), Some(text));
    }
}

#[test]
fn an_upload_has_the_kind_of_its_content_and_the_last_part_of_its_name() {
    let file = |name: &str, format: MediaFormat| {
        let kind = format.kind();
        LocalFile { format, kind, ..(*local_file(name, "")).clone() }
    };
    let form = upload_form(&file("media/Büro \"1\".PNG", MediaFormat::Png));
    assert_eq!(names(&form), ["file", "filetype", "name"]);
    assert_eq!(form.parts[0].content_type, Some("image/png"));
    assert_eq!(form.parts[0].file_name.as_deref(), Some("Büro \"1\".PNG"));
    assert_eq!((form.text("filetype"), form.text("name")), (Some("1"), Some("Büro \"1\".PNG")));
    for (name, format, sent, kind) in [
        ("a.mp3", MediaFormat::Mp3, "a.mp3", "3"),
        ("a.jpeg", MediaFormat::Jpg, "a.jpeg", "1"),
        ("a.mov", MediaFormat::Mov, "a.mov", "2"),
        ("plain", MediaFormat::Mp4, "plain.mp4", "2"),
        ("b.dat/a.png", MediaFormat::Webm, "a.png.webm", "2"),
        ("a.m4a", MediaFormat::M4a, "a.m4a.mp4", "3"),
        ("a.mp4", MediaFormat::M4a, "a.mp4", "3"),
        ("a.aac", MediaFormat::Aac, "a.aac", "3"),
    ] {
        let form = upload_form(&file(name, format));
        assert_eq!((form.text("name"), form.text("filetype")), (Some(sent), Some(kind)), "{name}");
    }
    // The field decides: a voice in a video is audio.
    let voice = LocalFile { kind: MediaKind::Audio, ..file("a.mp4", MediaFormat::Mp4) };
    assert_eq!(upload_form(&voice).text("filetype"), Some("3"));
}

/// The vendor's command for template videos, for each voice mode, as curl 7.88 sent it to a listener on loopback.
const TEMPLATE_CAPTURE: &str = include_str!("../../../tests/cases/vendor/curl-template-capture.json");

#[test]
fn a_template_video_sends_the_parts_of_the_captured_command() {
    #[derive(Deserialize)]
    struct Request {
        path: String,
        parts: Vec<Captured>,
    }
    let capture: Request = serde_json::from_str(TEMPLATE_CAPTURE).unwrap();
    let value = |name: &str| capture.parts.iter().find(|part| part.name == name).unwrap().value.clone();
    let spec = crate::spec::stored_spec(&serde_json::json!({
        "name": value("name"),
        "template": { "id": 4711, "scenes": [
            { "tts": { "id": value("voices[0][tts][id]"), "text": value("voices[0][tts][text]") } },
            { "file": { "asset_id": value("voices[1][file][asset_id]") } },
            { "file": { "url": value("voices[2][file][url]") } },
            { "silence": {} },
        ] },
    }))
    .unwrap();
    let form = submission_form(&spec, spec.name(), |_| None).unwrap();
    assert_eq!(form.endpoint, capture.path);
    let sent: Vec<_> =
        form.parts.iter().map(|part| (part.name.as_str(), part.content_type, part.value.as_slice())).collect();
    let captured: Vec<_> = capture
        .parts
        .iter()
        .map(|part| (part.name.as_str(), part.content_type.as_deref(), part.value.as_bytes()))
        .collect();
    assert_eq!(sent, captured);
}
