//! The kinds and formats of media files, detected by content.

use serde::{Deserialize, Serialize};

/// The kind of a media file, by the vendor's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum MediaKind {
    /// A still image.
    Image = 1,
    /// A moving image.
    Video = 2,
    /// Sound only.
    Audio = 3,
}

impl MediaKind {
    /// Returns the kind with its article, for messages.
    pub const fn with_article(self) -> &'static str {
        match self {
            Self::Image => "an image",
            Self::Video => "a video",
            Self::Audio => "an audio file",
        }
    }

    /// Returns the vendor's `filetype`.
    pub const fn vendor_code(self) -> u8 {
        self as u8
    }

    /// Returns the kind of a `filetype` in a form.
    pub fn from_vendor_code(text: &str) -> Option<Self> {
        [Self::Image, Self::Video, Self::Audio].into_iter().find(|kind| kind.vendor_code().to_string() == text)
    }

    /// Returns the formats that the vendor accepts for it. Every video format may have sound only.
    pub fn formats(self) -> impl Iterator<Item = MediaFormat> {
        MediaFormat::ALL
            .iter()
            .copied()
            .filter(move |format| self == format.kind() || self == Self::Audio && format.kind() == Self::Video)
    }

    /// Returns the extensions under which its formats are sent, in lower case.
    pub fn extensions(self) -> impl Iterator<Item = &'static str> {
        self.formats().filter(|format| format.sent() == *format).flat_map(MediaFormat::extensions)
    }
}

macro_rules! formats {
    ($($variant:ident $kind:ident $extension:literal $content_type:literal,)*) => {
        /// The formats that the vendor accepts (vendor's asset page, and for sound also its limits page).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum MediaFormat { $(#[doc = $content_type] $variant,)* }

        impl MediaFormat {
            /// All formats.
            const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the kind of media.
            pub const fn kind(self) -> MediaKind {
                match self { $(Self::$variant => MediaKind::$kind,)* }
            }

            /// Returns the usual extension.
            pub const fn extension(self) -> &'static str {
                match self { $(Self::$variant => $extension,)* }
            }

            /// Returns the content type of an upload.
            pub const fn content_type(self) -> &'static str {
                match self { $(Self::$variant => $content_type,)* }
            }
        }
    };
}

formats! {
    Png Image "png" "image/png",
    Jpg Image "jpg" "image/jpeg",
    Gif Image "gif" "image/gif",
    Bmp Image "bmp" "image/bmp",
    Svg Image "svg" "image/svg+xml",
    Webp Image "webp" "image/webp",
    Mp4 Video "mp4" "video/mp4",
    M4v Video "m4v" "video/x-m4v",
    Mov Video "mov" "video/quicktime",
    Webm Video "webm" "video/webm",
    Wav Audio "wav" "audio/wav",
    Mp3 Audio "mp3" "audio/mpeg",
    M4a Audio "m4a" "audio/mp4",
    Aac Audio "aac" "audio/aac",
}

impl MediaFormat {
    /// Returns all extensions, the usual one first.
    fn extensions(self) -> impl Iterator<Item = &'static str> {
        [self.extension()].into_iter().chain((self == Self::Jpg).then_some("jpeg"))
    }

    /// Returns the format whose name an upload has.
    ///
    /// M4A is MP4 with sound only. The vendor's pages list MP4, but not the extension `m4a`.
    #[must_use]
    pub fn sent(self) -> Self {
        if self == Self::M4a { Self::Mp4 } else { self }
    }

    /// Returns the last part of a file's name, with an extension that the vendor accepts for this format.
    pub fn file_name(self, name: &str) -> String {
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
        match name.rsplit_once('.') {
            Some((_, ending)) if self.sent().extensions().any(|known| known.eq_ignore_ascii_case(ending)) => {
                name.to_owned()
            }
            _ => format!("{name}.{}", self.sent().extension()),
        }
    }

    /// Detects the format of a file by its first bytes, whatever its name is.
    pub fn sniff(head: &[u8]) -> Option<Self> {
        let at = |offset: usize, wanted: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(wanted));
        if at(0, b"\x89PNG\r\n\x1a\n") {
            return Some(Self::Png);
        }
        if at(0, b"\xff\xd8\xff") {
            return Some(Self::Jpg);
        }
        if at(0, b"GIF87a") || at(0, b"GIF89a") {
            return Some(Self::Gif);
        }
        if at(0, b"RIFF") {
            return if at(8, b"WEBP") { Some(Self::Webp) } else { at(8, b"WAVE").then_some(Self::Wav) };
        }
        if at(4, b"ftyp") {
            return brand(head);
        }
        if at(0, b"\x1a\x45\xdf\xa3") {
            let start = &head[..head.len().min(64)];
            return start.windows(4).any(|part| part == b"webm").then_some(Self::Webm);
        }
        // The size of the second header and the reserved zeros distinguish a bitmap from text that begins with BM.
        if at(0, b"BM") && at(6, &[0; 4]) && matches!(head.get(14), Some(12 | 40 | 52 | 56 | 64 | 108 | 124)) {
            return Some(Self::Bmp);
        }
        // Sync bits and layer 0, which only AAC has.
        if head.starts_with(&[0xff]) && head.get(1).is_some_and(|second| second & 0xf6 == 0xf0) {
            return Some(Self::Aac);
        }
        if at(0, b"ID3") || is_mpeg_audio(head) {
            return Some(Self::Mp3);
        }
        is_svg(head).then_some(Self::Svg)
    }
}

/// Returns the format of an ISO media file by its brands. Images (`avif`, `heic`) are not accepted.
fn brand(head: &[u8]) -> Option<MediaFormat> {
    let size = u32::from_be_bytes(head.get(..4)?.try_into().ok()?) as usize;
    let major = head.get(8..12)?;
    match major {
        b"qt  " => Some(MediaFormat::Mov),
        b"M4V " | b"M4VH" | b"M4VP" => Some(MediaFormat::M4v),
        b"M4A " | b"M4B " | b"M4P " => Some(MediaFormat::M4a),
        b"avif" | b"avis" | b"heic" | b"heix" | b"mif1" | b"msf1" | b"crx " => None,
        _ => {
            let others = head.get(16..size.min(head.len())).unwrap_or_default().chunks_exact(4);
            let known = |brand: &[u8]| brand.starts_with(b"iso") || matches!(brand, b"mp41" | b"mp42" | b"avc1");
            (known(major) || others.into_iter().any(known)).then_some(MediaFormat::Mp4)
        }
    }
}

/// Returns `true` if a frame of MPEG layer III begins here: sync bits, and no reserved version, bit rate or sample
/// rate.
fn is_mpeg_audio(head: &[u8]) -> bool {
    let [first, second, third, ..] = head else { return false };
    *first == 0xff
        && second & 0xe0 == 0xe0
        && (second >> 3) & 0b11 != 0b01
        && (second >> 1) & 0b11 == 0b01
        && third >> 4 != 0b1111
        && (third >> 2) & 0b11 != 0b11
}

/// Returns `true` if the first element of the text is `svg`, after a declaration, a doctype and comments.
fn is_svg(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let end = if rest.starts_with("<?") {
            "?>"
        } else if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<!") {
            ">"
        } else {
            break;
        };
        let Some(place) = rest.find(end) else { return false };
        rest = rest[place + end.len()..].trim_start();
    }
    rest.strip_prefix("<svg").is_some_and(|after| after.starts_with([' ', '>', '/', '\n', '\r', '\t']))
}
