//! Child processes that hang, crash or return invalid data: each causes a message, and none is left running.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::image_child::FitOptions;
use super::images::StillImage;
use super::*;

/// Returns a program that runs a shell script.
fn program(directory: &Path, script: &str) -> PathBuf {
    let path = directory.join("program");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn still(content: &str) -> StillImage {
    let bytes = Arc::new(content.repeat(100_000).into_bytes());
    StillImage { sha256: content.to_owned(), format: crate::spec::MediaFormat::Svg, bytes, name: "a.svg".to_owned() }
}

const FITTING: FitOptions = FitOptions { fit: Fit::Cover, size: (16, 8) };

fn why(renderer: &ImageRenderer, content: &str) -> String {
    match renderer.draw(&still(content), FITTING) {
        Err(DrawError::Picture(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn whatever_a_child_does_is_a_message() {
    let directory = tempfile::tempdir().unwrap();
    for (script, says) in [
        ("kill -SEGV $$", "drawing it crashes"),
        ("exit 101", "drawing it crashes"),
        ("cat >/dev/null; echo hello", "drawing it crashes"),
        ("cat /dev/zero", "its drawing is too large"),
        ("printf 'it has \\033[31mcolor'; exit 1", "it has ␛[31mcolor"),
        ("echo \"args: $*\"; exit 1", "args: __draw-picture svg cover 16 8"),
        ("echo \"key: $VIDNOZ_API_KEY$HOME\"; exit 1", "key:"),
    ] {
        let renderer = ImageRenderer::new(DrawProcess::Child(program(directory.path(), script)));
        let why = why(&renderer, "x");
        assert!(why.starts_with(says) && why.len() < 200, "{script}: {why}");
    }
    let nowhere = ImageRenderer::new(DrawProcess::Child(directory.path().join("nowhere")));
    assert!(why(&nowhere, "x").starts_with("the process that draws it cannot be started: "));
}

#[test]
fn a_child_that_hangs_is_ended_and_later_pictures_are_not_tried() {
    let directory = tempfile::tempdir().unwrap();
    let pids = directory.path().join("pids");
    let script = format!("echo $$ >>'{}'; exec sleep 600", pids.display());
    let renderer = ImageRenderer::with_deadline(
        DrawProcess::Child(program(directory.path(), &script)),
        Duration::from_millis(500),
    );
    for content in ["a", "b", "a", "c"] {
        assert!(why(&renderer, content).starts_with("drawing it takes longer than "));
    }
    assert!(why(&renderer, "d").contains("3 other pictures took too long"));
    let other = renderer.draw(&still("a"), FitOptions { size: (8, 8), ..FITTING }).unwrap_err();
    assert!(other.to_string().contains("drawing it takes longer than "), "{other}: it is not tried at another size");
    let pids = std::fs::read_to_string(&pids).unwrap();
    assert_eq!(pids.lines().count(), 3, "each picture is tried once");
    for pid in pids.lines() {
        assert!(!Path::new("/proc").join(pid).exists(), "{pid} is gone, and no zombie");
    }
}

#[test]
fn a_picture_is_drawn_once_for_all_frames() {
    let directory = tempfile::tempdir().unwrap();
    let png = directory.path().join("png");
    std::fs::write(&png, encode(&Pixmap::new(16, 8).unwrap(), true).unwrap()).unwrap();
    let count = directory.path().join("count");
    let script = format!("cat >/dev/null; echo >>'{}'; cat '{}'", count.display(), png.display());
    let renderer = ImageRenderer::new(DrawProcess::Child(program(directory.path(), &script)));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| renderer.draw(&still("a"), FITTING).unwrap());
        }
    });
    let other = FitOptions { size: (8, 8), ..FITTING };
    assert!(matches!(renderer.draw(&still("a"), other), Err(DrawError::Picture(_))), "a PNG of another size");
    assert_eq!(std::fs::read_to_string(&count).unwrap().lines().count(), 2);
}
