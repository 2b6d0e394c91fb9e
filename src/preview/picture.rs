//! From SVG to pixels, and from pixels to a PNG file.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{ImageHrefResolver, ImageKind, Options, Tree};
use thiserror::Error;

use super::backdrop::PICTURE;
use super::media::StillFormat;
use super::{Backdrop, Canvas, Fonts, Still};
use crate::spec::Fit;

/// Fitted pictures that are kept for the next frames.
const MOST_FITTED: usize = 24;

/// Why nothing was drawn.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DrawError {
    /// The picture behind the avatar.
    #[error("the background picture cannot be decoded")]
    Picture,
    /// The drawing itself.
    #[error("the frame cannot be drawn: {0}")]
    Frame(String),
}

/// Draws frames; pictures are decoded and fitted once.
#[derive(Debug)]
pub struct Painter<'a> {
    fonts: &'a Fonts,
    fitted: Mutex<HashMap<Fitting, Arc<Vec<u8>>>>,
}

/// What a fitted picture is known by: content, fit, pixels.
type Fitting = (String, Fit, (u32, u32));

impl<'a> Painter<'a> {
    /// A painter with these fonts.
    pub fn new(fonts: &'a Fonts) -> Self {
        Self { fonts, fitted: Mutex::default() }
    }

    /// The fonts.
    pub fn fonts(&self) -> &'a Fonts {
        self.fonts
    }

    /// Draws an SVG without pictures over what is there.
    ///
    /// # Errors
    /// Never, of a drawing of ours.
    pub fn draw_over(&self, svg: &str, canvas: Canvas, pixels: &mut Pixmap) -> Result<(), DrawError> {
        let mut options = Options { image_href_resolver: no_pictures(), ..Options::default() };
        self.fonts.equip(&mut options, self.fonts.survey(svg).is_foreign());
        paint(svg, &options, canvas, pixels)
    }

    /// Draws an SVG of a canvas; `backdrop` is what it may ask for as its picture.
    ///
    /// # Errors
    /// A picture that cannot be decoded.
    pub fn draw(
        &self,
        svg: &str,
        (canvas, scale): (Canvas, f64),
        (backdrop, fit): (&Backdrop, Fit),
    ) -> Result<Pixmap, DrawError> {
        let size = canvas.pixels(scale);
        let picture = match backdrop {
            Backdrop::Still(still) => Some(self.fitted(still, fit, size)?),
            _ => None,
        };
        let mut options = Options { image_href_resolver: pictures(picture), ..Options::default() };
        let foreign = self.fonts.survey(svg).is_foreign();
        self.fonts.equip(&mut options, foreign);
        render(svg, &options, (canvas, size))
    }

    /// A picture as it fills or fits a canvas of so many pixels, on nothing.
    fn fitted(&self, still: &Still, fit: Fit, size: (u32, u32)) -> Result<Arc<Vec<u8>>, DrawError> {
        let known = (still.sha256.clone(), fit, size);
        if let Some(ready) = self.fitted.lock().unwrap_or_else(PoisonError::into_inner).get(&known) {
            return Ok(Arc::clone(ready));
        }
        // Decoders of many formats read what anybody may have made: a panic in one is an answer.
        let made = catch_unwind(AssertUnwindSafe(|| fit_picture(still, fit, size))).map_err(|_| DrawError::Picture)?;
        let made = Arc::new(made?);
        let mut fitted = self.fitted.lock().unwrap_or_else(PoisonError::into_inner);
        if fitted.len() >= MOST_FITTED {
            fitted.clear();
        }
        fitted.insert(known, Arc::clone(&made));
        Ok(made)
    }
}

fn fit_picture(still: &Still, fit: Fit, (width, height): (u32, u32)) -> Result<Vec<u8>, DrawError> {
    let ratio = match fit {
        Fit::Contain => "xMidYMid meet",
        Fit::Cover => "xMidYMid slice",
    };
    let svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"><image width="{width}" height="{height}" href="{PICTURE}" preserveAspectRatio="{ratio}"/></svg>"#
    );
    let bytes = Arc::clone(&still.bytes);
    let kind = match still.format {
        StillFormat::Png => ImageKind::PNG(bytes),
        StillFormat::Jpeg => ImageKind::JPEG(bytes),
        StillFormat::Gif => ImageKind::GIF(bytes),
        StillFormat::Webp => ImageKind::WEBP(bytes),
        StillFormat::Svg => {
            let fonts = Fonts::new(false);
            let mut options = Options { image_href_resolver: no_pictures(), ..Options::default() };
            fonts.equip(&mut options, false);
            ImageKind::SVG(Tree::from_data(&bytes, &options).map_err(|_| DrawError::Picture)?)
        }
    };
    let resolver = ImageHrefResolver {
        resolve_data: Box::new(|_, _, _| None),
        resolve_string: Box::new(move |name, _| (name == PICTURE).then(|| kind.clone())),
    };
    let options = Options { image_href_resolver: resolver, ..Options::default() };
    let tree = Tree::from_str(&svg, &options).map_err(|_| DrawError::Picture)?;
    let mut pixels = Pixmap::new(width, height).ok_or(DrawError::Picture)?;
    resvg::render(&tree, Transform::default(), &mut pixels.as_mut());
    // What cannot be decoded is only left out: a picture without any pixel says so.
    if pixels.data().iter().all(|byte| *byte == 0) {
        return Err(DrawError::Picture);
    }
    encode(&pixels, true)
}

/// Only the one picture of a frame may be asked for; a name never becomes a path.
fn pictures(picture: Option<Arc<Vec<u8>>>) -> ImageHrefResolver<'static> {
    ImageHrefResolver {
        resolve_data: Box::new(|_, _, _| None),
        resolve_string: Box::new(move |name, _| {
            picture.as_ref().filter(|_| name == PICTURE).map(|bytes| ImageKind::PNG(Arc::clone(bytes)))
        }),
    }
}

fn no_pictures() -> ImageHrefResolver<'static> {
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

/// Pixels as PNG, quickly packed; without `alpha` they are opaque.
///
/// # Errors
/// Never, of a picture that is there.
pub fn encode(pixels: &Pixmap, alpha: bool) -> Result<Vec<u8>, DrawError> {
    let failed = |error: png::EncodingError| DrawError::Frame(error.to_string());
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixels.width(), pixels.height());
    encoder.set_color(if alpha { png::ColorType::Rgba } else { png::ColorType::Rgb });
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(if alpha { png::Compression::Fast } else { png::Compression::Balanced });
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
