//! Tests frames by their pixels, and directories by their files.

mod directory;
mod fit;
mod layout;
mod limits;
#[cfg(unix)]
mod processes;

use std::sync::Arc;

use resvg::tiny_skia::Pixmap;

use super::*;
use crate::spec::{Fit, LocalFile, Spec, test_support};

/// Returns a minimal spec.
pub fn plain(text: &str) -> Spec {
    test_support::spec(text).with("avatar.style", "half").with("background.color", "#f4f4f4")
}

/// Returns a spec with a local picture over a blue background.
pub fn pictured(text: &str, path: &std::path::Path) -> Spec {
    let file =
        LocalFile { path: path.to_path_buf(), ..(*test_support::local_file("chart.png", &"0".repeat(64))).clone() };
    plain(text).with("background.color", "#336699").with_file("background.media.path", &Arc::new(file))
}

/// Returns a picture of 400 × 200: a black field with a red, green, blue and white corner.
pub fn chart_png() -> Vec<u8> {
    let mut chart = Pixmap::new(400, 200).unwrap();
    for (index, pixel) in chart.data_mut().chunks_exact_mut(4).enumerate() {
        let (x, y) = (index % 400, index / 400);
        let color = match (x < 100, x >= 300, y < 50, y >= 150) {
            (true, _, true, _) => [255, 0, 0],
            (_, true, true, _) => [0, 255, 0],
            (true, _, _, true) => [0, 0, 255],
            (_, true, _, true) => [255, 255, 255],
            _ => [0, 0, 0],
        };
        pixel[..3].copy_from_slice(&color);
        pixel[3] = 255;
    }
    encode(&chart, false).unwrap()
}

/// Returns the frame of a spec, drawn with the embedded font only.
pub fn pixels(spec: &Spec, scale: f64, guides: bool) -> Pixmap {
    let fonts = Fonts::new(false);
    let resolver = ImageResolver::default();
    let backdrop = resolver.find(spec.background_media());
    let look = FrameInput { spec, aspect: spec.aspect(), backdrop: &backdrop, portrait: None, guides };
    let svg = renderer::first_frame_svg(&look, 0, &fonts);
    let images = ImageRenderer::new(DrawProcess::ThisProcess);
    Rasterizer::new(&fonts, &images).draw(&svg, (Canvas::from_spec(spec.aspect()), scale), &look).unwrap()
}
