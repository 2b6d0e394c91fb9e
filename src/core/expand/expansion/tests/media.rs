//! Local media of videos, and presigned URLs.

use super::*;
use crate::spec::views::{MediaSource, Voice};
use crate::spec::{MediaKind, estimate};

const WAV: &[u8] = b"RIFF\x24\0\0\0WAVEfmt ";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

#[test]
fn local_files_enter_by_their_content() {
    let videos =
        "  v: { voice: { file: { path: a/hi.wav } }, background: { media: { path: \"a/{{ 'bg' }}.png\" } } }\n";
    let outcome = Project::videos(videos).file("a/hi.wav", WAV).file("a/bg.png", PNG).expand();
    let video = outcome.video();
    let Some(Voice::File(Some(MediaSource::File(file)))) = video.spec.voices().next() else { panic!() };
    assert_eq!((file.name.as_str(), file.bytes, file.sha256.len()), ("a/hi.wav", WAV.len() as u64, 64));
    assert_eq!(origin(&outcome, video, "voice.file.path"), Some((10, "a/hi.wav")));
    assert_eq!(origin(&outcome, video, "background.media.path"), Some((10, "\"a/{{ 'bg' }}.png\"")));
}

#[test]
fn a_file_of_the_wrong_kind_is_refused() {
    for (content, words) in [
        (PNG, "`x.wav` is an image, but `voice.file` needs an audio file"),
        (b"hello", "`x.wav` is not a supported media file; supported: mp4, m4v, mov, webm, wav, mp3, m4a, aac"),
        (b"", "`x.wav` is empty"),
    ] {
        let outcome = Project::videos("  v: { voice: { file: { path: x.wav } } }\n").file("x.wav", content).expand();
        let lines = outcome.lines();
        assert_eq!(lines.len(), 1);
        assert!(lines[0].starts_with(&format!("bad-media callsheet.yaml:10:31 `x.wav` {words}")), "{lines:?}");
    }
    let videos = "  v: { script: Hi, background: { media: { path: x.wav } } }\n";
    let outcome = Project::videos(videos).file("x.wav", WAV).expand();
    assert!(outcome.lines()[0].contains("`background.media` needs an image or a video"), "{:?}", outcome.lines());
}

#[test]
fn one_file_may_be_a_voice_and_a_background() {
    let mp4 = include_bytes!("../../../../../tests/cases/spec/recorded-voices/talk.mp4");
    let videos = "  v: { voice: { file: { path: x.mp4 } }, background: { media: { path: x.mp4 } } }\n";
    let outcome = Project::videos(videos).file("x.mp4", mp4).expand();
    let files: Vec<_> = outcome.video().spec.files().collect();
    let kinds: Vec<MediaKind> = files.iter().map(|file| file.kind).collect();
    assert_eq!(kinds, [MediaKind::Audio, MediaKind::Video]);
    assert!(files.iter().all(|file| file.seconds.is_some_and(|seconds| (2.5..2.63).contains(&seconds))), "{files:?}");
    let estimate = estimate(&outcome.video().spec);
    assert_eq!((estimate.seconds, estimate.credits), (files[0].seconds, Some(estimate.credits_at_most)));
}

#[test]
fn a_voice_in_a_format_that_one_page_only_lists_is_a_warning() {
    for (content, words) in [
        (
            &include_bytes!("../../../../../tests/cases/spec/recorded-voices/talk.mov")[..],
            "`x` is MOV, but the vendor's limits page lists only WAV, MP3, MP4, AAC and WebM for audio",
        ),
        (
            include_bytes!("../../../../../tests/cases/spec/recorded-voices/talk.aac"),
            "`x` is raw AAC, which the vendor's limits page lists, but not its upload page",
        ),
    ] {
        let outcome = Project::videos("  v: { voice: { file: { path: x } } }\n").file("x", content).expand();
        let line = format!("warning media-beyond-limits callsheet.yaml:10:31 `x` {words} | the vendor may fail to");
        assert!(outcome.lines()[0].starts_with(&line), "{:?}", outcome.lines());
    }
}

#[test]
fn media_must_lie_somewhere() {
    let outcome = Project::videos("  v: { script: Hi, background: { media: { loop: true } } }\n").expand();
    assert!(
        outcome.lines()[0].contains("`background.media` has neither `asset_id` nor `url` nor `path`"),
        "{:?}",
        outcome.lines()
    );
}

#[test]
fn a_presigned_url_near_its_end_is_a_warning() {
    let url = |at: &str| {
        format!(
            "https://b.s3.amazonaws.com/a.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k&X-Amz-Date={at}&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=abc"
        )
    };
    for (at, words) in [("20261122T100000Z", "expired at"), ("20261122T113000Z", "within the hour")] {
        let videos = format!("  v: {{ script: Hi, background: {{ media: {{ url: \"{}\" }} }} }}\n", url(at));
        let lines = Project::videos(&videos).expand().lines();
        assert!(
            lines[0].starts_with("warning expired-url callsheet.yaml:10:") && lines[0].contains(words),
            "{lines:?}"
        );
        assert!(!lines[0].split(" the presigned").nth(1).unwrap().contains("abc"), "no signature: {lines:?}");
    }
    let videos =
        format!("  v: {{ script: Hi, background: {{ media: {{ url: \"{}\" }} }} }}\n", url("20261122T120001Z"));
    assert!(Project::videos(&videos).expand().lines().is_empty());
}
