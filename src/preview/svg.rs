//! The canvas of a frame, and the parts of an SVG.

use std::fmt::Write as _;

use super::Color;
use crate::spec::Aspect;

/// Formats a number with at most two decimals.
pub(super) fn number(value: f64) -> String {
    // Values that are infinite or outside any canvas are never visible.
    let value = if value.is_finite() { value.clamp(-1e7, 1e7) } else { 0.0 };
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Escapes a text between tags or quotes. Characters that XML cannot contain become spaces.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for one in text.chars() {
        match one {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => safe.push(' '),
            one if one.is_control() => safe.push(' '),
            one => safe.push(one),
        }
    }
    safe
}

/// A line of text. `place` is its anchor and baseline.
pub(super) struct TextLine<'a> {
    pub place: (f64, f64),
    pub anchor: &'a str,
    pub size: f64,
    pub fill: &'a str,
    pub text: &'a str,
}

impl TextLine<'_> {
    /// Draws the line. Its first letter with a direction determines the direction of the complete line.
    pub(super) fn draw(&self, svg: &mut String) {
        let (before, after) =
            if super::fonts::is_right_to_left(self.text) { ("\u{2067}", "\u{2069}") } else { ("", "") };
        let _infallible = write!(
            svg,
            r#"<text x="{}" y="{}" text-anchor="{}" font-size="{}" fill="{}" xml:space="preserve">{before}{}{after}</text>"#,
            number(self.place.0),
            number(self.place.1),
            self.anchor,
            number(self.size),
            self.fill,
            escape(self.text),
        );
    }
}

/// Converts hue (degrees), saturation and lightness (0 to 1) to `#rrggbb`.
pub(super) fn hsl(hue: f64, saturation: f64, lightness: f64) -> String {
    let chroma = (1.0 - (2.0 * lightness - 1.0).abs()) * saturation;
    let channel = |shift: f64| {
        let place = (shift + hue / 30.0) % 12.0;
        let value = lightness - chroma / 2.0 * (place - 3.0).min(9.0 - place).clamp(-1.0, 1.0);
        (value * 255.0).round().clamp(0.0, 255.0) as u8
    };
    format!("#{:02x}{:02x}{:02x}", channel(0.0), channel(8.0), channel(4.0))
}

/// Returns a valid color unchanged, and white otherwise: no other text may enter an attribute.
pub(super) fn color(text: &str) -> &str {
    if Color::parse(text).is_some() { text } else { "#ffffff" }
}

/// A canvas in layout pixels: those of the vendor's 1080p, at every drawn size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Canvas {
    /// Width in layout pixels.
    pub width: f64,
    /// Height in layout pixels.
    pub height: f64,
}

impl Canvas {
    /// Returns the canvas of an aspect: 1920 × 1080, 1080 × 1920 or 1080 × 1080. Offsets use the same pixels.
    pub const fn from_spec(aspect: Aspect) -> Self {
        match aspect {
            Aspect::Wide => Self { width: 1920.0, height: 1080.0 },
            Aspect::Tall => Self { width: 1080.0, height: 1920.0 },
            Aspect::Square => Self { width: 1080.0, height: 1080.0 },
        }
    }

    /// Returns the drawn size in pixels, rounded to even numbers.
    pub fn pixels(self, scale: f64) -> (u32, u32) {
        let even = |length: f64| (((length * scale) / 2.0).round() as u32 * 2).max(2);
        (even(self.width), even(self.height))
    }

    /// Returns the font size of captions.
    pub fn caption_size(self) -> f64 {
        if self.width > self.height { 46.0 } else { 48.0 }
    }

    /// Returns the width of caption lines, in ems.
    pub fn caption_width(self) -> f64 {
        let share = if self.width > self.height { 0.68 } else { 0.82 };
        self.width * share / self.caption_size()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_finite() {
        assert_eq!([1.0, 0.5, -0.001, f64::NAN, 1e300].map(number), ["1", "0.5", "0", "0", "10000000"]);
    }

    #[test]
    fn nothing_ends_a_tag_or_an_attribute() {
        assert_eq!(escape("<a href=\"x\" b='y'>&\u{0}\u{ffff}"), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;  ");
        assert_eq!((color("#ffeecc"), color("red\"/>")), ("#ffeecc", "#ffffff"));
    }

    #[test]
    fn colours_turn() {
        assert_eq!(
            (hsl(0.0, 1.0, 0.5), hsl(120.0, 1.0, 0.5), hsl(240.0, 1.0, 0.25)),
            ("#ff0000".into(), "#00ff00".into(), "#000080".into())
        );
    }

    #[test]
    fn sizes_follow_the_aspect() {
        assert_eq!(Canvas::from_spec(Aspect::Wide).pixels(0.5), (960, 540));
        assert_eq!(Canvas::from_spec(Aspect::Tall).pixels(2.0 / 3.0), (720, 1280));
        assert_eq!(Canvas::from_spec(Aspect::Square).pixels(0.001), (2, 2));
    }
}
