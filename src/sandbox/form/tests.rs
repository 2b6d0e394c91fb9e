//! Tests each rule of the vendor's table with a form that breaks it.

use super::{AssetLookup, FormErrors, ReceivedPart, submitted_video};
use crate::fields::{KINDS, MediaKind, VENDOR};
use crate::spec::key;
use crate::spec::views::{MediaSource, Speech, Voice};
use crate::spec::{Spec, Style, canonical_json};

mod round_trip;

struct Shelf;

impl AssetLookup for Shelf {
    fn kind(&self, id: &str) -> Option<MediaKind> {
        match id {
            "sbx-picture" => Some(MediaKind::Image),
            "sbx-sound" => Some(MediaKind::Audio),
            _ => None,
        }
    }

    fn scenes(&self, template: i64) -> Option<usize> {
        (template == 7).then_some(2)
    }
}

const LEAST: [(&str, &str); 4] =
    [("avatar[id]", "QQ=="), ("voice[tts][id]", "Vg=="), ("voice[tts][text]", "Hi"), ("background[color]", "#ffffff")];

fn part(name: &str, value: &str) -> ReceivedPart {
    let content_type = name.contains('[').then(|| "application/json".to_owned());
    ReceivedPart { name: name.to_owned(), content_type, file: false, value: value.as_bytes().to_vec() }
}

/// Returns the minimal form, with some parts set and some removed (`-name`).
fn form(changes: &[(&str, &str)]) -> Vec<ReceivedPart> {
    let mut parts: Vec<ReceivedPart> = LEAST.iter().map(|(name, value)| part(name, value)).collect();
    for (name, value) in changes {
        if let Some(gone) = name.strip_prefix('-') {
            parts.retain(|part| !part.name.starts_with(gone));
        } else {
            parts.retain(|part| part.name != *name);
            parts.push(part(name, value));
        }
    }
    parts
}

fn avatar_video(parts: &[ReceivedPart], assets: &dyn AssetLookup) -> Result<Spec, FormErrors> {
    submitted_video(&VENDOR, &KINDS[0], parts, assets)
}

fn spec(changes: &[(&str, &str)]) -> Spec {
    avatar_video(&form(changes), &Shelf).unwrap_or_else(|refused| panic!("{changes:?}: {refused}"))
}

fn refused(changes: &[(&str, &str)]) -> String {
    avatar_video(&form(changes), &Shelf).expect_err(&format!("{changes:?}")).to_string()
}

#[test]
fn the_least_form_has_the_vendors_defaults() {
    assert_eq!(
        canonical_json(&spec(&[]), true),
        r#"{"avatar":{"id":"QQ=="},"background":{},"voice":{"tts":{"id":"Vg==","text":"Hi"}}}"#
    );
    assert_eq!(spec(&[]).name(), "");
}

#[test]
fn the_captured_curl_command_is_understood_part_by_part() {
    // The example in the vendor's documentation sends all three voice modes and both media sources, to show them.
    let captured = [
        ("name", "YmUxSTFBcVA1V1A3N2Y3L2hxMHhGQT09"),
        ("aspect", "1"),
        ("avatar[id]", "Rk1nN090NnZQWXlSZW5oSHJlSlhWdz09"),
        ("avatar[style]", "3"),
        ("avatar[circle_bgcolor]", "#ffffff"),
        ("avatar[scale]", "1.0"),
        ("avatar[offset][x]", "0"),
        ("avatar[offset][y]", "0"),
        ("voice[tts][id]", "d0VWUk5SU056NEwwMlRsem5vNVROYlpCc3FGY25CY0xBa3VIeWtLUkRyMD0="),
        ("voice[tts][text]", "voice text to speech text"),
        ("voice[tts][speed]", "1.0"),
        ("voice[tts][pitch]", "0"),
        ("voice[tts][emotion]", "normal"),
        ("background[color]", "#ffffff"),
        ("background[media][asset_id]", "cHpWR3VKRGhMamtrc05XWGRLUmpwQT09"),
        ("background[media][fit]", "1"),
        ("background[media][loop]", "false"),
    ];
    let read = spec(&captured);
    assert_eq!(read.avatar().unwrap().style, Style::Round);
    assert_eq!(read.background_media(), Some(MediaSource::Asset("cHpWR3VKRGhMamtrc05XWGRLUmpwQT09")));
    let whole: Vec<(&str, &str)> = captured
        .into_iter()
        .chain([("voice[file][asset_id]", "154"), ("voice[silence][duration]", "1")])
        .chain([("background[media][url]", "https://example.com/a.jpg")])
        .collect();
    assert_eq!(
        refused(&whole),
        "`voice` takes exactly one of tts, file, silence, not tts and file and silence; \
         `background[media]` takes one of asset_id and url, not both"
    );
}

