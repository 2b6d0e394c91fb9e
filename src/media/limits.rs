//! Finds files that the vendor's limits page does not list. The upload page accepts more, but files outside the limits
//! "will result in video render failures", which may be billed.

use crate::spec::{LocalFile, MediaFormat, MediaKind};

/// Maximum size of an image in bytes (vendor's limits page: 1,920 KB). Its minimum of 512 KB is not checked, because
/// most images of slides are smaller.
const MAX_IMAGE_BYTES: u64 = 1_920 * 1024;
/// Maximum length of audio in seconds (vendor's limits page: 10 minutes).
const MAX_AUDIO_SECONDS: f64 = 600.0;

/// Returns how a file exceeds the vendor's limits page, or `None` if it does not.
pub fn limits_exceeded(file: &LocalFile) -> Option<String> {
    let name = &file.name;
    match file.kind {
        MediaKind::Image if !matches!(file.format, MediaFormat::Png | MediaFormat::Jpg) => {
            let format = file.format.extension().to_uppercase();
            Some(format!("`{name}` is {format}, but the vendor's limits page lists only JPG and PNG for images"))
        }
        MediaKind::Image if file.bytes > MAX_IMAGE_BYTES => {
            let size = file.bytes / 1024;
            Some(format!("`{name}` has {size} KB, but the vendor's limits page lists at most 1920 KB for images"))
        }
        MediaKind::Audio if matches!(file.format, MediaFormat::M4v | MediaFormat::Mov) => {
            let format = file.format.extension().to_uppercase();
            Some(format!(
                "`{name}` is {format}, but the vendor's limits page lists only WAV, MP3, MP4, AAC and WebM for audio"
            ))
        }
        MediaKind::Audio if file.format == MediaFormat::Aac => {
            Some(format!("`{name}` is raw AAC, which the vendor's limits page lists, but not its upload page"))
        }
        MediaKind::Audio => {
            let seconds = file.seconds.filter(|seconds| *seconds > MAX_AUDIO_SECONDS)?.ceil() as u64;
            let (minutes, seconds) = (seconds / 60, seconds % 60);
            Some(format!(
                "`{name}` lasts {minutes}:{seconds:02}, but the vendor's limits page lists at most 10 minutes for audio"
            ))
        }
        _ => None,
    }
}
