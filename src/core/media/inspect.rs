//! Inspects a local media file: format by content, size, hash, length.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use thiserror::Error;

use super::tracks::Damage;
use super::{foreign, length};
use crate::source::{hash, is_lfs_pointer};
use crate::spec::{LocalFile, MediaFormat, MediaKind};

/// Maximum size of an audio file in bytes (vendor's limits page: 200 MB).
pub const MAX_AUDIO_BYTES: u64 = 200 * 1024 * 1024;

/// Number of bytes from the start that identify the format. SVG may begin with long comments.
const HEAD_BYTES: usize = 64 * 1024;

/// The reason why a media file cannot be used.
#[derive(Debug, Error)]
pub enum InspectError {
    /// The file cannot be read.
    #[error("`{0}` cannot be read: {1}")]
    Io(String, #[source] io::Error),
    /// The file is empty.
    #[error("`{0}` is empty; copy, download or export it again")]
    Empty(String),
    /// The file is a Git LFS pointer.
    #[error("`{0}` is a Git LFS pointer, not its content; run `git lfs pull`")]
    LfsPointer(String),
    /// The vendor does not accept the format of the content.
    #[error("`{name}` is {}not a supported media file; supported: {supported}", .format.map_or(String::new(), |it| format!("{it}, ")))]
    UnknownFormat {
        /// The display name.
        name: String,
        /// The name of the format, if it is a common one.
        format: Option<&'static str>,
        /// The extensions of the formats that the field accepts.
        supported: String,
        /// The next step, if the format is known.
        help: Option<String>,
    },
    /// A voice has no sound.
    #[error("`{0}` has no sound, but a voice needs it; record one, or use `silence`")]
    NoSound(String),
    /// A voice is encrypted.
    #[error("`{0}` is protected by DRM, so the vendor cannot read it; use an unprotected copy")]
    Protected(String),
    /// A voice is incomplete or damaged.
    #[error("`{0}` {1}; copy, download or export it again")]
    Damaged(String, Damage),
    /// An audio file is larger than [`MAX_AUDIO_BYTES`].
    #[error("`{0}` has {1} bytes, more than the 200 MB that the vendor accepts; export it as MP3")]
    TooLarge(String, u64),
}

/// Streams a file for its format, size and SHA-256, then reads its headers for its length. `name` is its display name,
/// `kinds` are the kinds that its field accepts. A video is accepted where only sound matters, if it has sound.
///
/// # Errors
/// See [`InspectError`].
pub fn inspect(name: &str, path: &Path, kinds: &[MediaKind]) -> Result<Arc<LocalFile>, InspectError> {
    let io = |error| InspectError::Io(name.to_owned(), error);
    let mut file = File::open(path).map_err(io)?;
    let mut head = Vec::with_capacity(HEAD_BYTES);
    file.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(io)?;
    if head.is_empty() {
        return Err(InspectError::Empty(name.to_owned()));
    }
    if is_lfs_pointer(&head) {
        return Err(InspectError::LfsPointer(name.to_owned()));
    }
    let Some(format) = MediaFormat::sniff(&head) else {
        return Err(unknown(name, &head, kinds));
    };
    let kind = match kinds {
        [MediaKind::Audio] if format.kind() == MediaKind::Video => MediaKind::Audio,
        _ => format.kind(),
    };
    // An early check, before the complete file is read. The count below decides.
    let length = file.metadata().map_err(io)?.len();
    let refuse = |bytes| kind == MediaKind::Audio && bytes > MAX_AUDIO_BYTES;
    if refuse(length) {
        return Err(InspectError::TooLarge(name.to_owned(), length));
    }
    let most = if kind == MediaKind::Audio { MAX_AUDIO_BYTES + 1 } else { u64::MAX };
    let (sha256, bytes) = hash(&mut head.chain(&file).take(most)).map_err(io)?;
    if refuse(bytes) {
        return Err(InspectError::TooLarge(name.to_owned(), bytes));
    }
    let tracks = length::tracks(file, bytes, format);
    if kind == MediaKind::Audio && kinds.contains(&kind) {
        match tracks {
            Err(damage) => return Err(InspectError::Damaged(name.to_owned(), damage)),
            Ok(tracks) if !tracks.has_sound => return Err(InspectError::NoSound(name.to_owned())),
            Ok(tracks) if tracks.is_protected => return Err(InspectError::Protected(name.to_owned())),
            Ok(_) => {}
        }
    }
    let seconds = tracks.ok().and_then(|tracks| tracks.seconds);
    Ok(Arc::new(LocalFile { name: name.to_owned(), path: path.to_path_buf(), sha256, bytes, format, kind, seconds }))
}

fn unknown(name: &str, head: &[u8], kinds: &[MediaKind]) -> InspectError {
    let (format, help) = foreign::recognize(name, head, kinds == [MediaKind::Audio]).unzip();
    let mut supported: Vec<&str> = Vec::new();
    for extension in kinds.iter().flat_map(|kind| kind.formats()).map(MediaFormat::extension) {
        if !supported.contains(&extension) {
            supported.push(extension);
        }
    }
    InspectError::UnknownFormat { name: name.to_owned(), format, supported: supported.join(", "), help }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    const VOICE: [MediaKind; 1] = [MediaKind::Audio];

    fn written(bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, bytes).unwrap();
        (directory, path)
    }

