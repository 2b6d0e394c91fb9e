//! Finds files that the vendor's limits page does not list. The upload page accepts more, but files outside the limits
//! "will result in video render failures", which may be billed.

use crate::spec::{LocalFile, MAX_AUDIO_SECONDS, MediaFormat, MediaKind};

/// Maximum size of an image in bytes (vendor's limits page: 1,920 KB). Its minimum of 512 KB is not checked, because
/// most images of slides are smaller.
const MAX_IMAGE_BYTES: u64 = 1_920 * 1024;

/// Returns how a file exceeds the vendor's limits page, or `None` if it does not.
pub fn limits_exceeded(file: &LocalFile) -> Option<String> {
    let name = &file.name;
    let is_voice = file.kind == MediaKind::Audio;
    if let Some(seconds) = file.seconds.filter(|seconds| is_voice && *seconds > MAX_AUDIO_SECONDS) {
        let (minutes, seconds) = (seconds.ceil() as u64 / 60, seconds.ceil() as u64 % 60);
        return Some(format!(
            "`{name}` lasts `{minutes}:{seconds:02}`, but the vendor's limits page lists at most 10 minutes for audio"
        ));
    }
    match file.kind {
        MediaKind::Image if !matches!(file.format, MediaFormat::Png | MediaFormat::Jpg) => {
            let format = file.format.extension().to_uppercase();
            Some(format!("`{name}` is {format}, but the vendor's limits page lists only JPG and PNG for images"))
        }
        MediaKind::Image if file.bytes > MAX_IMAGE_BYTES => {
            let size = file.bytes / 1024;
            Some(format!("`{name}` has `{size} KB`, but the vendor's limits page lists at most 1920 KB for images"))
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
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::test_support::local_file;

    #[test]
    fn a_long_voice_is_reported_in_every_format() {
        for (name, format) in [("talk.mov", MediaFormat::Mov), ("talk.aac", MediaFormat::Aac)] {
            let file = |seconds| {
                let (seconds, kind) = (Some(seconds), MediaKind::Audio);
                LocalFile { format, kind, seconds, ..(*local_file(name, "")).clone() }
            };
            assert!(limits_exceeded(&file(601.0)).unwrap().contains("lasts `10:01`"), "{name}");
            assert!(!limits_exceeded(&file(599.0)).unwrap().contains("lasts"), "{name}");
        }
    }
}
