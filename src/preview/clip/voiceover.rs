//! The sound of a clip: its captions in time, and silence.

use super::mp4::{AudioTrack, PACKET, SOUND_SCALE};

/// A packet of 20 ms of Opus silence, mono. As a constant, it needs no encoder.
const SILENCE: [u8; 3] = [0xf8, 0xff, 0xfe];

/// The sound of a clip, and the duration of each caption.
#[derive(Debug)]
pub struct Voiceover {
    /// The sound track.
    pub(super) sound: AudioTrack,
    /// Milliseconds of each caption, in order. Their sum is the length of the clip.
    pub(super) spans: Vec<u32>,
}

/// Returns silence of a length.
pub(super) fn silence(milliseconds: u32) -> AudioTrack {
    AudioTrack { packets: vec![SILENCE.to_vec(); packets(milliseconds, 0)], skip: 0 }
}

/// Returns the number of packets of a length, after `skip` samples.
pub(super) fn packets(milliseconds: u32, skip: u16) -> usize {
    let samples = u64::from(milliseconds) * u64::from(SOUND_SCALE) / 1_000 + u64::from(skip);
    samples.div_ceil(u64::from(PACKET)) as usize
}

/// Divides a length in proportion to weights, without losing a millisecond.
pub(super) fn divide_length(weights: &[f64], milliseconds: u32) -> Vec<u32> {
    let whole: f64 = weights.iter().sum();
    let mut ends = Vec::with_capacity(weights.len());
    let mut sum = 0.0;
    for weight in weights {
        sum += weight;
        ends.push((sum / whole.max(f64::MIN_POSITIVE) * f64::from(milliseconds)).round() as u32);
    }
    let mut start = 0;
    let mut spans: Vec<u32> = Vec::with_capacity(ends.len());
    for end in ends {
        spans.push(end.min(milliseconds).saturating_sub(start));
        start = start.max(end);
    }
    spans
}