    #[test]
    fn content_tells_the_format_whatever_the_name_says() {
        let mut bitmap = b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
        bitmap.resize(64, 0);
        let known: [(&[u8], MediaFormat); 21] = [
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", MediaFormat::Png),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", MediaFormat::Jpg),
            (b"GIF89a\x01\0\x01\0", MediaFormat::Gif),
            (&bitmap, MediaFormat::Bmp),
            (b"RIFF\x24\0\0\0WEBPVP8 ", MediaFormat::Webp),
            (b"RIFF\x24\0\0\0WAVEfmt ", MediaFormat::Wav),
            (b"\0\0\0\x20ftypisom\0\0\x02\0", MediaFormat::Mp4),
            (b"\0\0\0\x20ftypmp42\0\0\x02\0", MediaFormat::Mp4),
            (b"\0\0\0\x20ftypM4V \0\0\x02\0", MediaFormat::M4v),
            (b"\0\0\0\x14ftypqt  \0\0\x02\0", MediaFormat::Mov),
            (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm\x42", MediaFormat::Webm),
            (b"ID3\x04\0\0\0\0\0\0", MediaFormat::Mp3),
            (b"\xff\xfb\x90\x64\0\0", MediaFormat::Mp3),
            (b"\xff\xf3\x40\xc4\0\0", MediaFormat::Mp3),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", MediaFormat::Svg),
            (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a > b -->\n<!DOCTYPE svg>\n<svg>", MediaFormat::Svg),
            (b"  <svg\nwidth='1'>", MediaFormat::Svg),
            (b"GIF87a\x01\0", MediaFormat::Gif),
            (b"\0\0\0\x20ftypM4A \0\0\x02\0", MediaFormat::M4a),
            (b"\xff\xf1\x50\x80\x2e\x7f", MediaFormat::Aac),
            (b"\0\0\0\x1cftypXYZ \0\0\x02\0XYZ mp42isom", MediaFormat::Mp4),
        ];
        for (head, format) in known {
            assert_eq!(MediaFormat::sniff(head), Some(format), "{head:?}");
        }
    }

    #[test]
    fn what_only_looks_like_media_is_not() {
        let others: [&[u8]; 11] = [
            b"",
            b"BMW is a car, and this is a text about it",
            b"<html><svg></svg></html>",
            b"<svgfoo>",
            b"%PDF-1.7",
            b"RIFF\x24\0\0\0AVI LIST",
            b"\0\0\0\x20ftypheic\0\0\x02\0",
            b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska",
            b"\xff\xff\xff\xff",
            b"OggS\0\x02",
            b"\x89PNG",
        ];
        for head in others {
            assert_eq!(MediaFormat::sniff(head), None, "{head:?}");
        }
    }

    #[test]
    fn a_file_is_known_by_the_hash_of_its_whole_content() {
        let mut bytes = b"RIFF\x24\0\0\0WAVEfmt ".to_vec();
        bytes.resize(HEAD_BYTES * 3 + 7, b'x');
        let (_folder, path) = written(&bytes);
        let inspected = inspect("audio/hello.wav", &path, &VOICE).unwrap();
        assert_eq!(inspected.format.kind(), MediaKind::Audio);
        assert_eq!(inspected.bytes, bytes.len() as u64);
        assert_eq!(inspected.sha256, data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes)));
        assert_eq!(inspected.name, "audio/hello.wav");
    }

    #[test]
    fn empty_unknown_absent_and_oversized_files_are_refused() {
        let (_folder, path) = written(b"");
        assert_eq!(
            inspect("a.wav", &path, &VOICE).unwrap_err().to_string(),
            "`a.wav` is empty; copy, download or export it again"
        );
        let (_folder, path) = written(b"hello");
        assert!(matches!(inspect("a.wav", &path, &VOICE), Err(InspectError::UnknownFormat { .. })));
        assert!(matches!(inspect("a.wav", &path.with_extension("none"), &VOICE), Err(InspectError::Io(..))));
        let (_folder, path) = written(b"RIFF\x24\0\0\0WAVEfmt ");
        let file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.set_len(MAX_AUDIO_BYTES + 1).unwrap();
        assert!(matches!(inspect("a.wav", &path, &VOICE), Err(InspectError::TooLarge(_, _))));
    }
}
