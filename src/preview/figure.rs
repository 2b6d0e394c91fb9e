//! Draws the avatar, as its picture or as a neutral figure, at the position and size that the vendor would use.
//!
//! The vendor documents styles, scale and offset, but no pixels. The values below were measured by eye in its editor:
//!
//! | style | size at scale 1 | position |
//! |---|---|---|
//! | full | 88 % of the height (portrait: 72 %) | on the ground, centered |
//! | half | 86 % of the height (portrait: as wide as 84 % of the width) | cut by the lower edge, centered |
//! | round | a circle of 62 % of the shorter side | in the middle |
//!
//! `scale` grows full and half from the middle of their lower edge, and round from its center. `offset` moves the
//! avatar by pixels of 1080p.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::Canvas;
use super::image_child::PORTRAIT;
use super::svg::{color, hsl, number};
use crate::spec::Style;
use crate::spec::views::Avatar;

/// The size of the half figure, with half a head as the unit: 6.05 high, 5.5 wide. Its lower edge is at 0.
const HALF: (f64, f64) = (6.05, 5.5);
/// The height of the full figure in the same unit. Its feet are at 0.
const FULL_HEIGHT: f64 = 15.4;

/// Returns the left, top, width and height of an avatar in layout pixels, after scale and offset.
pub fn figure_box(avatar: &Avatar<'_>, canvas: Canvas) -> (f64, f64, f64, f64) {
    let place = FigureAnchor::for_avatar(avatar, canvas);
    let (x, y, unit) = (place.x, place.y, place.unit);
    match avatar.style {
        Style::Full => (x - 2.6 * unit, y - FULL_HEIGHT * unit, 5.2 * unit, FULL_HEIGHT * unit),
        Style::Half => (x - HALF.1 / 2.0 * unit, y - HALF.0 * unit, HALF.1 * unit, HALF.0 * unit),
        Style::Round => (x - unit, y - unit, 2.0 * unit, 2.0 * unit),
    }
}

/// The anchor and the length of one unit. For round, the center and the radius.
struct FigureAnchor {
    x: f64,
    y: f64,
    unit: f64,
}

impl FigureAnchor {
    fn for_avatar(avatar: &Avatar<'_>, canvas: Canvas) -> Self {
        let Canvas { width, height } = canvas;
        let tall = height > width;
        let scale = avatar.scale.clamp(0.0, 1_000.0);
        let (y, unit) = match avatar.style {
            Style::Full => (height * 0.965, height * if tall { 0.72 } else { 0.88 } / FULL_HEIGHT),
            Style::Half => (height, if tall { width * 0.84 / HALF.1 } else { height * 0.86 / HALF.0 }),
            Style::Round => (height / 2.0, width.min(height) * 0.31),
        };
        Self { x: width / 2.0 + avatar.offset.0 as f64, y: y + avatar.offset.1 as f64, unit: unit * scale }
    }
}

