//! Renders the SVG of frames to pixels.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{ImageKind, Options, Tree};

use super::image_child::{FitOptions, PICTURE, PORTRAIT, options};
use super::{Backdrop, Canvas, DrawError, Fonts, FrameInput, ImageRenderer, figure_box};
use crate::spec::Fit;

/// Maximum width and height of an avatar's picture, in pixels. A larger avatar exceeds every frame.
const MAX_PORTRAIT: f64 = 4_096.0;

/// Draws frames from SVG.
#[derive(Debug)]
pub struct Rasterizer<'a> {
    /// The fonts.
    pub fonts: &'a Fonts,
    images: &'a ImageRenderer,
}

impl<'a> Rasterizer<'a> {
    /// Creates a rasterizer with these fonts. `images` draws background pictures.
    pub fn new(fonts: &'a Fonts, images: &'a ImageRenderer) -> Self {
        Self { fonts, images }
    }

    /// Draws an SVG without pictures over existing pixels.
    ///
    /// # Errors
    /// If the SVG is invalid, which cannot happen for our own drawings.
    pub fn draw_over(&self, svg: &str, canvas: Canvas, pixels: &mut Pixmap) -> Result<(), DrawError> {
        let mut options = options(Vec::new());
        self.fonts.install(&mut options, self.fonts.coverage(svg).is_foreign());
        paint(svg, &options, canvas, pixels)
    }

    /// Draws an SVG on a canvas. It may reference the pictures of the background and of the avatar.
    ///
    /// # Errors
    /// If a picture cannot be drawn.
    pub fn draw(&self, svg: &str, (canvas, scale): (Canvas, f64), look: &FrameInput<'_>) -> Result<Pixmap, DrawError> {
        let size = canvas.pixels(scale);
        let mut pictures = Vec::new();
        if let (Some(still), Some(avatar)) = (look.portrait, look.spec.avatar()) {
            let (_, _, width, height) = figure_box(&avatar, canvas);
            let pixels = |length: f64| (length * scale).round().clamp(1.0, MAX_PORTRAIT) as u32;
            let fitting = FitOptions { fit: Fit::Cover, size: (pixels(width), pixels(height)) };
            let drawn = self.images.draw(still, fitting).map_err(|error| match error {
                DrawError::Picture(why) => DrawError::Portrait(why),
                error => error,
            });
            pictures.push((PORTRAIT, ImageKind::PNG(drawn?)));
        }
        if let Backdrop::Still(still) = look.backdrop {
            let fitted = self.images.draw(still, FitOptions { fit: look.spec.fit(), size })?;
            pictures.push((PICTURE, ImageKind::PNG(fitted)));
        }
        let mut options = options(pictures);
        self.fonts.install(&mut options, self.fonts.coverage(svg).is_foreign());
        let mut pixels =
            Pixmap::new(size.0, size.1).ok_or_else(|| DrawError::Frame(format!("{} × {} pixels", size.0, size.1)))?;
        paint(svg, &options, canvas, &mut pixels)?;
        Ok(pixels)
    }
}

fn paint(svg: &str, options: &Options<'_>, canvas: Canvas, pixels: &mut Pixmap) -> Result<(), DrawError> {
    let tree = Tree::from_str(svg, options).map_err(|error| DrawError::Frame(error.to_string()))?;
    let across = f64::from(pixels.width()) / canvas.width;
    let down = f64::from(pixels.height()) / canvas.height;
    resvg::render(&tree, Transform::from_scale(across as f32, down as f32), &mut pixels.as_mut());
    Ok(())
}
