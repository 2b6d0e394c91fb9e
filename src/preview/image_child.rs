//! Draws one picture of unknown origin, fitted to a canvas. A child process does this for its parent.

use std::ffi::OsString;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{ImageHrefResolver, ImageKind, Options, Tree};
use thiserror::Error;

use super::images::MAX_IMAGE_BYTES;
use super::{Fonts, StillImage, svg_limits};
use crate::spec::{Fit, MediaFormat, MediaKind};

/// The first argument of a process that draws one picture. No command has this name.
pub const DRAW_ARGUMENT: &str = "__draw-picture";

/// The name by which the SVG of a frame references the fitted picture.
pub(super) const PICTURE: &str = "picture";
/// The name by which it references the fitted picture of the avatar.
pub(super) const PORTRAIT: &str = "portrait";

/// Maximum time per picture.
pub(super) const DEADLINE: Duration = Duration::from_secs(10);

/// Why drawing failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DrawError {
    /// The background picture cannot be drawn.
    #[error("the background picture cannot be drawn: {0}")]
    Picture(String),
    /// The avatar's picture cannot be drawn.
    #[error("the avatar's picture cannot be drawn: {0}")]
    Portrait(String),
    /// The SVG of the frame cannot be drawn.
    #[error("the frame cannot be drawn: {0}")]
    Frame(String),
}

/// How a picture fills a canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FitOptions {
    pub fit: Fit,
    /// Width and height in pixels.
    pub size: (u32, u32),
}

/// Returns the arguments of the process that draws a picture.
pub(super) fn arguments(format: MediaFormat, fitting: FitOptions) -> [String; 5] {
    let (width, height) = fitting.size;
    [DRAW_ARGUMENT.into(), format.extension().into(), fitting.fit.word().into(), width.to_string(), height.to_string()]
}

/// Draws the picture that a parent process writes to `input`; `args` follow [`DRAW_ARGUMENT`]. Returns a PNG.
///
/// # Errors
/// A message that says why the picture cannot be drawn.
pub fn draw_as_child(args: &[OsString], input: &mut dyn Read) -> Result<Vec<u8>, String> {
    limit_this_process()?;
    let words: Option<Vec<&str>> = args.iter().map(|word| word.to_str()).collect();
    let request = match words.as_deref() {
        Some([format, fit, width, height]) => MediaKind::Image
            .formats()
            .find(|one| one.extension() == *format)
            .zip(Fit::from_word(fit))
            .zip(width.parse().ok().zip(height.parse().ok()))
            .map(|((format, fit), size)| (format, FitOptions { fit, size })),
        _ => None,
    };
    let (format, fitting) = request.ok_or_else(|| format!("`{DRAW_ARGUMENT}` is for callsheet itself"))?;
    let mut bytes = Vec::new();
    let read = input.take(MAX_IMAGE_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| format!("it cannot be read: {error}"))?;
    fit_picture(format, Arc::new(bytes), fitting)
}

/// Draws a picture over a transparent canvas. Returns a PNG of the requested size.
pub(super) fn fit_picture(format: MediaFormat, bytes: Arc<Vec<u8>>, fitting: FitOptions) -> Result<Vec<u8>, String> {
    let FitOptions { fit, size: (width, height) } = fitting;
    let ratio = match fit {
        Fit::Contain => "xMidYMid meet",
        Fit::Cover => "xMidYMid slice",
    };
    let svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"><image width="{width}" height="{height}" href="{PICTURE}" preserveAspectRatio="{ratio}"/></svg>"#
    );
    let kind = match format {
        MediaFormat::Png => ImageKind::PNG(bytes),
        MediaFormat::Jpg => ImageKind::JPEG(bytes),
        MediaFormat::Gif => ImageKind::GIF(bytes),
        MediaFormat::Webp => ImageKind::WEBP(bytes),
        MediaFormat::Svg => ImageKind::SVG(read_svg(&bytes)?),
        _ => return Err(StillImage::UNDECODABLE.to_owned()),
    };
    let tree = Tree::from_str(&svg, &options(vec![(PICTURE, kind)])).map_err(|error| error.to_string())?;
    let mut pixels = Pixmap::new(width, height).ok_or_else(|| format!("no canvas has {width} × {height} pixels"))?;
    resvg::render(&tree, Transform::default(), &mut pixels.as_mut());
    // resvg omits what it cannot decode. The only sign of that is an empty canvas.
    if pixels.data().iter().all(|byte| *byte == 0) {
        return Err(StillImage::UNDECODABLE.to_owned());
    }
    encode(&pixels, true).map_err(|error| error.to_string())
}

/// Parses an SVG within the limits of [`svg_limits`].
fn read_svg(bytes: &[u8]) -> Result<Tree, String> {
    let unreadable = |error: &dyn std::fmt::Display| format!("it cannot be read as SVG: {error}");
    let text = std::str::from_utf8(bytes).map_err(|error| unreadable(&error))?;
    let document = svg_limits::parse(text)?;
    let fonts = Fonts::new(false);
    let mut options = options(Vec::new());
    fonts.install(&mut options, false);
    let tree = Tree::from_xmltree(&document, &options).map_err(|error| unreadable(&error))?;
    svg_limits::check_tree(&tree)?;
    Ok(tree)
}

/// Returns SVG options whose only pictures are these. A name never becomes a path, and nothing else is loaded.
pub(super) fn options<'a>(pictures: Vec<(&'static str, ImageKind)>) -> Options<'a> {
    let image_href_resolver = ImageHrefResolver {
        resolve_data: Box::new(|_, _, _| None),
        resolve_string: Box::new(move |name, _| {
            pictures.iter().find(|(known, _)| *known == name).map(|(_, picture)| picture.clone())
        }),
    };
    Options { image_href_resolver, ..Options::default() }
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
    // Trying all filters on each line costs time, and saves nothing in flat drawings.
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

/// Address space of a drawing process, in bytes. A picture of 60 million pixels needs half of it.
#[cfg(target_os = "linux")]
const MAX_MEMORY: u64 = 2 << 30;

/// Limits memory and processor time of this process, disables core dumps, and ends it when its parent ends.
///
/// # Errors
/// If the system rejects a limit. The caller must not draw without it.
#[cfg(target_os = "linux")]
fn limit_this_process() -> Result<(), String> {
    use rustix::process::{Resource, Rlimit, Signal, getrlimit, set_parent_process_death_signal, setrlimit};
    // The parent kills a child that is late. This limit covers a child whose parent was killed.
    let seconds = DEADLINE.as_secs() + 1;
    let set = |(resource, most): (Resource, u64)| {
        let most = getrlimit(resource).maximum.map_or(most, |present| present.min(most));
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
    };
    let limits = [(Resource::As, MAX_MEMORY), (Resource::Cpu, seconds), (Resource::Core, 0)];
    let limited = limits.into_iter().try_for_each(set);
    let limited = limited.and_then(|()| set_parent_process_death_signal(Some(Signal::KILL)));
    limited.map_err(|error| format!("the drawing process cannot be limited: {error}"))
}

/// Does nothing: on this system the parent's deadline is the only limit.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
fn limit_this_process() -> Result<(), String> {
    Ok(())
}
