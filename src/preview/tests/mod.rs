//! Frames as pixels, and folders as files.

mod fit;
mod folder;
mod layout;
mod limits;
#[cfg(unix)]
mod processes;

use std::sync::Arc;

use resvg::tiny_skia::Pixmap;

use super::*;
use crate::spec::{
    Aspect, Avatar, Background, Fit, LocalFile, Media, MediaSource, Offset, Style, Tts, VideoSpec, Voice,
};

/// A spec with nothing special.
pub fn plain(text: &str) -> VideoSpec {
    VideoSpec {
        name: "plain".into(),
        aspect: Aspect::Wide,
        avatar: Avatar {
            id: "anna".into(),
            style: Style::Half,
            circle_bgcolor: "#ffeecc".into(),
            scale: 1.0,
            offset: Offset::default(),
        },
        voice: Voice::Tts(Tts { id: "V".into(), text: text.into(), speed: 1.0, pitch: 0, emotion: None }),
        background: Background { color: "#f4f4f4".into(), media: None },
        take: 1,
    }
}

/// A background from a local file.
pub fn local(path: &std::path::Path, fit: Fit) -> Background {
    let file = LocalFile {
        name: "chart.png".to_owned(),
        path: path.to_path_buf(),
        format: crate::spec::MediaFormat::Png,
        sha256: "0".repeat(64),
        bytes: 1,
    };
    let media = Media { source: MediaSource::File(Arc::new(file)), fit, loop_: false };
    Background { color: "#336699".into(), media: Some(media) }
}

/// 400 × 200: red, green, blue, white corners of a black field.
pub fn chart_png() -> Vec<u8> {
    let mut chart = Pixmap::new(400, 200).unwrap();
    for (index, pixel) in chart.data_mut().chunks_exact_mut(4).enumerate() {
        let (x, y) = (index % 400, index / 400);
        let colour = match (x < 100, x >= 300, y < 50, y >= 150) {
            (true, _, true, _) => [255, 0, 0],
            (_, true, true, _) => [0, 255, 0],
            (true, _, _, true) => [0, 0, 255],
            (_, true, _, true) => [255, 255, 255],
            _ => [0, 0, 0],
        };
        pixel[..3].copy_from_slice(&colour);
        pixel[3] = 255;
    }
    encode(&chart, false).unwrap()
}

/// The frame of a spec with the embedded font alone.
pub fn pixels(spec: &VideoSpec, scale: f64, guides: bool) -> Pixmap {
    let fonts = Fonts::new(false);
    let shelf = Shelf::default();
    let backdrop = shelf.find(&spec.background);
    let svg = develop::drawn(spec, &backdrop, guides, &fonts);
    let images = ImageRenderer::new(DrawIn::ThisProcess);
    Painter::new(&fonts, &images).draw(&svg, (Canvas::of(spec.aspect), scale), (&backdrop, develop::fit(spec))).unwrap()
}
