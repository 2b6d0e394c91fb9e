//! Compares twelve frames with stored pictures: size and position of every style in every aspect, and the overlays.
//!
//! `CALLSHEET_UPDATE=1` writes the pictures again. Check them before you commit them.

use std::path::PathBuf;

use resvg::tiny_skia::IntSize;

use super::*;

/// Maximum difference of two pictures: the mean distance of a pixel's channels, of 255. Font rounding stays far below
/// it; a figure moved by ten layout pixels exceeds it.
const NEAR: f64 = 0.6;

fn table() -> [(&'static str, Spec, bool); 12] {
    let spec = |aspect: &str, style: &str| {
        plain("Welcome to Acme Cloud. Your first project is one minute away, and so is your second.")
            .with("aspect", aspect)
            .with("avatar.style", style)
            .with("avatar.circle_bgcolor", "#ffeecc")
    };
    let colored = |aspect: &str, style: &str, color: &str| spec(aspect, style).with("background.color", color);
    let moved = |spec: Spec, scale: f64, x: i64, y: i64| {
        spec.with("avatar.scale", scale).with("avatar.offset.x", x).with("avatar.offset.y", y)
    };
    let remote = spec("16:9", "half")
        .with("background.media.url", "https://cdn.example.com/backgrounds/office.jpg")
        .with("background.media.fit", "cover");
    [
        ("wide-full", colored("16:9", "full", "#dfe9f5"), false),
        ("wide-half", colored("16:9", "half", "#f4f4f4"), false),
        ("wide-round", colored("16:9", "round", "#12305c"), false),
        ("tall-full", colored("9:16", "full", "#dfe9f5"), false),
        ("tall-half", colored("9:16", "half", "#1b1f2a"), false),
        ("tall-round", colored("9:16", "round", "#f7f1e3"), true),
        ("square-full", colored("1:1", "full", "#dfe9f5"), true),
        ("square-half-moved", moved(spec("1:1", "half"), 0.8, -200, 60), false),
        ("wide-half-moved", moved(spec("16:9", "half"), 1.1, -240, 0), true),
        ("wide-round-small", moved(spec("16:9", "round"), 0.5, 620, -260), false),
        ("wide-not-fetched", remote, false),
        ("tall-silence", spec("9:16", "half").with("voice.silence.duration", 5), false),
    ]
}

fn stored(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/preview/tests/frames").join(format!("{name}.png"))
}

fn read(bytes: &[u8]) -> Pixmap {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut data = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut data).unwrap();
    let size = IntSize::from_wh(reader.info().width, reader.info().height).unwrap();
    let opaque = data.chunks_exact(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect();
    Pixmap::from_vec(opaque, size).unwrap()
}

/// Returns the mean distance of blurred pixels: what is visible from some distance.
fn distance(one: &Pixmap, other: &Pixmap) -> f64 {
    assert_eq!((one.width(), one.height()), (other.width(), other.height()));
    let small = |pixels: &Pixmap| -> Vec<f64> {
        let (across, down) = (pixels.width() as usize / 4, pixels.height() as usize / 4);
        let mut sums = vec![0.0; across * down * 3];
        for y in 0..down * 4 {
            for x in 0..across * 4 {
                let at = (y * pixels.width() as usize + x) * 4;
                for channel in 0..3 {
                    sums[(y / 4 * across + x / 4) * 3 + channel] += f64::from(pixels.data()[at + channel]) / 16.0;
                }
            }
        }
        sums
    };
    let (one, other) = (small(one), small(other));
    one.iter().zip(&other).map(|(one, other)| (one - other).abs()).sum::<f64>() / one.len() as f64
}

#[test]
fn frames_look_as_they_did() {
    let mut wrong = Vec::new();
    for (name, spec, guides) in table() {
        let now = pixels(&spec, 0.25, guides);
        let path = stored(name);
        if std::env::var_os("CALLSHEET_UPDATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, encode(&now, false).unwrap()).unwrap();
            continue;
        }
        let kept = read(&std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())));
        let far = distance(&now, &kept);
        if far > NEAR {
            wrong.push(format!("{name}: {far:.2}"));
        }
    }
    assert!(wrong.is_empty(), "frames look otherwise (CALLSHEET_UPDATE=1 writes them anew): {wrong:?}");
}

#[test]
fn the_distance_sees_what_matters() {
    let spec = plain("Hello");
    let moved = spec.with("avatar.offset.x", 10);
    assert!(distance(&pixels(&spec, 0.25, false), &pixels(&moved, 0.25, false)) > NEAR);
    assert!(distance(&pixels(&spec, 0.25, false), &pixels(&spec, 0.25, false)) < 1e-9);
}
