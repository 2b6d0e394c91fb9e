//! Draws one picture of unknown origin, fitted to a canvas. A child process does this for its parent.

use std::ffi::OsString;
use std::io::Read;
use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{ImageHrefResolver, ImageKind, Options, Tree};

use super::backdrop::PICTURE;
use super::media::{MOST_BYTES, StillFormat};
use super::picture::no_pictures;
use super::{DrawError, Fonts, Still, encode, svg_limits};
use crate::spec::Fit;

/// The first argument of a process that draws one picture. No command has this name.
pub const DRAW_ARGUMENT: &str = "__draw-picture";

/// How a picture fills a canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Fitting {
    pub fit: Fit,
    /// Width and height in pixels.
    pub size: (u32, u32),
}

/// Returns the arguments of the process that draws a picture.
pub(super) fn arguments(format: StillFormat, fitting: Fitting) -> [String; 5] {
    let (width, height) = fitting.size;
    [DRAW_ARGUMENT.into(), format.word().into(), fitting.fit.word().into(), width.to_string(), height.to_string()]
}

/// Draws the picture that a parent process writes to `input`; `args` follow [`DRAW_ARGUMENT`]. Returns a PNG.
///
/// # Errors
/// A message that says why the picture cannot be drawn.
pub fn draw_for_parent(args: &[OsString], input: &mut dyn Read) -> Result<Vec<u8>, String> {
    super::process_limits::limit_this_process()?;
    let words: Option<Vec<&str>> = args.iter().map(|word| word.to_str()).collect();
    let request = match words.as_deref() {
        Some([format, fit, width, height]) => StillFormat::from_word(format)
            .zip(Fit::from_word(fit))
            .zip(width.parse().ok().zip(height.parse().ok()))
            .map(|((format, fit), size)| (format, Fitting { fit, size })),
        _ => None,
    };
    let (format, fitting) = request.ok_or_else(|| format!("`{DRAW_ARGUMENT}` is for callsheet itself"))?;
    let mut bytes = Vec::new();
    let read = input.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| format!("it cannot be read: {error}"))?;
    fit_picture(format, Arc::new(bytes), fitting)
}

/// Draws a picture over a transparent canvas. Returns a PNG of the requested size.
pub(super) fn fit_picture(format: StillFormat, bytes: Arc<Vec<u8>>, fitting: Fitting) -> Result<Vec<u8>, String> {
    let Fitting { fit, size: (width, height) } = fitting;
    let ratio = match fit {
        Fit::Contain => "xMidYMid meet",
        Fit::Cover => "xMidYMid slice",
    };
    let svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"><image width="{width}" height="{height}" href="{PICTURE}" preserveAspectRatio="{ratio}"/></svg>"#
    );
    let kind = match format {
        StillFormat::Png => ImageKind::PNG(bytes),
        StillFormat::Jpeg => ImageKind::JPEG(bytes),
        StillFormat::Gif => ImageKind::GIF(bytes),
        StillFormat::Webp => ImageKind::WEBP(bytes),
        StillFormat::Svg => ImageKind::SVG(read_svg(&bytes)?),
    };
    let resolver = ImageHrefResolver {
        resolve_data: Box::new(|_, _, _| None),
        resolve_string: Box::new(move |name, _| (name == PICTURE).then(|| kind.clone())),
    };
    let options = Options { image_href_resolver: resolver, ..Options::default() };
    let tree = Tree::from_str(&svg, &options).map_err(|error| error.to_string())?;
    let mut pixels = Pixmap::new(width, height).ok_or_else(|| format!("no canvas has {width} × {height} pixels"))?;
    resvg::render(&tree, Transform::default(), &mut pixels.as_mut());
    // resvg omits what it cannot decode. The only sign of that is an empty canvas.
    if pixels.data().iter().all(|byte| *byte == 0) {
        return Err(Still::UNDECODABLE.to_owned());
    }
    encode(&pixels, true).map_err(|error: DrawError| error.to_string())
}

/// Parses an SVG within the limits of [`svg_limits`].
fn read_svg(bytes: &[u8]) -> Result<Tree, String> {
    let unreadable = |error: &dyn std::fmt::Display| format!("it cannot be read as SVG: {error}");
    let text = std::str::from_utf8(bytes).map_err(|error| unreadable(&error))?;
    let document = svg_limits::parse(text)?;
    let fonts = Fonts::new(false);
    let mut options = Options { image_href_resolver: no_pictures(), ..Options::default() };
    fonts.equip(&mut options, false);
    let tree = Tree::from_xmltree(&document, &options).map_err(|error| unreadable(&error))?;
    svg_limits::check_tree(&tree)?;
    Ok(tree)
}
