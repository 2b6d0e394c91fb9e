//! Reads the length of a raw AAC file: the sum of its frames.

use std::io::{Read, Seek};

use super::tracks::{Damage, fill, skip};

/// Samples per second, by the index in a frame's header.
const RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
/// Samples of one block. A frame has one to four blocks.
const BLOCK: u64 = 1024;
/// Maximum number of frames to read: an hour at 96 kHz.
const MAX_FRAMES: usize = 340_000;

/// The header of a frame.
struct Frame {
    /// Size in bytes, with the header.
    size: u16,
    blocks: u64,
    rate: u32,
}

/// Parses the header of a frame, or returns `None` if these are other bytes.
fn frame(head: [u8; 7]) -> Option<Frame> {
    let [first, second, third, fourth, fifth, sixth, seventh] = head;
    // Sync bits, and a layer that only AAC has.
    (first == 0xff && second & 0xf6 == 0xf0).then_some(())?;
    let size = u16::from(fourth & 0b11) << 11 | u16::from(fifth) << 3 | u16::from(sixth >> 5);
    let rate = *RATES.get(usize::from(third >> 2 & 0b1111))?;
    (size > 7).then_some(Frame { size, blocks: u64::from(seventh & 0b11) + 1, rate })
}

/// Returns the length in seconds, or `None` if there are too many frames. A cut last frame is not counted.
///
/// # Errors
/// If the first frame is incomplete or damaged.
pub(super) fn seconds(reader: &mut (impl Read + Seek), bytes: u64) -> Result<Option<f64>, Damage> {
    let (mut at, mut blocks, mut rate) = (0, 0, None);
    for _ in 0..MAX_FRAMES {
        let finish = || match rate {
            Some(rate) => Ok(Some((blocks * BLOCK) as f64 / f64::from(rate))),
            None => Err(Damage::Unreadable),
        };
        if bytes - at < 7 {
            return finish();
        }
        let mut head = [0; 7];
        fill(reader, &mut head)?;
        // Tags may follow the last frame.
        let Some(frame) = frame(head).filter(|frame| u64::from(frame.size) <= bytes - at) else { return finish() };
        skip(reader, u64::from(frame.size) - 7)?;
        at += u64::from(frame.size);
        blocks += frame.blocks;
        rate = rate.or(Some(frame.rate));
    }
    Ok(None)
}
