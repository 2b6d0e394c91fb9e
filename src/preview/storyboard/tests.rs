//! Hostile texts of videos remain text in the page.

use std::path::Path;

use super::{Storyboard, html};
use crate::preview::{Frame, Notice, Shot, ShotChange, ShotStatus};
use crate::spec::{Spec, test_support};

fn spec(text: &str) -> Spec {
    test_support::spec(text).with("name", text).with("avatar.id", text).with("voice.tts.id", text)
}

fn shot(key: &str, text: &str) -> (Shot, Frame) {
    let change = ShotChange {
        path: "voice.tts.text".into(),
        before: text.into(),
        after: text.into(),
        place: text.into(),
        words: vec![('-', text.into()), ('+', text.into())],
    };
    let shot = Shot {
        key: key.into(),
        spec: spec(text),
        status: ShotStatus::Changed,
        submits: true,
        before: Some(spec(text)),
        changes: vec![change],
        film: None,
        film_before: None,
        cast: vec![("avatar", text.to_owned())],
    };
    let stem = crate::spec::file_stem(key);
    let notices = vec![Notice::MissingScript("Han")];
    (shot, Frame { stem, size: (960, 540), kept: false, before: true, scenes: Vec::new(), notices })
}

fn page(shots: &[Shot], frames: &[Frame]) -> String {
    html(
        &Storyboard {
            title: "<img src=x onerror=alert(1)>",
            environment: "a\"b",
            shots,
            frames,
            has_clips: false,
            directory: Path::new("/"),
        },
        0,
        1,
    )
}

#[test]
fn no_text_of_a_user_becomes_a_tag() {
    let hostile = "</script><script>alert(1)</script><!-- \" onload='x' & \u{2028}";
    let (shot, frame) = shot("k[</title><svg onload=alert(1)>]", hostile);
    let page = page(&[shot], &[frame]);
    let lower = page.to_lowercase();
    assert_eq!(lower.matches("<script").count(), 3, "the data of this page and of others, and the one script");
    assert_eq!(lower.matches("</script").count(), 3);
    for part in ["<svg onload", "<img src=x", "<!-- "] {
        assert!(!lower.contains(part), "{part}");
    }
    assert!(page.contains("\\u003c/script\\u003e") && page.contains("\\u2028"));
}

#[test]
fn a_page_refers_to_nothing_but_what_lies_beside_it() {
    let (shot, frame) = shot("größe[a b]", "Hello");
    let page = page(&[shot], &[frame]);
    assert!(page.contains("src=\"gr%C3%B6%C3%9Fe.a-b.png\""), "{page}");
    assert!(!page.contains("http://") && !page.contains("https://"));
}

#[test]
fn beyond_a_thousand_videos_there_are_pages() {
    let all: Vec<(Shot, Frame)> = (0..1_001).map(|number| shot(&format!("v[{number}]"), "Hi")).collect();
    let (shots, frames): (Vec<Shot>, Vec<Frame>) = all.into_iter().unzip();
    let directory = tempfile::tempdir().unwrap();
    let board = Storyboard {
        title: "t",
        environment: "e",
        shots: &shots,
        frames: &frames,
        has_clips: false,
        directory: Path::new("/"),
    };
    super::write_storyboard(&board, directory.path()).unwrap();
    let read = |name: &str| std::fs::read_to_string(directory.path().join(name)).unwrap();
    assert_eq!((read("index.html").matches("<li ").count(), read("page-2.html").matches("<li ").count()), (1_000, 1));
    assert!(read("index.html").contains("href=\"page-2.html\""));
    assert!(read("index.html").contains("{\"v[1000]\":\"page-2.html\"}"), "a link to a video of another page");
    let board = Storyboard { shots: &shots[..3], frames: &frames[..3], ..board };
    super::write_storyboard(&board, directory.path()).unwrap();
    assert!(!directory.path().join("page-2.html").exists(), "a page of an earlier storyboard is gone");
}

#[test]
fn the_header_counts_what_the_plan_would_buy() {
    // 150 characters: 10 s likely, 30 s at most, and half a credit of speech.
    let text = "a".repeat(150);
    let all = ["new", "paid", "doubt"].map(|key| shot(key, &text));
    let (mut shots, frames): (Vec<Shot>, Vec<Frame>) = all.into_iter().unzip();
    (shots[1].submits, shots[1].status) = (false, ShotStatus::Unchanged);
    (shots[2].submits, shots[2].status) = (false, ShotStatus::InDoubt);
    let page = page(&shots, &frames);
    assert!(page.contains("<dt>Videos</dt><dd>3</dd>") && page.contains("<dt>To submit</dt><dd>1</dd>"), "{page}");
    assert!(page.contains("<dt>Credits to submit</dt><dd>about 1.2 (at most 5.0)</dd>"), "{page}");
}

#[test]
fn the_header_counts_videos_of_unknown_length() {
    let lengths = |shots: &[Shot], frames: &[Frame]| {
        let page = page(shots, frames);
        ["Length", "Length to submit"].map(|title| {
            let rest = page.split_once(&format!("<dt>{title}</dt><dd>")).unwrap().1;
            rest.split_once('<').unwrap().0.to_owned()
        })
    };
    let (mut recorded, frame) = shot("recorded", "Hi");
    recorded.spec = recorded.spec.with("voice.file.asset_id", "ID");
    let (mut text, other) = shot("text", &"a".repeat(150));
    text.submits = false;
    assert_eq!(lengths(&[recorded, text], &[frame, other]), ["0:10 + 1 of unknown length", "1 of unknown length"]);
}

#[test]
fn a_finished_video_has_its_address_relative_to_the_page() {
    let root = tempfile::tempdir().unwrap();
    let (directory, dist) = (root.path().join(".callsheet/preview"), root.path().join("dist/a #1"));
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::create_dir_all(&dist).unwrap();
    std::fs::write(dist.join("größe.mp4"), "").unwrap();
    let (mut one, frame) = shot("k", "Hello");
    one.film = Some(dist.join("größe.mp4"));
    one.film_before = Some(dist.join("gone.mp4"));
    let board = Storyboard {
        title: "t",
        environment: "e",
        shots: &[one],
        frames: &[frame],
        has_clips: false,
        directory: &directory,
    };
    let index = super::write_storyboard(&board, &directory).unwrap();
    let page = std::fs::read_to_string(index).unwrap();
    assert!(page.contains("\"film\":\"../../dist/a%20%231/gr%C3%B6%C3%9Fe.mp4\""), "{page}");
    assert!(!page.contains("film_before\":") && page.contains("▶ finished"), "{page}");
}

#[test]
fn the_header_says_what_apply_submits() {
    let all = ["a", "b", "c"].map(|key| shot(key, "Hi"));
    let (mut shots, frames): (Vec<Shot>, Vec<Frame>) = all.into_iter().unzip();
    shots[0].status = ShotStatus::New;
    assert!(page(&shots, &frames).contains("apply submits 3: 1 new, 2 changed</p>"));
    for shot in &mut shots {
        shot.submits = false;
    }
    assert!(page(&shots, &frames).contains("apply submits nothing</p>"));
}
