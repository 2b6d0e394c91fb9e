//! Reads the length of audio and video files from their headers.
//!
//! A file may come from any source, so a length counts only if it is plausible for the file's size. A damaged container
//! or AAC file is an error. A damaged WAV or MP3 file has an unknown length, because their readers accept less than
//! players. A WAV file that is cut short has the length of the sound that it holds.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use lofty::config::ParseOptions;
use lofty::file::AudioFile;
use lofty::iff::wav::{WavFile, WavFormat};

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
        MediaFormat::Wav => by_crate(|| wav(reader, bytes)).or_else(|| unfinished_wav(reader, bytes)),
        MediaFormat::Mp3 => frames::mp3_seconds(reader, bytes),
        _ => return Ok(Tracks::default()),
    };
    Ok(Tracks::sound_only(seconds))
}

/// Reads a length with the crate. It divides by values of the file, and a panic must not end the command.
fn by_crate(read: impl FnOnce() -> Option<f64>) -> Option<f64> {
    catch_unwind(AssertUnwindSafe(read)).ok().flatten()
}

/// Returns options without tags, which may contain large pictures.
fn options() -> ParseOptions {
    ParseOptions::new().read_tags(false).read_cover_art(false)
}

/// Returns the length of a WAV file. A recorder that writes to a pipe declares the maximum size, so the size of the
/// file is the limit.
fn wav<R: Read + Seek>(reader: &mut R, bytes: u64) -> Option<f64> {
    let file = WavFile::read_from(reader, options()).ok()?;
    let found = file.properties();
    let claimed = found.duration().as_secs_f64();
    let is_plain = matches!(found.format(), WavFormat::PCM | WavFormat::IEEE_FLOAT);
    let rate = f64::from(found.sample_rate()) * f64::from(found.channels()) * f64::from(found.bit_depth()) / 8.0;
    Some(if is_plain && rate > 0.0 { claimed.min(bytes as f64 / rate) } else { claimed })
}

/// Returns the length of a WAV file that ends within its sound, from the sound that it has. The crate refuses files that
/// declare more than they hold, as a recorder does that writes to a pipe or was interrupted.
fn unfinished_wav<R: Read + Seek>(reader: &mut R, bytes: u64) -> Option<f64> {
    let mut start = [0; 12];
    reader.rewind().ok()?;
    reader.read_exact(&mut start).ok()?;
    if &start[..4] != b"RIFF" || &start[8..] != b"WAVE" {
        return None;
    }
    let (mut at, mut rate) = (12, None);
    for _ in 0..MAX_WAV_CHUNKS {
        let mut head = [0; 8];
        reader.seek(SeekFrom::Start(at)).ok()?;
        reader.read_exact(&mut head).ok()?;
        let size = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
        at += 8;
        match &head[..4] {
            b"fmt " => {
                let mut format = [0; 20];
                reader.read_exact(format.get_mut(..usize::try_from(size.min(20)).ok()?)?).ok()?;
                rate = byte_rate(&format);
            }
            b"data" => {
                let held = bytes.checked_sub(at)?;
                // Some recorders write the size at the end.
                let claimed = if size == 0 { u64::MAX } else { size };
                return Some(held.min(claimed) as f64 / rate?);
            }
            _ => {}
        }
        at += size + size % 2;
    }
    None
}

/// Returns the bytes per second of a WAV format. `None` if it is unknown, or if its numbers contradict each other.
fn byte_rate(format: &[u8; 20]) -> Option<f64> {
    let short = |at: usize| u32::from(u16::from_le_bytes([format[at], format[at + 1]]));
    let long = |at: usize| u32::from_le_bytes([format[at], format[at + 1], format[at + 2], format[at + 3]]);
    let (channels, sample_rate, declared, block, bits) = (short(2), long(4), long(8), short(12), short(14));
    match short(0) {
        // PCM, floating point, A-law, µ-law, and the first two with more than two channels.
        1 | 3 | 6 | 7 | 0xFFFE => {
            let rate = sample_rate.checked_mul(channels)?.checked_mul(bits.div_ceil(8))?;
            (rate > 0 && rate == declared).then_some(f64::from(rate))
        }
        // ADPCM in blocks. ffmpeg declares a wrong rate for it.
        2 | 0x11 => {
            let samples = Some(short(18)).filter(|samples| *samples > 0 && block > 0)?;
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
