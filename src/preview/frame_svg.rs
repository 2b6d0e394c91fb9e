//! Draws one frame of a video as SVG: background, avatar, caption. PNG files, the storyboard and clips all use this
//! drawing.

use std::fmt::Write as _;

use super::caption::{measure, truncate};
use super::image_child::PICTURE;
use super::svg::{TextLine, color, number};
use super::{Backdrop, Canvas, Caption, Fonts, StillImage, figure};
use crate::spec::views::{MediaSource, Voice};
use crate::spec::{Aspect, Spec, redact_signatures, without_signature};

/// The input of a frame.
#[derive(Clone, Copy, Debug)]
pub struct FrameInput<'a> {
    /// The spec.
    pub spec: &'a Spec,
    /// The ratio of width to height, see [`ImageResolver::aspect`](super::ImageResolver::aspect).
    pub aspect: Aspect,
    /// The background of the spec.
    pub backdrop: &'a Backdrop,
    /// The avatar's picture. Without one, a neutral figure is drawn.
    pub portrait: Option<&'a StillImage>,
    /// Whether to draw safe areas.
    pub guides: bool,
}

/// The content at the foot of a frame.
#[derive(Clone, Copy, Debug)]
pub enum Footer<'a> {
    /// Nothing.
    Empty,
    /// A caption of spoken words, and whether more captions follow.
    Caption(&'a Caption, bool),
    /// A description of other sound.
    Audio(&'a str),
}

/// Returns the frame as SVG, in layout pixels of its canvas.
pub fn frame_svg(look: &FrameInput<'_>, foot: Footer<'_>, fonts: &Fonts) -> String {
    let canvas = Canvas::from_spec(look.aspect);
    let mut svg = open(canvas);
    draw_backdrop(look, fonts, &mut svg);
    if let Some(avatar) = look.spec.avatar() {
        figure::draw(&avatar, canvas, look.portrait.is_some(), &mut svg);
    }
    draw_footer(foot, canvas, fonts, &mut svg);
    if look.guides {
        guides(canvas, &mut svg);
    }
    svg.push_str("</svg>");
    svg
}

/// Returns only the foot, over a transparent canvas: the part that changes during a clip.
pub fn footer_svg(canvas: Canvas, foot: Footer<'_>, fonts: &Fonts) -> String {
    let mut svg = open(canvas);
    draw_footer(foot, canvas, fonts, &mut svg);
    svg.push_str("</svg>");
    svg
}

/// Describes the sound of a voice without spoken text. `None` for speech.
pub fn describe_audio(voice: &Voice<'_>) -> Option<String> {
    match voice {
        Voice::Speech(_) => None,
        Voice::Silence(seconds) => Some(format!("Silence · {seconds} s")),
        Voice::File(None) => Some("Audio".to_owned()),
        Voice::File(Some(source)) => Some(match source {
            MediaSource::Asset(id) => format!("Audio · asset {id}"),
            MediaSource::Url(url) => format!("Audio · {}", redact_signatures(&without_signature(url))),
            MediaSource::File(file) if file.name.is_empty() => "Audio · an earlier local file".to_owned(),
            MediaSource::File(file) => format!("Audio · {}", file.name),
        }),
    }
}

fn open(canvas: Canvas) -> String {
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" font-family="Inter">"#,
        w = number(canvas.width),
        h = number(canvas.height),
    )
}

