//! The canvas of a frame. The layout uses the pixels of the vendor's 1080p at every drawn size.

use crate::spec::Aspect;

/// A canvas in layout pixels.
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
    fn sizes_follow_the_aspect() {
        assert_eq!(Canvas::from_spec(Aspect::Wide).pixels(0.5), (960, 540));
        assert_eq!(Canvas::from_spec(Aspect::Tall).pixels(2.0 / 3.0), (720, 1280));
        assert_eq!(Canvas::from_spec(Aspect::Square).pixels(0.001), (2, 2));
    }
}
