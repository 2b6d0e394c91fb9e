//! Reads properties of an upload without decoding it: pixels of images, seconds of sound and video.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use imagesize::ImageType;

/// How much of a file is read. JPEGs store their size after the thumbnail, which is smaller than this.
const HEAD: u64 = 256 << 10;

/// The properties found in a file. Unknown ones are `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MediaProbe {
    /// Width and height in pixels.
    pub size: Option<(u32, u32)>,
    /// Length in seconds.
    pub seconds: Option<f64>,
}

/// Inspects a file of a format, given as a lower-case extension.
///
/// # Errors
/// If the disk fails. A file of another format is not an error: nothing is found in it.
pub fn probe(path: &Path, format: &str) -> io::Result<MediaProbe> {
    let mut file = File::open(path)?;
    let mut head = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut head)?;
    Ok(match format {
        "png" | "gif" | "bmp" | "jpg" | "jpeg" => MediaProbe { size: pixels(&head, format), seconds: None },
        "wav" => MediaProbe { size: None, seconds: wav(&head) },
        "mp4" | "m4v" | "mov" => MediaProbe { size: None, seconds: mp4(&mut file)? },
        _ => MediaProbe::default(),
    })
}

fn pixels(head: &[u8], format: &str) -> Option<(u32, u32)> {
    let is_format = match imagesize::image_type(head).ok()? {
        ImageType::Png => format == "png",
        ImageType::Gif => format == "gif",
        ImageType::Bmp => format == "bmp",
        ImageType::Jpeg => format.starts_with('j'),
        _ => false,
    };
    let size = imagesize::blob_size(head).ok().filter(|_| is_format)?;
    Some((u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?))
}

fn four(bytes: &[u8], at: usize) -> Option<[u8; 4]> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok()
}

fn big(bytes: &[u8], at: usize) -> Option<u32> {
    four(bytes, at).map(u32::from_be_bytes)
}

fn little(bytes: &[u8], at: usize) -> Option<u32> {
    four(bytes, at).map(u32::from_le_bytes)
}

/// Reads chunk by chunk, up to the sound. Its length is its bytes divided by the bytes per second.
fn wav(head: &[u8]) -> Option<f64> {
    let mut at = 12;
    let mut rate = None;
    while head.starts_with(b"RIFF") {
        let length = little(head, at + 4)?;
        match &four(head, at)? {
            b"fmt " => rate = little(head, at + 16).filter(|rate| *rate > 0),
            b"data" => return Some(f64::from(length) / f64::from(rate?)),
            _ => {}
        }
        at = at.checked_add(8 + length as usize + (length as usize & 1))?;
    }
    None
}

/// Reads box by box, up to the movie header, which may follow the picture data.
fn mp4(file: &mut File) -> io::Result<Option<f64>> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut at = 0;
    while at + 8 <= end {
        file.seek(SeekFrom::Start(at))?;
        let mut head = [0; 16];
        let count = file.by_ref().take(16).read(&mut head)?;
        let size = match big(&head[..count], 0) {
            Some(0) => end - at,
            Some(1) => u64::from_be_bytes([8, 9, 10, 11, 12, 13, 14, 15].map(|place| head[place])),
            Some(size) => u64::from(size),
            None => return Ok(None),
        };
        if &head[4..8] == b"moov" {
            // The header is the first box of the movie in the files of every known encoder.
            let mut header = Vec::new();
            file.seek(SeekFrom::Start(at + 8))?;
            file.by_ref().take(48).read_to_end(&mut header)?;
            let times = (big(&header, 20), big(&header, 24));
            return Ok(match (header.get(4..8), header.get(8), times) {
                (Some(b"mvhd"), Some(0), (Some(scale), Some(length))) if scale > 0 => {
                    Some(f64::from(length) / f64::from(scale))
                }
                _ => None,
            });
        }
        at = match at.checked_add(size) {
            Some(next) if size >= 8 => next,
            _ => return Ok(None),
        };
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preview::{Color, FrameSize, still_clip};
    use crate::spec::Aspect;

    fn seen(bytes: &[u8], format: &str) -> MediaProbe {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        probe(file.path(), format).unwrap()
    }

    #[test]
    fn sizes_and_lengths_are_read_from_the_head() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x40\0\0\0\xb2";
        assert_eq!(seen(png, "png").size, Some((320, 178)));
        assert_eq!(seen(b"GIF89a\x40\x01\xb2\0\0\0\0", "gif").size, Some((320, 178)));
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08\0\xb2\x01\x40";
        assert_eq!(seen(jpeg, "jpg").size, Some((320, 178)));
        let wav = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\x7d\0\0";
        assert_eq!(seen(wav, "wav").seconds, Some(2.0));
        let film = still_clip(FrameSize::fitting(Aspect::Wide), Color::WHITE, 3.5);
        assert_eq!(seen(&film, "mp4").seconds, Some(3.5));
    }

    #[test]
    fn cut_and_false_files_show_nothing() {
        let film = still_clip(FrameSize::fitting(Aspect::Wide), Color::WHITE, 3.5);
        for format in ["png", "gif", "bmp", "jpg", "wav", "mp4", "mov", "webm", "svg"] {
            for bytes in
                [&b""[..], b"x", b"\xff\xd8\xff", b"RIFF", b"\0\0\0\x01moov", &film[..60], &[0; 64], &[255; 64]]
            {
                assert_eq!(seen(bytes, format), MediaProbe::default(), "{format} {bytes:?}");
            }
        }
    }
}
