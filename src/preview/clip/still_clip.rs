//! A clip of one color: the placeholder for a clip of unknown content.

use super::h264::{key_frame, parameters, sequence, still_frame};
use super::mp4::{self, TIMESCALE, Track};
use super::planes::Planes;
use super::{Color, FrameSize};

/// Minimum length: one frame at the vendor's 25 frames per second.
const MIN_MILLISECONDS: u32 = 40;
/// Maximum length: a day.
const MAX_MILLISECONDS: f64 = 86_400_000.0;

/// Converts a length to milliseconds, within the limits of a clip.
pub(super) fn milliseconds(seconds: f64) -> u32 {
    let milliseconds = (seconds * f64::from(TIMESCALE)).round().clamp(0.0, MAX_MILLISECONDS) as u32;
    milliseconds.max(MIN_MILLISECONDS)
}

/// Returns a playable MP4 of one color, with one frame per second and a size of a few kilobytes.
pub fn still_clip(picture: FrameSize, color: Color, seconds: f64) -> Vec<u8> {
    let milliseconds = milliseconds(seconds);
    let count = milliseconds.div_ceil(TIMESCALE);
    let planes = Planes::flat(color, picture);
    let frames: Vec<(Vec<u8>, u32)> = (0..count)
        .map(|number| {
            let unit = if number == 0 { key_frame(picture, &planes) } else { still_frame(picture, number) };
            (unit, (milliseconds - number * TIMESCALE).min(TIMESCALE))
        })
        .collect();
    mp4::file(&Track { picture, sequence: &sequence(picture), parameters: &parameters(), frames: &frames }, None)
}
