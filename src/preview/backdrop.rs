//! The background of a frame: a color, a picture fitted to the canvas, or a labeled placeholder.

use std::fmt::Write as _;

use super::caption::truncate;
use super::image_child::PICTURE;
use super::svg::{TextLine, color, number};
use super::{Backdrop, Canvas, Fonts, FrameInput};

/// Draws the background over the complete canvas.
pub(super) fn draw(look: &FrameInput<'_>, fonts: &Fonts, svg: &mut String) {
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
