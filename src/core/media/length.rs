//! Reads the length of audio and video files from their headers.
//!
//! A file may come from any source, so a length counts only if it is plausible for the file's size. A damaged container
//! or AAC file is an error. A damaged WAV or MP3 file has an unknown length, because their readers accept less than players.

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
        MediaFormat::Wav => by_crate(|| wav(reader, bytes)),
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
