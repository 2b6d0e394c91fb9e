//! Helpers for SVG text: numbers, escapes, colors.

use std::fmt::Write as _;

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
    let digits = text.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) { text } else { "#ffffff" }
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
}