#[test]
fn each_part_has_its_type_and_range() {
    for (name, value, reason) in [
        ("name", " ", "is empty"),
        ("name", "a\u{0}", "has a line break or another control character"),
        ("aspect", "4", "must be from 1 to 3, not 4"),
        ("aspect", "0", "must be from 1 to 3, not 0"),
        ("aspect", "16:9", "must be a whole number, not `16:9`"),
        ("aspect", "1.0", "must be a whole number, not `1.0`"),
        ("aspect", "+1", "must be a whole number, not `+1`"),
        ("aspect", "", "must be a whole number, not ``"),
        ("aspect", "99999999999999999999", "must be a whole number, not `99999999999999999999`"),
        ("avatar[id]", "", "is empty"),
        ("avatar[id]", "a'b", "must be an id, not `a'b`"),
        ("avatar[style]", "full", "must be a whole number, not `full`"),
        ("avatar[style]", "4", "must be from 1 to 3, not 4"),
        ("avatar[scale]", "0", "must be above 0, not 0"),
        ("avatar[scale]", "-1.5", "must be above 0, not -1.5"),
        ("avatar[scale]", "1e3", "must be a number such as 1.0, not `1e3`"),
        ("avatar[scale]", "NaN", "must be a number such as 1.0, not `NaN`"),
        ("avatar[scale]", ".5", "must be a number such as 1.0, not `.5`"),
        ("avatar[offset][x]", "1.5", "must be a whole number, not `1.5`"),
        ("avatar[offset][y]", "left", "must be a whole number, not `left`"),
        ("voice[tts][id]", "", "is empty"),
        ("voice[tts][text]", " \n", "is empty"),
        ("voice[tts][speed]", "0.4", "must be from 0.5 to 1.5, not 0.4"),
        ("voice[tts][speed]", "1.6", "must be from 0.5 to 1.5, not 1.6"),
        ("voice[tts][speed]", "fast", "must be a number such as 1.0, not `fast`"),
        ("voice[tts][pitch]", "-51", "must be from -50 to 50, not -51"),
        ("voice[tts][pitch]", "0.5", "must be a whole number, not `0.5`"),
        ("voice[tts][emotion]", "", "is empty"),
        ("background[color]", "white", "is `white`, not a color"),
        ("background[color]", "#fff", "is `#fff`, not a color"),
    ] {
        assert_eq!(refused(&[(name, value)]), format!("`{name}` {reason}"));
    }
    let quotes = refused(&[("background[color]", "\"#ffffff\"")]);
    assert!(quotes.ends_with("; the quotes in the vendor's example are curl's and are not sent"), "{quotes}");
}

#[test]
fn text_has_1_to_4999_characters_after_trimming() {
    spec(&[("voice[tts][text]", &format!(" {} \n", "é".repeat(4_999)))]);
    assert_eq!(
        refused(&[("voice[tts][text]", &"x".repeat(5_000))]),
        "`voice[tts][text]` has 5000 characters, more than the 4999 that the vendor speaks"
    );
}

#[test]
fn what_is_required_is_missed_by_name() {
    assert_eq!(refused(&[("-avatar[id]", "")]), "`avatar[id]` is required");
    assert_eq!(refused(&[("-voice[tts][id]", "")]), "`voice[tts][id]` is required");
    assert_eq!(refused(&[("-voice[tts][text]", "")]), "`voice[tts][text]` is required");
    assert_eq!(refused(&[("-voice", "")]), "`voice` is required: exactly one of tts, file, silence");
    assert_eq!(
        refused(&[("-background", "")]),
        "`background` is required: `background[color]`, or `background[media]`"
    );
    assert_eq!(refused(&[("background[media][fit]", "1")]), "`background[media]` needs one of asset_id and url");
}

#[test]
fn exactly_one_voice_mode() {
    let silence = spec(&[("-voice", ""), ("voice[silence][duration]", "99")]);
    assert_eq!(silence.voices().next(), Some(Voice::Silence(99)));
    for bad in ["0", "100", "1.5"] {
        assert!(refused(&[("-voice", ""), ("voice[silence][duration]", bad)]).starts_with("`voice[silence]"));
    }
    assert_eq!(
        refused(&[("voice[silence][duration]", "5")]),
        "`voice` takes exactly one of tts, file, silence, not tts and silence"
    );
    assert_eq!(
        refused(&[("-voice", ""), ("voice[file][asset_id]", "1"), ("voice[file][url]", "https://a.b/c.wav")]),
        "`voice[file]` takes one of asset_id and url, not both"
    );
    for (bad, reason) in [
        ("ftp://a.b/c.wav", "whose scheme is neither http nor https"),
        ("c.wav", "which is not a URL"),
        ("https://", "which is not a URL: empty host"),
        ("https://a.b/ c", "which has a space or a control character"),
    ] {
        let message = refused(&[("-voice", ""), ("voice[file][url]", bad)]);
        assert_eq!(message, format!("`voice[file][url]` is `{bad}`, {reason}"));
    }
}

