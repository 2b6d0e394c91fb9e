//! Tests how a picture fills the frame: geometry determines where the corners of a test chart appear.

use super::*;

/// Returns the color at a position, given as fractions of the frame.
fn at(pixels: &Pixmap, across: f64, down: f64) -> [u8; 3] {
    let x = (f64::from(pixels.width()) * across) as u32;
    let y = (f64::from(pixels.height()) * down) as u32;
    let pixel = pixels.pixel(x, y).unwrap();
    [pixel.red(), pixel.green(), pixel.blue()]
}

fn frame(aspect: &str, fit: &str) -> Pixmap {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("chart.png");
    std::fs::write(&path, chart_png()).unwrap();
    // A scale of zero hides the avatar.
    let spec = pictured("", &path).with("aspect", aspect).with("background.media.fit", fit).with("avatar.scale", 0.001);
    pixels(&spec, 0.5, false)
}

const RED: [u8; 3] = [255, 0, 0];
const GREEN: [u8; 3] = [0, 255, 0];
const BLUE: [u8; 3] = [0, 0, 255];
const BLACK: [u8; 3] = [0, 0, 0];
const BORDER: [u8; 3] = [0x33, 0x66, 0x99];

#[test]
fn contain_shows_all_of_it_with_borders_of_the_colour() {
    // 2:1 in 16:9 is 8/9 as high as the frame.
    let wide = frame("16:9", "contain");
    let edge = (1.0 - 8.0 / 9.0) / 2.0;
    assert_eq!((at(&wide, 0.5, edge - 0.01), at(&wide, 0.5, 1.0 - edge + 0.01)), (BORDER, BORDER));
    assert_eq!((at(&wide, 0.02, edge + 0.02), at(&wide, 0.98, edge + 0.02)), (RED, GREEN));
    assert_eq!(at(&wide, 0.02, 1.0 - edge - 0.02), BLUE);
    // 2:1 in 9:16 is 540 of 1920 high.
    let tall = frame("9:16", "contain");
    let edge = (1.0 - 540.0 / 1920.0) / 2.0;
    assert_eq!((at(&tall, 0.5, edge - 0.01), at(&tall, 0.02, edge + 0.01)), (BORDER, RED));
}

#[test]
fn cover_fills_the_frame_and_cuts_the_sides() {
    // 2:1 over 16:9 is 9/8 as wide as the frame: a sixteenth is cut off on each side.
    let wide = frame("16:9", "cover");
    let share = |of_chart: f64| (of_chart - 1.0 / 18.0) / (8.0 / 9.0);
    assert_eq!((at(&wide, 0.005, 0.01), at(&wide, 0.995, 0.01)), (RED, GREEN));
    assert_eq!((at(&wide, share(0.25) - 0.01, 0.1), at(&wide, share(0.25) + 0.01, 0.1)), (RED, BLACK));
    // 2:1 over 9:16 shows only the middle: no corner is visible.
    let tall = frame("9:16", "cover");
    for (across, down) in [(0.01, 0.01), (0.99, 0.01), (0.01, 0.99), (0.5, 0.5)] {
        assert_eq!(at(&tall, across, down), BLACK);
    }
}

#[test]
fn what_cannot_be_decoded_is_an_error_not_a_blank() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("chart.png");
    let whole = chart_png();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let spec = pictured("Hi", &path).with("background.media.fit", "cover");
    let fonts = Fonts::new(false);
    let backdrop = ImageResolver::default().find(spec.background_media());
    let look = FrameInput { spec: &spec, aspect: spec.aspect(), backdrop: &backdrop, portrait: None, guides: false };
    let svg = renderer::first_frame_svg(&look, 0, &fonts);
    let images = ImageRenderer::new(DrawProcess::ThisProcess);
    let drawn = Rasterizer::new(&fonts, &images).draw(&svg, (Canvas::from_spec(spec.aspect()), 0.2), &look);
    assert_eq!(drawn.unwrap_err(), DrawError::Picture(StillImage::UNDECODABLE.to_owned()));
}
