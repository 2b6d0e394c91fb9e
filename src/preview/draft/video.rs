//! A clip of one color: the placeholder for a clip of unknown content.

use super::Colour;
use super::h264::{first_frame, parameters, sequence, still_frame};
use super::mp4::{self, TIMESCALE, Track};
use crate::spec::Aspect;

/// Minimum length: one frame at the vendor's 25 frames per second.
const SHORTEST_MILLISECONDS: u32 = 40;
/// Maximum length: a day.
const LONGEST_MILLISECONDS: f64 = 86_400_000.0;

/// The size of a video in pixels. Width and height are multiples of 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Picture {
    /// Width.
    pub width: u16,
    /// Height.
    pub height: u16,
}

impl Picture {
    /// Returns the 720p size of an aspect.
    pub fn of(aspect: Aspect) -> Picture {
        match aspect {
            Aspect::Wide => Picture { width: 1280, height: 720 },
            Aspect::Tall => Picture { width: 720, height: 1280 },
            Aspect::Square => Picture { width: 720, height: 720 },
        }
    }

    /// Returns the number of macroblocks per row and per column.
    pub fn macroblocks(self) -> (u32, u32) {
        (u32::from(self.width) / 16, u32::from(self.height) / 16)
    }
}

/// Converts a length to milliseconds, within the limits of a clip.
pub(super) fn milliseconds(seconds: f64) -> u32 {
    let milliseconds = (seconds * f64::from(TIMESCALE)).round().clamp(0.0, LONGEST_MILLISECONDS) as u32;
    milliseconds.max(SHORTEST_MILLISECONDS)
}

/// Returns a playable MP4 of one color, with one frame per second and a size of a few kilobytes.
pub fn still_film(picture: Picture, colour: Colour, seconds: f64) -> Vec<u8> {
    let milliseconds = milliseconds(seconds);
    let count = milliseconds.div_ceil(TIMESCALE);
    let frames: Vec<(Vec<u8>, u32)> = (0..count)
        .map(|number| {
            let unit = if number == 0 { first_frame(picture, colour) } else { still_frame(picture, number) };
            (unit, (milliseconds - number * TIMESCALE).min(TIMESCALE))
        })
        .collect();
    let track = Track {
        size: (picture.width, picture.height),
        sequence: &sequence(picture),
        parameters: &parameters(),
        frames: &frames,
    };
    mp4::file(&track, None)
}