/// Draws the avatar: its downloaded picture, or a neutral figure. The id determines a slight hue of the figure, so that
/// different avatars look different.
pub(super) fn draw(avatar: &Avatar<'_>, canvas: Canvas, has_portrait: bool, svg: &mut String) {
    if has_portrait {
        return portrait(avatar, canvas, svg);
    }
    let place = FigureAnchor::for_avatar(avatar, canvas);
    let hash = Sha256::digest(avatar.id.as_bytes());
    let hue = f64::from(u16::from_be_bytes([hash[0], hash[1]])) / 65_536.0 * 360.0;
    let _infallible = write!(
        svg,
        r##"<defs><linearGradient id="cloth" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="{}"/><stop offset="1" stop-color="{}"/></linearGradient><radialGradient id="shade"><stop offset="0" stop-color="#0b0f17" stop-opacity=".34"/><stop offset="1" stop-color="#0b0f17" stop-opacity="0"/></radialGradient></defs>"##,
        hsl(hue, 0.09, 0.62),
        hsl(hue, 0.11, 0.47),
    );
    let paints = Paints { head: hsl(hue, 0.08, 0.73), neck: hsl(hue, 0.08, 0.66), legs: hsl(hue, 0.11, 0.41) };
    let FigureAnchor { x, y, unit } = place;
    let placed = |x: f64, y: f64, unit: f64| {
        format!(r#"<g transform="translate({} {}) scale({})">"#, number(x), number(y), format_args!("{unit:.4}"))
    };
    match avatar.style {
        Style::Full => {
            svg.push_str(&placed(x, y, unit));
            full(&paints, svg);
            svg.push_str("</g>");
        }
        Style::Half => {
            svg.push_str(&placed(x, y, unit));
            half(&paints, svg);
            svg.push_str("</g>");
        }
        Style::Round => {
            let circle = format!(r#"cx="{}" cy="{}" r="{}""#, number(x), number(y), number(unit));
            let _infallible = write!(
                svg,
                r#"<defs><clipPath id="round"><circle {circle}/></clipPath></defs><circle {circle} fill="{}"/><g clip-path="url(#round)">"#,
                color(avatar.circle_color),
            );
            // The head is slightly above the middle.
            svg.push_str(&placed(x, y + unit * 1.78, unit * 0.385));
            half(&paints, svg);
            svg.push_str("</g></g>");
            rim(&circle, svg);
        }
    }
}

/// Draws the avatar's picture over the place of the figure.
fn portrait(avatar: &Avatar<'_>, canvas: Canvas, svg: &mut String) {
    let (left, top, width, height) = figure_box(avatar, canvas);
    let place =
        format!(r#"x="{}" y="{}" width="{}" height="{}""#, number(left), number(top), number(width), number(height));
    let round = (avatar.style == Style::Round).then(|| {
        format!(
            r#"cx="{}" cy="{}" r="{}""#,
            number(left + width / 2.0),
            number(top + height / 2.0),
            number(width / 2.0)
        )
    });
    let (shape, fill) = match &round {
        Some(circle) => {
            (format!("<circle {circle}/>"), format!("<circle {circle} fill=\"{}\"/>", color(avatar.circle_color)))
        }
        None => (format!(r#"<rect {place} rx="{}"/>"#, number(width * 0.06)), String::new()),
    };
    let _infallible = write!(
        svg,
        r#"<defs><clipPath id="portrait-shape">{shape}</clipPath></defs>{fill}<g clip-path="url(#portrait-shape)"><image {place} href="{PORTRAIT}" preserveAspectRatio="none"/></g>"#
    );
    if let Some(circle) = round {
        rim(&circle, svg);
    }
}

/// Draws the edge of a round avatar.
fn rim(circle: &str, svg: &mut String) {
    let _infallible =
        write!(svg, r##"<circle {circle} fill="none" stroke="#0b0f17" stroke-opacity=".12" stroke-width="3"/>"##);
}

/// The colors of one figure.
struct Paints {
    head: String,
    neck: String,
    legs: String,
}

/// Draws head and shoulders, with the lower edge of the bust at 0.
fn half(paints: &Paints, svg: &mut String) {
    let neck = &paints.neck;
    let _infallible = write!(
        svg,
        r##"<path d="M-.52-4.5L-.52-3.2L.52-3.2L.52-4.5Z" fill="{neck}"/><path d="M-2.75 0C-2.72-1.5-2.55-2.55-1.95-2.95C-1.35-3.3-.62-3.3-.5-3.6C-.3-3.25 .3-3.25 .5-3.6C.62-3.3 1.35-3.3 1.95-2.95C2.55-2.55 2.72-1.5 2.75 0Z" fill="url(#cloth)" stroke="#fff" stroke-opacity=".28" stroke-width=".035"/>"##,
    );
    head(paints, -5.0, svg);
}

/// Draws a head whose center is `y` units below 0. It has no face and no hair, because the vendor decides both.
fn head(paints: &Paints, y: f64, svg: &mut String) {
    let _infallible = write!(
        svg,
        r##"<ellipse cy="{}" rx=".84" ry="1.05" fill="{}" stroke="#fff" stroke-opacity=".28" stroke-width=".035"/>"##,
        number(y),
        paints.head,
    );
}

/// Draws the figure from head to shoes, with the ground at 0.
fn full(paints: &Paints, svg: &mut String) {
    let Paints { head: skin, neck, legs } = paints;
    let _infallible = write!(
        svg,
        r##"<ellipse cx="0" cy="-.05" rx="2.7" ry=".42" fill="url(#shade)"/><path d="M-.66-7.6L-.74-.7M.66-7.6L.74-.7" stroke="{legs}" stroke-width="1.12" stroke-linecap="round"/><path d="M-1.42-.06C-1.42-.5-1.1-.72-.72-.72C-.36-.72-.2-.5-.2-.06ZM.2-.06C.2-.5 .36-.72 .72-.72C1.1-.72 1.42-.5 1.42-.06Z" fill="{legs}"/><path d="M-1.72-11.75C-2.02-10.6-2.12-9.5-1.98-7.9M1.72-11.75C2.02-10.6 2.12-9.5 1.98-7.9" fill="none" stroke="url(#cloth)" stroke-width=".82" stroke-linecap="round"/><circle cx="-1.96" cy="-7.35" r=".36" fill="{skin}"/><circle cx="1.96" cy="-7.35" r=".36" fill="{skin}"/><path d="M-.42-13.7L-.42-12.6L.42-12.6L.42-13.7Z" fill="{neck}"/><path d="M-1.32-7.05C-1.3-8.8-1.5-9.6-1.62-11C-1.9-11.6-1.9-12.1-1.3-12.35C-.8-12.55-.5-12.6-.42-12.8C-.2-12.55 .2-12.55 .42-12.8C.5-12.6 .8-12.55 1.3-12.35C1.9-12.1 1.9-11.6 1.62-11C1.5-9.6 1.3-8.8 1.32-7.05C.6-6.85-.6-6.85-1.32-7.05Z" fill="url(#cloth)" stroke="#fff" stroke-opacity=".2" stroke-width=".035"/>"##,
    );
    head(paints, -14.3, svg);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Aspect;

    fn avatar(style: Style, scale: f64, x: i64, y: i64) -> Avatar<'static> {
        Avatar { id: "A", style, circle_color: "#ffffff", scale, offset: (x, y) }
    }

    #[test]
    fn offsets_are_pixels_and_scale_keeps_the_foot() {
        let canvas = Canvas::from_spec(Aspect::Wide);
        let (left, top, width, height) = figure_box(&avatar(Style::Half, 1.0, 0, 0), canvas);
        assert!((left + width / 2.0 - 960.0).abs() < 1e-6 && (top + height - 1080.0).abs() < 1e-6);
        let moved = figure_box(&avatar(Style::Half, 1.0, -240, 30), canvas);
        assert!((moved.0 - (left - 240.0)).abs() < 1e-6 && (moved.1 - (top + 30.0)).abs() < 1e-6);
        let double = figure_box(&avatar(Style::Half, 2.0, 0, 0), canvas);
        assert!((double.2 - 2.0 * width).abs() < 1e-6 && (double.1 + double.3 - 1080.0).abs() < 1e-6);
        let round = figure_box(&avatar(Style::Round, 0.5, 10, 0), Canvas::from_spec(Aspect::Tall));
        assert!((round.0 + round.2 / 2.0 - 550.0).abs() < 1e-6 && (round.1 + round.3 / 2.0 - 960.0).abs() < 1e-6);
    }
}
