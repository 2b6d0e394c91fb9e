//! Reads the length of audio and video files from their headers.
//!
//! A file may come from any source, so a length counts only if it is plausible for the file's size. A damaged file has
//! an unknown length.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use lofty::config::ParseOptions;
use lofty::file::AudioFile;
use lofty::iff::wav::{WavFile, WavFormat};
use lofty::mp4::Mp4File;
use lofty::mpeg::MpegFile;

use super::webm;
use crate::spec::MediaFormat;

/// Maximum number of reads from one file, of 8 KB each. Without it, a damaged file causes one read per byte.
const MAX_READS: u32 = 16 * 1024;
/// Minimum number of bytes per second. Even strongly compressed speech has more.
const MIN_BYTES: f64 = 50.0;
/// Maximum number of bytes per second. Even video in the best quality has fewer.
const MAX_BYTES: f64 = 25_000_000.0;

/// Returns the length of a file in seconds, or `None` if it is unknown.
pub(super) fn seconds(file: File, bytes: u64, format: MediaFormat) -> Option<f64> {
    let mut reader = BufReader::new(LimitedFile { file, left: MAX_READS });
    reader.rewind().ok()?;
    // The crate divides by values of the file, and a panic must not end the command.
    let read = catch_unwind(AssertUnwindSafe(|| match format {
        MediaFormat::Wav => wav(&mut reader, bytes),
        MediaFormat::Mp3 => {
            Some(MpegFile::read_from(&mut reader, options()).ok()?.properties().duration().as_secs_f64())
        }
        MediaFormat::Mp4 | MediaFormat::M4v | MediaFormat::Mov => {
            Some(Mp4File::read_from(&mut reader, options()).ok()?.properties().duration().as_secs_f64())
        }
        MediaFormat::Webm => webm::seconds(&mut reader),
        _ => None,
    }));
    read.ok().flatten().filter(|seconds| is_plausible(*seconds, bytes))
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
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn length(bytes: &[u8], format: MediaFormat) -> Option<f64> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        seconds(file, bytes.len() as u64, format)
    }

    /// Mono sound of 8,000 bytes per second, with a declared number of bytes.
    fn wav(claimed: u32, held: usize) -> Vec<u8> {
        let mut bytes = b"RIFF".to_vec();
        bytes.extend(claimed.saturating_add(36).to_le_bytes());
        bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data");
        bytes.extend(claimed.to_le_bytes());
        bytes.resize(bytes.len() + held, 128);
        bytes
    }

    /// Frames of 128 kbit/s at 44.1 kHz: 1,152 samples in 417 bytes each.
    fn mp3(frames: usize) -> Vec<u8> {
        let mut frame = b"\xff\xfb\x90\x64".to_vec();
        frame.resize(417, 0);
        frame.repeat(frames)
    }

    fn block(name: [u8; 4], content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes(), &name[..], content].concat()
    }

    /// A file of one sound track with a declared length.
    fn mp4(timescale: u32, duration: u32, held: usize) -> Vec<u8> {
        let mdhd = [&[0; 12][..], &timescale.to_be_bytes(), &duration.to_be_bytes(), &[0; 4]].concat();
        let hdlr = [&[0; 8][..], b"soun", &[0; 13]].concat();
        let mdia = block(*b"mdia", &[block(*b"mdhd", &mdhd), block(*b"hdlr", &hdlr)].concat());
        let moov = block(*b"moov", &block(*b"trak", &mdia));
        [block(*b"ftyp", b"isom\0\0\x02\0mp42"), moov, block(*b"mdat", &vec![0; held])].concat()
    }

    fn near(found: Option<f64>, wanted: f64) -> bool {
        found.is_some_and(|found| (found - wanted).abs() < 0.06)
    }

    #[test]
    fn lengths_are_read_from_headers() {
        assert!(near(length(&wav(16_000, 16_000), MediaFormat::Wav), 2.0));
        assert!(near(length(&mp3(200), MediaFormat::Mp3), 5.22));
        assert!(near(length(&mp4(1000, 3_500, 40_000), MediaFormat::Mp4), 3.5));
        assert!(near(length(&webm::tests::file(2_500.0, 40_000), MediaFormat::Webm), 2.5));
        assert_eq!(length(b"\x89PNG\r\n\x1a\n", MediaFormat::Png), None);
    }

    #[test]
    fn a_recorder_that_writes_to_a_pipe_claims_no_length() {
        let found = length(&wav(u32::MAX, 24_000), MediaFormat::Wav);
        assert!(found.is_none() || near(found, 3.0), "{found:?}");
    }

    #[test]
    fn a_claim_that_the_file_cannot_hold_is_unknown() {
        assert_eq!(length(&mp4(1, u32::MAX, 40_000), MediaFormat::Mp4), None);
        assert_eq!(length(&mp4(u32::MAX, 1, 40_000), MediaFormat::Mp4), None);
        assert_eq!(length(&mp4(0, 5, 40_000), MediaFormat::Mp4), None);
        for claimed in [3.6e15, f64::NAN, f64::INFINITY, -1.0, 0.0] {
            assert_eq!(length(&webm::tests::file(claimed, 40_000), MediaFormat::Webm), None, "{claimed}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn damage_is_no_panic(kind in 0..4usize, places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut in any::<prop::sample::Index>()) {
            let formats = [MediaFormat::Wav, MediaFormat::Mp3, MediaFormat::Mp4, MediaFormat::Webm];
            let mut bytes = [wav(800, 800), mp3(6), mp4(1000, 900, 400), webm::tests::file(900.0, 400)][kind].clone();
            let head = bytes.len().min(256);
            for (place, byte) in places {
                bytes[place.index(head)] = byte;
            }
            bytes.truncate(bytes.len() - cut.index(bytes.len() / 2));
            let found = length(&bytes, formats[kind]);
            prop_assert!(found.is_none_or(|found| found > 0.0 && found <= bytes.len() as f64 / MIN_BYTES));
        }
    }
}
