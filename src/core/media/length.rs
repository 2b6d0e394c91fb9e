//! Reads the length of audio and video files from their headers.
//!
//! A file may come from any source, so a length counts only if it is plausible for the file's size. A damaged container
//! or AAC file is an error. A damaged WAV or MP3 file has an unknown length, because their readers accept less than
//! players. A WAV file that is cut short has the length of the sound that it holds.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use super::tracks::{Damage, Tracks};
use super::{frames, iso, webm};
use crate::spec::MediaFormat;

/// Maximum number of reads from one file, of 8 KB each. Without it, a damaged file causes one read per byte.
const MAX_READS: u32 = 16 * 1024;
/// Maximum number of chunks to read before the sound of a WAV file.
const MAX_WAV_CHUNKS: usize = 64;
/// Minimum number of bytes per second. Even strongly compressed speech has more.
const MIN_BYTES: f64 = 50.0;
/// Maximum number of bytes per second. Even video in the best quality has fewer.
const MAX_BYTES: f64 = 25_000_000.0;

/// Returns the tracks of a file. A format that says nothing of tracks has nothing but sound, or nothing to hear.
///
/// # Errors
/// If a container is incomplete or damaged. Damage to other files only hides their length.
pub(super) fn tracks(file: File, bytes: u64, format: MediaFormat) -> Result<Tracks, Damage> {
    let mut reader = BufReader::new(LimitedFile { file, left: MAX_READS });
    reader.rewind().map_err(|_| Damage::Unreadable)?;
    let tracks = read(&mut reader, bytes, format)?;
    Ok(Tracks { seconds: tracks.seconds.filter(|seconds| is_plausible(*seconds, bytes)), ..tracks })
}

fn read<R: Read + Seek>(reader: &mut R, bytes: u64, format: MediaFormat) -> Result<Tracks, Damage> {
    let seconds = match format {
        MediaFormat::Mp4 | MediaFormat::M4v | MediaFormat::Mov | MediaFormat::M4a => return iso::tracks(reader, bytes),
        MediaFormat::Webm => return webm::tracks(reader, bytes),
        MediaFormat::Aac => frames::aac_seconds(reader, bytes)?,
        MediaFormat::Wav => wav_seconds(reader, bytes),
        MediaFormat::Mp3 => frames::mp3_seconds(reader, bytes),
        _ => return Ok(Tracks::default()),
    };
    Ok(Tracks { has_sound: true, is_protected: false, seconds })
}

/// Returns the length of a WAV file, to the millisecond: of the sound that it holds. A recorder that writes to a pipe or
/// was interrupted declares more than that, or nothing.
fn wav_seconds<R: Read + Seek>(reader: &mut R, bytes: u64) -> Option<f64> {
    let mut start = [0; 12];
    reader.rewind().ok()?;
    reader.read_exact(&mut start).ok()?;
    if &start[..4] != b"RIFF" || &start[8..] != b"WAVE" {
        return None;
    }
    let (mut at, mut format, mut samples) = (12, None, [0; 4]);
    for _ in 0..MAX_WAV_CHUNKS {
        let mut head = [0; 8];
        reader.seek(SeekFrom::Start(at)).ok()?;
        reader.read_exact(&mut head).ok()?;
        let size = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
        at += 8;
        match &head[..4] {
            b"fmt " => {
                let mut found = [0; 20];
                reader.read_exact(found.get_mut(..usize::try_from(size.min(20)).ok()?)?).ok()?;
                format = Some(found);
            }
            b"fact" => reader.read_exact(&mut samples).ok()?,
            b"data" => {
                let (format, samples) = (format?, f64::from(u32::from_le_bytes(samples)));
                let held = bytes.checked_sub(at)?;
                let is_whole = (1..=held).contains(&size);
                let seconds = match byte_rate(&format, is_whole) {
                    // Some recorders write the size at the end.
                    Some(rate) => (if is_whole { size } else { held }) as f64 / rate,
                    None if is_whole => samples / f64::from(long(&format, 4)),
                    None => return None,
                };
                return Some((seconds * 1000.0).round() / 1000.0);
            }
            _ => {}
        }
        at += size + size % 2;
    }
    None
}

fn short(format: &[u8; 20], at: usize) -> u32 {
    u16::from_le_bytes([format[at], format[at + 1]]).into()
}

fn long(format: &[u8; 20], at: usize) -> u32 {
    short(format, at) | short(format, at + 2) << 16
}

/// Returns the bytes per second of a WAV format. `None` if it is unknown, or if the numbers of a file that is cut short
/// contradict each other.
fn byte_rate(format: &[u8; 20], is_whole: bool) -> Option<f64> {
    let (channels, sample_rate, declared) = (short(format, 2), long(format, 4), long(format, 8));
    let (block, bits) = (short(format, 12), short(format, 14));
    match short(format, 0) {
        // PCM, floating point, A-law, µ-law, and the first two with more than two channels.
        1 | 3 | 6 | 7 | 0xFFFE => {
            let rate = sample_rate.checked_mul(channels)?.checked_mul(bits.div_ceil(8))?;
            (rate > 0 && (is_whole || rate == declared)).then_some(f64::from(rate))
        }
        // ADPCM in blocks. ffmpeg declares a wrong rate for it.
        2 | 0x11 => {
            let samples = Some(short(format, 18)).filter(|samples| *samples > 0 && block > 0)?;
            Some(f64::from(sample_rate) * f64::from(block) / f64::from(samples))
        }
        _ => None,
    }
}

fn is_plausible(seconds: f64, bytes: u64) -> bool {
    let rate = bytes as f64 / seconds;
    seconds.is_finite() && seconds > 0.0 && (MIN_BYTES..=MAX_BYTES).contains(&rate)
}

/// A file with a limited number of reads.
struct LimitedFile {
    file: File,
    left: u32,
}

impl Read for LimitedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.left = self.left.checked_sub(1).ok_or(io::ErrorKind::FileTooLarge)?;
        self.file.read(buffer)
    }
}

impl Seek for LimitedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[cfg(test)]
mod tests;