#[test]
fn assets_of_this_sandbox_must_exist_and_fit() {
    spec(&[("-voice", ""), ("voice[file][asset_id]", "sbx-sound")]);
    spec(&[("background[media][asset_id]", "sbx-picture"), ("background[media][loop]", "true")]);
    assert_eq!(
        refused(&[("background[media][asset_id]", "sbx-gone")]),
        "`background[media][asset_id]` names no asset of this sandbox: `sbx-gone`"
    );
    assert_eq!(
        refused(&[("background[media][asset_id]", "sbx-sound")]),
        "`background[media][asset_id]` is an asset of the wrong kind (Audio)"
    );
}

#[test]
fn a_circle_colour_wants_the_round_style() {
    spec(&[("avatar[style]", "3"), ("avatar[circle_bgcolor]", "#FFEECC")]);
    assert_eq!(
        refused(&[("avatar[circle_bgcolor]", "#ffeecc")]),
        "`avatar[circle_bgcolor]` is only for `avatar[style]` 3"
    );
}

#[test]
fn unknown_repeated_and_misshapen_parts_are_refused_by_name() {
    assert_eq!(
        refused(&[("voice[tts][sped]", "1.0")]),
        "`voice[tts][sped]` is not a part of this form, did you mean `voice[tts][speed]`?"
    );
    assert_eq!(
        refused(&[("backround[color]", "#ffffff")]),
        "`backround[color]` is not a part of this form, did you mean `background[color]`?"
    );
    let mut twice = form(&[]);
    twice.push(part("avatar[id]", "QQ=="));
    assert_eq!(avatar_video(&twice, &Shelf).unwrap_err().to_string(), "`avatar[id]` occurs twice");
    let mut file = form(&[]);
    file[0].file = true;
    assert_eq!(avatar_video(&file, &Shelf).unwrap_err().to_string(), "`avatar[id]` is a value, not a file");
    let mut typed = form(&[("aspect", "1")]);
    typed[4].content_type = Some("image/png".to_owned());
    assert!(
        avatar_video(&typed, &Shelf).unwrap_err().to_string().starts_with("`aspect` must be sent as application/json")
    );
    let mut bytes = form(&[("name", "x")]);
    bytes[4].value = vec![0xff];
    assert!(avatar_video(&bytes, &Shelf).unwrap_err().to_string().starts_with("`name` is not UTF-8"));
    let many: Vec<ReceivedPart> = (0..50).map(|number| part(&format!("part {number}"), "")).collect();
    assert!(avatar_video(&many, &Shelf).unwrap_err().to_string().ends_with("; and 33 more"));
}

#[test]
fn a_template_wants_a_voice_for_each_scene() {
    let check = |pairs: &[(&str, &str)]| {
        let parts: Vec<ReceivedPart> = pairs.iter().map(|(name, value)| part(name, value)).collect();
        submitted_video(&VENDOR, &KINDS[1], &parts, &Shelf).map_err(|refused| refused.to_string())
    };
    let whole = [
        ("name", "T"),
        ("template_id", "7"),
        ("voices[0][tts][id]", "Vg=="),
        ("voices[0][tts][text]", "Hi"),
        ("voices[1][silence][duration]", "3"),
    ];
    let video = check(&whole).unwrap();
    let speech = Voice::Speech(Speech { text: "Hi", speed: 1.0, pitch: 0 });
    assert_eq!((video.read(key::TEMPLATE_ID), video.name()), (Some(7_i64), "T"));
    assert_eq!(video.voices().collect::<Vec<_>>(), [speech, Voice::Silence(3)]);
    assert_eq!(check(&whole[..4]).unwrap_err(), "`voices[1]` is required: exactly one of tts, file, silence");
    let none = "`template_id` is required; `voices[0]` is required: exactly one of tts, file, silence";
    assert_eq!(check(&[]).unwrap_err(), none);
    let unknown = check(&[("template_id", "8"), ("voices[0][silence][duration]", "3")]);
    assert_eq!(unknown.unwrap_err(), "`template_id` names no template: 8");
    let speed = check(&[&whole[..], &[("voices[0][tts][speed]", "1.0")]].concat());
    assert!(speed.unwrap_err().starts_with("`voices[0][tts][speed]` is not a part of this form"));
}
