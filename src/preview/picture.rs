//! Renders SVG to pixels, and pixels to a PNG file.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{ImageHrefResolver, ImageKind, Options, Tree};
use thiserror::Error;

use super::backdrop::PICTURE;
use super::image_fit::Fitting;
use super::{Backdrop, Canvas, Fonts, ImageRenderer};
use crate::spec::Fit;

/// Why drawing failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DrawError {
    /// The background picture cannot be drawn.
    #[error("the background picture cannot be drawn: {0}")]
    Picture(String),
    /// The SVG of the frame cannot be drawn.
    #[error("the frame cannot be drawn: {0}")]
    Frame(String),
}

/// Draws frames from SVG.
#[derive(Debug)]
pub struct Painter<'a> {
    fonts: &'a Fonts,
    images: &'a ImageRenderer,
}

impl<'a> Painter<'a> {
    /// Creates a painter with these fonts. `images` draws background pictures.
    pub fn new(fonts: &'a Fonts, images: &'a ImageRenderer) -> Self {
        Self { fonts, images }
    }

    /// Returns the fonts.
    pub fn fonts(&self) -> &'a Fonts {
        self.fonts
    }

    /// Draws an SVG without pictures over existing pixels.
    ///
    /// # Errors
    /// If the SVG is invalid, which cannot happen for our own drawings.
    pub fn draw_over(&self, svg: &str, canvas: Canvas, pixels: &mut Pixmap) -> Result<(), DrawError> {
        let mut options = Options { image_href_resolver: no_pictures(), ..Options::default() };
        self.fonts.equip(&mut options, self.fonts.survey(svg).is_foreign());
        paint(svg, &options, canvas, pixels)
    }

    /// Draws an SVG on a canvas. `backdrop` is the picture that the SVG may reference.
    ///
    /// # Errors
    /// If a picture cannot be drawn.
    pub fn draw(
        &self,
        svg: &str,
        (canvas, scale): (Canvas, f64),
        (backdrop, fit): (&Backdrop, Fit),
    ) -> Result<Pixmap, DrawError> {
        let size = canvas.pixels(scale);
        let picture = match backdrop {
            Backdrop::Still(still) => Some(self.images.draw(still, Fitting { fit, size })?),
            _ => None,
        };
        let mut options = Options { image_href_resolver: pictures(picture), ..Options::default() };
        let foreign = self.fonts.survey(svg).is_foreign();
        self.fonts.equip(&mut options, foreign);
        render(svg, &options, (canvas, size))
    }
}

/// Resolves references to the one picture of a frame. A name never becomes a path.
fn pictures(picture: Option<Arc<Vec<u8>>>) -> ImageHrefResolver<'static> {
    ImageHrefResolver {
        resolve_data: Box::new(|_, _, _| None),
        resolve_string: Box::new(move |name, _| {
            picture.as_ref().filter(|_| name == PICTURE).map(|bytes| ImageKind::PNG(Arc::clone(bytes)))
        }),
    }
}

/// Resolves no references, so pictures inside a picture are never loaded.
pub(super) fn no_pictures() -> ImageHrefResolver<'static> {
    ImageHrefResolver { resolve_data: Box::new(|_, _, _| None), resolve_string: Box::new(|_, _| None) }
}

fn render(
    svg: &str,
    options: &Options<'_>,
    (canvas, (width, height)): (Canvas, (u32, u32)),
) -> Result<Pixmap, DrawError> {
    let mut pixels =
        Pixmap::new(width, height).ok_or_else(|| DrawError::Frame(format!("{width} × {height} pixels")))?;
    paint(svg, options, canvas, &mut pixels)?;
    Ok(pixels)
}

fn paint(svg: &str, options: &Options<'_>, canvas: Canvas, pixels: &mut Pixmap) -> Result<(), DrawError> {
    let tree = Tree::from_str(svg, options).map_err(|error| DrawError::Frame(error.to_string()))?;
    let across = f64::from(pixels.width()) / canvas.width;
    let down = f64::from(pixels.height()) / canvas.height;
    resvg::render(&tree, Transform::from_scale(across as f32, down as f32), &mut pixels.as_mut());
    Ok(())
}

/// Encodes pixels as PNG, optimized for speed. Without `alpha`, the pixels must be opaque.
///
/// # Errors
/// If the PNG encoder fails, which cannot happen for a valid picture.
pub fn encode(pixels: &Pixmap, alpha: bool) -> Result<Vec<u8>, DrawError> {
    let failed = |error: png::EncodingError| DrawError::Frame(error.to_string());
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixels.width(), pixels.height());
    encoder.set_color(if alpha { png::ColorType::Rgba } else { png::ColorType::Rgb });
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(if alpha { png::Compression::Fast } else { png::Compression::Balanced });
    // Trying all filters on each line takes as long as the rest of a frame, and saves nothing in flat drawings.
    encoder.set_filter(png::Filter::Sub);
    let mut writer = encoder.write_header().map_err(failed)?;
    let data: Vec<u8> = if alpha {
        pixels
            .pixels()
            .iter()
            .flat_map(|pixel| {
                let plain = pixel.demultiply();
                [plain.red(), plain.green(), plain.blue(), plain.alpha()]
            })
            .collect()
    } else {
        pixels.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect()
    };
    writer.write_image_data(&data).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}