fn draw_footer(foot: Footer<'_>, canvas: Canvas, fonts: &Fonts, svg: &mut String) {
    let size = canvas.caption_size();
    let middle = canvas.width / 2.0;
    // Apps on phones cover the lowest part of a portrait video with their own text.
    let floor = canvas.height - if canvas.height > canvas.width { 300.0 } else { 64.0 };
    match foot {
        Footer::Empty => {}
        Footer::Caption(cue, more) => {
            let mut lines: Vec<String> = cue.lines.clone();
            if more && let Some(last) = lines.last_mut() {
                last.push_str(" …");
            }
            let widest = lines.iter().map(|line| measure(line, fonts)).fold(0.0, f64::max) * size;
            let (across, step) = (widest + size * 1.3, size * 1.32);
            let height = step * lines.len() as f64 + size * 0.72;
            let top = floor - height;
            rect((middle - across / 2.0, top), (across, height), BOX, svg);
            for (number, line) in lines.iter().enumerate() {
                let y = top + size * 1.28 + step * number as f64;
                TextLine { place: (middle, y), anchor: "middle", size, fill: "#ffffff", text: line }.draw(svg);
            }
        }
        Footer::Audio(text) => {
            let text = truncate(text, canvas.caption_width(), fonts);
            let size = size * 0.76;
            let across = measure(&text, fonts) * size + size * 3.6;
            let top = floor - size * 2.1;
            rect((middle - across / 2.0, top), (across, size * 2.1), BOX, svg);
            let left = middle - across / 2.0 + size * 0.9;
            let centre = top + size * 1.05;
            let _infallible = write!(svg, r##"<g fill="#9fb4d8">"##);
            for (place, tall) in [(0.0, 0.5), (0.32, 1.0), (0.64, 0.7), (0.96, 0.36)] {
                let corner = (left + place * size, centre - tall * size / 2.0);
                rect(corner, (size * 0.16, tall * size), r#" rx="2""#, svg);
            }
            svg.push_str("</g>");
            let y = centre + size * 0.36;
            TextLine { place: (left + size * 1.7, y), anchor: "start", size, fill: "#ffffff", text: &text }.draw(svg);
        }
    }
}

/// The attributes of the box behind a caption or a description of sound.
const BOX: &str = r##" rx="18" fill="#0b0f17" fill-opacity=".82""##;

/// Draws a rectangle from its corner and size.
fn rect((x, y): (f64, f64), (width, height): (f64, f64), attributes: &str, svg: &mut String) {
    let _infallible = write!(
        svg,
        r#"<rect x="{}" y="{}" width="{}" height="{}"{attributes}/>"#,
        number(x),
        number(y),
        number(width),
        number(height),
    );
}

/// Draws action-safe (93 %) and title-safe (90 %) areas, thirds, and the middle.
fn guides(canvas: Canvas, svg: &mut String) {
    let Canvas { width, height } = canvas;
    svg.push_str(r##"<g fill="none" stroke="#00d8ff" stroke-width="3">"##);
    for (share, dash) in [(0.93, ""), (0.90, r#" stroke-dasharray="18 12""#)] {
        let (across, down) = (width * share, height * share);
        rect(((width - across) / 2.0, (height - down) / 2.0), (across, down), dash, svg);
    }
    svg.push_str(r##"</g><g fill="none" stroke="#ff3d8b" stroke-width="2" stroke-opacity=".75">"##);
    for third in [1.0, 2.0] {
        let (x, y) = (number(width * third / 3.0), number(height * third / 3.0));
        let _infallible = write!(svg, r#"<path d="M{x} 0V{}M0 {y}H{}"/>"#, number(height), number(width));
    }
    let (x, y) = (number(width / 2.0), number(height / 2.0));
    let _infallible = write!(svg, r#"<path d="M{x} {y}m-30 0h60m-30-30v60" stroke-width="4"/></g>"#);
    TextLine {
        place: (width * 0.05 + 14.0, height * 0.05 + 36.0),
        anchor: "start",
        size: 26.0,
        fill: "#00b4d6",
        text: "title safe 90 %",
    }
    .draw(svg);
}

/// Draws the background over the complete canvas.
fn draw_backdrop(look: &FrameInput<'_>, fonts: &Fonts, svg: &mut String) {
    let FrameInput { spec, aspect, backdrop, .. } = *look;
    let canvas = Canvas::from_spec(aspect);
    let whole = format!(r#"width="{}" height="{}""#, number(canvas.width), number(canvas.height));
    let _infallible = write!(svg, r#"<rect {whole} fill="{}"/>"#, color(spec.background_color()));
    match backdrop {
        Backdrop::Plain => {}
        Backdrop::Still(_) => {
            let _infallible = write!(svg, r#"<image {whole} href="{PICTURE}" preserveAspectRatio="none"/>"#);
        }
        Backdrop::Placeholder { title, detail, hint } => {
            // A vendor template has no background media.
            let fit = spec.background_media().map(|_| format!(" · fit {}", spec.fit().word()));
            let title = format!("{title}{}", fit.unwrap_or_default());
            // The avatar is in the left half, so the label belongs on the right.
            let right = spec.avatar().is_some_and(|avatar| avatar.offset.0 < 0);
            draw_placeholder([&title, detail, hint], right, (canvas, fonts), svg);
        }
    }
}

/// Draws hatching, and a label in the upper corner that the avatar leaves free.
fn draw_placeholder(
    [title, detail, hint]: [&str; 3],
    right: bool,
    (canvas, fonts): (Canvas, &Fonts),
    svg: &mut String,
) {
    let whole = format!(r#"width="{}" height="{}""#, number(canvas.width), number(canvas.height));
    let _infallible = write!(
        svg,
        r##"<defs><pattern id="hatch" width="56" height="56" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="56" height="56" fill="#dfe4ec"/><rect width="28" height="56" fill="#e7ebf2"/></pattern></defs><rect {whole} fill="url(#hatch)"/>"##
    );
    let margin = canvas.width.min(canvas.height) * 0.05;
    let width = (canvas.width - 2.0 * margin).min(720.0);
    let room = width - 150.0;
    let size = 34.0;
    let rows = [(title, "#2a3342", size), (detail, "#4c586b", size * 0.82), (hint, "#667389", size * 0.74)];
    let _infallible = write!(
        svg,
        r##"<g transform="translate({x} {m})"><rect width="{w}" height="188" rx="20" fill="#ffffff" fill-opacity=".94" stroke="#c5cedb" stroke-width="2"/><g transform="translate(36 54)" fill="none" stroke="#8592a6" stroke-width="5" stroke-linejoin="round" stroke-linecap="round"><rect width="76" height="64" rx="10"/><circle cx="54" cy="20" r="6"/><path d="M4 54L26 30L44 48L54 40L72 56"/></g>"##,
        x = number(if right { canvas.width - margin - width } else { margin }),
        m = number(margin),
        w = number(width),
    );
    let mut y = 60.0;
    for (text, fill, size) in rows {
        let text = truncate(text, room / size, fonts);
        TextLine { place: (140.0, y), anchor: "start", size, fill, text: &text }.draw(svg);
        y += 48.0;
    }
    svg.push_str("</g>");
}
