//! Reads the length of AAC and MP3 files: the sum of their frames. A variable bit rate makes each header that declares
//! a length optional.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use super::tracks::{Damage, fill, skip};

/// Samples per second of AAC, by the index in a frame's header.
const AAC_RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
/// Samples of one AAC block. A frame has one to four blocks.
const AAC_BLOCK: u32 = 1024;
/// Samples per second of MPEG 1, by the index in a frame's header. MPEG 2 has half of them, MPEG 2.5 a quarter.
const MPEG_RATES: [u32; 3] = [44_100, 48_000, 32_000];
/// Bits per second of MPEG 1 layer III, MPEG 1 layer II, and layers II and III of MPEG 2, by the index in a frame's
/// header, in thousands.
const MPEG_BITS: [[u32; 14]; 3] = [
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];
/// Maximum number of frames to read: an hour of AAC at 96 kHz.
const MAX_FRAMES: usize = 340_000;
/// Maximum number of bytes between the frames of an MP3 file, such as padding after its tags.
const MAX_JUNK: u64 = 64 * 1024;

/// A frame, or a tag between frames.
struct Frame {
    /// Size in bytes, with the header.
    size: u64,
    samples: u32,
    /// Samples per second.
    rate: u32,
}

/// Parses the header of an AAC frame, or returns `None` if these are other bytes.
fn aac_frame(head: [u8; 10]) -> Option<Frame> {
    let [first, second, third, fourth, fifth, sixth, seventh, ..] = head;
    // Sync bits, and a layer that only AAC has.
    (first == 0xff && second & 0xf6 == 0xf0).then_some(())?;
    let size = u16::from(fourth & 0b11) << 11 | u16::from(fifth) << 3 | u16::from(sixth >> 5);
    let rate = *AAC_RATES.get(usize::from(third >> 2 & 0b1111))?;
    let samples = (u32::from(seventh & 0b11) + 1) * AAC_BLOCK;
    (size > 7).then(|| Frame { size: size.into(), samples, rate })
}

/// Parses the header of an MP3 frame or of an ID3 tag, or returns `None` if these are other bytes.
fn mp3_frame(head: [u8; 10]) -> Option<Frame> {
    let [first, second, third, ..] = head;
    if let [b'I', b'D', b'3', _, _, flags, sizes @ ..] = head {
        // Seven bits a byte. A footer has the size of the header.
        let content = sizes.iter().fold(0, |size, byte| size << 7 | u64::from(byte & 0x7f));
        return Some(Frame { size: content + if flags & 0x10 == 0 { 10 } else { 20 }, samples: 0, rate: 1 });
    }
    if head.starts_with(b"TAG") {
        return Some(Frame { size: 128, samples: 0, rate: 1 });
    }
    (first == 0xff && second & 0xe0 == 0xe0).then_some(())?;
    let shift = match second >> 3 & 0b11 {
        0b11 => 0,
        0b10 => 1,
        0b00 => 2,
        _ => return None,
    };
    let (bits, samples) = match (second >> 1 & 0b11, shift) {
        (0b01, 0) => (&MPEG_BITS[0], 1152),
        (0b01, _) => (&MPEG_BITS[2], 576),
        (0b10, 0) => (&MPEG_BITS[1], 1152),
        (0b10, _) => (&MPEG_BITS[2], 1152),
        _ => return None,
    };
    let bits = bits.get(usize::from(third >> 4).checked_sub(1)?)? * 1000;
    let rate = MPEG_RATES.get(usize::from(third >> 2 & 0b11))? >> shift;
    let size = samples / 8 * bits / rate + u32::from(third >> 1 & 1);
    Some(Frame { size: size.into(), samples, rate })
}

/// Returns the length of an AAC file in seconds, or `None` if there are too many frames.
///
/// # Errors
/// If the first frame is incomplete or damaged.
pub(super) fn aac_seconds(reader: &mut (impl Read + Seek), bytes: u64) -> Result<Option<f64>, Damage> {
    let (seconds, read) = sum(reader, bytes, aac_frame, 0)?;
    if read == 0 { Err(Damage::Unreadable) } else { Ok(seconds) }
}

/// Returns the length of an MP3 file in seconds, or `None` if a tenth of the file or more is something else.
pub(super) fn mp3_seconds(reader: &mut (impl Read + Seek), bytes: u64) -> Option<f64> {
    let (seconds, read) = sum(reader, bytes, mp3_frame, MAX_JUNK).ok()?;
    seconds.filter(|_| read > bytes / 10 * 9)
}

/// Returns the length of all frames up to more than `junk` other bytes, or `None` if there are too many, and their size
/// in bytes.
fn sum(
    reader: &mut (impl Read + Seek),
    bytes: u64,
    parse: fn([u8; 10]) -> Option<Frame>,
    junk: u64,
) -> Result<(Option<f64>, u64), Damage> {
    // Whole numbers, so that the sum does not drift.
    let (mut at, mut skipped, mut samples) = (0, 0, BTreeMap::<u32, u64>::new());
    for _ in 0..MAX_FRAMES {
        let mut head = [0; 10];
        // The shortest AAC frame has 8 bytes.
        let held = (bytes - at).min(10);
        fill(reader, &mut head[..held as usize])?;
        // The last frame may be cut, and tags may follow it.
        let Some(frame) = parse(head).filter(|frame| frame.size >= 8 && frame.size <= bytes - at) else {
            if skipped < junk && held > 1 {
                (at, skipped) = (at + 1, skipped + 1);
                reader.seek_relative(1 - held.cast_signed()).map_err(|_| Damage::Unreadable)?;
                continue;
            }
            let seconds = samples.iter().map(|(rate, samples)| *samples as f64 / f64::from(*rate)).sum();
            return Ok((Some(seconds), at - skipped));
        };
        at += frame.size;
        *samples.entry(frame.rate).or_default() += u64::from(frame.samples);
        match frame.size.checked_sub(held) {
            Some(rest) => skip(reader, rest)?,
            None => reader.seek_relative(-(held - frame.size).cast_signed()).map_err(|_| Damage::Unreadable)?,
        }
    }
    Ok((None, at - skipped))
}
