//! A film of one colour: what stands for a film of which nothing is known.

use super::Colour;
use super::h264::{first_frame, parameters, sequence, still_frame};
use super::mp4::{self, TIMESCALE, Track};
use crate::spec::Aspect;

/// One frame of the vendor's 25 a second: nothing is shorter.
const SHORTEST_MILLISECONDS: u32 = 40;
/// A day: nothing is longer, whatever a caller asks.
const LONGEST_MILLISECONDS: f64 = 86_400_000.0;

/// Pixels across and down, multiples of 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Picture {
    /// Across.
    pub width: u16,
    /// Down.
    pub height: u16,
}

impl Picture {
    /// The 720p size of an aspect.
    pub fn of(aspect: Aspect) -> Picture {
        match aspect {
            Aspect::Wide => Picture { width: 1280, height: 720 },
            Aspect::Tall => Picture { width: 720, height: 1280 },
            Aspect::Square => Picture { width: 720, height: 720 },
        }
    }

    /// Macroblocks across and down.
    pub fn macroblocks(self) -> (u32, u32) {
        (u32::from(self.width) / 16, u32::from(self.height) / 16)
    }
}

/// A length in milliseconds, within what a film can be.
pub(super) fn milliseconds(seconds: f64) -> u32 {
    let milliseconds = (seconds * f64::from(TIMESCALE)).round().clamp(0.0, LONGEST_MILLISECONDS) as u32;
    milliseconds.max(SHORTEST_MILLISECONDS)
}

/// A playable MP4 of one colour, one frame a second, a few kilobytes long.
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
