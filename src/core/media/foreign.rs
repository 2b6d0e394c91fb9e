//! Recognizes common files that the vendor does not accept, so that a message can name them.

/// Programs that convert them, by the kind of file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Conversion {
    /// ffmpeg converts the sound.
    Sound,
    /// ffmpeg converts the video.
    Video,
    /// Other programs convert the picture.
    Picture,
    /// Downloading the file itself, not the page that shows it.
    Page,
    /// No conversion.
    Other,
}

/// Magic bytes with their place, the name of the format, and how to get another.
const KNOWN: [(usize, &[u8], &str, Conversion); 20] = [
    (0, b"OggS", "Ogg", Conversion::Sound),
    (0, b"fLaC", "FLAC", Conversion::Sound),
    (8, b"AIFF", "AIFF", Conversion::Sound),
    (8, b"AIFC", "AIFF", Conversion::Sound),
    (0, b"#!AMR", "AMR", Conversion::Sound),
    (0, b"caff", "CAF", Conversion::Sound),
    (0, b"MThd", "MIDI", Conversion::Other),
    (4, b"ftyp3g", "3GP", Conversion::Video),
    (0, b"\x1a\x45\xdf\xa3", "Matroska", Conversion::Video),
    (8, b"AVI LIST", "AVI", Conversion::Video),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media", Conversion::Video),
    (0, b"FLV\x01", "Flash video", Conversion::Video),
    (0, b"\0\0\x01\xba", "an MPEG program stream", Conversion::Video),
    (4, b"ftyphei", "HEIC", Conversion::Picture),
    (4, b"ftypmif1", "HEIF", Conversion::Picture),
    (4, b"ftypavi", "AVIF", Conversion::Picture),
    (0, b"II*\0", "TIFF", Conversion::Picture),
    (0, b"MM\0*", "TIFF", Conversion::Picture),
    (0, b"%PDF-", "PDF", Conversion::Picture),
    (0, b"PK\x03\x04", "a ZIP archive", Conversion::Other),
];

/// Returns the name of a file's format and the next step, if the format is known. With `for_voice`, only sound matters.
pub(super) fn recognize(name: &str, head: &[u8], for_voice: bool) -> Option<(&'static str, String)> {
    let at = |place: usize, wanted: &[u8]| head.get(place..).is_some_and(|rest| rest.starts_with(wanted));
    let is_page = || {
        let start = String::from_utf8_lossy(&head[..head.len().min(1024)]).to_ascii_lowercase();
        let start = start.trim_start_matches('\u{feff}').trim_start();
        start.starts_with("<!doctype html") || start.starts_with("<html") || start.starts_with("<head")
    };
    let found = KNOWN
        .iter()
        .find(|(place, magic, ..)| at(*place, magic))
        .map(|(_, _, format, conversion)| (*format, *conversion));
    let (format, conversion) = found.or_else(|| is_page().then_some(("an HTML page", Conversion::Page)))?;
    let (folder, file) = name.split_at(name.rfind('/').map_or(0, |at| at + 1));
    let stem = format!("{folder}{}", file.rsplit_once('.').map_or(file, |(stem, _)| stem));
    let convert = |options: &str, extension: &str| {
        // A quote in a name would end it, and a dash would be an option.
        let is_plain = !name.starts_with('-') && !name.contains(|one: char| one.is_control() || "'`".contains(one));
        let (from, to) = if is_plain { (name, &*stem) } else { ("FILE", "NEW") };
        // ffmpeg does not write to the file that it reads.
        let to = if from == format!("{to}.{extension}") { format!("{to}-converted") } else { to.to_owned() };
        let quote = if from.contains(|one: char| !one.is_alphanumeric() && !"._-/".contains(one)) { "'" } else { "" };
        format!("`ffmpeg -i {quote}{from}{quote} {options}{quote}{to}.{extension}{quote}` converts")
    };
    let help = match conversion {
        Conversion::Sound => format!("{} it", convert("", "mp3")),
        Conversion::Video if for_voice => format!("{} its sound", convert("-vn ", "mp3")),
        Conversion::Video => format!("{} it", convert("", "mp4")),
        Conversion::Picture => "export it as PNG or JPG".to_owned(),
        Conversion::Page => "download the file itself, not the page that shows it".to_owned(),
        Conversion::Other => "export it in a supported format".to_owned(),
    };
    Some((format, help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_is_a_command_that_can_be_copied() {
        for (name, head, for_voice, format, help) in [
            ("a/talk.ogg", &b"OggS"[..], true, "Ogg", "`ffmpeg -i a/talk.ogg a/talk.mp3` converts it"),
            ("talk.mp3", b"fLaC", true, "FLAC", "`ffmpeg -i talk.mp3 talk-converted.mp3` converts it"),
            ("my clip", b"RIFF\0\0\0\0AVI LIST", false, "AVI", "`ffmpeg -i 'my clip' 'my clip.mp4'` converts it"),
            ("it's.avi", b"RIFF\0\0\0\0AVI LIST", true, "AVI", "`ffmpeg -i FILE -vn NEW.mp3` converts its sound"),
            ("-y.ogg", b"OggS", true, "Ogg", "`ffmpeg -i FILE NEW.mp3` converts it"),
            ("a.png", b"\0\0\0\x18ftypheic", false, "HEIC", "export it as PNG or JPG"),
            (
                "a.mp4",
                b"\xef\xbb\xbf\n<HTML>",
                false,
                "an HTML page",
                "download the file itself, not the page that shows it",
            ),
            ("a.wav", b"PK\x03\x04", true, "a ZIP archive", "export it in a supported format"),
        ] {
            assert_eq!(recognize(name, head, for_voice), Some((format, help.to_owned())), "{name}");
        }
        assert_eq!(recognize("notes.txt", b"Record this.", true), None);
    }
}
